/** May this request go on? Not past a kill switch that is on, and not past a spend cap that is used up. */
import type { Exchange } from '../exchange-state.ts'
import type { SpendCaps } from './spend-caps.ts'
import type { Switches } from './switches.ts'

export interface Guard {
  readonly caps: SpendCaps
  readonly switches: Switches
}

/** Once for each exchange: its attempts are one send. Throws a GuardError. */
export function guard (exchange: Exchange, guard: Guard): void {
  refuseIfStopped(exchange, guard)
  if (!exchange.isStranger) chargeIfDue(exchange, guard)
}

/**
 * Before each attempt: what a stranger sends is counted only when it is about to go, so that invented credentials that
 * wait do not use up an account's caps. Throws a GuardError.
 */
export function chargeIfDue (exchange: Exchange, { caps }: Guard): void {
  if (exchange.isCharged) return
  exchange.isCharged = true
  exchange.charge = caps.charge(exchange)
}

/** Before each attempt: a switch may have been thrown while it waited. Throws a GuardError. */
export function refuseIfStopped (exchange: Exchange, { switches }: Guard): void {
  const refusal = switches.refusalOf(exchange.identity)
  if (refusal !== undefined) throw refusal
}
