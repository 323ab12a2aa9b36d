/** What an estimate of the ceiling says, and how much it is worth. */

/** Where the levels come from: from Twilio, or from counting our own requests. */
export type CeilingBasis = 'reported' | 'own'

/** A closed set. */
export type CeilingConfidence =
  | 'none' // no estimate: nothing was refused, or too long ago, or the ceiling rose since
  | 'remembered' // from before a restart, and nothing seen since that speaks for or against it
  | 'low' // a wide band, levels that contradict each other, or our own count, which sees no other clients
  | 'medium' // within a quarter
  | 'high' // within a twentieth, or a slot

/** One refusal by the account. */
export interface CeilingEvidence {
  /** Milliseconds on the limit's clock. */
  readonly atMs: number
  /** Twilio-Concurrent-Requests of the refusal; null when it had none. */
  readonly reported: number | null
  /** Our own requests in flight when it started, itself included. */
  readonly inflight: number
  /** What the limit made of it, slots. */
  readonly limitBefore: number
  readonly limitAfter: number
}

/** Requests at once at Twilio. low ≤ estimate ≤ high. */
export interface CeilingBand {
  /** Null when unknown, and `high` with it. */
  readonly estimate: number | null
  /** So many at least were admitted at once; 0 when nothing is known. */
  readonly low: number
  readonly high: number | null
  readonly basis: CeilingBasis
}

export interface CeilingView extends CeilingBand {
  readonly confidence: CeilingConfidence
  /** The last refusals, the latest first. */
  readonly evidence: readonly CeilingEvidence[]
}

/** Width of the band as a part of the estimate. */
const NARROW = 0.05
const WIDE = 0.25

/** `guessed`: the refusals said no level. */
export function confidenceIn ({ estimate, low, high, basis }: CeilingBand, guessed: boolean): CeilingConfidence {
  if (estimate === null || high === null) return 'none'
  const width = high - low
  if (basis === 'own' || width > Math.max(1, WIDE * estimate)) return 'low'
  return guessed || width > Math.max(1, NARROW * estimate) ? 'medium' : 'high'
}
