/**
 * Routes that have a limit of their own. A 429 of a route must slow that route only: to take it for the
 * account's drops every loss-based limit to a fifth of its goodput.
 * A paced route starts `perSecond` requests a second; the pace grows back on its own successes.
 */
import { createSuspicion, type Suspicion } from '../limit/suspicion.ts'

/**
 * Memory of a route's 429s, in answers: each leaves (1 − 1/64) of it. It is per answer, not per second, so that a slow
 * route does not lose its evidence.
 */
const MEMORY = 1 - 1 / 64
/** 429s before a route can be judged at all. */
const LEAST_REFUSALS = 6
/** Share of 429s above which a route is suspect: with the reported level, and without it. */
const SUSPECT_SHARE = 0.3
const SUSPECT_SHARE_BLIND = 0.1
/** … and how many times worse than all others together: a limit of the account would throttle all alike. */
const WORSE_THAN_OTHERS = 4
/**
 * So many refusals must have been due to the others, if the account refused all alike, since the route became suspect:
 * none of 5 is no chance any more. What they were told before says nothing: without that the first flight over the
 * ceiling made the route with the most traffic look bad beside one with a little.
 */
const LEAST_DUE = 5
/** How long a route must stay suspect before its own refusals pace it, milliseconds. */
const HOT_MS = 2_000
/**
 * A pace is made of what the route accepts. That is known at once when it has accepted this many in about the last
 * second; else over so long, milliseconds, in which it refused, and of two acceptances or, if none come, over this
 * long. One of a second that was measured at nothing crept at a fifth of it for minutes.
 */
const MEASURED_AT_ONCE = 5
const MEASURED_MS = 1_000
const MEASURED_ACCEPTED = 2
const MEASURED_MOST_MS = 4_000
/**
 * Successes over which the pace wins back a tenth: ten seconds of them, within these bounds. A route of one a
 * second that was paced too low would else take an hour to be itself again.
 */
const GROWTH_MS = 10_000
const GROWTH_SUCCESSES_LEAST = 2
const GROWTH_SUCCESSES_MOST = 100
/** No pace below this, starts per second: an endpoint must be tried again some day. */
const LEAST_PER_SECOND = 0.2
/** No pace falls below this part of the route's best recent rate: random 429s must not starve it. */
const LEAST_OF_TOP = 0.25
/** What a refusal takes off the rate the route was seen to accept. */
const CUT = 0.1
/** A pace that has not been the bottleneck for so long is dropped, milliseconds. */
const IDLE_MS = 60_000

export interface RouteState extends Suspicion {
  readonly route: string
  /** Answers and refusals, both fading per answer. */
  answers: number
  refusals: number
  /** Since when the refused share has been suspect without a break; −1 when it is not. */
  hotSinceMs: number
  /** Accepted since then. */
  hotAccepted: number
  /** What others were answered since it has been suspect. */
  elsewhereAnswers: number
  elsewhereRefusals: number
  /** Accepted per second: one-second exponential count, and its peak fading over ten seconds. */
  acceptedPerSecond: number
  topPerSecond: number
  seenAtMs: number
  /** Starts per second; 0 when the route has no pace. */
  perSecond: number
  nextAtMs: number
  growth: number
  cutAtMs: number
  boundAtMs: number
}

export function createRouteState (route: string): RouteState {
  return {
    ...createSuspicion(),
    route,
    answers: 0,
    refusals: 0,
    hotSinceMs: -1,
    hotAccepted: 0,
    elsewhereAnswers: 0,
    elsewhereRefusals: 0,
    acceptedPerSecond: 0,
    topPerSecond: 0,
    seenAtMs: 0,
    perSecond: 0,
    nextAtMs: 0,
    growth: 0,
    cutAtMs: -Infinity,
    boundAtMs: 0
  }
}

/** A start takes its place in the pace. True when the pace, not the window, was what it waited for. */
export function takeTurn (state: RouteState, nowMs: number): boolean {
  if (state.perSecond === 0) return false
  const gapMs = 1000 / state.perSecond
  const bound = nowMs - state.nextAtMs < gapMs
  state.nextAtMs = Math.max(state.nextAtMs, nowMs) + gapMs
  return bound
}

