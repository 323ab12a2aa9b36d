import type { Clock } from '../ports/clock.ts'
import { ClientLeftError, DuplicateError, GuardError, ShedError } from '../errors.ts'
import type { Listener } from '../events.ts'
import type { Exchange } from '../exchange-state.ts'
import { broken, duplicate, forbidden, shed, type Answer } from '../reply/reply.ts'
import { concluded } from './tell.ts'

/** The answer to an exchange that a stage has ended. A ClientLeftError goes on: nobody is there to be answered. */
export function giveUp (exchange: Exchange, error: unknown, line: { readonly clock: Clock, readonly emit: Listener }): Answer {
  if (error instanceof ShedError) {
    const { account, upstream } = exchange.identity
    line.emit({ type: 'shed', account: account.key, product: upstream.product, class: exchange.class, reason: error.reason })
    concluded(exchange, 429, error.reason, line)
    return shed(error.reason, error.retryAfterMs, exchange)
  }
  if (error instanceof DuplicateError) {
    concluded(exchange, 409, 'duplicate', line)
    return duplicate(error, exchange)
  }
  if (error instanceof GuardError) {
    const { account, upstream } = exchange.identity
    line.emit({ type: 'guard_refused', account: account.key, product: upstream.product, reason: error.reason })
    concluded(exchange, 403, error.reason, line)
    return forbidden(error, exchange)
  }
  if (error instanceof ClientLeftError) {
    concluded(exchange, 0, 'client_left', line)
    throw error
  }
  exchange.errorCode = error instanceof Error ? error.name : 'UNKNOWN'
  concluded(exchange, 500, 'answered', line)
  return broken(exchange)
}
