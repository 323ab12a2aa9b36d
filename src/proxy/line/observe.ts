/** From what came back to what it means: the outcome, the limit's sample, and whether it may be repeated. */
import type { AttemptFate } from '../../policy/retry/retry-policy.ts'
import { readFeedback, type Feedback } from '../../twilio/headers/feedback.ts'
import { classifyThrottle } from '../../twilio/headers/throttle.ts'
import { decodedText } from '../forward/decoded-text.ts'
import type { Outcome } from '../reasons.ts'
import type { AttemptResult } from '../forward/attempt.ts'
import type { Permit } from '../gate/permit.ts'

export interface Observation {
  readonly outcome: Outcome
  readonly fate: AttemptFate
  /** 0 when there was no response. */
  readonly status: number
  readonly feedback: Feedback
  /** The account refused it: its slot stays taken during the backoff. */
  readonly holds: boolean
}

const NO_FEEDBACK: Feedback = {
  concurrency: undefined,
  durationMs: undefined,
  requestId: undefined,
  retryAfterMs: undefined,
  routeLimit: undefined,
  reachedRouteLimit: false
}

/** Statuses after which the request may have been processed, or may not. */
const AMBIGUOUS = new Set([500, 502, 503, 504])

export function observe (result: AttemptResult, permit: Permit, epochMs: number): Observation {
  if (result.kind === 'failure') {
    if (result.sent && (result.timedOut || result.code === 'ABANDONED')) permit.unanswered()
    return observeFailure(result, epochMs)
  }
  const { status } = result
  const feedback = readFeedback(result.headers, epochMs)
  if (status === 429) return observeThrottle(result, feedback, permit)
  if (status >= 500) {
    const fate = AMBIGUOUS.has(status) ? 'failed' : 'server_error'
    return { outcome: 'server_error', fate, status, feedback, holds: false }
  }
  permit.admitted(feedback)
  return { outcome: status >= 400 ? 'client_error' : 'success', fate: 'final', status, feedback, holds: false }
}

function observeThrottle (
  result: AttemptResult & { kind: 'response' },
  feedback: Feedback,
  permit: Permit
): Observation {
  const text = Buffer.isBuffer(result.body) ? decodedText(result.body, result.headers) : undefined
  const final: Observation = {
    outcome: 'throttled_final',
    fate: 'throttled_final',
    status: 429,
    feedback,
    holds: false
  }
  if (text === undefined) {
    // Too large, or packed in a way that nobody can read. It may be one that must not be tried again, and its client
    // can see that. It may as well be the account's, so the limit counts it.
    permit.refused(feedback)
    return final
  }
  const type = result.headers['content-type']
  const { kind } = classifyThrottle(text, typeof type === 'string' ? type : undefined)
  if (kind === 'final') return final
  const refusal = kind === 'route' ? permit.routeRefused(feedback) : permit.refused(feedback)
  const outcome = refusal.by === 'account' ? 'throttled_account' : 'throttled_route'
  return { outcome, fate: 'throttled', status: 429, feedback, holds: refusal.holds }
}

function observeFailure (result: AttemptResult & { kind: 'failure' }, epochMs: number): Observation {
  const feedback = result.headers === undefined ? NO_FEEDBACK : readFeedback(result.headers, epochMs)
  const seen = { status: result.status, feedback, holds: false }
  if (result.code === 'ABANDONED') return { ...seen, outcome: result.sent ? 'abandoned' : 'unsent', fate: 'abandoned' }
  if (!result.sent) {
    // A certificate that does not fit will not fit in a second either, nor will an egress proxy that forbids it change
    // its mind.
    const hopeless = /CERT|ALTNAME|SELF_SIGNED|UNABLE_TO_VERIFY|^PROXY_4(?!08|29)\d\d$/.test(result.code)
    return { ...seen, outcome: 'unsent', fate: hopeless ? 'final' : 'unsent' }
  }
  return { ...seen, outcome: result.timedOut ? 'timeout' : 'reset', fate: 'failed' }
}

/** The rest of an answer that goes to nobody. */
export function discard (result: AttemptResult): void {
  if (result.kind === 'response' && !Buffer.isBuffer(result.body)) result.body.destroy()
}
