import { KNOWN_HOSTS, labelOfHost, type Hosts, type TwilioHost } from './hosts.ts'
import { memoised } from '../policy/counts/memo.ts'
import { faultInPath, looseForm } from './paths/spelling.ts'

export type Target =
  | {
    readonly ok: true
    readonly upstream: TwilioHost
    /** Raw path and query to send, byte for byte as the client sent them, beginning with `/`. */
    readonly path: string
    /** What named the host. */
    readonly via: 'host' | 'path_host' | 'path_product' | 'default'
  }
  | { readonly ok: false, readonly reason: 'unknown_host' | 'bad_request', readonly message: string }

const ACCEPTED = 'Accepted are Twilio API hosts such as verify.twilio.com or api.dublin.ie1.twilio.com, in the Host ' +
  'header or as the first path segment, and product names such as /verify as the first path segment.'

/**
 * Finds the Twilio host a request is for. In order: an absolute URL, the Host header, the first path segment (a
 * host, then a product), api.twilio.com. A target that names a host other than Twilio's is refused.
 *
 * @param isOwnName tells whether a Host header, lower case and without its port, means the proxy itself
 */
export function resolveTarget (
  hostHeader: string | undefined, url: string, isOwnName: (host: string) => boolean, hosts: Hosts = KNOWN_HOSTS
): Target {
  const { parse, ofProduct } = hosts
  const named = url.startsWith('/') ? undefined : splitAbsolute(url)
  if (named !== undefined) {
    const upstream = parse(named.authority)
    if (upstream === undefined) return refuseHost(named.authority, 'is not a Twilio API host')
    return finish(upstream, named.path, 'host')
  }
  if (!url.startsWith('/')) return refuse('The request target is neither a path nor an http or https URL.')

  if (hostHeader !== undefined && hostHeader !== '') {
    // A name that leads to the proxy may carry the proxy's port.
    const upstream = parse(withoutPort(hostHeader))
    if (upstream !== undefined) return finish(upstream, url, 'host')
    if (!isOwnName(nameInHeader(hostHeader))) {
      return refuseHost(hostHeader, 'is neither a Twilio API host nor a name of this proxy', OWN_NAME)
    }
  }

  const end = segmentEnd(url)
  const segment = url.slice(1, end)
  if (/[.:]/.test(segment)) {
    const upstream = parse(segment)
    if (upstream !== undefined) return finish(upstream, rest(url, end), 'path_host')
    if (looksLikeHost(segment)) return refuseHost(segment, 'is not a Twilio API host')
  }
  const upstream = ofProduct(segment)
  if (upstream !== undefined) return finish(upstream, rest(url, end), 'path_product')
  const meant = /^[\w-]*$/.test(segment) ? undefined : meantHost(segment, hosts)
  if (meant !== undefined) return refuse(`The first path segment may mean ${meant}. Write it plainly, as /${meant}.`)
  if (isUnknownProduct(segment, url, end)) return refuseProduct(segment)
  return finish(API, url, 'default')
}

/** A version stands first in the paths of api.twilio.com: what stands before one was meant as a product. */
const VERSION = /^\/(?:v[0-9]{1,4}|20[0-9]{2}-[0-9]{2}-[0-9]{2})(?=[/?]|$)/
const LABEL = /^(?!v[0-9]+$)[a-z][a-z0-9-]{0,62}$/i

const isUnknownProduct = (segment: string, url: string, end: number): boolean =>
  LABEL.test(segment) && VERSION.test(url.slice(end, end + 12))

const API: TwilioHost = { host: 'api.twilio.com', product: 'api', region: undefined }

function finish (upstream: TwilioHost, path: string, via: 'host' | 'path_host' | 'path_product' | 'default'): Target {
  const fault = faultInPath(path)
  return fault === undefined ? { ok: true, upstream, path, via } : refuse(fault)
}

/** The product or host that a first segment may mean to another reader, such as `verif%79`. */
function meantHost (segment: string, { parse, ofProduct }: Hosts): string | undefined {
  const [meant = ''] = looseForm(`/${segment}`).slice(1).toLowerCase().split('/', 1)
  const isOther = meant !== segment.toLowerCase() && (ofProduct(meant) ?? parse(meant)) !== undefined
  return isOther ? meant : undefined
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

const OWN_NAME = 'If applications reach the proxy under this name, add it to listen.names.'

const refuseHost = (host: string, why: string, what = ''): Target => {
  const at = host.lastIndexOf('@')
  // What stands before an @ is a user name or a password.
  const shown = host.slice(at + 1, at + 101).replace(/[^\x21-\x7e]/g, '?')
  const label = labelOfHost(host)
  const advice = label === undefined ? what : addLabel(label)
  return {
    ok: false,
    reason: 'unknown_host',
    message: [`"${shown}" ${why}.`, advice, ACCEPTED].filter((part) => part !== '').join(' ')
  }
}

const refuseProduct = (segment: string): Target => {
  const label = segment.toLowerCase()
  const advice = label === segment ? addLabel(label) : 'Write product names in lower case.'
  return {
    ok: false,
    reason: 'unknown_host',
    message: `"${segment}", the first path segment, is not a Twilio product that this version knows. ${advice} ${ACCEPTED}`
  }
}

/** What to do about a host of Twilio's that is newer than this version. */
export const addLabel = (label: string): string => `If Twilio has a new API there, add ${label} to upstream.hosts.`
