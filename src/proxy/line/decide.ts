import type { RetryBudget } from '../../policy/retry/retry-budget.ts'
import { decideRetry, type RetryDecision, type RetryOptions } from '../../policy/retry/retry-policy.ts'
import { kindOf } from '../../twilio/methods.ts'
import type { Exchange } from '../exchange-state.ts'
import type { AttemptResult } from '../forward/attempt.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observation } from './observe.ts'

/** What a decision looks at, in addition to the attempt. */
export interface Deciding {
  readonly retry: RetryOptions
  readonly budget: RetryBudget
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** The process has as many files and connections open as it may. */
  readonly outOfDescriptors: () => void
}

const OUT_OF_DESCRIPTORS: ReadonlySet<string> = new Set(['EMFILE', 'ENFILE'])
const FIRST_UNSENT = { unsent: 1 } as const

/** Another attempt, or not, and why: see decideRetry. Counts what this one came to. */
export function decide (exchange: Exchange, result: AttemptResult, seen: Observation, line: Deciding): RetryDecision {
  if (seen.fate === 'throttled') exchange.throttled++
  else if (seen.fate === 'failed') exchange.failed++
  else if (seen.outcome === 'unsent') exchange.unsent++
  const isShort = result.kind === 'failure' && OUT_OF_DESCRIPTORS.has(result.code)
  if (isShort) line.outOfDescriptors()
  return decideRetry(line.retry, {
    fate: seen.fate,
    // That says nothing of Twilio: it is tried again as long as there is time.
    soFar: isShort ? { ...FIRST_UNSENT, throttled: exchange.throttled, failed: exchange.failed } : exchange,
    kind: kindOf(exchange.identity.method),
    remainingMs: exchange.latestStartMs - line.clock.nowMs(),
    retryAfterMs: seen.feedback.retryAfterMs,
    // Strangers neither earn retries nor spend what others have earned.
    withdraw: () => !exchange.isStranger && line.budget.withdraw(),
    chance: line.random()
  })
}
