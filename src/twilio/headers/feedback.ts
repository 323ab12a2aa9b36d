import type { RouteLimit } from '../../policy/limit/limit.ts'
import { parseHttpDate } from './http-date.ts'
import { readInterval } from './rate-interval.ts'

/** What Twilio says of its own load, as far as a response says it sanely. Every part may be absent on any response. */
export interface Feedback {
  /** Twilio-Concurrent-Requests: the account's requests at once, this one included; 1 to 100,000. */
  readonly concurrency: number | undefined
  /** Twilio-Request-Duration: time spent at Twilio, milliseconds; up to an hour. */
  readonly durationMs: number | undefined
  /** Twilio-Request-Id, or T-Request-Id. */
  readonly requestId: string | undefined
  /** Retry-After, milliseconds from the answer; at most an hour. On a 2xx it is no sign of throttling. */
  readonly retryAfterMs: number | undefined
  /**
   * X-Rate-Limit-Limit, -Remaining and -Config, of TaskRouter and Intelligence: a limit on the requests of this route
   * in an interval.
   */
  readonly routeLimit: RouteLimit | undefined
  /** Twilio-Reached-Rate-Limit, of Verify. What it means is documented by its name alone. */
  readonly reachedRouteLimit: boolean
}

type Headers = Readonly<Record<string, string | string[] | undefined>>

const MAX_CONCURRENCY = 100_000
const HOUR_MS = 3_600_000
const MAX_ROUTE_LIMIT = 100_000
/**
 * A limit on a longer interval is a quota, and no pace can be made of it. Nobody can obey a shorter one. Milliseconds.
 */
const INTERVAL_LEAST_MS = 100
const INTERVAL_MOST_MS = 60_000

const INTEGER = /^[0-9]{1,6}$/
const SECONDS = /^[0-9]{1,15}(?:\.[0-9]{1,15})?$/
/** Any number of digits: more than fit into an hour count as an hour. */
const DELAY = /^[0-9]+(?:\.[0-9]+)?$/
/** Commas that divide values, and not the day of a date from its rest. */
const BETWEEN_VALUES = /,(?![ \t]?\d\d[ -])/
const REQUEST_ID = /^[A-Za-z0-9_-]{1,64}$/
/**
 * A number, perhaps with its interval, or with more of the same kind behind it, as proxies that join doubled headers
 * write it.
 */
const COUNT = /^([0-9]{1,6}(?:\.[0-9]{1,6})?)(?:\s?(?:[,;/]|per\b).{0,100})?$/
const NOT_REACHED = /^(?:|false|no|none|0)$/i

/** @param headers with names in lower case */
export function readFeedback (headers: Headers, nowEpochMs: number): Feedback {
  return {
    concurrency: readConcurrency(only(headers['twilio-concurrent-requests'])),
    durationMs: readDuration(only(headers['twilio-request-duration'])),
    requestId: readRequestId(only(headers['twilio-request-id'])) ?? readRequestId(only(headers['t-request-id'])),
    retryAfterMs: readRetryAfter(headers, nowEpochMs, HOUR_MS),
    routeLimit: readRouteLimit(headers),
    reachedRouteLimit: !NOT_REACHED.test(only(headers['twilio-reached-rate-limit']) ?? '')
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

/**
 * Retry-After (RFC 9110, section 10.2.3), milliseconds from the answer, at most `mostMs`; of several values the longest
 * counts. A date is compared with the answer's own Date where it has one: both are of one clock, and ours may differ.
 */
export function readRetryAfter (headers: Headers, nowEpochMs: number, mostMs: number): number | undefined {
  const value = headers['retry-after']
  if (value === undefined) return undefined
  const sinceMs = parseHttpDate(only(headers['date']) ?? '', nowEpochMs) ?? nowEpochMs
  let longestMs: number | undefined
  for (const text of value.toString().split(BETWEEN_VALUES)) {
    const delayMs = readDelay(text.trim(), sinceMs)
    if (delayMs !== undefined) longestMs = Math.min(mostMs, Math.max(longestMs ?? 0, delayMs))
  }
  return longestMs
}

function readDelay (text: string, sinceMs: number): number | undefined {
  if (DELAY.test(text)) return Number(text) * 1000
  const atMs = parseHttpDate(text, sinceMs)
  // A moment that has passed says nothing of when to come again.
  return atMs === undefined || atMs < sinceMs ? undefined : atMs - sinceMs
}

function readRouteLimit (headers: Headers): RouteLimit | undefined {
  const text = only(headers['x-rate-limit-limit'])
  const limit = readCount(text)
  if (limit === undefined || limit <= 0 || limit > MAX_ROUTE_LIMIT) return undefined
  const intervalMs = readInterval(only(headers['x-rate-limit-config']), limit) ?? readInterval(text, limit)
  if (intervalMs !== undefined && (intervalMs < INTERVAL_LEAST_MS || intervalMs > INTERVAL_MOST_MS)) return undefined
  const remaining = readCount(only(headers['x-rate-limit-remaining']))
  return { limit, intervalMs, remaining: remaining === undefined || remaining > limit ? undefined : remaining }
}

function readCount (text: string | undefined): number | undefined {
  const digits = text === undefined ? undefined : COUNT.exec(text)?.[1]
  return digits === undefined ? undefined : Number(digits)
}
