/** Takes turns for those who wait for a pace: one turn at a time for each key, the next not before the last is over. */
export interface Turns {
  /** Runs `turn`, soon; it is over when the promise settles. A turn must not reject. */
  readonly take: (key: string, turn: () => Promise<void>) => void
  /** Turns that have not begun never will. */
  readonly close: () => void
}
