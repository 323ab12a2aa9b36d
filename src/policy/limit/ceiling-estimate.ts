/**
 * What is known of an account's ceiling at Twilio, in requests as Twilio counts them, with the evidence.
 * It observes and explains; the limit decides without it.
 *
 *     low  = the highest level at which a request was admitted, since the ceiling was last seen to fall
 *     high = the lowest level at which one was refused, since it was last seen to rise
 *
 * It falls when a request is refused below low, it rises when one is admitted above high. If that goes to
 * and fro the levels are inexact, and the band covers all of them. Old evidence widens it.
 *
 * The level on a refusal may count the refused request or not: nobody has published one. Both readings
 * are within the band; the estimate is high − 1, or high if a request was admitted at high.
 *
 * Where Twilio reports nothing, levels are our own: a refused request met at most all that we had in
 * flight, an admitted one at least the part that was not on the wire (OwnLevel). Other clients of the
 * account are not seen then, so the estimate is of the part of the account that was ours.
 */
import {
  confidenceIn,
  type CeilingBand,
  type CeilingBasis,
  type CeilingEvidence,
  type CeilingView
} from './ceiling-view.ts'
import { Extreme } from './extreme.ts'
import type { Feedback, Ticket } from './limit.ts'
import { OwnLevel } from './own-level.ts'

/** Refusals remembered. */
const EVIDENCE_SIZE = 8
/** Evidence is as good as new for so long, milliseconds … */
const FRESH_MS = 60_000
/** … and worth nothing after so long; between the two the band widens. */
const WORTHLESS_MS = 3_600_000
/** Levels of admitted requests stand in for so long for that of a refusal without one, milliseconds. */
const RECENT_MS = 500
/** A ceiling that was guessed in that way may be that much higher. */
const GUESS_MARGIN = 1.1
/**
 * A rise and a fall within so long of each other are no changes, but inexact levels, milliseconds. Own levels count for
 * so long.
 */
const DISPUTE_MS = 10_000
/** … and they are taken for inexact for so long, milliseconds, by so much beyond what was seen. */
const DISPUTED_FOR_MS = 20_000
const INEXACT = 0.05
/** Twilio's header counts as gone after so long without one, milliseconds. */
const SILENT_MS = 60_000
/** A level below this part of our own requests at Twilio is nonsense: it counts them. */
const SANE_PART = 0.5

export class CeilingEstimate {
  #basis: CeilingBasis = 'own'
  #low = 0
  #lowAtMs = -Infinity
  #high: number | null = null
  #highAtMs = -Infinity
  /** The refusal behind `high` said no level. */
  #guessed = false
  #remembered = false
  /** What was sent before this moment says nothing of now. */
  #sinceMs = -Infinity
  #reportedAtMs = -Infinity
  #roseAtMs = -Infinity
  #fellAtMs = -Infinity
  #disputedAtMs = -Infinity
  readonly #own = new OwnLevel()
  readonly #recent = new Extreme(Math.max, RECENT_MS)
  readonly #highest = new Extreme(Math.max, DISPUTE_MS)
  readonly #lowest = new Extreme(Math.min, DISPUTE_MS)
  readonly #evidence: CeilingEvidence[] = []

