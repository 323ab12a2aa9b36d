/**
 * The limit of Ceiling: how many requests may be in flight at an account whose ceiling nobody publishes.
 *
 * W is that limit. A flight of 429s cuts it by a tenth, in company by 6 %, and it takes K successes to win that
 * back (the success clock: 429s cost a known fraction of the traffic whatever the ceiling is):
 *
 *     k ← k + 1/K,   W ← W + max(1, k²) × amount / K,   K = max(floor, 10 W alone | 22 W in company)
 *
 * In company K must depend on nothing that differs between those who share, such as their part of the account or
 * the 429s they met: a proxy that probes more often because it has more takes it all in the end.
 *
 * The concurrency that Twilio reports (n) is used for four things only: to refill room that is known
 * to be free, to notice that the ceiling rose, to tell a 429 of the account from one of a route,
 * and to know whether we are alone. Without n the same code runs on 429s alone ("blind").
 *
 * W floats above the account's ceiling on purpose: a request occupies the account only while it is at
 * Twilio, not on the wire, so the best number in flight is larger than the ceiling.
 *
 * Growth on a success clock: additive increase, multiplicative decrease as in TCP Reno (RFC 5681);
 * the accelerated probe follows the shape of CUBIC (RFC 9438) without its clock in seconds.
 */
import { highestAdmitted, type AccountLoad } from './account-load.ts'
import type { LimitReason } from './limit.ts'
import type { Known } from './remembered.ts'

export interface CeilingOptions {
  /**
   * Where the limit starts, slots. From 10 it is at 100 after about a second, and 10 are harmless at a ceiling of 1.
   */
  readonly initial: number
  /** The limit stays within these, slots. */
  readonly min: number
  readonly max: number
  /** Multiplies K: 0.5 probes twice as often, at twice the 429s. 0.25…4, default 1. */
  readonly probe: number
  /** What an earlier process had learnt; without it the first ramp is steep. */
  readonly known?: Known
}

/** Part of the limit that a flight of 429s costs. */
const CUT = 0.1
/** … in company: others take what a cut leaves and need not give it back, and there is less to find out. */
const CUT_SHARED = 0.06
/** Growth per success while nothing is known above us: W doubles in two round trips. */
const RAMP = 0.5
/** The very first ramp is steeper: W doubles every round trip, and leaps in between. */
const FIRST_RAMP = 1
/**
 * While the first ramp hears no refusal, W grows by this part of it each time that a full window proves to be taken in,
 * and by no more than so many slots: it is what may be refused when the ceiling is met.
 */
const LEAP = 0.25
const LEAP_SLOTS_MOST = 25
/** … up to this many times the highest level that Twilio reported: where its count lags, so may its refusals. */
const LEAP_ABOVE_HIGHEST = 1.5
/** No limit of ours needs more than the ceiling at Twilio, what is on the wire, and this much. */
const ROOM_ABOVE_CEILING = 1.25
/** Share of the account from which we count as alone, and from which a known ceiling may hold the cut. */
const ALONE = 0.9
const SOLE = 0.98
/** K = max(floor, windows × W): alone, sharing, blind. */
const PROBE_ALONE = { floor: 200, windows: 10 }
const PROBE_SHARED = { floor: 25, windows: 22 }
const PROBE_BLIND = { floor: 100, windows: 10 }
/**
 * Among others, a newcomer asks so many times as often for as long, milliseconds: or it would take a minute to get its
 * share.
 */
const NEWCOMER_FACTOR = 4
const NEWCOMER_MS = 20_000
/**
 * Confidence in the cut that was made, as a cap on K's floor: low after a cut that came at once, doubled
 * by one that a probe earned. Below some 40, a ceiling of 5 is refused at more than 1 % for its first minute.
 */
