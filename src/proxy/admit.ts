import type { Clock } from './clock.ts'
import { ClientLeftError, ShedError } from './errors.ts'
import type { Exchange } from './exchange-state.ts'
import type { Permit } from './permit.ts'

/** Waits for a permit. A client that leaves meanwhile leaves the queue, and its request is never sent. */
export async function admit (exchange: Exchange, clock: Clock, again: boolean): Promise<Permit> {
  const { gate } = exchange.identity.account
  if (exchange.interruption === 'client_left') throw new ClientLeftError()
  const permit = gate.admit(exchange, again)
  if (!(permit instanceof Promise)) return permit
  const sinceMs = clock.nowMs()
  exchange.onInterrupt((why) => {
    gate.leave(exchange, why === 'client_left' ? new ClientLeftError() : new ShedError('deadline', gate.retryAfterMs(exchange.class)))
  })
  try {
    return await permit
  } finally {
    exchange.onInterrupt(undefined)
    exchange.queueMs += clock.nowMs() - sinceMs
  }
}
