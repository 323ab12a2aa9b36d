/**
 * What can become of an attempt, an exchange, a tunnel or a deferred delete, and why. Each is a closed set: it is a
 * value of logs and a label of metrics. Each set exists once, here; types and labels are made from it.
 */

/** The classified result of one attempt. */
export const OUTCOMES = [
  'success', // 2xx and 3xx
  'client_error', // 4xx except 429: Twilio took the request in and said no
  'throttled_account', // 429: the account's concurrency
  'throttled_route', // 429: a limit of this route alone
  'throttled_final', // 429 that no quick retry can cure (60202, 60203, …)
  'server_error', // 5xx
  'unsent', // failed before a byte was sent: refused, DNS, TLS, connect timeout
  'reset', // the connection broke after sending
  'timeout', // no answer in time after sending
  'abandoned' // we cut a read because its client left or its deadline passed
] as const
export type Outcome = (typeof OUTCOMES)[number]

/** Why the gate shed a request. */
export const SHED_REASONS = [
  'queue_full', // the cap on waiting requests
  'queue_bytes', // the cap on waiting bodies
  'deadline', // the deadline passed while it waited
  'deadline_unreachable', // the drain rate says it cannot be served in time
  'draining', // the proxy is shutting down
  'outside_open_hours', // its rule is closed for longer than it may wait
  'deferral_full' // no more deletes can be stored for later
] as const
export type ShedReason = (typeof SHED_REASONS)[number]

/** Why the guard refused a request. */
export const GUARD_REASONS = [
  'spend_cap', // a cap on sends has no room
  'kill_switch' // somebody has stopped it
] as const
export type GuardReason = (typeof GUARD_REASONS)[number]

/** Why the proxy did not let a caller's request through. */
export const ACCESS_REASONS = [
  'no_credential', // the proxy holds no credential for its account
  'credentials_rejected' // Twilio accepts none of those that it holds
] as const
export type AccessReason = (typeof ACCESS_REASONS)[number]

/** Why an exchange ended as it did. */
export const REASONS = [
  'answered', // Twilio's answer, whatever it says, unless another reason here says more
  'throttled_account',
  'throttled_route',
  'throttled_final',
  'server_error', // a read that Twilio answered with 5xx
  'unsent', // no byte of its last attempt was sent
  'outcome_unknown', // a write that Twilio may have processed
  'attempts_spent', // a read failed as often as it may
  'budget_spent', // a read failed, and the retry budget is empty
  'retries_off', // throttled, and retry.throttled is off
  'client_left',
  'duplicate', // it repeats a create whose outcome is unknown
  'coalesced', // it got the answer of an identical read
  'cached', // it got an answer of before
  'revalidated', // the same, and Twilio says that it still holds
  'deferred', // a delete, stored until its open hours
  ...SHED_REASONS,
  ...GUARD_REASONS,
  ...ACCESS_REASONS
] as const
export type Reason = (typeof REASONS)[number]

/** What went wrong with an attempt that is made again. */
export const RETRY_REASONS = [
  'throttled_account',
  'throttled_route',
  'server_error',
  'unsent',
  'broken_off', // a read got no whole answer
  'other_credential' // Twilio refused the first credential of the proxy, which holds another
] as const
export type RetryReason = (typeof RETRY_REASONS)[number]

/** Why a request was refused before it became an exchange. */
export const REFUSAL_REASONS = [
  'unknown_host',
  'web_page', // a page in a browser sent it
  'unknown_caller', // it shows no token of the proxy, or one that is not valid
  'bad_request',
  'bad_header',
  'body_too_large',
  'body_memory', // no memory is left for its body
  'body_aborted',
  'body_timeout',
  'draining',
  'internal' // our own fault
] as const
export type RefusalReason = (typeof REFUSAL_REASONS)[number]

/** What became of a deferred delete, or of one run of it. */
export const DEFERRED_OUTCOMES = [
  'accepted', // stored, and answered with 202
  'again', // a run came to nothing, and is to be repeated
  'done',
  'failed',
  'cancelled'
] as const
export type DeferredOutcome = (typeof DEFERRED_OUTCOMES)[number]

/** What became of a tunnel. */
export const TUNNEL_OUTCOMES = [
  'intercepted', // requests came out of it
  'blind', // passed on unseen
  'untrusted', // the client does not trust our authority
  'unused', // closed after the handshake without a request: often the same
  'wrong_name', // its TLS asks for another host than its CONNECT
  'tls_failed' // what came was no TLS, or not to be agreed on
] as const
export type TunnelOutcome = (typeof TUNNEL_OUTCOMES)[number]
