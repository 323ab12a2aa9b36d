import type { Feedback, Refusal, Ticket } from '../../policy/limit/limit.ts'
import type { AccountLimit, LeftBehind } from './account-limit.ts'

/**
 * The right to one attempt. It is told once what Twilio answered (or that there is nothing to learn),
 * and it ends exactly once: freed, or turned into a held slot which is given back exactly once.
 * A second call of either kind does nothing, so no path can free a slot twice.
 */
export class Permit implements LeftBehind {
  readonly #limit: AccountLimit
  readonly #freed: () => void
  readonly #ticket: Ticket
  #told = false
  #refused = false
  #state: 'inflight' | 'held' | 'written_off' | 'ended' = 'inflight'
  #kept = false

  constructor (limit: AccountLimit, ticket: Ticket, freed: () => void) {
    this.#limit = limit
    this.#ticket = ticket
    this.#freed = freed
  }

  /** Twilio took the request in: neither 429 nor 5xx. */
  admitted (feedback: Feedback): void {
    if (this.#told) return
    this.#told = true
    this.#limit.admitted(this.#ticket, feedback)
  }

  /** There was no answer while somebody waited for it. */
  unanswered (): void {
    if (this.#told) return
    this.#told = true
    this.#limit.unanswered(this.#ticket)
  }

  /** A 429 that may be the account's. The limit judges whose it is. */
  refused (feedback: Feedback): Refusal {
    if (this.#told) throw new Error('a permit records one answer')
    this.#told = this.#refused = true
    return this.#limit.refused(this.#ticket, feedback)
  }

  /** A 429 that its code shows to be a rule of the product. */
  routeRefused (feedback: Feedback): Refusal {
    if (this.#told) throw new Error('a permit records one answer')
    this.#told = this.#refused = true
    return this.#limit.routeRefused(this.#ticket, feedback)
  }

  /** The attempt is over: its slot is free for the next. */
  end (): void {
    if (this.#state !== 'inflight' && this.#state !== 'written_off') return
    const hasSlot = this.#state === 'inflight'
    this.#state = 'ended'
    if (this.#kept) this.#limit.catchUp(this)
    if (!hasSlot) return
    this.#limit.free(!this.#refused)
    this.#freed()
  }

  /** It was never used: its slot is free, and nothing has departed. */
  giveBack (): void {
    if (this.#state !== 'inflight' || this.#kept) return
    this.#state = 'ended'
    this.#limit.free(false)
    this.#freed()
  }

  /** The attempt is over, but its slot stays taken until `unhold`: this way the account's 429s damp themselves. */
  hold (): void {
    if (this.#state !== 'inflight') return
    this.#state = 'held'
    this.#limit.hold()
  }

  get sentAtMs (): number { return this.#ticket.sentAtMs }

  /**
   * The attempt goes on without its exchange, which no longer has a say: only `end` and `writeOff` free its slot now.
   */
  keep (): void {
    if (this.#kept || this.#state !== 'inflight') return
    this.#kept = true
    this.#limit.leaveBehind(this)
    this.#freed()
  }

  /** Twilio answers what was sent long after this attempt: its slot is free, whatever becomes of it. */
  writeOff (): void {
    if (!this.#kept || this.#state !== 'inflight') return
    this.#state = 'written_off'
    this.#limit.writeOff(this)
    this.#freed()
  }

  /** The exchange is given up, from wherever it stands: whatever it still has, it gives back. */
  abandon (): void {
    if (this.#kept) return
    this.end()
    this.unhold(true)
  }

  /**
   * Gives a held slot back. With `handOver` the next waiter gets it at once; without, the caller is about to ask for it
   * again.
   */
  unhold (handOver: boolean): void {
    if (this.#state !== 'held') return
    this.#state = 'ended'
    this.#limit.unhold()
    if (handOver) this.#freed()
  }
}
