/** The line's events. */
import type { Clock } from '../ports/clock.ts'
import type { Listener, Reason } from '../events.ts'
import type { Exchange } from '../exchange-state.ts'
import type { Attempt } from '../forward/forward.ts'
import type { Observation } from './observe.ts'
import { resourceName } from './resource-name.ts'

export function attempted (exchange: Exchange, attempt: Attempt, seen: Observation, emit: Listener): void {
  const { account, upstream, route } = exchange.identity
  const upstreamMs = attempt.sent && attempt.endedAtMs > 0 ? attempt.endedAtMs - attempt.sentAtMs : 0
  exchange.upstreamMs += upstreamMs
  if (seen.feedback.durationMs !== undefined) exchange.twilioMs = (exchange.twilioMs ?? 0) + seen.feedback.durationMs
  exchange.requestId = seen.feedback.requestId ?? exchange.requestId
  emit({
    type: 'attempt',
    account: account.key,
    product: upstream.product,
    route,
    class: exchange.class,
    attempt: exchange.attempts,
    outcome: seen.outcome,
    status: seen.status,
    upstreamMs,
    twilioMs: seen.feedback.durationMs,
    reportedConcurrency: seen.feedback.concurrency
  })
}

export function retried (exchange: Exchange, seen: Observation, delayMs: number, emit: Listener): void {
  const { account, upstream } = exchange.identity
  const reason: Reason = seen.outcome === 'throttled_account' || seen.outcome === 'throttled_route' || seen.outcome === 'server_error' || seen.outcome === 'unsent'
    ? seen.outcome
    : 'outcome_unknown'
  emit({ type: 'retry', account: account.key, product: upstream.product, reason, delayMs })
}

/** The exchange is over: `status` is what the client is told, 0 when it has left. */
export function concluded (exchange: Exchange, status: number, reason: Reason, to: { readonly clock: Clock, readonly emit: Listener }): void {
  const { account, upstream, route, method, caller } = exchange.identity
  to.emit({
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
    totalMs: to.clock.nowMs() - exchange.startedAtMs,
    allowedMs: exchange.identity.deadlineMs - exchange.startedAtMs,
    resource: () => resourceName(exchange.identity),
    twilioRequestId: exchange.requestId,
    reason,
    errorCode: exchange.errorCode,
    clientLeft: status === 0
  })
}

export function leftBehind (exchange: Exchange, seen: Observation, emit: Listener): void {
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
