/**
 * The limit of one account at work. It counts what is in flight and held, tells the algorithm what Twilio answered, and
 * remembers what operators ask for. It decides three things: whether there is room, when one request goes on although
 * all that is taken was left behind, and when such a write no longer holds a slot.
 */
import { CeilingEstimate } from '../../policy/limit/ceiling-estimate.ts'
import type { CeilingBand, CeilingView } from '../../policy/limit/ceiling-view.ts'
import { DrainRate } from '../../policy/limit/drain-rate.ts'
import type { Feedback, Limit, LimitReason, PacedRoute, Refusal, Ticket } from '../../policy/limit/limit.ts'
import type { Expected } from '../../policy/retry/latest-start.ts'
import type { Learnt, Remembered } from '../../policy/limit/remembered.ts'
import { ServiceTimes } from '../../policy/retry/service-times.ts'
import type { Clock } from '../ports/clock.ts'

/** Weight of a success in the average of upstream times: some 20 answers of memory. */
const TYPICAL_WEIGHT = 0.05
/** Successes before the average counts as evidence. */
const TYPICAL_SAMPLES = 20

/**
 * A write that was left behind is written off once Twilio answers what was sent so much later, milliseconds: no write
 * takes longer that still counts.
 */
const LATER_MS = 5_000

/** A request in flight that nobody waits for any more, and that must not be cut. */
export interface LeftBehind {
  readonly sentAtMs: number
  readonly writeOff: () => void
}

/** The ceiling as it is shown, its evidence dated by how long ago it was. */
export interface CeilingSnapshot extends CeilingBand {
  readonly confidence: CeilingView['confidence']
  readonly evidence: ReadonlyArray<Omit<CeilingView['evidence'][number], 'atMs'> & { readonly agoMs: number }>
}

export interface LimitSnapshot {
  readonly algorithm: string
  readonly limit: number
  readonly inflight: number
  readonly held: number
  readonly reportedConcurrency: number | null
  readonly ceiling: CeilingSnapshot
  readonly drainPerSecond: number
  readonly lastChange: { readonly reason: LimitReason, readonly agoMs: number, readonly limit: number } | null
  readonly pacedRoutes: readonly PacedRoute[]
}

export class AccountLimit {
  readonly #limit: Limit
  readonly #clock: Clock
  readonly #drain = new DrainRate()
  readonly #changed: (reason: LimitReason, slots: number) => void
  readonly #ceiling = new CeilingEstimate()
  readonly #times = new ServiceTimes()
  #inflight = 0
  #held = 0
  readonly #leftBehind = new Set<LeftBehind>()
  /** Written off, and not yet over. */
  #writtenOff = 0
  /** When a request last started or was left behind. */
  #quietSinceMs = -Infinity
  /** When the process last went on after a stop: what was sent before has taken nobody knows how long. */
  #wokeAtMs = -Infinity
  #slots: number
  #typicalMs = 0
  #samples = 0
  #reported: number | null = null
  #lastChange: { reason: LimitReason, atMs: number, limit: number } | null = null

  /** `changed` hears of every move of the limit by a whole slot. `remembered` is what the limit was started from. */
  constructor (
    limit: Limit,
    clock: Clock,
    changed: (reason: LimitReason, slots: number) => void,
    remembered?: Remembered
  ) {
    this.#limit = limit
    this.#clock = clock
    this.#changed = changed
    this.#slots = limit.slots()
    if (remembered !== undefined) this.#ceiling.remember(remembered.ceiling, remembered.agoMs, clock.nowMs())
  }

