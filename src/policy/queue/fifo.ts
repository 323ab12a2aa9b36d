/** A member of a Fifo: it carries its own links, so it can leave from anywhere in O(1). */
export interface Linked<T> {
  previous: T | undefined
  next: T | undefined
}

/**
 * First in, first out, with a way in at the front (a retry is older than all who wait) and a way out from the middle.
 */
export class Fifo<T extends Linked<T>> {
  #head: T | undefined
  #tail: T | undefined
  #size = 0

  get size (): number { return this.#size }
  get head (): T | undefined { return this.#head }
  get tail (): T | undefined { return this.#tail }

  push (member: T): void {
    member.previous = this.#tail
    member.next = undefined
    if (this.#tail === undefined) this.#head = member
    else this.#tail.next = member
    this.#tail = member
    this.#size++
  }

  unshift (member: T): void {
    member.previous = undefined
    member.next = this.#head
    if (this.#head === undefined) this.#tail = member
    else this.#head.previous = member
    this.#head = member
    this.#size++
  }

  /** `next` must be in this list. */
  insertBefore (member: T, next: T): void {
    if (next.previous === undefined) {
      this.unshift(member)
      return
    }
    member.previous = next.previous
    member.next = next
    next.previous.next = member
    next.previous = member
    this.#size++
  }

  /** The member must be in this list. */
  remove (member: T): void {
    if (member.previous === undefined) this.#head = member.next
    else member.previous.next = member.next
    if (member.next === undefined) this.#tail = member.previous
    else member.next.previous = member.previous
    member.previous = member.next = undefined
    this.#size--
  }
}
