import type { Clock } from '../ports/clock.ts'
import { ClientLeftError } from '../errors.ts'
import type { Exchange } from '../exchange-state.ts'
import type { Permit } from '../gate/permit.ts'
import { pause } from '../gate/waiting.ts'

/**
 * The wait before another attempt. After a 429 of the account the slot stays taken, so that requests that were
 * throttled together do not come back together. After anything else the wait holds nothing.
 */
export async function backoff (
  exchange: Exchange,
  permit: Permit,
  holds: boolean,
  delayMs: number,
  clock: Clock
): Promise<void> {
  if (holds) permit.hold()
  else permit.end()
  const sinceMs = clock.nowMs()
  let asksAgain = false
  try {
    if (exchange.interruption === undefined) await pause(exchange, delayMs, clock)
    asksAgain = exchange.interruption === undefined
  } finally {
    exchange.backoffMs += clock.nowMs() - sinceMs
    // A request that does not ask again leaves the slot to those that wait.
    permit.unhold(!asksAgain)
  }
  if (exchange.interruption === 'client_left') throw new ClientLeftError()
}