  /** An answer that is no 429 and no 5xx. */
  admitted ({ sentAtMs, inflight }: Ticket, { concurrency, durationMs }: Feedback, nowMs: number): void {
    this.#own.admitted(nowMs - sentAtMs, durationMs)
    const level = this.#sane(concurrency, inflight)
    if (level !== undefined) this.#reportedAtMs = nowMs
    this.#settleBasis(nowMs)
    if (this.#basis === 'own') this.#admittedOwn(this.#own.least(inflight), sentAtMs, nowMs)
    else if (level !== undefined) this.#admittedAt(level, sentAtMs, nowMs)
  }

  /** A 429 that the limit took for the account's. */
  refused (
    { sentAtMs, inflight }: Ticket,
    { concurrency }: Feedback,
    limitBefore: number,
    limitAfter: number,
    nowMs: number
  ): void {
    this.#own.refused(nowMs - sentAtMs)
    if (this.#evidence.length === EVIDENCE_SIZE) this.#evidence.pop()
    this.#evidence.unshift({ atMs: nowMs, reported: concurrency ?? null, inflight, limitBefore, limitAfter })
    const level = this.#sane(concurrency, inflight)
    if (level !== undefined) this.#reportedAtMs = nowMs
    this.#settleBasis(nowMs)
    this.#guessed = level === undefined
    if (this.#basis === 'own') this.#refusedOwn(inflight, sentAtMs, nowMs)
    else if (level !== undefined) this.#refusedAt(level, sentAtMs, nowMs)
    else this.#refusedSilently(sentAtMs, nowMs)
  }

  /** A 429 that only its level shows to be a route's: where levels are inexact it may be the account's. */
  doubtful ({ concurrency }: Feedback, nowMs: number): void {
    if (this.#basis === 'reported' && concurrency !== undefined) this.#lowest.note(concurrency, nowMs)
  }

  /** What an earlier process knew, that long ago. */
  remember ({ low, high, basis }: CeilingBand, agoMs: number, nowMs: number): void {
    this.#basis = basis
    if (basis === 'reported') this.#reportedAtMs = nowMs
    this.#low = low
    this.#high = high
    this.#lowAtMs = this.#highAtMs = nowMs - agoMs
    this.#remembered = high !== null
  }

  view (nowMs: number): CeilingView {
    const basis = this.#basis
    const evidence = [...this.#evidence]
    const disputed = nowMs - this.#disputedAtMs <= DISPUTED_FOR_MS
    const [low, high] = disputed ? this.#all(nowMs) : this.#bounds(nowMs)
    if (high === null) return { estimate: null, low, high, basis, confidence: 'none', evidence }
    const likely = disputed ? (low + high) / 2 : this.#likely(this.#high ?? high)
    const band = { estimate: Math.min(high, Math.max(low, Math.round(likely))), low, high, basis }
    const confidence = this.#remembered ? 'remembered' : disputed ? 'low' : confidenceIn(band, this.#guessed)
    return { ...band, confidence, evidence }
  }

  #admittedAt (level: number, sentAtMs: number, nowMs: number): void {
    this.#recent.note(level, nowMs)
    this.#highest.note(level, nowMs)
    if (sentAtMs <= this.#sinceMs) return
    if (this.#high !== null && level > this.#high) {
      // Sent before that 429, it says something only about the time before.
      if (sentAtMs <= this.#highAtMs) return
      if (this.#guessed && level <= GUESS_MARGIN * this.#high) this.#high = level + 1
      else this.#rise(nowMs)
    }
    if (level < this.#low * (1 - fading(this.#lowAtMs, nowMs))) return
    this.#low = level
    this.#lowAtMs = sentAtMs
  }

  #refusedAt (level: number, sentAtMs: number, nowMs: number): void {
    this.#lowest.note(level, nowMs)
    if (level < this.#low) {
      // Others were admitted higher, and later: an old answer.
      if (sentAtMs <= this.#lowAtMs) return
      this.#fall(sentAtMs, nowMs)
    }
    this.#remembered = false
    if (this.#high !== null && level > this.#high / (1 - fading(this.#highAtMs, nowMs))) return
    this.#high = level
    this.#highAtMs = sentAtMs
  }

  /** A refusal without a level came at about the highest that was admitted a moment ago, and one more. */
  #refusedSilently (sentAtMs: number, nowMs: number): void {
    const highest = this.#recent.at(nowMs)
    if (highest === undefined) return
    if (GUESS_MARGIN * (highest + 1) < this.#low) this.#fall(sentAtMs, nowMs)
    this.#remembered = false
    this.#high = Math.max(this.#low, highest) + 1
    this.#highAtMs = sentAtMs
  }

  #admittedOwn (level: number, sentAtMs: number, nowMs: number): void {
    if (sentAtMs <= this.#sinceMs) return
    if (this.#high !== null && level > this.#high) {
      this.#rise(nowMs)
      this.#lowest.clear()
    }
    this.#highest.note(level, nowMs)
    this.#low = this.#highest.at(nowMs) ?? level
    this.#lowAtMs = sentAtMs
  }

  #refusedOwn (inflight: number, sentAtMs: number, nowMs: number): void {
    this.#remembered = false
    this.#lowest.note(inflight, nowMs)
    this.#high = this.#lowest.at(nowMs) ?? inflight
    this.#highAtMs = sentAtMs
    // What is out now was counted together with requests that are being refused.
    this.#sinceMs = nowMs
    const least = this.#own.least(inflight)
    if (least >= this.#low) return
    this.#highest.clear()
    this.#low = least
  }

  #rise (nowMs: number): void {
    if (this.#basis === 'reported' && nowMs - this.#fellAtMs <= DISPUTE_MS) this.#disputedAtMs = nowMs
    this.#roseAtMs = nowMs
    this.#high = null
    this.#remembered = false
  }

  #fall (sentAtMs: number, nowMs: number): void {
    if (nowMs - this.#roseAtMs <= DISPUTE_MS) this.#disputedAtMs = nowMs
    this.#fellAtMs = nowMs
    this.#sinceMs = sentAtMs
    this.#low = 0
  }

  #bounds (nowMs: number): [low: number, high: number | null] {
    const low = Math.floor(this.#low * (1 - fading(this.#lowAtMs, nowMs)))
    const faded = fading(this.#highAtMs, nowMs)
    return [low, this.#high === null || faded === 1 ? null : Math.max(low, Math.ceil(this.#high / (1 - faded)))]
  }

  /** All recent admissions and 429s. */
  #all (nowMs: number): [low: number, high: number | null] {
    const lowest = this.#lowest.at(nowMs)
    const highest = this.#highest.at(nowMs)
    if (lowest === undefined || highest === undefined) return this.#bounds(nowMs)
    return [
      Math.floor((1 - INEXACT) * Math.min(lowest - 1, highest)),
      Math.ceil((1 + INEXACT) * Math.max(lowest, highest))
    ]
  }

  #likely (high: number): number {
    if (this.#basis === 'reported') return Math.max(this.#low, high - 1)
    const inflight = this.#evidence.reduce((sum, each) => sum + each.inflight, 0)
    return inflight === 0 ? (this.#low + high) / 2 : this.#own.most(inflight / this.#evidence.length)
  }

  #sane (level: number | undefined, inflight: number): number | undefined {
    return level === undefined || level < SANE_PART * this.#own.mean(inflight) ? undefined : level
  }

  /** Levels of two kinds cannot be compared: when the kind changes it starts anew. */
  #settleBasis (nowMs: number): void {
    const basis = nowMs - this.#reportedAtMs <= SILENT_MS ? 'reported' : 'own'
    if (basis === this.#basis) return
    this.#basis = basis
    this.#low = 0
    this.#high = null
    this.#lowAtMs = this.#highAtMs = this.#sinceMs = -Infinity
    this.#roseAtMs = this.#fellAtMs = this.#disputedAtMs = -Infinity
    this.#highest.clear()
    this.#lowest.clear()
    this.#remembered = false
  }
}

/** What age has taken from evidence: 0 while it is fresh, 1 when it is worth nothing. */
function fading (atMs: number, nowMs: number): number {
  return Math.min(1, Math.max(0, (nowMs - atMs - FRESH_MS) / (WORTHLESS_MS - FRESH_MS)))
}
