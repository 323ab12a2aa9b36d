import type { Clock, Timer } from '../ports/clock.ts'

/** How often it looks, milliseconds. */
const LOOK_EVERY_MS = 1_000
/** So much longer between two looks is no busy moment but a stop, milliseconds. */
const STOP_LEAST_MS = 1_000

/**
 * Notices that the process has not run for a while: it was stopped, or its machine slept. The monotonic clock goes on
 * in the first case and stands still in the second, so both clocks are looked at. A calendar that was set forward looks
 * like sleep, and does no harm.
 */
export class Wake {
  readonly #clock: Clock
  readonly #woke: () => void
  #seenMs: number
  #calendarMs: number
  #timer: Timer | undefined

  constructor (clock: Clock, woke: () => void) {
    this.#clock = clock
    this.#woke = woke
    this.#seenMs = clock.nowMs()
    this.#calendarMs = clock.epochMs()
    this.#arm()
  }

  /** To be called before what the stop may have changed is relied on: timers and sockets wake in any order. */
  readonly look = (): void => {
    const [nowMs, calendarMs] = [this.#clock.nowMs(), this.#clock.epochMs()]
    const passedMs = Math.max(nowMs - this.#seenMs, calendarMs - this.#calendarMs)
    this.#seenMs = nowMs
    this.#calendarMs = calendarMs
    if (passedMs >= LOOK_EVERY_MS + STOP_LEAST_MS) this.#woke()
  }

  close (): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer)
    this.#timer = undefined
  }

  #arm (): void {
    this.#timer = this.#clock.setTimer(() => {
      this.look()
      this.#arm()
    }, LOOK_EVERY_MS)
  }
}