const CONFIDENCE_LEAST = 40
const CONFIDENCE_MOST = 400
/** Room is refilled up to this part of the ceiling, reckoned from level + 2.5 σ: it cannot overshoot. */
const REFILL_TO = 0.9
const REFILL_SIGMAS = 2.5
/** Without an exact ceiling, an admitted level must be this much higher to lift it. */
const GUESS_MARGIN = 1.1
/** After a lift that proved false, lifts are distrusted: 15 s × 2^strikes, 6 doublings at most. */
const DISTRUST_MS = 15_000
const STRIKES_MOST = 6

export interface CeilingWindow {
  window: number
  /** When the first request started, milliseconds. */
  bornAtMs: number | null
  /** Growing fast: no ceiling is known. */
  ramping: boolean
  /** Still in the very first ramp. */
  fresh: boolean
  /** Since when a window of this size has been full, milliseconds; null while it is not. Only the first ramp asks. */
  filledAtMs: number | null
  /** How far the probe has come: 1 when the last cut is won back. */
  probed: number
  /** What the last cut took, slots. */
  step: number
  cutAtMs: number
  /** The window before the cuts that followed each other without a success between. */
  peak: number
  successSinceCut: boolean
  confidence: number
  /** The level at which we were last refused. */
  ceiling: number | null
  ceilingExact: boolean
  /**
   * A refusal counts the refused request itself, so an admission at its level is news. Learnt from what is admitted.
   */
  countsRefused: boolean
  ceilingAtMs: number
  /** The level that lifted the ceiling, until it is proven or found false. */
  liftLevel: number | null
  strikes: number
  trustAtMs: number
}

export function createWindow (options: CeilingOptions): CeilingWindow {
  return {
    window: options.initial,
    bornAtMs: null,
    ramping: options.known?.settled !== true,
    fresh: options.known === undefined,
    filledAtMs: null,
    probed: 0,
    step: options.known?.step ?? 1,
    cutAtMs: -Infinity,
    peak: 0,
    successSinceCut: true,
    confidence: CONFIDENCE_LEAST,
    ceiling: options.known?.ceiling ?? null,
    ceilingExact: options.known?.exact ?? true,
    countsRefused: false,
    ceilingAtMs: -Infinity,
    liftLevel: null,
    strikes: 0,
    trustAtMs: 0
  }
}

/** Admitted above the level of the last refusal: the ceiling is gone, grow fast again. */
export function lift (state: CeilingWindow, level: number, sentAtMs: number, nowMs: number): boolean {
  if (state.ceiling === null) return false
  const known = state.ceilingExact ? state.ceiling - Number(state.countsRefused) : state.ceiling * GUESS_MARGIN
  if (level <= known) return false
  if (sentAtMs <= state.ceilingAtMs || nowMs <= state.trustAtMs) return false
  state.liftLevel = level
  state.ceiling = null
  state.ramping = true
  return true
}

/** Successes between probes, K. */
function probeInterval (state: CeilingWindow, load: AccountLoad, probe: number, nowMs: number): number {
  const alone = load.share >= ALONE
  const { floor, windows } = !load.seen ? PROBE_BLIND : alone ? PROBE_ALONE : PROBE_SHARED
  const isNewcomer = load.seen && !alone && nowMs - (state.bornAtMs ?? nowMs) < NEWCOMER_MS
  return probe / (isNewcomer ? NEWCOMER_FACTOR : 1) * Math.max(
    Math.min(floor, state.confidence),
    windows * state.window
  )
}

/**
 * A refusal is back after the wire's time alone, sooner than any answer. Once an answer is here to a request that was
 * sent after the window had filled, all that was out then was taken in, although hardly any of it is answered yet: so
 * the next part of the climb need not wait. By the clock alone it would be wrong whenever this machine, or Twilio's
 * front door, is too busy to tell in time.
 */
