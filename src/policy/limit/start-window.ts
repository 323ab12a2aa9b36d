/** Where a start is noted. */
export interface Place {
  readonly index: number
  readonly atMs: number
}

/** At most so many starts in any span of so long: the moments of the last starts, in a ring. */
export class StartWindow {
  readonly #starts: number
  readonly #spanMs: number
  /** Grows as starts come: most keys never see as many as they are allowed. */
  readonly #atMs: number[] = []
  #oldest = 0

  /** `starts` per `spanMs`, both 1 or more. */
  constructor (starts: number, spanMs: number) {
    this.#starts = starts
    this.#spanMs = spanMs
  }

  /** When the next may start. */
  readyAtMs (nowMs: number): number {
    const oldestMs = this.#atMs[this.#oldest]
    return this.#atMs.length < this.#starts || oldestMs === undefined ? nowMs : Math.max(nowMs, oldestMs + this.#spanMs)
  }

  /** Returns its place, for `moved`. */
  start (nowMs: number): Place {
    if (this.#atMs.length < this.#starts) {
      this.#atMs.push(nowMs)
      return { index: this.#atMs.length - 1, atMs: nowMs }
    }
    const index = this.#oldest
    this.#atMs[index] = nowMs
    this.#oldest = (index + 1) % this.#starts
    return { index, atMs: nowMs }
  }

  /** A start turned out to be later than it was told. */
  moved ({ index, atMs }: Place, nowMs: number): void {
    // Unless so many have started since that it no longer counts.
    if (this.#atMs[index] === atMs) this.#atMs[index] = nowMs
  }
}
