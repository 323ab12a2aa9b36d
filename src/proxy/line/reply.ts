import type { GivenUp } from '../../policy/retry/retry-policy.ts'
import { ShedError } from '../errors.ts'
import type { Exchange } from '../exchange-state.ts'
import type { AttemptResult } from '../forward/attempt.ts'
import type { Permit } from '../gate/permit.ts'
import { noAnswer, notSent, passOn, stillHolds, type Answered } from '../reply/answers.ts'
import type { Observation } from './observe.ts'

/** The last attempt of an exchange. */
export interface LastAttempt {
  readonly result: AttemptResult
  readonly seen: Observation
  readonly permit: Permit
  /** Why there is no other. */
  readonly because: GivenUp
}

/** What the client is told after the last attempt. `learn` hears of what Twilio accepted. */
export function reply (
  exchange: Exchange,
  { result, seen, permit, because }: LastAttempt,
  learn: (exchange: Exchange) => void
): Answered {
  if (result.kind === 'failure') {
    // The deadline came while we were still connecting.
    if (seen.fate === 'abandoned' && !result.sent) throw new ShedError('deadline', exchange.gate.retryAfterMs(exchange))
    exchange.errorCode = result.code
    if (seen.outcome === 'unsent') return { answer: notSent(result.code, exchange), reason: 'unsent' }
    return { answer: noAnswer(seen.outcome !== 'reset', exchange), reason: because }
  }
  if (!Buffer.isBuffer(result.body)) {
    // Twilio counts it until its body is read: the permit is the body's from here on.
    exchange.permit = undefined
    void result.bodyDone.then(() => permit.end())
  }
  if (seen.status < 300) learn(exchange)
  if (seen.status === 304 && exchange.cached !== undefined) {
    return { answer: stillHolds(result, exchange.cached, exchange), reason: 'revalidated' }
  }
  return { answer: passOn(result, exchange), reason: because }
}
