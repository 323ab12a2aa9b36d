/** The pace of one rule for one key: who comes too early waits here, by class and by deadline. */
import { FairQueue, type Waiting } from '../policy/fair-queue.ts'
import { PaceSchedule, type Rate, type Reservoir } from '../policy/pace-schedule.ts'
import type { TrafficClass } from '../twilio/types.ts'
import type { Clock } from './clock.ts'
import { ClientLeftError, ShedError } from './errors.ts'
import type { ShedReason } from './events.ts'
import type { Exchange } from './exchange-state.ts'
import { Expiries } from './expiries.ts'
import type { GateOptions } from './gate.ts'
import type { Turns } from './turns.ts'

export interface PacerContext {
  readonly key: string
  readonly pace: Rate | Reservoir
  readonly queue: Pick<GateOptions, 'maxWaiting' | 'weights'>
  readonly turns: Turns
  readonly clock: Clock
}

interface Waiter extends Waiting<TrafficClass, Waiter> {
  readonly expiresAtMs: number
  heapIndex: number
  readonly proceed: () => void
  readonly refuse: (error: Error) => void
}

/** How hopeless a wait must look before it is refused early: the estimate errs by about this much. */
const EARLY_MARGIN = 1.25
/** Bounds of the Retry-After that is named, milliseconds. */
const RETRY_AFTER_LEAST_MS = 1_000
const RETRY_AFTER_MOST_MS = 3_600_000

export class Pacer {
  readonly #context: PacerContext
  readonly #schedule: PaceSchedule
  readonly #queue: FairQueue<TrafficClass, Waiter>
  readonly #expiries: Expiries<Waiter>
  #takesTurns = false
  #usedAtMs: number

  constructor (context: PacerContext) {
    this.#context = context
    this.#schedule = new PaceSchedule(context.pace)
    this.#queue = new FairQueue(context.queue.weights)
    this.#expiries = new Expiries(context.clock, (waiter) => this.#leave(waiter, new ShedError('deadline', this.retryAfterMs())))
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
   * or when the turn will not come in time. `again`: after a refusal of Twilio's; it comes before those of its class.
   */
  permission (exchange: Exchange, again: boolean): Promise<void> | undefined {
    const nowMs = this.#usedAtMs = this.#context.clock.nowMs()
    if (this.#queue.size === 0 && this.#schedule.readyAtMs(nowMs) <= nowMs) {
      this.#schedule.give(nowMs, false)
      return undefined
    }
    if (!again) this.#refuseHopeless(exchange, nowMs)
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        class: exchange.class,
        route: exchange.route,
        order: exchange.order,
        expiresAtMs: exchange.expiresAtMs,
        heapIndex: -1,
        list: undefined,
        previous: undefined,
        next: undefined,
        proceed: resolve,
        refuse: reject
      }
      exchange.onInterrupt((why) => this.#leave(waiter, why === 'client_left' ? new ClientLeftError() : new ShedError('deadline', this.retryAfterMs())))
      this.#queue.add(waiter, again ? 'front' : 'end')
      this.#expiries.add(waiter)
      this.#takeTurn()
    })
  }

  /** How long one with permission must still wait, since others started late, milliseconds; 0 for not at all. */
  restMs (): number {
    const nowMs = this.#context.clock.nowMs()
    return Math.max(0, this.#schedule.mayStartAtMs(nowMs) - nowMs)
  }

  /** Everybody who waits is refused. */
  refuseAll (reason: ShedReason): void {
    for (let waiter = this.#expiries.next; waiter !== undefined; waiter = this.#expiries.next) {
      this.#leave(waiter, new ShedError(reason, RETRY_AFTER_LEAST_MS))
    }
  }

  started (): void { this.#schedule.start(this.#context.clock.nowMs()) }

  #refuseHopeless (exchange: Exchange, nowMs: number): void {
    if (this.#queue.size >= this.#context.queue.maxWaiting) throw new ShedError('queue_full', this.retryAfterMs())
    const leftMs = exchange.expiresAtMs - nowMs
    if (leftMs <= 0) throw new ShedError('deadline', this.retryAfterMs())
    if (this.#schedule.waitMs(this.#queue.ahead(exchange.class), nowMs) > EARLY_MARGIN * leftMs) throw new ShedError('deadline_unreachable', this.retryAfterMs())
  }

  #leave (waiter: Waiter, error: Error): void {
    this.#queue.remove(waiter)
    this.#expiries.remove(waiter)
    this.#expiries.rest()
    waiter.refuse(error)
  }

  #takeTurn (): void {
    if (this.#takesTurns || this.#queue.size === 0) return
    this.#takesTurns = true
    const { turns, key } = this.#context
    turns.take(key, () => this.#turn())
  }

  /** Waits until somebody may start, and lets through all who may. */
  async #turn (): Promise<void> {
    const { clock } = this.#context
    const restMs = this.#schedule.readyAtMs(clock.nowMs()) - clock.nowMs()
    if (restMs > 0) await new Promise<void>((resolve) => { clock.setTimer(resolve, restMs) })
    const nowMs = this.#usedAtMs = clock.nowMs()
    while (this.#schedule.readyAtMs(nowMs) <= nowMs) {
      const waiter = this.#queue.take(() => true)
      if (waiter === undefined) break
      this.#expiries.remove(waiter)
      this.#schedule.give(nowMs, true)
      waiter.proceed()
    }
    this.#takesTurns = false
    this.#takeTurn()
  }
}
