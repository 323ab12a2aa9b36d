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

  start (nowMs: number): void {
    if (this.#atMs.length < this.#starts) {
      this.#atMs.push(nowMs)
    } else {
      this.#atMs[this.#oldest] = nowMs
      this.#oldest = (this.#oldest + 1) % this.#starts
    }
  }
}
