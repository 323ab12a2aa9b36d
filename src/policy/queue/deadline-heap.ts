/** What the heap needs of its members: a moment, and a place to note where it stands (−1 when it does not). */
export interface Expiring {
  readonly expiresAtMs: number
  heapIndex: number
}

/**
 * Members by the moment they expire. A binary heap in which each member knows its place, so leaving is
 * O(log n) and leaves nothing behind; one timer for the earliest serves them all.
 */
export class DeadlineHeap<T extends Expiring> {
  readonly #members: T[] = []

  get size (): number { return this.#members.length }

  /** The next to expire; undefined when empty. */
  peek (): T | undefined { return this.#members[0] }

  add (member: T): void {
    this.#members.push(member)
    this.#rise(member, this.#members.length - 1)
  }

  /** Does nothing when the member is not in the heap. */
  remove (member: T): void {
    const index = member.heapIndex
    if (index < 0 || this.#members[index] !== member) return
    member.heapIndex = -1
    const last = this.#members.pop()
    if (last === undefined || last === member) return
    const parent = this.#members[(index - 1) >> 1]
    if (index > 0 && parent !== undefined && parent.expiresAtMs > last.expiresAtMs) this.#rise(last, index)
    else this.#sink(last, index)
  }

  #rise (member: T, from: number): void {
    let index = from
    while (index > 0) {
      const above = (index - 1) >> 1
      const parent = this.#members[above]
      if (parent === undefined || parent.expiresAtMs <= member.expiresAtMs) break
      this.#put(parent, index)
      index = above
    }
    this.#put(member, index)
  }

  #sink (member: T, from: number): void {
    let index = from
    for (;;) {
      const left = 2 * index + 1
      const leftChild = this.#members[left]
      if (leftChild === undefined) break
      const rightChild = this.#members[left + 1]
      const takeRight = rightChild !== undefined && rightChild.expiresAtMs < leftChild.expiresAtMs
      const child = takeRight ? rightChild : leftChild
      if (child.expiresAtMs >= member.expiresAtMs) break
      this.#put(child, index)
      index = takeRight ? left + 1 : left
    }
    this.#put(member, index)
  }

  #put (member: T, index: number): void {
    this.#members[index] = member
    member.heapIndex = index
  }
}
