import type { Moments } from './moments.ts'
import type { Random } from './random.ts'
import type { Settings } from './settings.ts'

/** The account as its other clients meet it. */
export interface Counter {
  /** Takes a slot, or is refused. */
  readonly enter: (nowMs: number) => boolean
  readonly leave: (nowMs: number) => void
}

/**
 * Clients of the account that are not under test: slots taken for good, and closed-loop workers, each of which
 * sends, waits for its answer and sends again. A refused worker comes back after a random wait; it never yields.
 */
export class Others {
  readonly #moments: Moments
  readonly #counter: Counter
  readonly #settings: () => Settings
  readonly #random: Random
  #running = 0
  #busy = true
  #spellPlanned = false
  #admitted = 0
  #refused = 0

  constructor (moments: Moments, counter: Counter, settings: () => Settings, random: Random) {
    this.#moments = moments
    this.#counter = counter
    this.#settings = settings
    this.#random = random
  }

  /** Starts the workers that are wanted and not there yet; those too many stop by themselves. */
  adjust (nowMs: number): void {
    const { onMs, retryMs } = this.#settings().otherClients
    if (onMs === 0) this.#busy = true
    else if (!this.#spellPlanned) this.#planSpell(nowMs, onMs)
    while (this.#running < this.#wanted()) {
      this.#running++
      // Not all in the same instant: a crowd that starts together stays together.
      this.#moments.add(nowMs + this.#random.next() * retryMs, this.#send)
    }
  }

  get slots (): number {
    return this.#busy ? this.#settings().otherClients.slots : 0
  }

  get figures (): { readonly admitted: number, readonly refused: number } {
    return { admitted: this.#admitted, refused: this.#refused }
  }

  #wanted (): number {
    return this.#busy ? this.#settings().otherClients.workers : 0
  }

  readonly #send = (nowMs: number): void => {
    if (this.#running > this.#wanted()) {
      this.#running--
      return
    }
    const { latency, slowFactor, otherClients } = this.#settings()
    if (!this.#counter.enter(nowMs)) {
      this.#refused++
      this.#moments.add(nowMs + 1 + this.#random.exponential(otherClients.retryMs), this.#send)
      return
    }
    this.#admitted++
    // At least a little: a worker whose turns take no time would hold up time itself.
    const serviceMs = Math.max(0.1, this.#random.lognormal(latency.medianMs, latency.p99Ms) * slowFactor)
    this.#moments.add(nowMs + serviceMs, this.#finish)
  }

  readonly #finish = (nowMs: number): void => {
    this.#counter.leave(nowMs)
    const { wireDelayMs, wireJitterMs } = this.#settings()
    this.#moments.add(nowMs + 2 * wireDelayMs + this.#random.exponential(2 * wireJitterMs), this.#send)
  }

  #planSpell (nowMs: number, meanMs: number): void {
    this.#spellPlanned = true
    this.#moments.add(nowMs + 1 + this.#random.exponential(meanMs), this.#turn)
  }

  readonly #turn = (nowMs: number): void => {
    const { onMs, offMs } = this.#settings().otherClients
    this.#spellPlanned = false
    this.#busy = onMs === 0 || !this.#busy
    if (onMs > 0) this.#planSpell(nowMs, this.#busy ? onMs : offMs)
    this.adjust(nowMs)
  }
}
