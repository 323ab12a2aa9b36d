/** When an attempt must have started to be answered before its deadline. */

/** What is known of the time that an attempt takes, milliseconds. */
export interface Expected {
  /** Average; 0 while unknown. */
  readonly typicalMs: number
  /** Most answers come within this; undefined while unknown. */
  readonly mostWithinMs: number | undefined
}

/**
 * Most of the time allowed that is reserved for the attempt: a request that could start at once is not shed as
 * hopeless.
 */
const KNOWN_MOST = 0.75
/** While too little is known: at least, and at most. */
const GUESSED_LEAST = 0.1
const GUESSED_MOST = 0.25
/** Between these, so many average attempts. */
const GUESSED_ATTEMPTS = 1.5

/** Part of the time allowed in which no attempt starts any more, milliseconds. */
export function reserveMs (allowedMs: number, { typicalMs, mostWithinMs }: Expected): number {
  if (mostWithinMs !== undefined) return Math.min(KNOWN_MOST * allowedMs, mostWithinMs)
  return Math.min(GUESSED_MOST * allowedMs, Math.max(GUESSED_LEAST * allowedMs, GUESSED_ATTEMPTS * typicalMs))
}
