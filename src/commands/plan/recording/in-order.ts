/**
 * Lines are written when an exchange ends; the plan needs them as they arrived. So many wait here for earlier ones to
 * come: what is more out of order than that starts late, and is counted.
 */
import { DeadlineHeap } from '../../../policy/queue/deadline-heap.ts'
import type { Recorded } from './recorded.ts'

/** Lines held, some 300 bytes each: at a thousand a second those of four minutes. */
export const HELD_MOST = 250_000

interface Held { readonly expiresAtMs: number, heapIndex: number, readonly recorded: Recorded }

export class InOrder {
  readonly #held = new DeadlineHeap<Held>()
  readonly #most: number
  #lastMs = -Infinity
  /** Lines that came too late to be put where they belong. */
  late = 0

  constructor (most = HELD_MOST) { this.#most = most }

  add (recorded: Recorded): void {
    this.#held.add({ expiresAtMs: recorded.arrivalMs, heapIndex: -1, recorded })
  }

  /** The earliest, as long as more are held than need be; with `all`, as long as there are any. */
  * take (all: boolean): Generator<Recorded> {
    while (this.#held.size > (all ? 0 : this.#most)) {
      const first = this.#held.peek()
      if (first === undefined) return
      this.#held.remove(first)
      if (first.expiresAtMs < this.#lastMs) this.late++
      else this.#lastMs = first.expiresAtMs
      yield first.recorded
    }
  }
}
