/**
 * The highest or lowest number of a stretch of time that is at least so long, and at most three times. Two numbers,
 * however many were noted.
 */
export class Extreme {
  readonly #pick: (a: number, b: number) => number
  readonly #forMs: number
  #fromMs = -Infinity
  #now: number | undefined
  #before: number | undefined

  /** `pick` is Math.max or Math.min. */
  constructor (pick: (a: number, b: number) => number, forMs: number) {
    this.#pick = pick
    this.#forMs = forMs
  }

  note (value: number, nowMs: number): void {
    const sinceMs = nowMs - this.#fromMs
    if (sinceMs > this.#forMs) {
      this.#before = sinceMs > 2 * this.#forMs ? undefined : this.#now
      this.#now = undefined
      this.#fromMs = nowMs
    }
    this.#now = this.#now === undefined ? value : this.#pick(this.#now, value)
  }

  /** Undefined when nothing was noted recently. */
  at (nowMs: number): number | undefined {
    const sinceMs = nowMs - this.#fromMs
    if (this.#now === undefined || sinceMs > 2 * this.#forMs) return undefined
    return this.#before === undefined || sinceMs > this.#forMs ? this.#now : this.#pick(this.#now, this.#before)
  }

  clear (): void {
    this.#fromMs = -Infinity
    this.#now = this.#before = undefined
  }
}
