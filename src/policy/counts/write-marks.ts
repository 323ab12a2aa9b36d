/**
 * Remembers when writes last touched what a read may see. A read then never gets an answer that was fetched before a
 * write that may have changed it. A create changes its list and all above. A change of one resource also changes what
 * lies below it.
 */
export class WriteMarks {
  readonly #most: number
  /** When, by `=` the resource itself, `<` something below it, `>` it and all below. */
  readonly #marks = new Map<string, number>()
  #forgotten = -Infinity

  /** `most` marks are kept; beyond them all count as touched. */
  constructor (most = 10_000) { this.#most = most }

  get size (): number { return this.#marks.size }

  /**
   * A write was answered; `order` counts what happens. `key` sets apart what cannot touch each other; `ancestors` are
   * what the resource lies below.
   */
  note (key: string, resource: string, ancestors: readonly string[], isCreate: boolean, order: number): void {
    if (this.#marks.size > this.#most) {
      this.#marks.clear()
      this.#forgotten = order
    }
    this.#marks.set(`${isCreate ? '=' : '>'}${key}${resource}`, order)
    for (const ancestor of ancestors) this.#marks.set(`<${key}${ancestor}`, order)
  }

  /** Has a write been answered since then that a read of this resource may see? */
  touchedSince (since: number, key: string, resource: string, ancestors: readonly string[]): boolean {
    const isLater = (mark: string): boolean => (this.#marks.get(mark) ?? -Infinity) > since
    return this.#forgotten > since || isLater(`=${key}${resource}`) || isLater(`<${key}${resource}`) || isLater(
      `>${key}${resource}`
    ) ||
      ancestors.some((ancestor) => isLater(`>${key}${ancestor}`))
  }

  /** Nobody reads now: what was written before matters to nobody. */
  clear (): void { this.#marks.clear() }
}