/** An answer enters the route's memory, and that of `suspects`, routes that it is held against. */
export function observeAnswer (state: RouteState, suspects: Set<RouteState>, refused: boolean, nowMs: number): void {
  for (const suspect of suspects) {
    if (suspect === state) continue
    suspect.elsewhereAnswers += 1
    suspect.elsewhereRefusals += refused ? 1 : 0
  }
  state.answers = state.answers * MEMORY + 1
  state.refusals = state.refusals * MEMORY + (refused ? 1 : 0)
  const isSuspect = state.refusals > SUSPECT_SHARE_BLIND * state.answers
  if (isSuspect && !suspects.has(state)) {
    state.elsewhereAnswers = state.elsewhereRefusals = 0
    suspects.add(state)
  } else if (!isSuspect) suspects.delete(state)
  if (state.refusals <= SUSPECT_SHARE * state.answers) state.hotSinceMs = -1
  else if (state.hotSinceMs < 0) {
    state.hotSinceMs = nowMs
    state.hotAccepted = 0
  }
  const elapsedS = (nowMs - state.seenAtMs) / 1000
  state.seenAtMs = nowMs
  state.acceptedPerSecond *= Math.exp(-elapsedS)
  state.topPerSecond = Math.max(state.acceptedPerSecond, state.topPerSecond * Math.exp(-elapsedS / 10))
  if (refused) return
  state.acceptedPerSecond += 1
  state.hotAccepted += 1
}

/** A success of a paced route: the pace grows if it was the bottleneck, and ends if it has long not been. */
export function growPace (state: RouteState, bound: boolean, nowMs: number): void {
  if (state.perSecond === 0) return
  if (bound) {
    const successes = Math.min(
      GROWTH_SUCCESSES_MOST,
      Math.max(GROWTH_SUCCESSES_LEAST, state.perSecond * GROWTH_MS / 1000)
    )
    state.growth += 1 / successes
    state.perSecond += Math.max(1, state.growth * state.growth) * CUT * state.perSecond / successes
    state.boundAtMs = nowMs
  } else if (nowMs - state.boundAtMs > IDLE_MS) {
    state.perSecond = 0
  }
}

/** Slow the route to a little under what it was seen to accept, or under its pace so far. */
export function pace (state: RouteState, nowMs: number): void {
  // Of a pace that exists a tenth is enough, and no estimate: at a few a second any would be off by half.
  const floor = Math.max(LEAST_PER_SECOND, state.topPerSecond * LEAST_OF_TOP)
  state.perSecond = state.perSecond > 0
    ? Math.max(Math.min(floor, state.perSecond), (1 - CUT) * state.perSecond)
    : Math.max(floor, (1 - CUT) * accepts(state, nowMs))
  state.growth = 0
  state.cutAtMs = nowMs
  state.boundAtMs = nowMs
  state.nextAtMs = Math.max(state.nextAtMs, nowMs + 1000 / state.perSecond)
}

/**
 * What the route accepts, per second: over the whole time in which it throttled a good part, or, if that is short,
 * recently.
 */
function accepts (state: RouteState, nowMs: number): number {
  const hotMs = hotForMs(state, nowMs)
  return hotMs >= MEASURED_MS ? 1000 * state.hotAccepted / hotMs : state.acceptedPerSecond
}

const hotForMs = ({ hotSinceMs }: RouteState, nowMs: number): number => hotSinceMs < 0 ? 0 : nowMs - hotSinceMs

/** Is it known what the route accepts? */
export function isMeasured (state: RouteState, nowMs: number): boolean {
  if (state.hotSinceMs < 0 || state.acceptedPerSecond >= MEASURED_AT_ONCE) return true
  const hotMs = hotForMs(state, nowMs)
  return hotMs >= MEASURED_MS && (state.hotAccepted >= MEASURED_ACCEPTED || hotMs >= MEASURED_MOST_MS)
}

/** Is this route refused so much more than the others that it cannot be the account's doing? */
export function standsOut (state: RouteState, blind: boolean): boolean {
  if (state.refusals < LEAST_REFUSALS) return false
  const share = state.refusals / state.answers
  const due = share * state.elsewhereAnswers
  return share > (blind ? SUSPECT_SHARE_BLIND : SUSPECT_SHARE) &&
    due >= LEAST_DUE &&
    due > WORSE_THAN_OTHERS * (state.elsewhereRefusals + 0.5)
}

/** Has a refusal that is surely the route's own earned it a (slower) pace? */
export function deservesPace (state: RouteState, sentAtMs: number, nowMs: number): boolean {
  if (state.perSecond > 0) return sentAtMs > state.cutAtMs
  return hotForMs(state, nowMs) >= HOT_MS && state.refusals >= LEAST_REFUSALS && isMeasured(state, nowMs)
}
