/**
 * Finds reads that ask Twilio for the same thing over and over. A read is a poll from the fifth time on that it comes
 * within a minute of the one before: a page that somebody loads again, or a retry, does not do that.
 */

/** Reads of one resource, each soon after the last, from which on they are polls. */
export const POLLS_FROM = 5
/** Two reads further apart than this belong to no series, milliseconds. Slower polling hurts nobody. */
export const SOON_MS = 60_000
/** Most resources looked at; some 200 bytes each. The one that was not read for longest is forgotten first. */
export const WATCHED_MOST = 10_000

interface Series {
  count: number
  lastMs: number
}

export class PollDetector {
  readonly #most: number
  /** In the order of the last read, oldest first. */
  readonly #series = new Map<string, Series>()

  constructor (most = WATCHED_MOST) { this.#most = most }

  get size (): number { return this.#series.size }

  /** A read; is it a poll? `key` names the resource and whose it is. */
  isPoll (key: string, nowMs: number): boolean {
    const known = this.#series.get(key)
    const goesOn = known !== undefined && nowMs - known.lastMs <= SOON_MS
    const series = goesOn ? known : { count: 0, lastMs: nowMs }
    series.count++
    series.lastMs = nowMs
    this.#series.delete(key)
    this.#series.set(key, series)
    if (this.#series.size > this.#most) {
      const { value: first } = this.#series.keys().next()
      if (first !== undefined) this.#series.delete(first)
    }
    return series.count >= POLLS_FROM
  }
}
