import { limitOf } from '../../../src/policy/limit/algorithm.ts'
import type { LimitReason, Refusal, Ticket } from '../../../src/policy/limit/limit.ts'
import type { PeerLimit } from './peer.ts'

/** What makes a peer, where it differs from a limit that ignores every answer. */
export interface Window {
  readonly algorithm: string
  /** Requests in flight; rounded down, at least 1. */
  readonly slots: () => number
  readonly started?: (inflight: number, nowMs: number) => void
  /** `inflight` is the count when the request started, itself included. */
  readonly admitted?: (rttMs: number, inflight: number, nowMs: number) => void
  /** A 429: no peer can tell whose it is, so none asks. */
  readonly refused?: (rttMs: number, inflight: number, nowMs: number) => void
  /** Keeps the slot of a refused request while it waits. */
  readonly holds?: boolean
}

/** No limit at all. */
export const UNLIMITED = 1_000_000
/** The one change to published defaults, for all peers: nothing but the algorithm shall hold the window. Slots. */
export const MOST = 5_000
export const LEAST = 1

export const clamp = (least: number, value: number, most: number): number => Math.min(most, Math.max(least, value))

export function windowLimit ({ algorithm, slots, started, admitted, refused, holds = false }: Window): PeerLimit {
  const whole = (): number => Math.max(1, Math.floor(slots()))
  function moved (by: Window['admitted'], ticket: Ticket, nowMs: number): LimitReason {
    const before = whole()
    by?.(nowMs - ticket.sentAtMs, ticket.inflight, nowMs)
    const after = whole()
    return after > before ? 'probe' : after < before ? 'cut' : 'fixed'
  }
  const refusal = (ticket: Ticket, nowMs: number): Refusal => ({ by: 'account', reason: moved(refused, ticket, nowMs), holds })
  return limitOf({
    algorithm,
    slots: whole,
    started: (taken, nowMs) => { started?.(taken, nowMs) },
    admitted: (ticket, _feedback, nowMs) => moved(admitted, ticket, nowMs),
    refused: (ticket, _feedback, nowMs) => refusal(ticket, nowMs),
    routeRefused: (ticket, _feedback, nowMs) => refusal(ticket, nowMs)
  })
}
