/** What happened in a stretch of simulated time. */
export interface Stretch {
  readonly accepted: number
  readonly refused: number
  readonly started: number
  readonly failed: number
  readonly acceptedPerSecond: number
  readonly startedPerSecond: number
  /** Refusals per success. */
  readonly refusedShare: number
}

export type Kind = 'accepted' | 'refused' | 'started' | 'failed'

const BIN_MS = 100

/** Counts by tenth of a second, and how long each success took from its arrival on. */
export class Tally {
  readonly #bins: Readonly<Record<Kind, number[]>> = { accepted: [], refused: [], started: [], failed: [] }
  /** Moment and latency of each success, in two lists. */
  readonly #atMs: number[] = []
  readonly #totalMs: number[] = []

  note (kind: Kind, nowMs: number): void {
    const bin = Math.floor(nowMs / BIN_MS)
    this.#bins[kind][bin] = (this.#bins[kind][bin] ?? 0) + 1
  }

  noteLatency (nowMs: number, totalMs: number): void {
    this.#atMs.push(nowMs)
    this.#totalMs.push(totalMs)
  }

  /** Both ends are whole tenths of a second. */
  between (fromMs: number, toMs: number): Stretch {
    const sum = (kind: Kind): number => {
      let total = 0
      for (let bin = Math.round(fromMs / BIN_MS); bin < Math.round(toMs / BIN_MS); bin++) total += this.#bins[kind][bin] ?? 0
      return total
    }
    const [accepted, refused, started, failed] = [sum('accepted'), sum('refused'), sum('started'), sum('failed')]
    const seconds = (toMs - fromMs) / 1000
    return {
      accepted,
      refused,
      started,
      failed,
      acceptedPerSecond: accepted / seconds,
      startedPerSecond: started / seconds,
      refusedShare: refused / Math.max(1, accepted)
    }
  }

  /** The latency that 99 in 100 successes of a stretch stayed under, milliseconds. */
  p99Ms (fromMs: number, toMs: number): number {
    const inside = Float64Array.from(this.#totalMs.filter((_, i) => {
      const atMs = this.#atMs[i] ?? NaN
      return atMs >= fromMs && atMs < toMs
    })).sort()
    return inside[Math.floor(0.99 * inside.length)] ?? NaN
  }

  /** From `fromMs` to the middle of the first half second with 95 % of the target and at most 5 refusals per 100; Infinity when there is none. */
  settledAfterMs (fromMs: number, toMs: number, targetPerSecond: number): number {
    for (let atMs = fromMs; atMs + 500 <= toMs; atMs += BIN_MS) {
      const { acceptedPerSecond, refusedShare } = this.between(atMs, atMs + 500)
      if (acceptedPerSecond >= 0.95 * targetPerSecond && refusedShare <= 0.05) return atMs + 250 - fromMs
    }
    return Infinity
  }
}

export function median (values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? NaN
}

/** Jain's index of fairness: 1 when all have the same, 1/n when one has everything. */
export function jain (shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0)
  const squares = shares.reduce((total, share) => total + share * share, 0)
  return squares === 0 ? 0 : sum * sum / (shares.length * squares)
}
