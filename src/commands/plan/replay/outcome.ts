/** What became of one request, then or in the plan, in the same words for both. */
import type { Recorded } from '../recording/recorded.ts'

export interface Outcome {
  /** Waiting at the gate, for a pace and between attempts, milliseconds. */
  readonly waitMs: number
  readonly attempts: number
  /** Attempts that Twilio throttled (429). */
  readonly throttled: number
  /** What the client was told; 0 when it had left. */
  readonly status: number
  /**
   * Why the client got an error for a request that Twilio did not process: from us, or a 429 handed on. Undefined
   * otherwise.
   */
  readonly refusal: string | undefined
  /** Answered without a call to Twilio of its own. */
  readonly isSaved: boolean
}

export const recordedOutcome = ({
  queueMs,
  paceMs,
  backoffMs,
  attempts,
  throttled,
  status,
  reason
}: Recorded): Outcome =>
  judged(queueMs + paceMs + backoffMs, attempts, throttled, status, reason)

/** `reason` as the log has it. */
export function judged (waitMs: number, attempts: number, throttled: number, status: number, reason: string): Outcome {
  const isShared = reason === 'coalesced' || reason === 'cached'
  const isRefused = !isShared && ((status >= 400 && attempts === 0) || (status === 429 && reason !== 'throttled_final'))
  return {
    waitMs,
    attempts,
    throttled,
    status,
    refusal: isRefused ? reason : undefined,
    isSaved: attempts === 0 && status > 0 && !isRefused
  }
}
