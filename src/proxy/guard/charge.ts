import type { SpendGuard } from '../../policy/counts/spend-guard.ts'
import type { Outcome } from '../reasons.ts'

/** Where sends were counted, and how many. */
export interface Counted {
  readonly counts: SpendGuard
  readonly key: string
  readonly grain: number
  readonly sends: number
}

/** Outcomes after which no send was made: it was not sent, or Twilio refused it. */
const NOTHING_MADE: ReadonlySet<Outcome> = new Set(
  ['client_error', 'throttled_account', 'throttled_route', 'throttled_final', 'unsent']
)

/**
 * A send that caps have counted. It ends once: it stays counted, or it is given back if none of its attempts can have
 * made anything.
 */
export class Charge {
  readonly #counted: readonly Counted[]
  #state: 'open' | 'kept' | 'ended' = 'open'

  constructor (counted: readonly Counted[]) {
    this.#counted = counted
  }

  attempted (outcome: Outcome): void {
    if (this.#state === 'open' && !NOTHING_MADE.has(outcome)) this.#state = 'kept'
  }

  end (): void {
    if (this.#state === 'open') {
      for (const { counts, key, grain, sends } of this.#counted) counts.takeBack(key, grain, sends)
    }
    this.#state = 'ended'
  }
}
