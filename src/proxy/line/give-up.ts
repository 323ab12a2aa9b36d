import { AccessError, ClientLeftError, DuplicateError, GuardError, ShedError } from '../errors.ts'
import type { Exchange } from '../exchange-state.ts'
import { broken, duplicate, forbidden, shed, unauthenticated, type Ended } from '../reply/answers.ts'
import { toldRefusal, toldShed, type Telling } from './tell.ts'

/** How an exchange ends that a stage has ended. */
export function giveUp (exchange: Exchange, error: unknown, { emit }: Telling): Ended {
  if (error instanceof ClientLeftError) return { answer: undefined, reason: 'client_left' }
  if (error instanceof ShedError) {
    toldShed(exchange, error.reason, emit)
    return { answer: shed(error.reason, error.retryAfterMs, exchange), reason: error.reason }
  }
  if (error instanceof DuplicateError) return { answer: duplicate(error, exchange), reason: 'duplicate' }
  if (error instanceof GuardError) {
    toldRefusal(exchange, error.reason, emit)
    return { answer: forbidden(error, exchange), reason: error.reason }
  }
  if (error instanceof AccessError) return { answer: unauthenticated(error, exchange), reason: error.reason }
  exchange.errorCode = error instanceof Error ? error.name : 'UNKNOWN'
  return { answer: broken(exchange), reason: 'answered' }
}
