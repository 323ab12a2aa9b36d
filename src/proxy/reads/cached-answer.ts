/** An answer of Twilio's, cached for reads that ask for the same a little later. */
import type { ResponseHeaders } from '../forward/attempt.ts'

export interface CachedAnswer {
  readonly headers: ResponseHeaders
  readonly body: Buffer
  /** The ETag by which Twilio recognises it; undefined if it gave none. */
  readonly etag: string | undefined
  /** When it came, on the proxy's clock, and how old it was then, milliseconds. */
  readonly atMs: number
  readonly ageMs: number
}

/** They describe the request that fetched it, and nothing that holds later. */
const OF_ITS_TIME = new Set(['age', 'twilio-concurrent-requests'])

/**
 * The answer in the form in which it is cached; undefined if it must not be cached: not whole, not good, for one reader
 * alone, or forbidden.
 */
export function keepable (
  {
    statusCode,
    headers,
    body
  }: { readonly statusCode: number, readonly headers: ResponseHeaders, readonly body: unknown },
  nowMs: number
): CachedAnswer | undefined {
  if (statusCode !== 200 || !Buffer.isBuffer(body) || headers['set-cookie'] !== undefined || isForbidden(headers)) {
    return undefined
  }
  const kept: ResponseHeaders = {}
  for (const name in headers) {
    // What Twilio signs for its reader is for that reader.
    if (name.startsWith('twilio-') && name.endsWith('-signature')) return undefined
    if (!name.startsWith('governor-') && !OF_ITS_TIME.has(name)) kept[name] = headers[name]
  }
  const { etag } = headers
  return {
    headers: kept,
    body: alone(body),
    etag: typeof etag === 'string' && etag !== '' ? etag : undefined,
    atMs: nowMs,
    ageMs: ageMs(headers)
  }
}

/** How old it is now, milliseconds. */
export const ageOf = ({ atMs, ageMs }: CachedAnswer, nowMs: number): number => ageMs + Math.max(0, nowMs - atMs)

/** What it takes, without what is needed to find it: names of headers are shared by all answers. */
export function bytesOf ({ headers, body }: CachedAnswer): number {
  let bytes = body.length
  for (const name in headers) bytes += (headers[name]?.toString().length ?? 0) + BYTES_AROUND_A_HEADER
  return bytes
}

/** Measured, Node 20. */
const BYTES_AROUND_A_HEADER = 32

const isForbidden = ({ 'cache-control': control }: ResponseHeaders): boolean =>
  control?.toString().toLowerCase().split(',').some((word) => word.trim() === 'no-store') === true

function ageMs ({ age }: ResponseHeaders): number {
  return typeof age === 'string' && /^\d{1,9}$/.test(age) ? Number(age) * 1000 : 0
}

/** Bytes that came from the network are a piece of a larger block, which would stay in memory with them. */
function alone (body: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(body.length)
  body.copy(copy)
  return copy
}
