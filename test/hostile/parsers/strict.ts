/** Requests as RFC 9112 has them, to the letter: whatever it leaves to a recipient's goodwill is a fault. */
import { framingOf, parseAll, type Parsed, type Step } from './parsed.ts'

const REQUEST_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\/[\x21\x24-\x3b\x3d\x3f-\x5a\x5f\x61-\x7a\x7e]*|\*) HTTP\/1\.1$/
const FIELD_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*$/
const CHUNK_LINE = /^([0-9A-Fa-f]{1,15})(?:[ \t]*;[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:[ \t]*=[ \t]*(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+|"[^"\\\r\n]*"))?)*$/

export const parseStrictly = (bytes: string): Parsed => parseAll(bytes, step)

function step (bytes: string, from: number): Step {
  const head = fields(bytes, from, true)
  if (typeof head === 'string' || 'fault' in head) return head
  const [, method = '', target = ''] = REQUEST_LINE.exec(head.first) ?? []
  if (method === '') return { fault: `no request line: ${head.first.slice(0, 60)}` }
  const framing = framingOf(head.headers)
  const { host = [], 'content-length': lengths = [], 'transfer-encoding': codings = [] } = framing
  if (host.length !== 1) return { fault: `${host.length} Host headers` }
  if (codings.length > 0) {
    if (lengths.length > 0) return { fault: 'a length beside a coding' }
    if (codings.length > 1 || codings[0]?.toLowerCase() !== 'chunked') return { fault: `coding ${codings.join()}` }
    const body = chunks(bytes, head.next)
    return typeof body === 'string' || 'fault' in body ? body : { request: { method, target, framing, body: body.text }, next: body.next }
  }
  if (lengths.length > 1 || (lengths[0] !== undefined && !/^[0-9]+$/.test(lengths[0]))) return { fault: `length ${lengths.join()}` }
  const next = head.next + Number(lengths[0] ?? 0)
  return next > bytes.length ? 'more' : { request: { method, target, framing, body: bytes.slice(head.next, next) }, next }
}

interface Fields { readonly first: string, readonly headers: ReadonlyArray<readonly [string, string]>, readonly next: number }

function fields (bytes: string, from: number, hasFirst: boolean): Fields | { readonly fault: string } | 'more' {
  const headers: Array<readonly [string, string]> = []
  let first: string | undefined = hasFirst ? undefined : ''
  for (let at = from; ;) {
    const end = bytes.indexOf('\r\n', at)
    if (end === -1) return 'more'
    const line = bytes.slice(at, end)
    at = end + 2
    if (line === '' && first !== undefined) return { first, headers, next: at }
    if (first === undefined) {
      first = line
      continue
    }
    const [, name, value = ''] = FIELD_LINE.exec(line) ?? []
    if (name === undefined) return { fault: `no header: ${line.slice(0, 60)}` }
    headers.push([name.toLowerCase(), value])
  }
}

function chunks (bytes: string, from: number): { readonly text: string, readonly next: number } | { readonly fault: string } | 'more' {
  let text = ''
  for (let at = from; ;) {
    const end = bytes.indexOf('\r\n', at)
    if (end === -1) return 'more'
    const [, hex] = CHUNK_LINE.exec(bytes.slice(at, end)) ?? []
    if (hex === undefined) return { fault: `no chunk: ${bytes.slice(at, end).slice(0, 60)}` }
    const size = Number.parseInt(hex, 16)
    if (size === 0) {
      const trailers = fields(bytes, end + 2, false)
      return typeof trailers === 'string' || 'fault' in trailers ? trailers : { text, next: trailers.next }
    }
    at = end + 2 + size
    if (bytes.length < at + 2) return 'more'
    if (bytes.slice(at, at + 2) !== '\r\n') return { fault: 'a chunk without its end' }
    text += bytes.slice(end + 2, at)
    at += 2
  }
}
