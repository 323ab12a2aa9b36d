/**
 * What the client gets. Twilio's answer goes on unchanged. Ours have Twilio's shape, so that every SDK can read them.
 */
import type { Readable } from 'node:stream'
import { errorBody, TWILIO_CODES } from '../../twilio/bodies/error-body.ts'
import { tokensOf } from '../../twilio/headers/field-list.ts'
import { isRead, isReplayable } from '../../twilio/methods.ts'
import type { Reason, ShedReason } from '../reasons.ts'
import { SHED_MESSAGES, type AccessError, type DuplicateError, type GuardError } from '../errors.ts'
import type { Exchange } from '../exchange-state.ts'
import type { AttemptResult, ResponseHeaders } from '../forward/attempt.ts'
import { HOP_BY_HOP } from '../forward/headers.ts'
import { ageOf, type CachedAnswer } from '../reads/cached-answer.ts'

export interface Answer {
  readonly statusCode: number
  readonly headers: ResponseHeaders
  readonly body: Buffer | Readable
  /** The proxy's own, not Twilio's. */
  readonly own?: true
}

/** What a client is told, and why. */
export interface Answered { readonly answer: Answer, readonly reason: Exclude<Reason, 'client_left'> }

/** How an exchange ends: with an answer, or with nobody left to be told. */
export type Ended = Answered | { readonly answer: undefined, readonly reason: 'client_left' }

/** Twilio's answer, with ours added. */
export function passOn (result: AttemptResult & { kind: 'response' }, exchange: Exchange): Answer {
  const { connection } = result.headers
  const listed = connection === undefined || connection === 'keep-alive' ? [] : tokensOf(connection)
  const headers: ResponseHeaders = {}
  for (const name in result.headers) {
    // Only the proxy speaks for itself, whatever an upstream that stands in for Twilio sends.
    if (HOP_BY_HOP.has(name) || name.startsWith('governor-') || listed.includes(name)) continue
    headers[name] = result.headers[name]
  }
  // RFC 9110, section 8.6: a client might wait for that many bytes.
  if (result.status === 204) delete headers['content-length']
  explain(headers, exchange)
  if (leavesDoubt(result.status, exchange)) headers['governor-outcome'] = 'unknown'
  return { statusCode: result.status, headers, body: result.body }
}

/** The answer to an identical read that was on its way. */
export function sharedAnswer ({ statusCode, headers, body }: Answer, exchange: Exchange): Answer {
  const own: ResponseHeaders = { ...headers, 'governor-cache': 'shared' }
  explain(own, exchange)
  return { statusCode, headers: own, body }
}

/** A cached answer; `Age` says how old it is, in whole seconds. */
export function cachedAnswer (cached: CachedAnswer, exchange: Exchange, nowMs: number): Answer {
  const headers: ResponseHeaders = {
    ...cached.headers,
    age: String(Math.floor(ageOf(cached, nowMs) / 1000)),
    'governor-cache': 'hit'
  }
  explain(headers, exchange)
  return { statusCode: 200, headers, body: cached.body }
}

/**
 * A cached answer that Twilio has confirmed (304). Headers that the 304 brings replace the cached ones (RFC 9111,
 * section 3.2).
 */
export function stillHolds (
  result: AttemptResult & { kind: 'response' },
  cached: CachedAnswer,
  exchange: Exchange
): Answer {
  const { headers } = passOn(result, exchange)
  const merged: ResponseHeaders = { ...cached.headers, age: '0' }
  for (const name in headers) if (!name.startsWith('content-')) merged[name] = headers[name]
  merged['governor-cache'] = 'revalidated'
  return { statusCode: 200, headers: merged, body: cached.body }
}

/** Shed by the gate. 429, never 503: an SDK that meets a 503 sends up to six times. */
export function shed (reason: ShedReason, retryAfterMs: number, exchange: Exchange): Answer {
  return make(429, TWILIO_CODES.tooManyRequests, `${SHED_MESSAGES[reason]} ${soFar(exchange)}`, exchange, {
    'retry-after': String(Math.ceil(retryAfterMs / 1000)),
    'governor-shed': reason
  })
}

/** Refused by the guard. 403, not 429: to send it again would not help, and SDKs would. */
export function forbidden ({ reason, message, retryAfterMs }: GuardError, exchange: Exchange): Answer {
  const seconds = Math.ceil(retryAfterMs / 1000)
  const again = seconds === Infinity ? '' : ` There is room again in ${seconds} s.`
  return make(403, TWILIO_CODES.forbidden, `${message} ${soFar(exchange)}${again}`, exchange, {
    'governor-refused': reason,
    ...(seconds === Infinity ? {} : { 'retry-after': String(seconds) })
  })
}

