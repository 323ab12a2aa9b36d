import type { Clock } from '../../src/proxy/ports/clock.ts'

interface FakeTimer { readonly dueMs: number, readonly task: () => void }

/** Lets everything that only waits for promises happen. */
export async function promisesSettle (): Promise<void> {
  await new Promise((resolve) => { setImmediate(resolve) })
}

/** A clock that only moves when told to, and counts the timers that others set on it. */
export class FakeClock implements Clock {
  #nowMs = 1_000
  /** By how much the calendar has been set forward, milliseconds; back when below 0. */
  steppedMs = 0
  readonly #timers = new Set<FakeTimer>()
  /** Timers ever set: stands still while nobody polls. */
  timersSet = 0

  get liveTimers (): number { return this.#timers.size }

  readonly nowMs = (): number => this.#nowMs
  /** The calendar says the first of January 2026 at the start, and goes with time but for steps. */
  readonly epochMs = (): number => Date.UTC(2026, 0, 1) + this.#nowMs - 1_000 + this.steppedMs

  readonly setTimer = (task: () => void, delayMs: number): object => {
    this.timersSet++
    const timer = { dueMs: this.#nowMs + Math.max(1, delayMs), task }
    this.#timers.add(timer)
    return timer
  }

  readonly clearTimer = (timer: object): void => { this.#timers.delete(timer as FakeTimer) }

  readonly afterInput = (task: () => void): void => { void Promise.resolve().then(task) }

  /** Time passes: each timer fires at its moment, and what follows from it happens before the next. */
  async advance (ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms
    await promisesSettle()
    for (let next = this.#earliest(untilMs); next !== undefined; next = this.#earliest(untilMs)) {
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      this.#timers.delete(next)
      next.task()
      await promisesSettle()
    }
    this.#nowMs = untilMs
  }

  /** Time passes, and nothing happens yet. */
  pass (ms: number): void { this.#nowMs += ms }

  /** Time passes while the process is too busy to fire a timer: all that are due fire late, one straight after the other. */
  async stall (ms: number): Promise<void> {
    this.#nowMs += ms
    for (let next = this.#earliest(this.#nowMs); next !== undefined; next = this.#earliest(this.#nowMs)) {
      this.#timers.delete(next)
      next.task()
    }
    await promisesSettle()
  }

  #earliest (untilMs: number): FakeTimer | undefined {
    let earliest: FakeTimer | undefined
    for (const timer of this.#timers) {
      if (timer.dueMs <= untilMs && (earliest === undefined || timer.dueMs < earliest.dueMs)) earliest = timer
    }
    return earliest
  }
}
