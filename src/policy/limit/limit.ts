/**
 * What a limit is to the gate: a number of slots that answers move, and the pace of routes that
 * have a limit of their own. A limit knows no clock, no chance and no timer; it is told the time.
 */

/** What an answer announces of a limit that its route has of its own. */
export interface RouteLimit {
  /** Most requests in an interval. */
  readonly limit: number
  /** How many of them are left now; undefined when absent or absurd. */
  readonly remaining: number | undefined
  /** Milliseconds; undefined when it is not told. */
  readonly intervalMs: number | undefined
}

/** What Twilio's answer said of its own load. */
export interface Feedback {
  /**
   * Twilio-Concurrent-Requests: the account's requests at Twilio, this one included; undefined when absent or absurd.
   */
  readonly concurrency: number | undefined
  /** Twilio-Request-Duration, milliseconds; undefined when absent or absurd. */
  readonly durationMs: number | undefined
  readonly routeLimit?: RouteLimit | undefined
  /** Twilio says that a limit of this route has been reached. */
  readonly reachedRouteLimit?: boolean
  /** Retry-After, milliseconds from now. */
  readonly retryAfterMs?: number | undefined
}

/** One start, as the limit saw it; handed back with the answer. */
export interface Ticket {
  readonly route: string
  readonly sentAtMs: number
  /** Requests in flight when it started, itself included, held ones not. */
  readonly inflight: number
  /** The window was the bottleneck: only such answers may grow it. */
  readonly full: boolean
  /** The route's own pace was the bottleneck. */
  readonly paced: boolean
}

/** Why the limit moved, or did not. A closed set: it is a metric label. */
export const LIMIT_REASONS = [
  'ramp', // no ceiling known, or far below the last one: fast growth
  'refill', // room that the reported concurrency shows to be free
  'probe', // slow growth on the success clock
  'lift', // admitted above the level of the last refusal: the ceiling is gone
  'cut', // refused: the account's ceiling
  'same_flight', // refused, but sent before the last cut: already answered for
  'route', // refused by a limit of the route's own
  'pace', // the same, and the route is slowed from now on
  'not_full', // the window was not the bottleneck
  'fixed' // this limit never moves
] as const
export type LimitReason = (typeof LIMIT_REASONS)[number]

/** Whose refusal a 429 was, as the limit judges it. */
export interface Refusal {
  readonly by: 'account' | 'route'
  readonly reason: LimitReason
  /** The slot stays taken during the backoff: it is the account's, or may be. */
  readonly holds: boolean
}

/** What a route's pace is made of. A closed set. */
export type PaceSource =
  | 'announced' // the limit that Twilio announces for it
  | 'refusals' // what it was seen to accept
  | 'retry_after' // nothing starts until the wait is over that Twilio asked for

export interface PacedRoute {
  readonly route: string
  /** Starts per second; 0 where it has no pace and is only held. */
  readonly perSecond: number
  readonly source: PaceSource
}

export interface Limit {
  readonly algorithm: string
  /** Requests that may be in flight or held at once; at least 1. */
  slots: () => number
  /** When a request of this route may start; 0 for a route without a pace. Milliseconds on the caller's clock. */
  readyAtMs: (route: string) => number
  /** Starts per second that a route is held to; 0 for a route without a pace. */
  pacePerSecond: (route: string) => number
  /** A request starts. `inflight` counts it. `held` are slots that throttled requests hold during their backoff. */
  start: (route: string, inflight: number, held: number, nowMs: number) => Ticket
  /** An answer that is no 429 and no 5xx. */
  admitted: (ticket: Ticket, feedback: Feedback, nowMs: number) => LimitReason
  /** A 429 that may be the account's: the limit judges whose it is. */
  refused: (ticket: Ticket, feedback: Feedback, nowMs: number) => Refusal
  /** A 429 whose error code says that it is a rule of the product, not of the account. */
  routeRefused: (ticket: Ticket, feedback: Feedback, nowMs: number) => Refusal
  /** False while the window still grows fast: what it admits now says little of what it will admit. */
  settled: () => boolean
  /** The account's ceiling as refusals have shown it; null when unknown. */
  ceiling: () => number | null
  /** Without a time, those that are only held for a moment are left out. */
  pacedRoutes: (nowMs?: number) => PacedRoute[]
}
