import type { LimitReason, Refusal, Ticket } from '../../src/policy/limit.ts'
import type { PeerLimit } from './peer.ts'

/** What makes a peer, where it differs from a limit that ignores every answer. */
export interface Window {
  readonly algorithm: string
  /** Requests in flight; rounded down, at least 1. */
  readonly slots: () => number
  readonly started?: (nowMs: number) => void
  readonly admitted?: (ticket: Ticket, nowMs: number) => LimitReason
  /** A 429: no peer can tell whose it is, so each takes it for the account's. */
  readonly refused?: (ticket: Ticket, nowMs: number) => LimitReason
}

/** Gives its slot back, as all peers do: to hold it during the wait is our own idea. */
const refusal = (reason: LimitReason): Refusal => ({ by: 'account', reason, holds: false })

export function windowLimit ({ algorithm, slots, started, admitted, refused }: Window): PeerLimit {
  const whole = (): number => Math.max(1, Math.floor(slots()))
  return {
    algorithm,
    slots: whole,
    readyAtMs: () => 0,
    pacePerSecond: () => 0,
    start: (route, inflight, held, nowMs) => {
      started?.(nowMs)
      return { route, sentAtMs: nowMs, inflight, full: inflight + held >= whole(), paced: false }
    },
    admitted: (ticket, _feedback, nowMs) => admitted?.(ticket, nowMs) ?? 'fixed',
    refused: (ticket, _feedback, nowMs) => refusal(refused?.(ticket, nowMs) ?? 'fixed'),
    routeRefused: (ticket, nowMs) => refusal(refused?.(ticket, nowMs) ?? 'fixed'),
    settled: () => true,
    ceiling: () => null,
    pacedRoutes: () => []
  }
}
