/**
 * Time that passes as fast as the machine can work it off. Each timer fires at its moment, and all that only waits for
 * promises happens before the next.
 */
import { DeadlineHeap } from '../../../policy/queue/deadline-heap.ts'
import type { Clock, Timer } from '../../../proxy/ports/clock.ts'

interface SimulatedTimer { readonly expiresAtMs: number, heapIndex: number, readonly task: () => void }

export class SimulatedClock implements Clock {
  readonly #timers = new DeadlineHeap<SimulatedTimer>()
  #nowMs: number

  /** Starts at a moment since 1970, and stays on the calendar. */
  constructor (startMs: number) { this.#nowMs = startMs }

  get liveTimers (): number { return this.#timers.size }

  readonly nowMs = (): number => this.#nowMs
  readonly epochMs = (): number => this.#nowMs

  // No timer of the system takes less than a millisecond.
  readonly setTimer = (task: () => void, delayMs: number): Timer => {
    const timer: SimulatedTimer = { expiresAtMs: this.#nowMs + Math.max(1, delayMs), heapIndex: -1, task }
    this.#timers.add(timer)
    return timer
  }

  readonly clearTimer = (timer: Timer): void => { this.#timers.remove(timer as SimulatedTimer) }

  /** Reading takes no time here. */
  readonly afterInput = (task: () => void): void => { process.nextTick(task) }

  /** Lets time pass until then. A moment that has passed already takes none. */
  async advance (untilMs: number): Promise<void> {
    for (let next = this.#timers.peek(); next !== undefined &&
      next.expiresAtMs <= untilMs; next = this.#timers.peek()) await this.#fire(next)
    this.#nowMs = Math.max(this.#nowMs, untilMs)
  }

  /** Lets time pass until that is so, or nothing is left to happen. */
  async advanceUntil (done: () => boolean): Promise<void> {
    for (let next = this.#timers.peek(); next !== undefined &&
      !done(); next = this.#timers.peek()) await this.#fire(next)
  }

  async #fire (next: SimulatedTimer): Promise<void> {
    this.#timers.remove(next)
    this.#nowMs = Math.max(this.#nowMs, next.expiresAtMs)
    next.task()
    await promisesSettled()
  }
}

/**
 * Node looks at its ticks when no promise has anything left to do: whatever chain hangs on what has happened is over by
 * then.
 */
export function promisesSettled (): Promise<void> {
  return new Promise((resolve) => { process.nextTick(resolve) })
}
