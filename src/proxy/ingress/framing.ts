/**
 * Finds requests that two HTTP parsers could read differently, or that Node would shorten in silence. They are refused
 * before a byte of them goes to Twilio (RFC 9112, sections 3, 5 and 6). Node's own parser refuses others before
 * they come here.
 */

export interface Framed {
  readonly httpVersion: string
  readonly method: string
  /** As the request line has it. */
  readonly target: string
  /** Names and values in turn, all that came. */
  readonly rawHeaders: readonly string[]
}

export interface FramingRefusal {
  readonly status: 400 | 417 | 431 | 501
  /** For the client: what is wrong, and what is accepted. */
  readonly sentence: string
}

/** More fields than any client sends; Node's own bound drops what is beyond it in silence. */
export const HEADERS_MOST = 1_000

/** Fields that a request may have only once: Node reads the first, another parser may read the last. */
const SINGLE: readonly string[] = [
  'host', 'content-length', 'transfer-encoding', 'authorization', 'content-type', 'expect', 'user-agent', 'proxy-authorization',
  'from', 'referer', 'max-forwards', 'if-modified-since', 'if-unmodified-since', 'if-range', 'range', 'content-range', 'date'
]
const BITS: ReadonlyMap<string, number> = new Map(SINGLE.map((name, i) => [name, 1 << i]))
/** Fields that belong to the request: a Connection header cannot have them dropped. */
const END_TO_END: ReadonlySet<string> = new Set(
  [...SINGLE, 'content-encoding', 'cookie', 'accept', 'prefer'].filter((name) => name !== 'proxy-authorization')
)

/** A name or an IPv6 address, and a port (RFC 9110, section 7.2); no user name, and no list. */
const HOST = /^(?:[a-z0-9._~!$&'()*+;=%-]+|\[[0-9a-f:.]+\])(?::[0-9]{0,5})?$/i
const LENGTH = /^[0-9]{1,15}$/

/** Why a request is refused; undefined when every parser reads it alike. */
export function framingRefusal ({ httpVersion, method, target, rawHeaders }: Framed): FramingRefusal | undefined {
  if (httpVersion !== '1.1' && httpVersion !== '1.0') {
    return bad(`The proxy does not speak HTTP/${httpVersion}; accepted are HTTP/1.1 and HTTP/1.0.`)
  }
  if (rawHeaders.length / 2 > HEADERS_MOST) {
    return { status: 431, sentence: `The request has more than ${HEADERS_MOST} header fields.` }
  }
  const atTarget = targetRefusal(target)
  if (atTarget !== undefined) return atTarget
  let seen = 0
  let host, length, coding: string | undefined
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase()
    const value = rawHeaders[i + 1] ?? ''
    const bit = BITS.get(name)
    if (bit === undefined) {
      const refusal = otherRefusal(name, value)
      if (refusal !== undefined) return refusal
      continue
    }
    if ((seen & bit) !== 0) return bad(`Header ${shown(name)}: the request has it twice; once is accepted.`)
    seen |= bit
    if (name === 'host') host = value
    else if (name === 'content-length') length = value
    else if (name === 'transfer-encoding') coding = value
    else if (name === 'expect' && value.toLowerCase() !== '100-continue') {
      return { status: 417, sentence: 'Header Expect: only 100-continue is accepted.' }
    }
  }
  return hostRefusal(host, httpVersion) ?? bodyRefusal(method, httpVersion, length, coding)
}

/** An absolute target and a Host header that name different hosts; `undefined` where they agree. */
export function twoHostsRefusal (target: string, host: string | undefined): FramingRefusal | undefined {
  if (target.startsWith('/') || host === undefined) return undefined
  const [, scheme = '', authority = ''] = /^(https?):\/\/([^/?#]*)/i.exec(target) ?? []
  const port = scheme.toLowerCase() === 'http' ? ':80' : ':443'
  const plain = (name: string): string => name.toLowerCase().replace(new RegExp(`${port}$`), '').replace(/\.$/, '')
  return plain(authority) === plain(host)
    ? undefined
    : bad('Header Host: it names another host than the request\'s absolute URL; both must name the same.')
}

function targetRefusal (target: string): FramingRefusal | undefined {
  if (target.includes('#')) {
    return bad('The request target has a fragment (#). Percent-encode it as %23, or leave it out.')
  }
  return /[^\x21-\x7e]/.test(target)
    ? bad('The request target has a character that must be percent-encoded.')
    : undefined
}

/** What no header of the framing may be hidden in. */
function otherRefusal (name: string, value: string): FramingRefusal | undefined {
  if (name === 'connection') return connectionRefusal(value)
  // To a server that speaks CGI, an underscore is a hyphen.
  if (name.includes('_') && BITS.has(name.replaceAll('_', '-'))) {
    return bad(
    `Header ${shown(name)}: some servers read it as ${shown(name.replaceAll('_', '-'))}; write it with hyphens.`
    )
  }
  return undefined
}

function connectionRefusal (value: string): FramingRefusal | undefined {
  if (value === 'keep-alive' || value === 'close') return undefined
  for (const part of value.toLowerCase().split(',')) {
    const name = part.trim()
    if (END_TO_END.has(name) || name.startsWith('governor-')) {
      return bad(
      `Header Connection: it lists ${shown(name)}, which belongs to the request; only headers of the connection are accepted.`
      )
    }
  }
  return undefined
}

function hostRefusal (host: string | undefined, httpVersion: string): FramingRefusal | undefined {
  if (host === undefined) {
    return httpVersion === '1.0' ? undefined : bad('Header Host: HTTP/1.1 requires it; accepted is one host name.')
  }
  return HOST.test(host)
    ? undefined
    : bad('Header Host: it is not a host name; accepted is one name or address, with or without a port.')
}

function bodyRefusal (
  method: string,
  httpVersion: string,
  length: string | undefined,
  coding: string | undefined
): FramingRefusal | undefined {
  if (method === 'CONNECT' && (length !== undefined || coding !== undefined)) {
    return bad('A CONNECT request has no body: leave out Content-Length and Transfer-Encoding.')
  }
  if (length !== undefined && !LENGTH.test(length)) {
    return bad('Header Content-Length: it must be a whole number of bytes of up to 15 digits.')
  }
  if (coding === undefined) {
    return httpVersion === '1.0' &&
      length === undefined &&
      (method === 'POST' || method === 'PUT' || method === 'PATCH')
      ? bad(`Header Content-Length: a ${method} of HTTP/1.0 requires it.`)
      : undefined
  }
  if (length !== undefined) {
    return bad('The request has both Transfer-Encoding and Content-Length; only one of them is accepted.')
  }
  if (httpVersion === '1.0') return bad('Header Transfer-Encoding: HTTP/1.0 does not have it; accepted is Content-Length.')
  if (coding.toLowerCase() === 'chunked') return undefined
  const isOther = coding.toLowerCase().split(',').some((part) => !/^[ \t]*(?:chunked)?[ \t]*$/.test(part))
  return { status: isOther ? 501 : 400, sentence: 'Header Transfer-Encoding: only "chunked" is accepted.' }
}

const bad = (sentence: string): FramingRefusal => ({ status: 400, sentence })

/** `content-length` as it is usually written. */
const shown = (name: string): string => name.slice(0, 40).replace(/(^|[-_])[a-z]/g, (start) => start.toUpperCase())
