import { parseHttpDate } from './http-date.ts'

/** What Twilio says of its own load, as far as a response says it sanely. Every part may be absent on any response. */
export interface Feedback {
  /** Twilio-Concurrent-Requests: the account's requests at once, this one included; 1 to 100,000. */
  readonly concurrency: number | undefined
  /** Twilio-Request-Duration: time spent at Twilio, milliseconds; up to an hour. */
  readonly durationMs: number | undefined
  /** Twilio-Request-Id, or T-Request-Id. */
  readonly requestId: string | undefined
  /** Retry-After, milliseconds from now; at most an hour. On a 2xx it is no sign of throttling. */
  readonly retryAfterMs: number | undefined
}

type Headers = Readonly<Record<string, string | string[] | undefined>>

const MAX_CONCURRENCY = 100_000
const HOUR_MS = 3_600_000

const INTEGER = /^[0-9]{1,6}$/
const SECONDS = /^[0-9]{1,15}(?:\.[0-9]{1,15})?$/
const REQUEST_ID = /^[A-Za-z0-9_-]{1,64}$/

/** @param headers with names in lower case */
export function readFeedback (headers: Headers, nowEpochMs: number): Feedback {
  return {
    concurrency: readConcurrency(only(headers['twilio-concurrent-requests'])),
    durationMs: readDuration(only(headers['twilio-request-duration'])),
    requestId: readRequestId(only(headers['twilio-request-id'])) ?? readRequestId(only(headers['t-request-id'])),
    retryAfterMs: readRetryAfter(only(headers['retry-after']), nowEpochMs)
  }
}

/** A header that came several times is judged by the first. */
function only (value: string | string[] | undefined): string | undefined {
  return (typeof value === 'object' ? value[0] : value)?.trim()
}

function readConcurrency (text: string | undefined): number | undefined {
  if (text === undefined || !INTEGER.test(text)) return undefined
  const value = Number(text)
  return value >= 1 && value <= MAX_CONCURRENCY ? value : undefined
}

function readDuration (text: string | undefined): number | undefined {
  if (text === undefined || !SECONDS.test(text)) return undefined
  const ms = Number(text) * 1000
  return ms <= HOUR_MS ? ms : undefined
}

function readRequestId (text: string | undefined): string | undefined {
  return text !== undefined && REQUEST_ID.test(text) ? text : undefined
}

function readRetryAfter (text: string | undefined, nowEpochMs: number): number | undefined {
  if (text === undefined) return undefined
  if (SECONDS.test(text)) return Math.min(Number(text) * 1000, HOUR_MS)
  const atMs = parseHttpDate(text)
  // A moment that has passed is a clock that differs from ours: it says nothing.
  return atMs === undefined || atMs < nowEpochMs ? undefined : Math.min(atMs - nowEpochMs, HOUR_MS)
}
