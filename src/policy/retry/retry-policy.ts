/**
 * Whether an attempt is followed by another. The rule under all rules: nothing ambiguous is replayed,
 * since a duplicate is a second paid message or call. A 429 was never processed, so any method may go
 * again; so may a request of which no byte was sent. Anything else is for reads and deletes only.
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
  | 'throttled' // 429, by account or route
  | 'throttled_final' // 429 that no quick retry can cure
  | 'unsent' // failed before a byte was sent
  | 'failed' // 500, 502, 503, 504, reset, timeout: perhaps processed
  | 'abandoned' // we cut it ourselves

export interface RetryState {
  /** How often this exchange has been throttled, failed and left unsent so far, this attempt included. */
  readonly throttled: number
  readonly failed: number
  readonly unsent: number
}

export interface RetryQuestion {
  readonly fate: AttemptFate
  readonly soFar: RetryState
  /** GET, HEAD, DELETE: repeating an ambiguous one is harmless. */
  readonly replayable: boolean
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
  | {
    readonly retry: false,
    readonly because: 'answered'
    | 'throttled_final'
    | 'deadline'
    | 'attempts_spent'
    | 'budget_spent'
    | 'retries_off'
    | 'outcome_unknown'
  }

export function decideRetry (options: RetryOptions, question: RetryQuestion): RetryDecision {
  const { fate, soFar } = question
  switch (fate) {
    case 'final': return { retry: false, because: 'answered' }
    case 'throttled_final': return { retry: false, because: 'throttled_final' }
    case 'abandoned': return { retry: false, because: 'deadline' }
    case 'throttled':
      if (!options.throttled) return { retry: false, because: 'retries_off' }
      return wait(options, question, soFar.throttled - 1)
    case 'unsent':
      if (soFar.unsent >= options.unsentAttempts) return { retry: false, because: 'attempts_spent' }
      return wait(options, question, soFar.unsent - 1)
    case 'failed': {
      if (!question.replayable) return { retry: false, because: 'outcome_unknown' }
      if (soFar.failed >= options.readAttempts) return { retry: false, because: 'attempts_spent' }
      const decision = wait(options, question, soFar.failed - 1)
      if (decision.retry && !question.withdraw()) return { retry: false, because: 'budget_spent' }
      return decision
    }
  }
}

/** Full jitter with Retry-After as its floor. A wait that would end too late is shortened to the last useful moment. */
function wait (options: RetryOptions, question: RetryQuestion, failures: number): RetryDecision {
  const floorMs = question.retryAfterMs ?? 0
  if (question.remainingMs <= 0 || floorMs > question.remainingMs) return { retry: false, because: 'deadline' }
  const delayMs = floorMs + backoffMs(options, failures, question.chance)
  return { retry: true, delayMs: Math.min(delayMs, question.remainingMs) }
}
