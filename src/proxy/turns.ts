/**
 * Least time between two turns of a key, milliseconds. Bottleneck admits about 430 jobs a second, each some 4 ms after it was
 * asked for, so a turn lets through all that are due: rates of more than 200 a second go in bundles.
 */
export const BETWEEN_TURNS_MS = 5

/** Takes turns for those who wait for a pace: one turn at a time for each key, the next not before the last is over. */
export interface Turns {
  /** Runs `turn`, soon; it is over when the promise settles. A turn must not reject. */
  readonly take: (key: string, turn: () => Promise<void>) => void
  /** Turns that have not begun never will. */
  readonly close: () => void
}