/** No credential of the proxy's can be used. 401, as Twilio says it: SDKs do not send that again. */
export function unauthenticated ({ reason, retryAfterMs }: AccessError, exchange: Exchange): Answer {
  const why = reason === 'no_credential'
    ? 'The proxy holds no credential for the account of this request: see the setting access.credentials.'
    : 'Twilio accepts none of the credentials that the proxy holds for the account of this request.'
  return make(401, TWILIO_CODES.unauthenticated, `${why} ${soFar(exchange)}`, exchange, {
    'governor-refused': reason,
    'retry-after': String(Math.ceil(retryAfterMs / 1000))
  })
}

/** Not sent: the same create went out before, and was processed or may have been. */
export function duplicate ({ wasProcessed, agoMs }: DuplicateError, exchange: Exchange): Answer {
  const first = wasProcessed ? 'Twilio has processed it' : 'Twilio may have processed it'
  return make(409, TWILIO_CODES.conflict,
    `The same request was sent ${Math.ceil(agoMs / 1000)} s ago, and ${first}. This one was not sent. Look up the first one. To send this one all the same, add the header Governor-Duplicate: allow.`,
    exchange, { 'governor-duplicate': wasProcessed ? 'processed' : 'unknown' })
}

/** The last attempt sent no byte, and trying on would not help or not be in time. */
export function notSent (code: string, exchange: Exchange): Answer {
  const by = code.startsWith('PROXY_') ? ' through the egress proxy of upstream.proxy' : ''
  return make(
    502,
    TWILIO_CODES.unavailable,
    `Could not connect to ${exchange.identity.upstream.host}${by} (${code}). ${soFar(exchange)}`,
    exchange,
    {}
  )
}

/** Sent, and no whole answer came: 504 when time ran out, 502 when the connection broke. */
export function noAnswer (timedOut: boolean, exchange: Exchange): Answer {
  const what = timedOut ? 'Twilio did not answer in time' : 'The connection to Twilio broke before the whole answer arrived'
  return make(timedOut
    ? 504
    : 502, TWILIO_CODES.serverError, `${what}.${consequence(exchange.identity.method)}`, exchange,
    exchange.requestId === undefined ? {} : { 'twilio-request-id': exchange.requestId })
}

function consequence (method: string): string {
  if (isRead(method)) return ''
  return isReplayable(method)
    ? ' Twilio may have processed the request.'
    : ' Twilio may have processed the request. Look it up before you send it again.'
}

/** Our own fault. */
export function broken (exchange: Exchange): Answer {
  return make(500, TWILIO_CODES.serverError, 'The proxy failed.', exchange, {})
}

/**
 * What became of a request that is answered by the proxy itself, for its client to know whether it may send it again.
 * `not_sent`: no byte of any attempt left. `not_processed`: some were sent, and Twilio answered each with 429, which it
 * never processes. `unknown`: a write that may have been processed. A read that failed has none: it changes nothing.
 */
export function outcomeOf (
  { attempts, unsent, throttled, rejected, identity }: Exchange
): 'not_sent' | 'not_processed' | 'unknown' | undefined {
  if (attempts === unsent) return 'not_sent'
  if (attempts === unsent + throttled + rejected) return 'not_processed'
  return isRead(identity.method) ? undefined : 'unknown'
}

/**
 * Does Twilio's answer leave open whether a write was processed? A 429 says nothing of an attempt that failed before
 * it.
 */
function leavesDoubt (status: number, { failed, identity }: Exchange): boolean {
  return (status >= 500 || (status === 429 && failed > 0)) && !isRead(identity.method)
}

function soFar (exchange: Exchange): string {
  switch (outcomeOf(exchange)) {
    case 'not_sent': return 'Nothing was sent to Twilio.'
    case 'not_processed': return 'Twilio processed none of its attempts.'
    default: return 'An earlier attempt reached Twilio, but no whole answer came back.'
  }
}

function make (
  status: number,
  code: number,
  message: string,
  exchange: Exchange,
  extra: Record<string, string>
): Answer {
  const body = Buffer.from(errorBody(status, code, message))
  const headers: ResponseHeaders = { 'content-type': 'application/json', ...extra }
  explain(headers, exchange)
  const outcome = outcomeOf(exchange)
  if (outcome !== undefined) headers['governor-outcome'] = outcome
  return { statusCode: status, headers, body, own: true }
}

function explain (headers: ResponseHeaders, exchange: Exchange): void {
  headers['governor-attempts'] = String(exchange.attempts)
  headers['governor-queue-ms'] = tenths(exchange.queueMs)
  if (exchange.paceMs > 0) headers['governor-pace-ms'] = tenths(exchange.paceMs)
  headers['governor-upstream-ms'] = tenths(exchange.upstreamMs)
  headers['governor-account-limit'] = String(exchange.gate.limit.slots)
}

function tenths (milliseconds: number): string { return String(Math.round(milliseconds * 10) / 10) }