  get slots (): number { return this.#slots }
  get busy (): boolean { return this.#inflight > 0 || this.#held > 0 || this.#writtenOff > 0 }

  get hasRoom (): boolean {
    return this.#inflight + this.#held < this.#slots ||
      (this.#leftBehind.size > 0 && this.#clock.nowMs() >= this.triesAtMs)
  }

  /**
   * While all that is taken was left behind, one request at a time goes on, to see whether Twilio still answers; each a
   * while after the last, since clients that leave together do not leave at once. Infinity when that is not so.
   */
  get triesAtMs (): number {
    const taken = this.#inflight + this.#held
    return taken > 0 && taken === this.#leftBehind.size ? this.#quietSinceMs + LATER_MS : Infinity
  }

  /** What an attempt typically takes upstream, milliseconds; 0 while unknown. */
  get typicalMs (): number { return this.#typicalMs }

  /** What is known of the time that an attempt of this route takes. */
  expected (route: string): Expected {
    return { typicalMs: this.#typicalMs, mostWithinMs: this.#times.mostWithinMs(route) }
  }

  /** When a request of this route may start; 0 for a route without a pace. */
  readyAtMs (route: string): number { return this.#limit.readyAtMs(route) }

  /** Starts per second that a route is held to; 0 for a route without a pace. */
  pacePerSecond (route: string): number { return this.#limit.pacePerSecond(route) }

  /**
   * Starts per second that the present limit sustains (Little: slots ÷ time upstream). Undefined while
   * the limit still grows fast or too little has been seen: then it would be far too low a guess.
   */
  drainPerSecond (): number | undefined {
    if (this.#samples < TYPICAL_SAMPLES || !this.#limit.settled()) return undefined
    return 1000 * this.#slots / Math.max(1, this.#typicalMs)
  }

  /**
   * Milliseconds until this many have left, at the recent rate, but at least the time since the last one left. Before
   * anybody has left, the limit's own guess counts.
   */
  drainMs (departures: number): number {
    const nowMs = this.#clock.nowMs()
    const perSecond = this.#drain.perSecond(nowMs)
    const silentMs = this.busy ? this.#drain.silentMs(nowMs) : 0
    if (perSecond > 0) return Math.max(silentMs, 1000 * departures / perSecond)
    return Math.max(silentMs, departures * this.#typicalMs / this.#slots)
  }

  /** The process went on after it was stopped. */
  woke (): void { this.#wokeAtMs = this.#clock.nowMs() }

  start (route: string): Ticket {
    const nowMs = this.#clock.nowMs()
    if (!this.busy) this.#drain.begin(nowMs)
    this.#quietSinceMs = nowMs
    this.#inflight++
    return this.#limit.start(route, this.#inflight, this.#held, nowMs)
  }

  admitted (ticket: Ticket, feedback: Feedback): void {
    const nowMs = this.#clock.nowMs()
    if (ticket.sentAtMs > this.#wokeAtMs) this.#took(ticket, nowMs)
    if (feedback.concurrency !== undefined) this.#reported = feedback.concurrency
    this.#ceiling.admitted(ticket, feedback, nowMs)
    this.#note(this.#limit.admitted(ticket, feedback, nowMs), nowMs)
    this.#writeOffBefore(ticket.sentAtMs - LATER_MS)
  }

  refused (ticket: Ticket, feedback: Feedback): Refusal {
    const nowMs = this.#clock.nowMs()
    if (feedback.concurrency !== undefined) this.#reported = feedback.concurrency
    const before = this.#slots
    const refusal = this.#limit.refused(ticket, feedback, nowMs)
    if (refusal.by === 'account') this.#ceiling.refused(ticket, feedback, before, this.#limit.slots(), nowMs)
    else if (refusal.holds) this.#ceiling.doubtful(feedback, nowMs)
    this.#note(refusal.reason, nowMs)
    this.#writeOffBefore(ticket.sentAtMs - LATER_MS)
    return refusal
  }

  routeRefused (ticket: Ticket, feedback: Feedback): Refusal {
    const nowMs = this.#clock.nowMs()
    const refusal = this.#limit.routeRefused(ticket, feedback, nowMs)
    this.#note(refusal.reason, nowMs)
    return refusal
  }

  /** `departed`: its request is done, and not to come back. */
  free (departed: boolean): void {
    this.#inflight--
    if (departed) this.#drain.depart(this.#clock.nowMs())
  }

  /** Nobody waits for it any more. Its slot stays taken, because Twilio may still count it. */
  leaveBehind (left: LeftBehind): void {
    this.#quietSinceMs = this.#clock.nowMs()
    this.#leftBehind.add(left)
  }

  /** What was left behind gives its slot back before it is over. */
  writeOff (left: LeftBehind): void {
    this.#leftBehind.delete(left)
    this.#inflight--
    this.#writtenOff++
  }

  /** What was left behind is over, at last or before it was written off. */
  catchUp (left: LeftBehind): void {
    if (!this.#leftBehind.delete(left)) this.#writtenOff--
  }

  /** A throttled request holds its slot during its backoff: held, no longer in flight. */
  hold (): void {
    this.#inflight--
    this.#held++
  }

  unhold (): void { this.#held-- }

  /** What is worth storing over a restart; undefined when nothing has been learnt. */
  learnt (): Learnt | undefined {
    const { estimate, low, high, basis } = this.#ceiling.view(this.#clock.nowMs())
    if (this.#lastChange === null && high === null) return undefined
    return {
      slots: this.#slots,
      settled: this.#limit.settled(),
      refusedAt: this.#limit.ceiling(),
      ceiling: { estimate, low, high, basis }
    }
  }

  snapshot (): LimitSnapshot {
    const change = this.#lastChange
    const nowMs = this.#clock.nowMs()
    const { evidence, ...ceiling } = this.#ceiling.view(nowMs)
    return {
      algorithm: this.#limit.algorithm,
      limit: this.#slots,
      inflight: this.#inflight,
      held: this.#held,
      reportedConcurrency: this.#reported,
      ceiling: { ...ceiling, evidence: evidence.map(({ atMs, ...refusal }) => ({ agoMs: nowMs - atMs, ...refusal })) },
      drainPerSecond: this.#drain.perSecond(nowMs),
      lastChange: change && { reason: change.reason, agoMs: nowMs - change.atMs, limit: change.limit },
      pacedRoutes: this.#limit.pacedRoutes(nowMs)
    }
  }

  /** Nobody waited for its answer any longer: it would have taken at least so long. */
  unanswered (ticket: Ticket): void {
    const nowMs = this.#clock.nowMs()
    if (ticket.sentAtMs > this.#wokeAtMs) this.#times.note(ticket.route, nowMs - ticket.sentAtMs)
  }

  #took ({ route, sentAtMs }: Ticket, nowMs: number): void {
    const ms = nowMs - sentAtMs
    this.#times.note(route, ms)
    this.#samples++
    this.#typicalMs += Math.max(TYPICAL_WEIGHT, 1 / this.#samples) * (ms - this.#typicalMs)
  }

  #writeOffBefore (sentAtMs: number): void {
    for (const left of this.#leftBehind) if (left.sentAtMs < sentAtMs) left.writeOff()
  }

  #note (reason: LimitReason, nowMs: number): void {
    const slots = this.#limit.slots()
    if (slots === this.#slots) return
    this.#slots = slots
    this.#lastChange = { reason, atMs: nowMs, limit: slots }
    this.#changed(reason, slots)
  }
}
