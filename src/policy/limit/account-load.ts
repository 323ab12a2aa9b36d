/**
 * What the reported concurrency says of the account: its level and swing, how much of it is ours,
 * and the highest level at which anybody was admitted a moment ago. Pure arithmetic on samples.
 */

/** Weight of a sample in the slow averages: some 50 answers of memory. */
const SLOW_WEIGHT = 0.02
/** Admitted levels remembered: enough to hold a few samples of the last moment. */
const RECENT_SIZE = 32
/** How long an admitted level counts as evidence: a real drop of the ceiling is believed after this. */
const RECENT_MS = 300

export interface AccountLoad {
  /** True once a sane level was reported: until then the limit is blind. */
  seen: boolean
  /** Reported level, fast average, and its variance. */
  level: number
  variance: number
  slowLevel: number
  /** The highest level ever reported. */
  highest: number
  /** Slow averages: time at Twilio, time on our side of the wire, our own requests in flight. */
  durationMs: number
  rttMs: number
  own: number
  /** Our part of the account's concurrency, about 0…1; 1 while unknown. */
  share: number
  readonly recentSentAtMs: Float64Array
  readonly recentLevel: Float64Array
  recentNext: number
}

export function createAccountLoad (): AccountLoad {
  return {
    seen: false,
    level: 0,
    variance: 0,
    slowLevel: 0,
    highest: 0,
    durationMs: 0,
    rttMs: 0,
    own: 0,
    share: 1,
    recentSentAtMs: new Float64Array(RECENT_SIZE).fill(-Infinity),
    recentLevel: new Float64Array(RECENT_SIZE),
    recentNext: 0
  }
}

/** How many of `inflight` requests are at Twilio: those on the wire do not count there. */
function atTwilio (load: AccountLoad, inflight: number): number {
  return 1 + Math.max(0, inflight - 1) * Math.min(1, load.durationMs / load.rttMs)
}

/** A level far below our own requests at Twilio is nonsense (it counts them): drop it. */
export function saneLevel (load: AccountLoad, level: number | undefined, inflight: number): number | undefined {
  if (level === undefined || !load.seen || load.rttMs <= 0) return level
  return level < 0.5 * atTwilio(load, inflight) ? undefined : level
}

/** An answer that was admitted at `level`. `window` sets how fast the fast average moves. */
export function observeLevel (
  load: AccountLoad, level: number, inflight: number, sentAtMs: number, rttMs: number, durationMs: number
    | undefined, window: number
): void {
  const duration = Math.min(durationMs ?? rttMs, rttMs)
  if (!load.seen) {
    load.seen = true
    load.level = load.slowLevel = level
    load.durationMs = duration
    load.rttMs = rttMs
    load.own = inflight
  }
  const weight = Math.min(0.2, Math.max(0.01, 1 / window))
  const error = level - load.level
  load.level += weight * error
  load.variance += weight * (error * error - load.variance)
  load.highest = Math.max(load.highest, level)
  load.slowLevel += SLOW_WEIGHT * (level - load.slowLevel)
  load.durationMs += SLOW_WEIGHT * (duration - load.durationMs)
  load.rttMs += SLOW_WEIGHT * (rttMs - load.rttMs)
  load.own += SLOW_WEIGHT * (inflight - load.own)
  load.share = load.rttMs > 0 ? atTwilio(load, load.own) / load.slowLevel : 1
  load.recentSentAtMs[load.recentNext] = sentAtMs
  load.recentLevel[load.recentNext] = level
  load.recentNext = (load.recentNext + 1) % RECENT_SIZE
}

/** The highest level at which a request sent within the last moment was admitted; 0 when none was. */
export function highestAdmitted (load: AccountLoad, nowMs: number): number {
  let highest = 0
  for (let i = 0; i < RECENT_SIZE; i++) {
    const level = load.recentLevel[i] ?? 0
    if (level > highest && (load.recentSentAtMs[i] ?? -Infinity) > nowMs - RECENT_MS) highest = level
  }
  return highest
}
