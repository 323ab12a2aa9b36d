import type { Clock } from './clock.ts'
import { ClientLeftError } from './errors.ts'
import type { Exchange } from './exchange-state.ts'
import type { Permit } from './permit.ts'

/**
 * The wait before another attempt. After a refusal by the account the slot stays taken: whoever was
 * refused together cannot come back together. After anything else the wait holds nothing.
 */
export async function backoff (exchange: Exchange, permit: Permit, holds: boolean, delayMs: number, clock: Clock): Promise<void> {
  if (holds) permit.hold()
  else permit.end()
  const sinceMs = clock.nowMs()
  try {
    if (exchange.interruption === undefined) await pause(exchange, delayMs, clock)
  } finally {
    exchange.backoffMs += clock.nowMs() - sinceMs
    // Whoever is interrupted does not ask again: the slot is for those who wait.
    permit.unhold(exchange.interruption !== undefined)
  }
  if (exchange.interruption === 'client_left') throw new ClientLeftError()
}

/** Ends early when the exchange is interrupted: its answer is wanted now. */
export function pause (exchange: Exchange, delayMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.setTimer(done, delayMs)
    exchange.onInterrupt(done)
    function done (): void {
      clock.clearTimer(timer)
      exchange.onInterrupt(undefined)
      resolve()
    }
  })
}
