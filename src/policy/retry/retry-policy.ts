/**
 * Decides whether another attempt follows. The rule under all rules: the proxy replays nothing ambiguous,
 * because a duplicate is a second paid message or call. Twilio never processes what it answers with 429, so
 * any method may go again. So may a request that failed before its first byte was sent. Anything else is for
 * reads and deletes only.
 */
import { backoffMs, type BackoffOptions } from './backoff.ts'

export interface RetryOptions extends BackoffOptions {
  /** Retry 429s at all. */
  readonly throttled: boolean
  /** Attempts of a replayable method that may end in 5xx, reset or timeout. */
  readonly readAttempts: number
  /** Attempts of any method that may fail before a byte was sent. */
  readonly unsentAttempts: number
}

/** What an attempt came to, as far as repeating it is concerned. */
export type AttemptFate =
  | 'final' // an answer that repeating cannot better
  | 'server_error' // a 5xx that repeating cannot better
  | 'throttled' // 429, by account or route
  | 'throttled_final' // 429 that no quick retry can cure
  | 'unsent' // failed before a byte was sent
  | 'failed' // 500, 502, 503, 504, reset, timeout: perhaps processed
  | 'abandoned' // we cut it ourselves

/** What repeating a request could do: a read changes nothing, a delete is done once only, a write may be done twice. */
export type MethodKind = 'read' | 'delete' | 'write'

/** Why no other attempt is made. */
export type GivenUp =
  | 'answered'
  | 'throttled_final'
  | 'server_error'
  | 'outcome_unknown'
  | 'deadline'
  | 'attempts_spent'
  | 'budget_spent'
  | 'retries_off'

/**
 * What follows an attempt. `again`: another one, as long as attempts, time and the retry budget allow it. All else ends
 * the exchange, for that reason.
 */
const AFTER: Readonly<Record<AttemptFate, Readonly<Record<MethodKind, GivenUp | 'again'>>>> = {
  final: { read: 'answered', delete: 'answered', write: 'answered' },
  server_error: { read: 'server_error', delete: 'outcome_unknown', write: 'outcome_unknown' },
  throttled: { read: 'again', delete: 'again', write: 'again' },
  throttled_final: { read: 'throttled_final', delete: 'throttled_final', write: 'throttled_final' },
  unsent: { read: 'again', delete: 'again', write: 'again' },
  failed: { read: 'again', delete: 'again', write: 'outcome_unknown' },
  abandoned: { read: 'deadline', delete: 'deadline', write: 'deadline' }
}

export interface RetryState {
  /** How often this exchange has been throttled, failed and left unsent so far, this attempt included. */
  readonly throttled: number
  readonly failed: number
  readonly unsent: number
}

export interface RetryQuestion {
  readonly fate: AttemptFate
  readonly soFar: RetryState
  readonly kind: MethodKind
  /** Milliseconds from now to the last moment at which an attempt can still start in time. */
  readonly remainingMs: number
  /** Twilio's Retry-After, milliseconds: a floor for the wait. */
  readonly retryAfterMs: number | undefined
  /** Asked only when the budget is what decides. */
  readonly withdraw: () => boolean
  /** In [0, 1). */
  readonly chance: number
}

export type RetryDecision =
  | { readonly retry: true, readonly delayMs: number }
  | { readonly retry: false, readonly because: GivenUp }

export function decideRetry (options: RetryOptions, question: RetryQuestion): RetryDecision {
  const { fate, kind, soFar } = question
  const next = AFTER[fate][kind]
  if (next !== 'again') return { retry: false, because: next }
  if (fate === 'throttled') {
    return options.throttled ? wait(options, question, soFar.throttled) : { retry: false, because: 'retries_off' }
  }
  const attempts = fate === 'unsent' ? soFar.unsent : soFar.failed
  const attemptsMost = fate === 'unsent' ? options.unsentAttempts : options.readAttempts
  if (attempts >= attemptsMost) return { retry: false, because: 'attempts_spent' }
  const decision = wait(options, question, attempts)
  // What was not sent costs Twilio nothing.
  if (fate === 'unsent' || !decision.retry || question.withdraw()) return decision
  return { retry: false, because: 'budget_spent' }
}

/** Full jitter with Retry-After as its floor. A wait that would end too late is shortened to the last useful moment. */
function wait (options: RetryOptions, question: RetryQuestion, attempts: number): RetryDecision {
  const floorMs = question.retryAfterMs ?? 0
  if (question.remainingMs <= 0 || floorMs > question.remainingMs) return { retry: false, because: 'deadline' }
  const delayMs = floorMs + backoffMs(options, attempts - 1, question.chance)
  return { retry: true, delayMs: Math.min(delayMs, question.remainingMs) }
}
