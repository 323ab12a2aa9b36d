/**
 * Whose refusals they are, from where they fall. What the account refuses falls on its routes as their starts
 * do; what a route refuses falls on that route. For each route a score adds up the evidence, refusal by refusal:
 *
 *     on the route:   score += ln(½ / e)            e: the route's part of the latest starts
 *     elsewhere:      score += min(0, ln(½ / (1 − e)))
 *
 * held within 0 and a little above the threshold. It is a one-sided cumulative sum test (Page, 1954) of "half of
 * the refusals are this route's" against "as many as its starts". It needs no reported concurrency, and finds
 * rare refusals too: 2 % of a route that has a fifth of the traffic are enough.
 */

/** Starts that the mix of routes remembers: short, since refusals are judged by what was sent with them. */
const MIX_STARTS = 64
const FADING = 1 - 1 / MIX_STARTS
/** The alternative: this part of the refusals is the route's. A route with more of the traffic is never suspect. */
const ITS_PART = 0.5
/** Suspect from here on, in nats: refusals of the account get there by chance once in some 3,000. */
const SUSPECT_FROM = 8
/** What is beyond counts no more, so that a route that changes its ways is soon believed. */
const SUSPECT_MOST = 12

/** What is remembered of a route. */
export interface Suspicion {
  /** Its part of the latest starts, as of start number `mixAt`. */
  mix: number
  mixAt: number
  score: number
}

export const createSuspicion = (): Suspicion => ({ mix: 0, mixAt: 0, score: 0 })

/** A start of this route, the account's start number `number`, from 1. */
export function noteStart (route: Suspicion, number: number): void {
  route.mix = remembered(route, number) + 1 / MIX_STARTS
  route.mixAt = number
}

/**
 * A refusal of `refused`, one of `routes`, after `starts` starts of the account. True when it is rather the route's
 * than the account's.
 */
export function noteRefusal (refused: Suspicion, routes: Iterable<Suspicion>, starts: number): boolean {
  for (const route of routes) {
    const part = Math.min(0.99, Math.max(1 / MIX_STARTS, partOfStarts(route, starts)))
    const step = route === refused ? Math.log(ITS_PART / part) : Math.min(0, Math.log((1 - ITS_PART) / (1 - part)))
    route.score = Math.min(SUSPECT_MOST, Math.max(0, route.score + step))
  }
  return refused.score >= SUSPECT_FROM
}

/** Of an account's first starts as well: while there are few, they are all there is. */
function partOfStarts (route: Suspicion, starts: number): number {
  return remembered(route, starts) / (1 - FADING ** starts)
}

function remembered ({ mix, mixAt }: Suspicion, starts: number): number { return mix * FADING ** (starts - mixAt) }
