/** Memory of the rate, milliseconds: a change shows within a few seconds, a gap between two answers does not. */
const MEMORY_MS = 5_000

/**
 * How fast a queue drains: departures per second, counted with an exponential memory, over the present busy
 * period alone. What a limit could carry is another matter: slots that are held or hang carry nothing.
 */
export class DrainRate {
  #count = 0
  #countedAtMs = 0
  #busySinceMs = 0
  #departedAtMs = 0

  /** A busy period begins; what an earlier one saw says little of this one. */
  begin (nowMs: number): void {
    this.#count = 0
    this.#countedAtMs = this.#busySinceMs = this.#departedAtMs = nowMs
  }

  /** Somebody is done and has left. */
  depart (nowMs: number): void {
    this.#count = this.#remembered(nowMs) + 1
    this.#countedAtMs = this.#departedAtMs = nowMs
  }

  /** Recent departures per second; 0 when there was none. */
  perSecond (nowMs: number): number {
    const seenMs = MEMORY_MS * (1 - Math.exp((this.#busySinceMs - nowMs) / MEMORY_MS))
    return seenMs > 0 ? 1000 * this.#remembered(nowMs) / seenMs : 0
  }

  /** Since when nobody has left, milliseconds. */
  silentMs (nowMs: number): number { return nowMs - this.#departedAtMs }

  #remembered (nowMs: number): number { return this.#count * Math.exp((this.#countedAtMs - nowMs) / MEMORY_MS) }
}
