/**
 * The gate of one account: a request starts at once while there is room, waits its turn otherwise, and
 * a freed permit goes straight to the next waiter: no polling, no timer tick.
 */
import type { ShareOptions } from '../../policy/queue/class-weights.ts'
import type { Expiring } from '../../policy/queue/deadline-heap.ts'
import { FairQueue, type Waiting } from '../../policy/queue/fair-queue.ts'
import type { Limit, LimitReason } from '../../policy/limit/limit.ts'
import type { Remembered } from '../../policy/limit/remembered.ts'
import { TRAFFIC_CLASSES, type TrafficClass } from '../../twilio/types.ts'
import { AccountLimit, type LimitSnapshot } from './account-limit.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import { ShedError } from '../errors.ts'
import type { ShedReason } from '../reasons.ts'
import { Expiries } from './expiries.ts'
import { Permit } from './permit.ts'

export interface GateOptions extends ShareOptions {
  /** Shadow computes every decision and enforces none; off does not even compare. */
  readonly mode: 'enforce' | 'shadow' | 'off'
  /** Most requests that may wait, all classes together. */
  readonly maxWaiting: number
  /** Share of each class while all of them wait. */
  readonly weights: Readonly<Record<TrafficClass, number>>
}

/** What the gate says of itself. */
export interface GateListener {
  readonly limitChanged: (reason: LimitReason, slots: number) => void
  readonly wouldWait: (name: TrafficClass) => void
}

/** An exchange at the gate. One object serves all its attempts; its links belong to the queue. */
export interface Entry extends Waiting<TrafficClass, Entry>, Expiring {
  /** The last moment at which an attempt can still start in time, on the gate's clock. */
  readonly expiresAtMs: number
  readonly bodyBytes: number
  /** How often Twilio has throttled it with a 429 so far. */
  readonly throttled: number
  waitingSinceMs: number
  /** Milliseconds waited so far, in all its attempts; the gate adds to it. */
  queueMs: number
  granted: ((permit: Permit) => void) | undefined
  refused: ((error: Error) => void) | undefined
}

export interface GateSnapshot extends LimitSnapshot {
  readonly mode: GateOptions['mode']
  readonly queued: Readonly<Record<TrafficClass, number>>
  /** Callers with a request that waits. */
  readonly waitingCallers: number
  readonly queuedBytes: number
  readonly oldestWaiterMs: number
}

/** How hopeless a wait must look before it is shed early: the estimate errs by about this much. */
export const EARLY_MARGIN = 1.25
/**
 * From this many 429s on, a request that comes back takes turns with those that wait. If it could hold its slot for
 * ever, a route that throttles everything would end up with all slots of the account. Then nothing else would be sent
 * that could show whose 429s they are.
 */
const TAKES_TURNS_FROM = 2
/** Bounds of the Retry-After that the gate names, milliseconds. */
const RETRY_AFTER_LEAST_MS = 1_000
const RETRY_AFTER_MOST_MS = 60_000
/** A queue that has not moved for so long while nothing is in flight is wedged. A paced route may idle 5 s. */
const WEDGED_AFTER_MS = 15_000

export class Gate {
  readonly limit: AccountLimit
  readonly #options: GateOptions
  readonly #clock: Clock
  readonly #listener: GateListener
  readonly #queue: FairQueue<TrafficClass, Entry>
  readonly #expiries: Expiries<Entry>
  #queuedBytes = 0
  #movedAtMs: number
  #paceTimer: Timer | undefined
  readonly #isReady = (route: string): boolean => this.limit.readyAtMs(route) <= this.#clock.nowMs()
  readonly #pump = (): void => this.#serve()

