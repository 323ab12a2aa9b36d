export type Timer = object

/** Time, as the edges have it; tests bring their own. */
export interface Clock {
  /** Monotonic, milliseconds from an arbitrary start. */
  readonly nowMs: () => number
  /** Milliseconds since 1970, for what others date by the calendar. */
  readonly epochMs: () => number
  /** A timer that does not keep the process alive. */
  readonly setTimer: (task: () => void, delayMs: number) => Timer
  readonly clearTimer: (timer: Timer) => void
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  epochMs: () => Date.now(),
  setTimer: (task, delayMs) => setTimeout(task, delayMs).unref(),
  clearTimer: (timer) => { clearTimeout(timer as NodeJS.Timeout) }
}