export function leap (state: CeilingWindow, load: AccountLoad, options: CeilingOptions, sentAtMs: number): void {
  if (state.filledAtMs === null || sentAtMs <= state.filledAtMs) return
  const most = Math.min(options.max, LEAP_ABOVE_HIGHEST * load.highest)
  if (state.window >= most) return
  state.window = Math.min(most, state.window + Math.min(LEAP * state.window, LEAP_SLOTS_MOST))
  state.filledAtMs = null
}

/** A success of a full window, of a request sent at `sentAtMs`. */
export function grow (
  state: CeilingWindow,
  load: AccountLoad,
  options: CeilingOptions,
  sentAtMs: number,
  nowMs: number
): LimitReason {
  // Back from a collapse: half of where we were is not news. What was sent before the last cut does not know of it:
  // after a fall of the ceiling to less than half, its answers kept the window above the new one for good, half of all
  // refused.
  if (state.ramping || (state.window < state.peak / 2 && sentAtMs > state.cutAtMs)) {
    state.window = Math.min(options.max, state.window + (state.fresh ? FIRST_RAMP : RAMP))
    return 'ramp'
  }
  let refill = 0
  if (state.ceiling !== null && load.seen) {
    const tail = load.level + REFILL_SIGMAS * Math.sqrt(load.variance) + 1
    refill = Math.min(RAMP, Math.max(0, (REFILL_TO * state.ceiling - tail) / tail))
  }
  const interval = probeInterval(state, load, options.probe, nowMs)
  state.probed += 1 / interval
  // First win back what was cut, then explore.
  const amount = state.probed < 2 ? Math.max(state.step, 0.01 * state.window) : CUT * state.window
  const probe = Math.min(RAMP, Math.max(1, state.probed * state.probed) * amount / interval)
  state.window = Math.min(options.max, state.window + refill + probe)
  return refill > 0 ? 'refill' : 'probe'
}

/** A refusal by the account shows where the ceiling is. */
export function noteCeiling (
  state: CeilingWindow,
  load: AccountLoad,
  level: number | undefined,
  sentAtMs: number,
  nowMs: number
): void {
  if (level !== undefined) {
    if (state.liftLevel !== null && level <= state.liftLevel) {
      state.strikes += 1
      state.trustAtMs = nowMs + DISTRUST_MS * 2 ** Math.min(STRIKES_MOST, state.strikes)
    }
    state.ceiling = state.ceiling === null || sentAtMs > state.cutAtMs ? level : Math.min(state.ceiling, level)
    state.ceilingExact = true
    const highest = highestAdmitted(load, nowMs)
    if (highest > 0) state.countsRefused = highest < level
  } else if (load.seen) {
    const highest = highestAdmitted(load, nowMs)
    state.ceiling = highest > 0 ? highest + 1 : null
    state.ceilingExact = false
  } else {
    return
  }
  state.ceilingAtMs = nowMs
  state.liftLevel = null
}

/** One cut for a flight, however many refusals it brings. */
export function cut (state: CeilingWindow, load: AccountLoad, options: CeilingOptions, nowMs: number): void {
  const before = state.window
  if (state.successSinceCut) {
    state.peak = before
    state.successSinceCut = false
  }
  let after = before * (1 - (load.seen && load.share < ALONE ? CUT_SHARED : CUT))
  // Alone, and the ceiling is known: that many in flight are safe.
  if (state.ceilingExact && state.ceiling !== null && load.share >= SOLE) {
    after = Math.max(after, Math.min(before, state.ceiling - 1))
  }
  // However far the ramp ran past the ceiling, come back at once.
  if (state.ceilingExact && state.ceiling !== null && load.durationMs > 0) {
    after = Math.min(after, ROOM_ABOVE_CEILING * state.ceiling * load.rttMs / load.durationMs)
  }
  state.step = before - after
  state.confidence = state.probed >= 0.7 ? Math.min(CONFIDENCE_MOST, 2 * state.confidence) : CONFIDENCE_LEAST
  state.window = Math.max(options.min, after)
  state.ramping = false
  state.fresh = false
  state.probed = 0
  state.cutAtMs = nowMs
}
