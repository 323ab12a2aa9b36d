/** Notices reads that ask Twilio for the same thing over and over, and counts them by route. */
import { PollDetector } from '../../policy/counts/poll-detector.ts'
import { isRead } from '../../twilio/methods.ts'
import type { Clock } from '../ports/clock.ts'
import type { Listener } from '../events.ts'
import type { PolledRoute } from '../ports/state.ts'
import type { Exchange } from '../exchange-state.ts'

export class Polling {
  readonly #clock: Clock
  readonly #emit: Listener
  readonly #detector = new PollDetector()
  /** By route; there are as many as Twilio has. */
  readonly #routes = new Map<string, { readonly product: PolledRoute['product'], polls: number }>()

  constructor (clock: Clock, emit: Listener) {
    this.#clock = clock
    this.#emit = emit
  }

  /** Routes that have been polled, the most polled first. */
  get routes (): readonly PolledRoute[] {
    return [...this.#routes].map(([route, { product, polls }]) => ({ route, product, polls })).sort(
      (a, b) => b.polls - a.polls
    )
  }

  /**
   * A request is over. It counts once, however often it was sent. It does not count if it was never sent: refused,
   * shed, or answered from the cache or by a shared call.
   */
  watch ({ identity: { account, upstream, method, path, route }, attempts, unsent }: Exchange): void {
    if (attempts <= unsent || !isRead(method)) return
    if (!this.#detector.isPoll(`${account.key} ${upstream.host}${path}`, this.#clock.nowMs())) return
    const known = this.#routes.get(route)
    if (known === undefined) this.#routes.set(route, { product: upstream.product, polls: 1 })
    else known.polls++
    this.#emit({ type: 'poll', account: account.key, product: upstream.product, route, isFirst: known === undefined })
  }
}
