import type { Limit, Refusal, Ticket } from './limit.ts'

const BY_ACCOUNT: Refusal = { by: 'account', reason: 'fixed', holds: true }
const BY_ROUTE: Refusal = { by: 'route', reason: 'route', holds: false }

/** A limit that never moves: for a ceiling that is known, and as the yardstick of the others. `slots` is 1 or more. */
export function createFixed (slots: number): Limit {
  return {
    algorithm: 'fixed',
    slots: () => slots,
    readyAtMs: () => 0,
    pacePerSecond: () => 0,
    start: (route, inflight, held, nowMs): Ticket =>
      ({ route, sentAtMs: nowMs, inflight, full: inflight + held >= slots, paced: false }),
    admitted: () => 'fixed',
    refused: () => BY_ACCOUNT,
    routeRefused: () => BY_ROUTE,
    settled: () => true,
    ceiling: () => null,
    pacedRoutes: () => []
  }
}
