/**
 * Makes page URLs lead back to the proxy for clients that use it as a base URL. Twilio's lists name their pages by
 * absolute URLs in `meta`, which twilio-node and twilio-python follow, past the proxy. Nothing else of an answer
 * changes: applications store `url` and `links` of a resource, so those have to stay Twilio's.
 */
import { visit, type JSONVisitor } from 'jsonc-parser'
import { Readable } from 'node:stream'
import { unpacked } from '../forward/content-coding.ts'
import type { ResponseHeaders } from '../forward/attempt.ts'
import type { PageBase } from './page-base.ts'
import type { Answer } from './answers.ts'

/** A page of 1,000 resources, the most that Twilio gives, is some megabytes; what is larger is passed on as it is. */
const PAGE_MOST_BYTES = 16 * 1024 * 1024

/** Nobody nests a list of Twilio's so deeply; the reader of JSON recurses, and would end at the stack's end. */
const DEPTH_MOST = 100

/** A client that checks that a page's URL is Twilio's, and throws if it is not. */
const CHECKS_PAGE_URLS = 'twilio-java/'

/** They speak of the bytes that Twilio sent. */
const OF_THE_BYTES = ['content-encoding', 'content-md5', 'digest', 'content-digest', 'repr-digest']

/** May the proxy change the answer to such a request? Not if the client signs its requests or checks what it gets. */
export function mayRewritePages (headers: NodeJS.Dict<string | string[]>): boolean {
  return headers['twilio-client-validation'] === undefined &&
    headers['user-agent']?.toString().startsWith(CHECKS_PAGE_URLS) !== true
}

/** The answer with its page URLs under `base`; the very answer where it has none. */
export async function keepPagesInside (answer: Answer, method: string, base: PageBase): Promise<Answer> {
  if (method !== 'GET' || answer.statusCode !== 200 || !isPlainJson(answer.headers)) return answer
  const body = Buffer.isBuffer(answer.body) ? answer.body : await gather(answer.body)
  const bytes = Buffer.isBuffer(body)
    ? await unpacked(body, answer.headers['content-encoding'], PAGE_MOST_BYTES)
    : undefined
  const text = bytes && asUtf8(bytes)
  const rewritten = text && rewrite(text, base)
  return rewritten === undefined ? { ...answer, body } : replaced(answer, Buffer.from(rewritten))
}

/** What Twilio signs for its reader has to stay as it is. */
function isPlainJson (headers: ResponseHeaders): boolean {
  const type = headers['content-type']
  return typeof type === 'string' && /^application\/(?:[\w.-]+\+)?json\b/i.test(type) &&
    !Object.keys(headers).some((name) => name.startsWith('twilio-') && name.endsWith('-signature'))
}

/**
 * The JSON text with every `meta.*_url` at Twilio moved under `base`, otherwise the same byte for byte; undefined where
 * there is none.
 */
export function rewrite (text: string, base: PageBase): string | undefined {
  if (!text.includes('_url"')) return undefined
  let result = ''
  let end = 0
  for (const { url, offset, length } of pageUrls(text)) {
    const local = underBase(url, base)
    if (local === undefined) continue
    result += text.slice(end, offset) + JSON.stringify(local)
    end = offset + length
  }
  return end === 0 ? undefined : result + text.slice(end)
}

function pageUrls (
  text: string
): ReadonlyArray<{ readonly url: string, readonly offset: number, readonly length: number }> {
  const found: Array<{ url: string, offset: number, length: number }> = []
  let [depth, outer, inner, broken] = [0, '', '', false]
  const enter = (): void => { if (++depth > DEPTH_MOST) throw new Error('too deep') }
  const leave = (): void => { depth-- }
  const visitor: JSONVisitor = {
    onObjectBegin: enter,
    onObjectEnd: leave,
    onArrayBegin: enter,
    onArrayEnd: leave,
    onObjectProperty: (name) => {
      if (depth === 1) [outer, inner] = [name, '']
      else if (depth === 2) inner = name
    },
    onLiteralValue: (value: unknown, offset, length) => {
      if (depth === 2 && outer === 'meta' && inner.endsWith('_url') && typeof value === 'string') {
        found.push({ url: value, offset, length })
      }
    },
    onError: () => { broken = true }
  }
  try {
    visit(text, visitor, { disallowComments: true })
  } catch {
    // Whatever it stumbles over is passed on as it is.
    broken = true
  }
  return broken ? [] : found
}

/** The host travels in the path, whatever the base URL of the client: so a page of any product finds its way. */
function underBase (url: string, base: PageBase): string | undefined {
  const [, authority = '', path = ''] = /^https:\/\/([^/?#\\@]+)(\/[^#]*)$/.exec(url) ?? []
  const upstream = base.hosts.parse(authority)
  return upstream === undefined ? undefined : `${base.url}/${upstream.host}${path}`
}

function replaced ({ statusCode, headers }: Answer, body: Buffer): Answer {
  const kept: ResponseHeaders = {}
  for (const name in headers) if (!OF_THE_BYTES.includes(name)) kept[name] = headers[name]
  const { etag } = headers
  // Another body of the same meaning (RFC 9110, section 8.8.1): Twilio still knows it again, and nobody takes it for
  // the same bytes.
  if (typeof etag === 'string' && !etag.startsWith('W/')) kept['etag'] = `W/${etag}`
  kept['content-length'] = String(body.length)
  kept['governor-page-urls'] = 'rewritten'
  return { statusCode, headers: kept, body }
}

/** What is not UTF-8 could not be put together again. */
function asUtf8 (bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** A streamed body whole, or what it would have been where it is too large or breaks off. */
async function gather (body: Readable): Promise<Buffer | Readable> {
  const chunks: Buffer[] = []
  const rest = body.iterator() as NodeJS.AsyncIterator<Buffer>
  let size = 0
  try {
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      chunks.push(next.value)
      size += next.value.length
      if (size > PAGE_MOST_BYTES) return Readable.from(joined(chunks, rest), { objectMode: false })
    }
    return Buffer.concat(chunks, size)
  } catch (error) {
    return Readable.from(brokenOff(chunks, error), { objectMode: false })
  }
}

async function * joined (chunks: readonly Buffer[], rest: NodeJS.AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield * chunks
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value
  } finally {
    // A client that reads no more lets go of the connection to Twilio, too.
    await rest.return?.()
  }
}

function * brokenOff (chunks: readonly Buffer[], error: unknown): Generator<Buffer> {
  yield * chunks
  throw error
}
