/**
 * Times counted in steps of a hundredth of themselves, so that a day takes no more memory than an hour. A percentile is
 * right within half a per cent.
 */
const STEP = Math.log(1.01)

export class Distribution {
  readonly #counts = new Map<number, number>()
  #size = 0
  #max = 0

  get size (): number { return this.#size }
  get max (): number { return this.#max }

  add (ms: number): void {
    const step = Math.round(Math.log1p(Math.max(0, ms)) / STEP)
    this.#counts.set(step, (this.#counts.get(step) ?? 0) + 1)
    this.#size++
    if (ms > this.#max) this.#max = ms
  }

  /** The least that so great a part of all is at or below; 0 when there is nothing. */
  percentile (part: number): number {
    let wanted = Math.max(1, Math.ceil(part * this.#size))
    for (const [step, count] of [...this.#counts].sort(([a], [b]) => a - b)) {
      wanted -= count
      if (wanted <= 0) return Math.min(this.#max, Math.expm1(step * STEP))
    }
    return 0
  }
}
