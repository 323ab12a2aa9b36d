export type Timer = object

/** Time, as the edges have it; tests bring their own. */
export interface Clock {
  /** Monotonic, milliseconds from an arbitrary start. */
  readonly nowMs: () => number
  /** Milliseconds since 1970, for what others date by the calendar. It may be set back or forward at any moment. */
  readonly epochMs: () => number
  /** A timer that does not keep the process alive. */
  readonly setTimer: (task: () => void, delayMs: number) => Timer
  readonly clearTimer: (timer: Timer) => void
  /** Does it after what has arrived in the meantime was read. */
  readonly afterInput: (task: () => void) => void
}
