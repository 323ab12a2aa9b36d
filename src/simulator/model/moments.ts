interface Entry {
  atMs: number
  readonly order: number
  readonly run: (atMs: number) => void
}

/** What is due when: a binary heap, first by time, then by the order of entry. */
export class Moments {
  readonly #heap: Entry[] = []
  #order = 0

  add (atMs: number, run: (atMs: number) => void): void {
    const heap = this.#heap
    const entry = { atMs, order: this.#order++, run }
    let hole = heap.length
    while (hole > 0) {
      const parent = (hole - 1) >> 1
      const above = heap[parent]
      if (above === undefined || before(above, entry)) break
      heap[hole] = above
      hole = parent
    }
    heap[hole] = entry
  }

  /** Runs all that is due until then, in order, including what they add. */
  runUntil (nowMs: number): void {
    for (let first = this.#heap[0]; first !== undefined && first.atMs <= nowMs; first = this.#heap[0]) {
      this.#removeFirst()
      first.run(first.atMs)
    }
  }

  /** Puts all that is still to come off by so much. */
  putOff (delayMs: number): void {
    for (const entry of this.#heap) entry.atMs += delayMs
  }

  #removeFirst (): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let hole = 0
    for (;;) {
      const left = heap[2 * hole + 1]
      if (left === undefined) break
      const right = heap[2 * hole + 2]
      const rightFirst = right !== undefined && before(right, left)
      const child = rightFirst ? right : left
      if (before(last, child)) break
      heap[hole] = child
      hole = 2 * hole + (rightFirst ? 2 : 1)
    }
    heap[hole] = last
  }
}

const before = (a: Entry, b: Entry): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
