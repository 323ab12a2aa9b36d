/** The first look at a log: how long Twilio took, how many requests were there at once, from when to when. */
import { DeadlineHeap } from '../../../policy/queue/deadline-heap.ts'
import { classOf } from '../../../twilio/class.ts'
import { maySend } from '../../../twilio/bodies/recipients.ts'
import { endOf, type Recorded } from './recorded.ts'
import { AccountLevels, type CeilingGuess } from './recorded-ceiling.ts'
import { ServiceTimes } from './service-times.ts'

interface Moment { readonly expiresAtMs: number, heapIndex: number, readonly happen: () => void }

/** What is done at a moment makes room for what begins at it, milliseconds. */
const TIE_MS = 0.01

export class Survey {
  readonly times = new ServiceTimes()
  readonly #accounts = new Map<string, AccountLevels>()
  readonly #moments = new DeadlineHeap<Moment>()
  startMs = Infinity
  endMs = -Infinity
  /** Lines of versions whose log had no 429s and no time allowed. */
  old = 0
  /** GETs whose lines do not tell equal ones from others. */
  unnamed = 0
  /** Requests of another class than they have by themselves: by a header of theirs, or by a rule. */
  reclassed = 0
  /** Creates: those with a destination are what caps count. */
  creates = 0
  /** Deletes that were stored until their rule opened; each ran as a request of its own. */
  deferred = 0

  /** Takes exchanges in the order of their arrival. */
  add (recorded: Recorded): void {
    const {
      arrivalMs,
      account,
      attempts,
      throttled,
      queueMs,
      paceMs,
      upstreamMs,
      method,
      product,
      route,
      reason,
      resource,
      isOld
    } = recorded
    const endMs = endOf(recorded)
    this.startMs = Math.min(this.startMs, arrivalMs)
    this.endMs = Math.max(this.endMs, endMs)
    if (isOld) this.old++
    if (method === 'GET' && resource === undefined) this.unnamed++
    if (recorded.class !== classOf(method, product, route.slice(route.indexOf('/')))) this.reclassed++
    if (maySend(method, route)) this.creates++
    if (reason === 'deferred') this.deferred++
    this.times.learn(recorded)
    this.#playUntil(arrivalMs)
    let levels = this.#accounts.get(account)
    if (levels === undefined) this.#accounts.set(account, levels = new AccountLevels())
    const known = levels
    const isServed = attempts > throttled && upstreamMs > 0
    const oneWayMs = oneWay(recorded)
    const leftMs = endMs - oneWayMs
    const beganMs = isServed ? Math.max(arrivalMs, endMs - upstreamMs / attempts + oneWayMs) : endMs
    if (isServed) {
      this.#at(Math.min(beganMs, leftMs - 2 * TIE_MS), () => known.begin())
      this.#at(leftMs - TIE_MS, () => known.end())
    }
    // Only the first attempt's moment is known. As a rule it waited before, and held its slot afterwards.
    if (throttled > 0) this.#at(Math.min(beganMs, arrivalMs + paceMs + queueMs + oneWayMs), () => known.refuse())
  }

  /** What became known of each account's ceiling. */
  finish (): ReadonlyMap<string, CeilingGuess> {
    this.#playUntil(Infinity)
    return new Map([...this.#accounts].map(([account, levels]) => [account, levels.guess()]))
  }

  #at (atMs: number, happen: () => void): void { this.#moments.add({ expiresAtMs: atMs, heapIndex: -1, happen }) }

  #playUntil (untilMs: number): void {
    for (let next = this.#moments.peek(); next !== undefined &&
      next.expiresAtMs <= untilMs; next = this.#moments.peek()) {
      this.#moments.remove(next)
      next.happen()
    }
  }
}

/** On the wire, each way, milliseconds; 0 where Twilio did not say what it took itself. */
function oneWay ({ attempts, upstreamMs, twilioMs }: Recorded): number {
  return twilioMs === undefined || attempts === 0 ? 0 : (upstreamMs - twilioMs) / attempts / 2
}
