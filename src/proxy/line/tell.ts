/** The line's events. */
import type { Clock } from '../ports/clock.ts'
import type { Listener } from '../events.ts'
import type { GuardReason, Outcome, RetryReason, ShedReason } from '../reasons.ts'
import type { Exchange } from '../exchange-state.ts'
import type { Attempt } from '../forward/attempt.ts'
import type { Observation } from './observe.ts'
import type { Ended } from '../reply/answers.ts'
import { resourceName } from './resource-name.ts'

/** To whom the line tells what happens. Telling changes nothing. */
export interface Telling {
  readonly clock: Clock
  readonly emit: Listener
}

export function toldAttempt (exchange: Exchange, attempt: Attempt, seen: Observation, emit: Listener): void {
  const { account, upstream, route } = exchange.identity
  emit({
    type: 'attempt',
    account: account.key,
    product: upstream.product,
    route,
    class: exchange.class,
    attempt: exchange.attempts,
    outcome: seen.outcome,
    status: seen.status,
    upstreamMs: attempt.upstreamMs,
    twilioMs: seen.feedback.durationMs,
    reportedConcurrency: seen.feedback.concurrency
  })
}

export function toldRetry (
  exchange: Exchange,
  { outcome, status }: Observation,
  delayMs: number,
  emit: Listener
): void {
  const { account, upstream } = exchange.identity
  const reason = status === 401 ? 'other_credential' : retryReason(outcome)
  emit({ type: 'retry', account: account.key, product: upstream.product, reason, delayMs })
}

function retryReason (outcome: Outcome): RetryReason {
  switch (outcome) {
    case 'throttled_account':
    case 'throttled_route':
    case 'server_error':
    case 'unsent':
      return outcome
    default:
      return 'broken_off'
  }
}

export function toldShed (exchange: Exchange, reason: ShedReason, emit: Listener): void {
  const { account, upstream } = exchange.identity
  emit({ type: 'shed', account: account.key, product: upstream.product, class: exchange.class, reason })
}

export function toldRefusal (exchange: Exchange, reason: GuardReason, emit: Listener): void {
  const { account, upstream } = exchange.identity
  emit({ type: 'guard_refused', account: account.key, product: upstream.product, reason })
}

/** The exchange is over. Its status is what the client is told, 0 when it has left. */
export function toldEnd (exchange: Exchange, { answer, reason }: Ended, { clock, emit }: Telling): void {
  const { account, upstream, route, method, caller } = exchange.identity
  const status = answer?.statusCode ?? 0
  emit({
    type: 'exchange',
    account: account.key,
    product: upstream.product,
    route,
    class: exchange.class,
    caller,
    method,
    status,
    attempts: exchange.attempts,
    throttled: exchange.throttled,
    queueMs: exchange.queueMs,
    paceMs: exchange.paceMs,
    backoffMs: exchange.backoffMs,
    upstreamMs: exchange.upstreamMs,
    twilioMs: exchange.twilioMs,
    totalMs: clock.nowMs() - exchange.startedAtMs,
    allowedMs: exchange.identity.deadlineMs - exchange.startedAtMs,
    resource: () => resourceName(exchange.identity),
    twilioRequestId: exchange.requestId,
    reason,
    errorCode: exchange.errorCode,
    clientLeft: status === 0
  })
}

export function toldLateOutcome (exchange: Exchange, seen: Observation, emit: Listener): void {
  const { account, upstream, route, method } = exchange.identity
  emit({
    type: 'late_outcome',
    account: account.key,
    product: upstream.product,
    route,
    method,
    outcome: seen.outcome,
    status: seen.status,
    twilioRequestId: seen.feedback.requestId
  })
}
