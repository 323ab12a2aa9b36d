import type { Clock } from './clock.ts'
import { ClientLeftError, ShedError } from './errors.ts'
import type { Exchange, Interruption } from './exchange-state.ts'
import type { Permit } from './permit.ts'

/**
 * Waits for a permit. A client that leaves meanwhile leaves the queue, and its request is never sent; nor is
 * one whose time was up before it got here, after an upload that took too long: its answer could not be in time.
 */
export async function admit (exchange: Exchange, clock: Clock, again: boolean): Promise<Permit> {
  const { gate } = exchange.identity.account
  refuseIfOver(exchange)
  const permit = gate.admit(exchange, again)
  if (!(permit instanceof Promise)) return permit
  const sinceMs = clock.nowMs()
  exchange.onInterrupt((why) => gate.leave(exchange, tooLate(exchange, why)))
  try {
    const granted = await permit
    // Granted and interrupted in the same turn: too late to leave the queue, but nothing has been sent.
    if (isOver(exchange)) granted.end()
    refuseIfOver(exchange)
    return granted
  } finally {
    exchange.onInterrupt(undefined)
    exchange.queueMs += clock.nowMs() - sinceMs
  }
}

const isOver = ({ interruption }: Exchange): boolean => interruption !== undefined

function refuseIfOver (exchange: Exchange): void {
  if (exchange.interruption !== undefined) throw tooLate(exchange, exchange.interruption)
}

function tooLate ({ identity, class: name }: Exchange, why: Interruption): Error {
  return why === 'client_left' ? new ClientLeftError() : new ShedError('deadline', identity.account.gate.retryAfterMs(name))
}
