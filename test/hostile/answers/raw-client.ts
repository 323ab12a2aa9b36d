/** A client that reads an answer as strictly as RFC 9112 lets it: whatever is not one answer, whole, is an error. */
import { connect } from 'node:net'

export interface RawAnswer {
  /** 0: it broke off. */
  readonly status: number
  /** Values by lower-case names, several joined by `|`. */
  readonly headers: Readonly<Record<string, string>>
  /** In Latin-1. */
  readonly body: string
}

const FORM = 'To=%2B15005550006&Body=hello'

/** The bytes that come for one request, until the connection ends. */
export async function ask (proxy: string, method: string, path: string, authorization: string): Promise<RawAnswer> {
  const { hostname, port } = new URL(proxy)
  const socket = connect(Number(port), hostname)
  const hasBody = method === 'POST'
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAuthorization: ${authorization}\r\nConnection: close\r\n${
    hasBody ? `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${FORM.length}\r\n` : ''}\r\n${hasBody ? FORM : ''}`)
  const chunks: Buffer[] = []
  try {
    for await (const chunk of socket) chunks.push(chunk as Buffer)
  } catch {
    // A reset: what came before it tells.
  }
  return parse(Buffer.concat(chunks).toString('latin1'), method)
}

function parse (text: string, method: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) throw new Error(`no head: ${JSON.stringify(text.slice(0, 200))}`)
  const [first = '', ...lines] = text.slice(0, end).split('\r\n')
  const status = Number(/^HTTP\/1\.1 ([1-9]\d\d) [\t\x20-\x7e\x80-\xff]*$/.exec(first)?.[1])
  if (Number.isNaN(status)) throw new Error(`no status line: ${JSON.stringify(first)}`)
  const headers: Record<string, string> = Object.create(null) as Record<string, string>
  for (const line of lines) {
    const [, name = '', value = ''] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*$/.exec(line) ?? []
    if (name === '') throw new Error(`no header: ${JSON.stringify(line)}`)
    const lower = name.toLowerCase()
    headers[lower] = lower in headers ? `${headers[lower] ?? ''}|${value}` : value
  }
  const body = bodyOf(text.slice(end + 4), headers, method === 'HEAD' || status === 204 || status === 304)
  return body === undefined ? { status: 0, headers, body: '' } : { status, headers, body }
}

/** Undefined for a body that breaks off. */
function bodyOf (rest: string, headers: Readonly<Record<string, string>>, none: boolean): string | undefined {
  const { 'content-length': length, 'transfer-encoding': coding } = headers
  if (length !== undefined && (coding !== undefined || !/^\d+$/.test(length))) throw new Error('ambiguous framing')
  if (none) {
    if (rest !== '') throw new Error('a body where none may be')
    return ''
  }
  if (length !== undefined) {
    if (rest.length > Number(length)) throw new Error('bytes after the answer')
    return rest.length < Number(length) ? undefined : rest
  }
  if (coding !== 'chunked') throw new Error('no framing')
  return unchunked(rest)
}

function unchunked (rest: string): string | undefined {
  const parts: string[] = []
  for (let at = 0; ;) {
    const [line = '', size = ''] = /^([0-9a-f]+)\r\n/i.exec(rest.slice(at, at + 20)) ?? []
    if (line === '') return undefined
    at += line.length
    const bytes = parseInt(size, 16)
    if (rest.slice(at + bytes, at + bytes + 2) !== '\r\n') return undefined
    if (bytes === 0) {
      if (rest.length > at + 2) throw new Error('bytes after the answer')
      return parts.join('')
    }
    parts.push(rest.slice(at, at + bytes))
    at += bytes + 2
  }
}
