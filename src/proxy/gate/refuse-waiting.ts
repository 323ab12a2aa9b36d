import type { Exchange } from '../exchange-state.ts'

/**
 * Refuses who waits for a permit, a pace, open hours or the next attempt, if there is a reason to: the exchange ends
 * with that error. What is at Twilio goes on. Returns how many were refused.
 */
export function refuseWaiting (
  running: Iterable<Exchange>,
  reasonFor: (exchange: Exchange) => Error | undefined
): number {
  let refused = 0
  for (const exchange of running) {
    const { leaveWait } = exchange
    if (exchange.refused === undefined && leaveWait === undefined) continue
    const error = reasonFor(exchange)
    if (error === undefined) continue
    if (leaveWait === undefined) exchange.gate.leave(exchange, error)
    else leaveWait(error)
    refused++
  }
  return refused
}

/** The youngest of them that waits is refused, and returned. */
export function refuseYoungest (
  running: Iterable<Exchange>,
  isMeant: (exchange: Exchange) => boolean,
  error: Error
): Exchange | undefined {
  let youngest: Exchange | undefined
  for (const exchange of running) {
    const waits = exchange.refused !== undefined || exchange.leaveWait !== undefined
    if (waits && isMeant(exchange) && (youngest === undefined || exchange.order > youngest.order)) youngest = exchange
  }
  if (youngest !== undefined) refuseWaiting([youngest], () => error)
  return youngest
}