  /** `remembered` is what the limit was started from. */
  constructor (limit: Limit, options: GateOptions, clock: Clock, listener: GateListener, remembered?: Remembered) {
    this.limit = new AccountLimit(limit, clock, (reason, slots) => {
      listener.limitChanged(reason, slots)
      // New room is for those who wait: without this a newcomer would find it first.
      this.#serve()
    }, remembered)
    this.#options = options
    this.#clock = clock
    this.#listener = listener
    this.#queue = new FairQueue(ofEach((name) => options.weights[name]), options)
    this.#expiries = new Expiries(
      clock,
      (entry) => this.leave(entry, new ShedError('deadline', this.retryAfterMs(entry)))
    )
    this.#movedAtMs = clock.nowMs()
  }

  get waiting (): number { return this.#queue.size }
  get idle (): boolean { return !this.limit.busy && this.#queue.size === 0 }
  get wedged (): boolean {
    return this.#queue.size > 0 && !this.limit.busy && this.#clock.nowMs() - this.#movedAtMs > WEDGED_AFTER_MS
  }

  /**
   * A permit, at once when there is room. Throws (or rejects with) a ShedError when the queue is full and nobody in it
   * has to make room, when the entry's time is up, or when the drain rate says that it will be. `again` marks an
   * exchange that comes back from a backoff: no queue is too long for it, and the first time it goes to the front of
   * its caller's line.
   */
  admit (entry: Entry, again: boolean): Permit | Promise<Permit> {
    const ready = this.#isReady(entry.route)
    if (this.#options.mode !== 'enforce') {
      if (this.#options.mode === 'shadow' && !(this.limit.hasRoom && ready)) this.#listener.wouldWait(entry.class)
      return this.#grant(entry)
    }
    const takesTurns = again && entry.throttled >= TAKES_TURNS_FROM
    // If there is room, a waiter can only wait for the pace of a route, unless the room is what this one just gave
    // back.
    const isNext = again ? !takesTurns || this.#queue.size === 0 : this.#queue.parkedOn(entry.route) === 0
    if (this.limit.hasRoom && ready && isNext) return this.#grant(entry)
    if (!again) this.#findPlace(entry)
    return new Promise<Permit>((resolve, reject) => {
      entry.granted = resolve
      entry.refused = reject
      entry.waitingSinceMs = this.#clock.nowMs()
      if (this.#queue.size === 0) this.#movedAtMs = entry.waitingSinceMs
      this.#queue.add(entry, takesTurns ? 'turns' : again ? 'front' : 'end')
      this.#queuedBytes += entry.bodyBytes
      this.#expiries.add(entry)
      this.#serve()
    })
  }

  /** A waiter leaves unserved; its promise is rejected with `error`. Does nothing for one that does not wait. */
  leave (entry: Entry, error: Error): void {
    const { refused } = entry
    if (refused === undefined) return
    this.#forget(entry)
    this.#expiries.rest()
    if (this.#queue.size === 0) this.#armPace()
    refused(error)
  }

  /** When one more of this class and caller could expect a slot, milliseconds, within bounds fit for Retry-After. */
  retryAfterMs (like: Pick<Entry, 'class' | 'caller'>): number {
    const etaMs = this.limit.drainMs(this.#ahead(like) + 1)
    return Math.min(RETRY_AFTER_MOST_MS, Math.max(RETRY_AFTER_LEAST_MS, etaMs))
  }

  snapshot (): GateSnapshot {
    let oldestSinceMs = this.#clock.nowMs()
    for (const entry of this.#queue.heads()) oldestSinceMs = Math.min(oldestSinceMs, entry.waitingSinceMs)
    return {
      ...this.limit.snapshot(),
      mode: this.#options.mode,
      queued: ofEach((name) => this.#queue.count(name)),
      waitingCallers: this.#queue.callers,
      queuedBytes: this.#queuedBytes,
      oldestWaiterMs: this.#clock.nowMs() - oldestSinceMs
    }
  }

  #grant (entry: Entry): Permit {
    this.#movedAtMs = this.#clock.nowMs()
    return new Permit(this.limit, this.limit.start(entry.route), this.#pump)
  }

  /** Hands free slots to waiters until either runs out. */
  #serve (): void {
    if (this.#queue.size === 0) return
    const nowMs = this.#clock.nowMs()
    while (this.limit.hasRoom) {
      for (const route of this.#queue.parkedRoutes()) {
        if (this.#isReady(route)) this.#queue.unpark(route)
      }
      const entry = this.#queue.take(this.#isReady, nowMs)
      if (entry === undefined) break
      const { granted } = entry
      this.#forget(entry)
      granted?.(this.#grant(entry))
    }
    this.#armPace()
  }

  /**
   * Throws a ShedError when there is no place for a newcomer, or none that leads anywhere in time. Another may have to
   * make room.
   */
  #findPlace (entry: Entry): void {
    const isFull = this.#queue.size >= this.#options.maxWaiting
    const yielding = isFull ? this.#queue.yielding(entry.class, entry.caller) : undefined
    const reason = isFull && yielding === undefined ? 'queue_full' : this.#lateness(entry)
    if (reason !== undefined) throw new ShedError(reason, this.retryAfterMs(entry))
    if (yielding !== undefined) this.leave(yielding, new ShedError('queue_full', this.retryAfterMs(yielding)))
  }

  #lateness (entry: Entry): ShedReason | undefined {
    const leftMs = entry.expiresAtMs - this.#clock.nowMs()
    if (leftMs <= 0) return 'deadline'
    const drainPerSecond = this.limit.drainPerSecond()
    if (drainPerSecond === undefined) return undefined
    const pacePerSecond = this.limit.pacePerSecond(entry.route)
    const etaMs = Math.max(
      1000 * this.#ahead(entry) / drainPerSecond,
      pacePerSecond > 0 ? 1000 * this.#queue.parkedOn(entry.route) / pacePerSecond : 0
    )
    return etaMs > EARLY_MARGIN * leftMs ? 'deadline_unreachable' : undefined
  }

  #ahead (
    { class: name, caller }: Pick<Entry, 'class' | 'caller'>
  ): number { return this.#queue.ahead(name, caller, this.#clock.nowMs()) }

  #forget (entry: Entry): void {
    this.#queue.remove(entry)
    this.#expiries.remove(entry)
    this.#queuedBytes -= entry.bodyBytes
    entry.queueMs += this.#clock.nowMs() - entry.waitingSinceMs
    entry.granted = entry.refused = undefined
  }

  /**
   * One timer for what comes first, and only while somebody waits for it: a route that is ready, or a try past writes
   * that were left behind.
   */
  #armPace (): void {
    if (this.#paceTimer !== undefined) this.#clock.clearTimer(this.#paceTimer)
    this.#paceTimer = undefined
    let nextMs = this.#queue.size > 0 ? this.limit.triesAtMs : Infinity
    // Without room a route that is ready still has to wait, and the permit that ends will call.
    if (this.limit.hasRoom) {
      for (const route of this.#queue.parkedRoutes()) nextMs = Math.min(nextMs, this.limit.readyAtMs(route))
    }
    if (nextMs === Infinity) return
    this.#paceTimer = this.#clock.setTimer(() => {
      this.#paceTimer = undefined
      this.#serve()
    }, Math.max(1, Math.ceil(nextMs - this.#clock.nowMs())))
  }
}

/** Most urgent first, whatever the order in the settings. */
function ofEach (value: (name: TrafficClass) => number): Record<TrafficClass, number> {
  return Object.fromEntries(TRAFFIC_CLASSES.map((name) => [name, value(name)])) as Record<TrafficClass, number>
}
