/** What a read asks for, as far as its answer may go to another, too. */
import type { Exchange } from '../exchange-state.ts'
import { isSentOn, namesInConnection } from '../forward/headers.ts'

export interface Read {
  /** The same for all reads that may get the same answer. Holds the credential: not to be stored. */
  readonly key: string
  /** The oldest answer that the client takes, milliseconds; 0 for one that is asked for now. */
  readonly mostAgeMs: number
  /** Headers that are in the key although as a rule they shape no answer, in lower case. */
  readonly varying: Varying
}

/** Names of headers that shape no answer as a rule, but these; `*` where something else does that nobody can know. */
export type Varying = readonly string[] | '*'

const NOTHING: readonly string[] = []
export const NOTHING_VARIES: Varying = NOTHING

/**
 * They name a request, its trace or its program. Any other header may shape the answer, and reads that differ in it
 * share none.
 */
const SHAPELESS = new Set([
  'user-agent', 'date',
  'x-request-id', 'request-id', 'x-correlation-id', 'correlation-id', 'x-trace-id',
  'traceparent', 'tracestate', 'baggage', 'b3', 'uber-trace-id', 'x-ot-span-context', 'x-amzn-trace-id', 'x-cloud-trace-context',
  'sentry-trace', 'newrelic', 'elastic-apm-traceparent'
])
const SHAPELESS_BEGINNINGS = ['x-b3-', 'x-datadog-']
/** How old an answer may be: the proxy reads them itself. */
const AGE = new Set(['cache-control', 'pragma'])
/** Requests with these, or with a condition on what the client holds (`If-…`), are for one client alone. */
const OWN = new Set(['twilio-client-validation', 'range'])

/** Undefined for a request whose answer is for its client alone. */
export function readOf (
  { identity: { method, account, authorization, brokered, upstream, path, rawHeaders }, bodyBytes }: Exchange,
  varying: Varying
): Read | undefined {
  if (method !== 'GET' || bodyBytes > 0 || varying === '*') return undefined
  const listed = namesInConnection(rawHeaders)
  const parts = [account.key, upstream.host, path, brokered === true ? 'brokered' : authorization ?? '']
  let control = ''
  let pragma = ''
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const header = (rawHeaders[i] ?? '').toLowerCase()
    const value = rawHeaders[i + 1] ?? ''
    if (OWN.has(header) || header.startsWith('if-')) return undefined
    if (header === 'cache-control') control += `${value},`
    else if (header === 'pragma') pragma += `${value},`
    // In the order in which they came: what a list means may depend on it.
    if (isSentOn(header, listed) && (!isShapeless(header) || varying.includes(header))) parts.push(`${header}:${value}`)
  }
  const directives = control === '' && pragma === '' ? NOTHING : wordsOf(control + pragma)
  const mostAgeMs = mostAge(control === '' ? directives : wordsOf(control))
  if (directives.length > 0) parts.push(...directives.filter((directive) => !isObeyed(directive)))
  return mostAgeMs === undefined ? undefined : { key: parts.join('\n'), mostAgeMs, varying }
}

const isShapeless = (header: string): boolean =>
  SHAPELESS.has(header) || AGE.has(header) || SHAPELESS_BEGINNINGS.some((beginning) => header.startsWith(beginning))

/**
 * What is known to shape the answers, with what this answer's Vary header says (RFC 9110, section 12.5.5); the very
 * same where that is nothing new.
 */
export function learnVarying (known: Varying, vary: string | string[] | undefined): Varying {
  if (vary === undefined || known === '*') return known
  const names = wordsOf(vary.toString())
  if (names.includes('*')) return '*'
  const learnt = names.filter((name) => isShapeless(name) && !known.includes(name))
  return learnt.length === 0 ? known : [...known, ...new Set(learnt)]
}

/**
 * What Cache-Control, or Pragma where there is none, says of how old an answer may be, milliseconds; undefined for one
 * that nobody may cache.
 */
function mostAge (control: readonly string[]): number | undefined {
  let most = Infinity
  for (const directive of control) {
    if (directive === 'no-store') return undefined
    if (directive === 'no-cache') most = 0
    const [, seconds] = MAX_AGE.exec(directive) ?? []
    if (seconds !== undefined) most = Math.min(most, Number(seconds) * 1000)
  }
  return most
}

const MAX_AGE = /^max-age="?(\d{1,9})"?$/
/** Directives that the proxy obeys itself. What it does not know may shape the answer. */
const isObeyed = (directive: string): boolean =>
  directive === 'no-cache' || directive === 'no-store' || MAX_AGE.test(directive)

const wordsOf = (list: string): string[] =>
  list.toLowerCase().split(',').map((word) => word.trim()).filter((word) => word !== '')
