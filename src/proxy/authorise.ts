/** May this request go on? Not past a kill switch that is on, and not past a spend cap that is used up. */
import type { Exchange } from './exchange-state.ts'
import type { SpendCaps } from './spend-caps.ts'
import type { Switches } from './switches.ts'

export interface Guard {
  readonly caps: SpendCaps
  readonly switches: Switches
}

/** Once for each exchange: its attempts are one send. Throws a GuardError. */
export function authorise (exchange: Exchange, guard: Guard): void {
  refuseIfStopped(exchange, guard)
  exchange.charge = guard.caps.charge(exchange)
}

/** Before each attempt: a switch may have been thrown while it waited. Throws a GuardError. */
export function refuseIfStopped (exchange: Exchange, { switches }: Guard): void {
  const refusal = switches.refusalOf(exchange.identity)
  if (refusal !== undefined) throw refusal
}

/** Those who wait at a gate and may not go on leave it, and are told why. Returns how many. */
export function refuseWaiting (running: Iterable<Exchange>, { switches }: Guard): number {
  let refused = 0
  for (const exchange of running) {
    // Whoever does not wait is at Twilio, or is asked again before his next attempt.
    const { leavePace } = exchange
    if (exchange.refused === undefined && leavePace === undefined) continue
    const refusal = switches.refusalOf(exchange.identity)
    if (refusal === undefined) continue
    if (leavePace === undefined) exchange.identity.account.gate.leave(exchange, refusal)
    else leavePace(refusal)
    refused++
  }
  return refused
}
