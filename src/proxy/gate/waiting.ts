/** Waiting anywhere on the way, and what an interruption does to it. */
import { ClientLeftError, ShedError } from '../errors.ts'
import type { Exchange, Interruption } from '../exchange-state.ts'
import type { Clock } from '../ports/clock.ts'

/**
 * Throws when the exchange was interrupted: granted and interrupted in the same turn is too late to leave the queue,
 * but nothing has been sent.
 */
export function refuseIfOver (exchange: Exchange): void {
  if (exchange.interruption !== undefined) throw tooLate(exchange, exchange.interruption)
}

/** How an exchange ends that was interrupted before it was sent. */
export function tooLate (exchange: Exchange, why: Interruption): Error {
  return why === 'client_left' ? new ClientLeftError() : new ShedError('deadline', exchange.gate.retryAfterMs(exchange))
}

/** Ends early when the exchange is interrupted: its answer is wanted now. Rejects when it is taken out, with why. */
export function pause (exchange: Exchange, delayMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = (): void => { end(resolve) }
    const timer = clock.setTimer(done, delayMs)
    exchange.onInterrupt(done)
    exchange.leaveWait = (error) => { end(() => { reject(error) }) }
    function end (settle: () => void): void {
      clock.clearTimer(timer)
      exchange.onInterrupt(undefined)
      exchange.leaveWait = undefined
      settle()
    }
  })
}
