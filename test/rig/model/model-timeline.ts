import { DeadlineHeap, type Expiring } from '../../../src/policy/queue/deadline-heap.ts'

interface Happening extends Expiring {
  readonly run: () => void
}

/** Simulated time: hours of traffic in a second. What happens at the same moment happens in a fixed order. */
export class Timeline {
  readonly #ahead = new DeadlineHeap<Happening>()
  #nowMs = 0

  get nowMs (): number { return this.#nowMs }

  at (atMs: number, run: () => void): void {
    this.#ahead.add({ expiresAtMs: Math.max(atMs, this.#nowMs), heapIndex: -1, run })
  }

  after (delayMs: number, run: () => void): void { this.at(this.#nowMs + delayMs, run) }

  runUntil (untilMs: number): void {
    for (let next = this.#ahead.peek(); next !== undefined && next.expiresAtMs <= untilMs; next = this.#ahead.peek()) {
      this.#ahead.remove(next)
      this.#nowMs = next.expiresAtMs
      next.run()
    }
    this.#nowMs = untilMs
  }
}
