/** The pace of one rule for one key: who comes too early waits here, by class and by deadline. */
import { FairQueue, type Waiting } from '../../policy/queue/fair-queue.ts'
import { PaceSchedule, type Rate, type Reservoir } from '../../policy/counts/pace-schedule.ts'
import type { TrafficClass } from '../../twilio/types.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import { ClientLeftError, ShedError } from '../errors.ts'
import type { ShedReason } from '../reasons.ts'
import type { Exchange } from '../exchange-state.ts'
import { Expiries } from '../gate/expiries.ts'
import { EARLY_MARGIN, type GateOptions } from '../gate/gate.ts'

export interface PacerContext {
  readonly pace: Rate | Reservoir
  readonly queue: Omit<GateOptions, 'mode'>
  readonly clock: Clock
}

interface Waiter extends Waiting<TrafficClass, Waiter> {
  readonly expiresAtMs: number
  heapIndex: number
  readonly exchange: Exchange
  readonly proceed: () => void
  readonly refuse: (error: Error) => void
}

/** Bounds of the Retry-After that is named, milliseconds. */
const RETRY_AFTER_LEAST_MS = 1_000
const RETRY_AFTER_MOST_MS = 3_600_000

export class Pacer {
  readonly #context: PacerContext
  readonly #schedule: PaceSchedule
  readonly #queue: FairQueue<TrafficClass, Waiter>
  readonly #expiries: Expiries<Waiter>
  #timer: Timer | undefined
  #usedAtMs: number

  constructor (context: PacerContext) {
    this.#context = context
    this.#schedule = new PaceSchedule(context.pace)
    this.#queue = new FairQueue(context.queue.weights, context.queue)
    this.#expiries = new Expiries(
      context.clock,
      (waiter) => this.#leave(waiter, new ShedError('deadline', this.retryAfterMs()))
    )
    this.#usedAtMs = context.clock.nowMs()
  }

  get waiting (): number { return this.#queue.size }

  /** Nobody waits, and nobody came for so long, milliseconds. */
  idleMs (nowMs: number): number { return this.#queue.size === 0 ? nowMs - this.#usedAtMs : 0 }

  /** When a newcomer could expect its turn, milliseconds, within bounds fit for Retry-After. */
  retryAfterMs (): number {
    const waitMs = this.#schedule.waitMs(this.#queue.size, this.#context.clock.nowMs())
    return Math.min(RETRY_AFTER_MOST_MS, Math.max(RETRY_AFTER_LEAST_MS, waitMs))
  }

  /**
   * Permission to start: at once (undefined), or in a while. Throws (or rejects with) a ShedError when too many wait,
   * or when the turn will not come in time. `again`: after a 429 of Twilio's; it comes before those of its class.
   */
  permission (exchange: Exchange, again: boolean): Promise<void> | undefined {
    const nowMs = this.#usedAtMs = this.#context.clock.nowMs()
    if (this.#queue.size === 0 && this.#schedule.readyAtMs(nowMs) <= nowMs) {
      this.#schedule.give(nowMs, false)
      return undefined
    }
    if (!again) this.#findPlace(exchange, nowMs)
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        class: exchange.class,
        caller: exchange.caller,
        waitingSinceMs: nowMs,
        route: exchange.route,
        order: exchange.order,
        expiresAtMs: exchange.expiresAtMs,
        heapIndex: -1,
        list: undefined,
        line: undefined,
        older: undefined,
        younger: undefined,
        previous: undefined,
        next: undefined,
        exchange,
        proceed: resolve,
        refuse: reject
      }
      exchange.onInterrupt((why) => this.#leave(
        waiter,
        why === 'client_left' ? new ClientLeftError() : new ShedError('deadline', this.retryAfterMs())
      ))
      exchange.leaveWait = (error) => this.#leave(waiter, error)
      this.#queue.add(waiter, again ? 'front' : 'end')
      this.#expiries.add(waiter)
      this.#arm()
    })
  }

  /** How long one with permission must still wait, since others started late, milliseconds; 0 for not at all. */
  restMs (): number {
    const nowMs = this.#context.clock.nowMs()
    return Math.max(0, this.#schedule.mayStartAtMs(nowMs) - nowMs)
  }

  /** Returns what is to be called when its first byte goes out. */
  started (): () => void {
    const start = this.#schedule.start(this.#context.clock.nowMs())
    return () => this.#schedule.sent(start, this.#context.clock.nowMs())
  }

  /**
   * Throws a ShedError when there is no place for a newcomer, or none that leads anywhere in time. Another may have to
   * make room.
   */
  #findPlace (exchange: Exchange, nowMs: number): void {
    const isFull = this.#queue.size >= this.#context.queue.maxWaiting
    const yielding = isFull ? this.#queue.yielding(exchange.class, exchange.caller) : undefined
    const reason = isFull && yielding === undefined ? 'queue_full' : this.#lateness(exchange, nowMs)
    if (reason !== undefined) throw new ShedError(reason, this.retryAfterMs())
    if (yielding !== undefined) this.#leave(yielding, new ShedError('queue_full', this.retryAfterMs()))
  }

  #lateness ({ class: name, caller, expiresAtMs }: Exchange, nowMs: number): ShedReason | undefined {
    const leftMs = expiresAtMs - nowMs
    if (leftMs <= 0) return 'deadline'
    return this.#schedule.waitMs(this.#queue.ahead(name, caller, nowMs), nowMs) > EARLY_MARGIN * leftMs
      ? 'deadline_unreachable'
      : undefined
  }

  #leave (waiter: Waiter, error: Error): void {
    this.#queue.remove(waiter)
    waiter.exchange.leaveWait = undefined
    this.#expiries.remove(waiter)
    this.#expiries.rest()
    if (this.#queue.size === 0) this.#rest()
    waiter.refuse(error)
  }

  /**
   * One timer, while somebody waits. It is not moved: what is given can only put the next moment off, and it looks
   * again then.
   */
  #arm (): void {
    if (this.#timer !== undefined || this.#queue.size === 0) return
    const { clock } = this.#context
    const nowMs = clock.nowMs()
    this.#timer = clock.setTimer(() => {
      this.#timer = undefined
      this.#serve()
    }, Math.max(1, this.#schedule.readyAtMs(nowMs) - nowMs))
  }

  #rest (): void {
    if (this.#timer !== undefined) this.#context.clock.clearTimer(this.#timer)
    this.#timer = undefined
  }

  /** Lets through all who may start by now: timers fire a millisecond apart at best. */
  #serve (): void {
    const nowMs = this.#usedAtMs = this.#context.clock.nowMs()
    while (this.#schedule.readyAtMs(nowMs) <= nowMs) {
      const waiter = this.#queue.take(() => true, nowMs)
      if (waiter === undefined) break
      // More is known of its route than when it came: its turn is for the next.
      if (nowMs > waiter.exchange.latestStartMs) {
        this.#leave(waiter, new ShedError('deadline', this.retryAfterMs()))
        continue
      }
      waiter.exchange.leaveWait = undefined
      this.#expiries.remove(waiter)
      this.#schedule.give(nowMs, true)
      waiter.proceed()
    }
    this.#expiries.rest()
    this.#arm()
  }
}
