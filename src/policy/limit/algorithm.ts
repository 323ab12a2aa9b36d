/** The least that an algorithm has to say; it becomes a Limit, which the gate works with. */
import type { Feedback, Limit, LimitReason, Refusal, Ticket } from './limit.ts'

export interface Algorithm {
  readonly algorithm: string
  /** Requests that may be in flight or held at once; at least 1. */
  readonly slots: () => number
  /** An answer that is no 429 and no 5xx. */
  readonly admitted: (ticket: Ticket, feedback: Feedback, nowMs: number) => LimitReason
  /** A 429 that may be the account's. */
  readonly refused: (ticket: Ticket, feedback: Feedback, nowMs: number) => Refusal
  /** A request starts, with so many in flight and held, itself included. Absent where nobody counts starts. */
  readonly started?: (taken: number, nowMs: number) => void
  /** A 429 of the route's own; without it, it moves nothing. */
  readonly routeRefused?: (ticket: Ticket, feedback: Feedback, nowMs: number) => Refusal
  /** False while the window still grows fast; always true without it. */
  readonly settled?: () => boolean
}

const ROUTE: Refusal = { by: 'route', reason: 'route', holds: false }

/** The limit of an algorithm that knows no routes and no ceiling. */
export function limitOf ({
  algorithm,
  slots,
  admitted,
  refused,
  started,
  routeRefused = () => ROUTE,
  settled = () => true
}: Algorithm): Limit {
  return {
    algorithm,
    slots,
    readyAtMs: () => 0,
    pacePerSecond: () => 0,
    start: (route, inflight, held, nowMs) => {
      const full = inflight + held >= slots()
      started?.(inflight + held, nowMs)
      return { route, sentAtMs: nowMs, inflight, full, paced: false }
    },
    admitted,
    refused,
    routeRefused,
    settled,
    ceiling: () => null,
    pacedRoutes: () => []
  }
}
