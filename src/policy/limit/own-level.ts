/**
 * How many of our own requests are at Twilio, of those in flight: a request on the wire counts for nobody
 * there. Each is at Twilio for the same part p of its time, so of i in flight
 *
 *     i p ± √(i p (1 − p))
 *
 * are there, a binomial. p = 1 − wire ÷ time in all; a refusal takes about the wire's time alone.
 */

/** Weights in the slow averages: of answers, and of refusals, which are few. */
const WEIGHT = 0.05
const REFUSAL_WEIGHT = 0.2
/** A refusal is met by the upper tail of what swings at Twilio, standard deviations above the mean. */
const SIGMAS = 2

export class OwnLevel {
  #rttMs = 0
  #wireMs = 0

  admitted (rttMs: number, durationMs: number | undefined): void {
    this.#rttMs = average(this.#rttMs, rttMs, WEIGHT)
    if (durationMs !== undefined) this.#wireMs = average(this.#wireMs, Math.max(0, rttMs - durationMs), WEIGHT)
  }

  refused (rttMs: number): void { this.#wireMs = average(this.#wireMs, rttMs, REFUSAL_WEIGHT) }

  /** On average, the one that asks included. */
  mean (inflight: number): number { return 1 + Math.max(0, inflight - 1) * this.#part }

  /** Hardly ever more, or fewer, than so many. */
  most (inflight: number): number { return Math.min(inflight, this.mean(inflight) + this.#swing(inflight)) }
  least (inflight: number): number { return Math.max(1, this.mean(inflight) - this.#swing(inflight)) }

  get #part (): number { return this.#rttMs > 0 ? Math.max(0, 1 - this.#wireMs / this.#rttMs) : 1 }

  #swing (inflight: number): number {
    const part = this.#part
    return SIGMAS * Math.sqrt(inflight * part * (1 - part))
  }
}

const average = (mean: number, value: number, weight: number): number =>
  mean === 0 ? value : mean + weight * (value - mean)
