/**
 * The closed sets that metric labels draw from. The compiler holds each one to the type it mirrors:
 * a reason that is added there and not here does not compile.
 */
import type { LimitReason } from '../../policy/limit/limit.ts'
import type {
  DeferredOutcome,
  GuardReason,
  Outcome,
  Reason,
  RefusalReason,
  RetryReason,
  ShedReason,
  TunnelOutcome
} from '../../proxy/events.ts'
import type { JobState } from '../../proxy/ports/deferral.ts'
import type { Sdk } from '../../twilio/sdk.ts'

const members = <T extends string>(set: Record<T, true>): readonly T[] => Object.keys(set) as T[]

export const OUTCOMES = members<Outcome>({
  success: true,
  client_error: true,
  throttled_account: true,
  throttled_route: true,
  throttled_final: true,
  server_error: true,
  unsent: true,
  reset: true,
  timeout: true,
  abandoned: true
})

/** How an exchange may end: the `reason` of its log line. */
export const REASONS = members<Reason>({
  answered: true,
  throttled_account: true,
  throttled_route: true,
  throttled_final: true,
  server_error: true,
  unsent: true,
  outcome_unknown: true,
  deadline: true,
  attempts_spent: true,
  budget_spent: true,
  retries_off: true,
  client_left: true,
  duplicate: true,
  coalesced: true,
  spend_cap: true,
  kill_switch: true,
  cached: true,
  revalidated: true,
  deferred: true,
  queue_full: true,
  queue_bytes: true,
  deadline_unreachable: true,
  draining: true,
  window_closed: true,
  deferral_full: true
})

export const RETRY_REASONS = members<RetryReason>({
  throttled_account: true,
  throttled_route: true,
  server_error: true,
  unsent: true,
  broken_off: true
})

export const SHED_REASONS = members<ShedReason>({
  queue_full: true,
  queue_bytes: true,
  deadline: true,
  deadline_unreachable: true,
  draining: true,
  window_closed: true,
  deferral_full: true
})

export const REFUSAL_REASONS = members<RefusalReason>({
  unknown_host: true,
  web_page: true,
  bad_request: true,
  bad_header: true,
  body_too_large: true,
  body_memory: true,
  body_aborted: true,
  body_timeout: true,
  draining: true,
  internal: true
})

export const TUNNEL_OUTCOMES = members<TunnelOutcome>({
  intercepted: true,
  blind: true,
  untrusted: true,
  unused: true,
  wrong_name: true,
  tls_failed: true
})

/** What became of deletes that were kept for later. */
export const DEFERRED_OUTCOMES = members<DeferredOutcome>({
  accepted: true,
  again: true,
  done: true,
  failed: true,
  cancelled: true
})

/** States of such a delete. */
export const JOB_STATES = members<JobState>({
  queued: true,
  running: true,
  done: true,
  failed: true,
  cancelled: true
})

export const SDK_LABELS = members<Sdk>({
  node: true,
  python: true,
  java: true,
  go: true,
  php: true,
  ruby: true,
  csharp: true,
  'twilio-cli': true,
  other: true
})

export const GUARD_REASONS = members<GuardReason>({
  spend_cap: true,
  kill_switch: true
})
/** How an answer that was kept came to be given: at once, or when Twilio had said that it still holds. */
export const CACHE_RESULTS = ['hit', 'revalidated'] as const

/** What became of a create that repeated one whose outcome was unknown. */
export const DUPLICATE_ACTIONS = ['passed', 'refused'] as const

/** What became of a send above a spend cap. */
export const CAP_ACTIONS = ['passed', 'refused'] as const

export const LIMIT_REASONS = members<LimitReason>({
  ramp: true,
  refill: true,
  probe: true,
  lift: true,
  cut: true,
  same_flight: true,
  route: true,
  pace: true,
  not_full: true,
  fixed: true
})

/** Whose limit a 429 of Twilio spoke for. */
export const THROTTLE_KINDS = ['account', 'route', 'final'] as const
export type ThrottleKind = (typeof THROTTLE_KINDS)[number]

const HTTP_METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const

export const METHODS = [...HTTP_METHODS, 'other'] as const

const knownMethods: ReadonlySet<string> = new Set(HTTP_METHODS)

/** A method as a label: a client may invent methods, a label may not. */
export const methodLabel = (method: string): string => knownMethods.has(method) ? method : 'other'

/** Which limit refused, when the outcome is a 429 of Twilio. */
export function throttleKind (outcome: Outcome): ThrottleKind | undefined {
  switch (outcome) {
    case 'throttled_account': return 'account'
    case 'throttled_route': return 'route'
    case 'throttled_final': return 'final'
    default: return undefined
  }
}
