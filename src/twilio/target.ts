import { hostOfProduct, parseTwilioHost, type TwilioHost } from './hosts.ts'
import { memoised } from './memo.ts'
import { faultInPath, looseForm } from './spelling.ts'

export { isOwnName } from './own-name.ts'

export type Target =
  | {
    readonly ok: true
    readonly upstream: TwilioHost
    /** Raw path and query to send, bytes as they came, beginning with `/`. */
    readonly path: string
    /** What named the host. */
    readonly via: 'host' | 'path_host' | 'path_product' | 'default'
  }
  | { readonly ok: false, readonly reason: 'unknown_host' | 'bad_request', readonly message: string }

const ACCEPTED = 'Accepted are Twilio API hosts such as verify.twilio.com or api.dublin.ie1.twilio.com, in the Host ' +
  'header or as the first path segment, and product names such as /verify as the first path segment.'

/**
 * Finds the Twilio host a request is for. In order: an absolute URL, the Host header, the first path segment (a
 * host, then a product), api.twilio.com. Whatever names a host that is not Twilio's is refused.
 *
 * @param isOwnName tells whether a Host header, lower case and without its port, means the proxy itself
 */
export function resolveTarget (hostHeader: string | undefined, url: string, isOwnName: (host: string) => boolean): Target {
  const named = url.startsWith('/') ? undefined : splitAbsolute(url)
  if (named !== undefined) {
    const upstream = parseTwilioHost(named.authority)
    if (upstream === undefined) return refuseHost(named.authority, 'is not a Twilio API host')
    return finish(upstream, named.path, 'host')
  }
  if (!url.startsWith('/')) return refuse('The request target is neither a path nor an http or https URL.')

  if (hostHeader !== undefined && hostHeader !== '') {
    // A name that leads to the proxy may carry the proxy's port.
    const upstream = parseTwilioHost(withoutPort(hostHeader))
    if (upstream !== undefined) return finish(upstream, url, 'host')
    if (!isOwnName(nameInHeader(hostHeader))) {
      return refuseHost(hostHeader, 'is neither a Twilio API host nor a name of this proxy')
    }
  }

  const end = segmentEnd(url)
  const segment = url.slice(1, end)
  if (/[.:]/.test(segment)) {
    const upstream = parseTwilioHost(segment)
    if (upstream !== undefined) return finish(upstream, rest(url, end), 'path_host')
    if (looksLikeHost(segment)) return refuseHost(segment, 'is not a Twilio API host')
  }
  const upstream = hostOfProduct(segment)
  const meant = upstream === undefined && !/^[0-9a-z-]*$/.test(segment) ? meantHost(segment, url.slice(end)) : undefined
  if (meant !== undefined) return refuse(`The first path segment may mean ${meant}. Write it plainly, as /${meant}.`)
  return upstream !== undefined ? finish(upstream, rest(url, end), 'path_product') : finish(API, url, 'default')
}

const API: TwilioHost = { host: 'api.twilio.com', product: 'api', region: undefined }

function finish (upstream: TwilioHost, path: string, via: 'host' | 'path_host' | 'path_product' | 'default'): Target {
  const fault = faultInPath(path)
  return fault === undefined ? { ok: true, upstream, path, via } : refuse(fault)
}

/** The product or host that a first segment may mean to another reader, such as `verif%79` or, before a version, `Verify`. */
function meantHost (segment: string, after: string): string | undefined {
  const [meant = ''] = looseForm(`/${segment}`).slice(1).toLowerCase().split('/', 1)
  if (meant === segment || (hostOfProduct(meant) ?? parseTwilioHost(meant)) === undefined) return undefined
  const differsInCaseAlone = segment.toLowerCase() === meant
  return differsInCaseAlone && !/^\/(?:v\d|20\d\d-)/i.test(after) ? undefined : meant
}

function splitAbsolute (url: string): { readonly authority: string, readonly path: string } | undefined {
  const scheme = /^https?:\/\//i.exec(url)?.[0]
  if (scheme === undefined) return undefined
  const end = authorityEnd(url, scheme.length)
  return { authority: url.slice(scheme.length, end), path: rest(url, end) }
}

function authorityEnd (url: string, from: number): number {
  for (let i = from; i < url.length; i++) {
    const char = url[i]
    if (char === '/' || char === '?' || char === '#' || char === '\\') return i
  }
  return url.length
}

function segmentEnd (url: string): number {
  const query = url.indexOf('?', 1)
  const slash = url.indexOf('/', 1)
  if (slash === -1) return query === -1 ? url.length : query
  return query === -1 ? slash : Math.min(slash, query)
}

function rest (url: string, from: number): string {
  const path = url.slice(from)
  return path.startsWith('/') ? path : `/${path}`
}

const IPV4 = /^[0-9]+(?:\.[0-9]+){3}$/

const FILE_SUFFIXES: ReadonlySet<string> = new Set(['json', 'xml', 'csv', 'html'])

function looksLikeHost (segment: string): boolean {
  const whole = segment.endsWith('.') ? segment.slice(0, -1) : segment
  const name = withoutPort(whole)
  if (name !== whole || IPV4.test(name)) return true
  const dot = name.lastIndexOf('.')
  const last = name.slice(dot + 1).toLowerCase()
  return dot > 0 && /^[a-z]+$/.test(last) && !FILE_SUFFIXES.has(last)
}

/** An IPv6 address keeps its brackets. */
function withoutPort (host: string): string {
  const colon = host.lastIndexOf(':')
  if (colon === -1 || !/^[0-9]*$/.test(host.slice(colon + 1))) return host
  const name = host.slice(0, colon)
  return name.endsWith(']') || !name.includes(':') ? name : host
}

const nameInHeader = memoised(256, 256, (header: string): string => withoutPort(header).toLowerCase())

const refuse = (message: string): Target => ({ ok: false, reason: 'bad_request', message })

const refuseHost = (host: string, why: string): Target => {
  const at = host.lastIndexOf('@')
  // What stands before an @ is a user name or a password.
  const shown = host.slice(at + 1, at + 101).replace(/[^\x21-\x7e]/g, '?')
  return { ok: false, reason: 'unknown_host', message: `"${shown}" ${why}. ${ACCEPTED}` }
}
