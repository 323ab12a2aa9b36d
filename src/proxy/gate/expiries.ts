import { DeadlineHeap, type Expiring } from '../../policy/queue/deadline-heap.ts'
import type { Clock, Timer } from '../ports/clock.ts'

/** Waiters by the moment they expire, with one timer for the earliest of them all. */
export class Expiries<T extends Expiring> {
  readonly #heap = new DeadlineHeap<T>()
  readonly #clock: Clock
  readonly #expired: (waiter: T) => void
  #timer: Timer | undefined
  #timerAtMs = Infinity

  /** `expired` must take its waiter out. */
  constructor (clock: Clock, expired: (waiter: T) => void) {
    this.#clock = clock
    this.#expired = expired
  }

  add (waiter: T): void {
    this.#heap.add(waiter)
    this.#arm()
  }

  /** Does nothing for one that is not here. */
  remove (waiter: T): void { this.#heap.remove(waiter) }

  /**
   * Clears the timer when nobody waits any more. Not part of remove: a queue that is empty now and then would set it
   * anew each time.
   */
  rest (): void {
    if (this.#heap.size === 0) this.#arm()
  }

  /** The timer may fire early, but is not moved back at every departure. */
  #arm (): void {
    const nextAtMs = this.#heap.peek()?.expiresAtMs ?? Infinity
    if (nextAtMs >= this.#timerAtMs && nextAtMs < Infinity) return
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    this.#timer = undefined
    this.#timerAtMs = nextAtMs
    if (nextAtMs === Infinity) return
    this.#timer = this.#clock.setTimer(() => this.#fire(), Math.max(1, Math.ceil(nextAtMs - this.#clock.nowMs())))
  }

  #fire (): void {
    this.#timer = undefined
    this.#timerAtMs = Infinity
    const nowMs = this.#clock.nowMs()
    for (let next = this.#heap.peek(); next !== undefined &&
      next.expiresAtMs <= nowMs; next = this.#heap.peek()) this.#expired(next)
    this.#arm()
  }
}
