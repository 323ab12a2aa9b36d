import type { Exchange, Interruption } from '../exchange-state.ts'
import type { Permit } from '../gate/permit.ts'
import { refuseIfOver, tooLate } from '../gate/waiting.ts'

/**
 * A permit, or the promise of one. A client that leaves meanwhile leaves the queue, and its request is never
 * sent. A request whose time was up before it got here, after a slow upload, is never sent either: its answer
 * could not be in time. Thousands wait here at once, so waiting holds nothing but the promise.
 */
export function admit (exchange: Exchange, again: boolean): Permit | Promise<Permit> {
  refuseIfOver(exchange)
  exchange.onInterrupt(leaveQueue)
  return exchange.gate.admit(exchange, again)
}

/**
 * Throws for one that has its turn, but would be answered too late: the queue knows only what was expected at its
 * arrival. Its permit goes to another.
 */
export function refuseIfTooLate (exchange: Exchange, permit: Permit, nowMs: number): void {
  if (nowMs <= exchange.latestStartMs) return
  permit.giveBack()
  throw tooLate(exchange, 'deadline')
}

function leaveQueue (why: Interruption, exchange: Exchange): void {
  exchange.gate.leave(exchange, tooLate(exchange, why))
}
