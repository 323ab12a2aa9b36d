/**
 * Values up to a number of bytes: the one that was asked for least lately gives way first. Each is filed under tags,
 * and all that bear a tag can be dropped at once.
 */
interface Slot<V> {
  readonly value: V
  readonly bytes: number
  readonly tags: readonly string[]
}

export class TaggedLru<V> {
  readonly #maxBytes: number
  /** The least lately used first. */
  readonly #slots = new Map<string, Slot<V>>()
  readonly #keysByTag = new Map<string, Set<string>>()
  #bytes = 0

  constructor (maxBytes: number) { this.#maxBytes = maxBytes }

  get size (): number { return this.#slots.size }

  /** Tags that a value bears. */
  get tags (): number { return this.#keysByTag.size }

  /** Bytes of all values, as those who put them in counted them. */
  get bytes (): number { return this.#bytes }

  /** Looked at, and not counted as use. */
  peek (key: string): V | undefined { return this.#slots.get(key)?.value }

  get (key: string): V | undefined {
    const slot = this.#slots.get(key)
    if (slot === undefined) return undefined
    this.#slots.delete(key)
    this.#slots.set(key, slot)
    return slot.value
  }

  /** Takes the place of what was there; a value larger than all the room is not taken in, and leaves nothing there. */
  set (key: string, value: V, bytes: number, tags: readonly string[]): void {
    this.delete(key)
    if (bytes > this.#maxBytes) return
    this.#slots.set(key, { value, bytes, tags })
    this.#bytes += bytes
    for (const tag of tags) {
      const keys = this.#keysByTag.get(tag)
      if (keys === undefined) this.#keysByTag.set(tag, new Set([key]))
      else keys.add(key)
    }
    for (const oldest of this.#slots.keys()) {
      if (this.#bytes <= this.#maxBytes) break
      this.delete(oldest)
    }
  }

  delete (key: string): void {
    const slot = this.#slots.get(key)
    if (slot === undefined) return
    this.#slots.delete(key)
    this.#bytes -= slot.bytes
    for (const tag of slot.tags) {
      const keys = this.#keysByTag.get(tag)
      keys?.delete(key)
      if (keys?.size === 0) this.#keysByTag.delete(tag)
    }
  }

  /** Drops all that bear the tag. */
  drop (tag: string): void {
    for (const key of this.#keysByTag.get(tag) ?? []) this.delete(key)
  }

  /** Drops all entries for which that holds. */
  dropWhere (holds: (value: V) => boolean): void {
    for (const [key, { value }] of this.#slots) if (holds(value)) this.delete(key)
  }

  clear (): void {
    this.#slots.clear()
    this.#keysByTag.clear()
    this.#bytes = 0
  }
}
