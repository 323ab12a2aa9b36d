/** What a run of a job means for the job. */

/** How a run ended. */
export interface RunEnd {
  /** What the line answered: Twilio's status, or its own 403, 429, 502 or 504. */
  readonly status: number
  /** The answer is the line's own. */
  readonly own: boolean
  readonly retryAfterMs: number | undefined
  /**
   * Attempts in all. Of these: those that Twilio throttled (429), those that broke after they were sent, those never
   * sent.
   */
  readonly attempts: number
  readonly throttled: number
  readonly failed: number
  readonly unsent: number
}

/** What is known of the job from before. */
export interface RunBefore {
  /** An earlier run may have been processed. */
  readonly sent: boolean
  /** Runs that came to nothing though Twilio was asked, or could not be reached. */
  readonly failures: number
}

export type Verdict =
  | { readonly state: 'done', readonly alreadyGone: boolean }
  | { readonly state: 'failed' }
  /**
   * Again, not before so many milliseconds from now. `ran`: an attempt was made. `told`: its end says something of
   * Twilio.
   */
  | { readonly state: 'queued', readonly pauseMs: number, readonly sent: boolean, readonly failures: number, readonly ran: boolean, readonly told: boolean }

/** Between two runs, doubled from the first to the second, milliseconds. */
const PAUSE_LEAST_MS = 30_000
const PAUSE_MOST_MS = 900_000
/**
 * After a run that had no room here: the account is full, or the rule closed. One that a kill switch stopped takes
 * longer.
 */
const REFUSED_PAUSE_MS = 5_000

/** A delete may be sent again and again, so all but a clear answer of Twilio's is tried once more. */
export function judge (end: RunEnd, before: RunBefore, maxRuns: number): Verdict {
  const { status, own, attempts, throttled, failed, unsent } = end
  if (status < 300) return { state: 'done', alreadyGone: false }
  if (status === 404 && (before.sent || failed > 0)) return { state: 'done', alreadyGone: true }
  const askedMs = end.retryAfterMs ?? 0
  const sent = before.sent || attempts > throttled + unsent
  const ran = attempts > 0
  // Refused here before Twilio was asked, or stopped by a kill switch before it was asked again.
  if (!ran || (own && status === 403)) {
    const pauseMs = Math.max(askedMs, status === 429 ? REFUSED_PAUSE_MS : PAUSE_LEAST_MS)
    return { state: 'queued', pauseMs, sent, failures: before.failures, ran, told: false }
  }
  if (status !== 429 && status < 500) return { state: 'failed' }
  const failures = before.failures + 1
  if (failures >= maxRuns) return { state: 'failed' }
  return {
    state: 'queued',
    pauseMs: Math.max(askedMs, Math.min(PAUSE_MOST_MS, PAUSE_LEAST_MS * 2 ** (failures - 1))),
    sent,
    failures,
    ran,
    told: true
  }
}
