/**
 * A route that starts nothing for a while, since Twilio asked for it: Retry-After with a refusal of the route's own, or
 * a limit said to be reached.
 */

/** Weight of an answer in the refused share: some 16 answers of memory. */
const WEIGHT = 1 / 16
/**
 * Below this share a refusal may be one resource's, such as a phone number's, and the rest of the route is not to wait
 * for it long.
 */
const LONE_SHARE = 0.1
/**
 * Longest holds, milliseconds: of a lone refusal, and of a route that refuses a good part. The gate must not look
 * wedged.
 */
const LONE_MOST_MS = 1_000
const MOST_MS = 10_000
/** A limit said to be reached on a success slows the route: no start for so long, once in so long, milliseconds. */
const PAUSE_MS = 250
const PAUSE_EVERY_MS = 1_000

export interface RouteHold {
  refusedShare: number
  /** Nothing starts before this moment … */
  heldUntilMs: number
  /** … and until this one because Twilio asked for a wait. */
  askedUntilMs: number
  pausedAtMs: number
}

export const createRouteHold = (): RouteHold =>
  ({ refusedShare: 0, heldUntilMs: 0, askedUntilMs: 0, pausedAtMs: -Infinity })

export function noteAnswer (state: RouteHold, refused: boolean): void {
  state.refusedShare += WEIGHT * ((refused ? 1 : 0) - state.refusedShare)
}

export function holdUntil (state: RouteHold, untilMs: number): void {
  state.heldUntilMs = Math.max(state.heldUntilMs, untilMs)
}

/** The route itself refused, and asked for this wait. */
export function holdFor (state: RouteHold, waitMs: number, nowMs: number): void {
  const untilMs = nowMs + Math.min(waitMs, state.refusedShare < LONE_SHARE ? LONE_MOST_MS : MOST_MS)
  state.askedUntilMs = Math.max(state.askedUntilMs, untilMs)
  holdUntil(state, untilMs)
}

/** A success said that a limit of the route is reached. */
export function slowDown (state: RouteHold, nowMs: number): void {
  if (nowMs - state.pausedAtMs < PAUSE_EVERY_MS) return
  state.pausedAtMs = nowMs
  holdUntil(state, nowMs + PAUSE_MS)
}
