import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { reserveMs } from '../../policy/retry/latest-start.ts'
import { classOf, parseClass } from '../../twilio/class.ts'
import { TWILIO_CODES } from '../../twilio/bodies/error-body.ts'
import type { Hosts } from '../../twilio/hosts.ts'
import type { Facts, Match, RuleBook } from '../match.ts'
import { accountInPath, parsePrincipal } from '../../twilio/paths/principal.ts'
import { routeTemplate } from '../../twilio/paths/route.ts'
import { limitedRoute } from '../../twilio/paths/route-variant.ts'
import { sdkTimeoutMs } from '../../twilio/sdk.ts'
import { isOwnName } from './own-name.ts'
import { resolveTarget } from '../../twilio/target.ts'
import { TRAFFIC_CLASSES, type TrafficClass } from '../../twilio/types.ts'
import type { Accounts } from '../gate/accounts.ts'
import type { Credentials } from '../gate/credentials.ts'
import { RefusalError } from '../errors.ts'
import type { Identity } from '../exchange-state.ts'
import { baseUrl, type Trusts } from './forwarded.ts'
import { refuseOtherMethod, refuseTwoReadings } from './one-meaning.ts'
import type { Callers, KnownCaller } from '../ports/access.ts'
import type { PageBase } from '../reply/page-base.ts'
import { mayRewritePages } from '../reply/page-urls.ts'
import { peerAddress } from '../clients/peer.ts'
import { foreignPage } from './web-page.ts'

export interface DeadlineOptions {
  /** For callers that name no timeout and whose SDK is not known, milliseconds. */
  readonly defaultMs: number
  /** Most that a caller may ask for, milliseconds. */
  readonly maxMs: number
  /** Taken off an SDK's own timeout, so that it hears from us before it gives up, milliseconds. */
  readonly sdkMarginMs: number
}

/** Gives what it matches a class; the first that matches counts. */
export interface ClassRule {
  /** `classes` are those that requests have by themselves; a body is not known yet. */
  readonly match: Omit<Match, 'fields'>
  readonly class: TrafficClass
}

/** No margin takes more than this part of an SDK's own timeout. */
const MARGIN_MOST = 0.2

export interface Identifier {
  readonly accounts: Accounts
  readonly credentials: Credentials
  /** Absent where callers need no token. */
  readonly callers?: Callers | undefined
  readonly deadline: DeadlineOptions
  /** Lists of clients that came by base URL name pages of this proxy. */
  readonly rewritePageUrls: boolean
  /** Requests that are of another class than they would be by themselves. */
  readonly classes: RuleBook<ClassRule> | undefined
  /** All rules of the settings that look at routes; undefined where there are none. */
  readonly rules: RuleBook<{ readonly match: Match }> | undefined
  /** Host names under which applications reach this proxy, in addition to the private ones. */
  readonly names: ReadonlySet<string>
  /** Twilio's, and those that the settings add. */
  readonly hosts: Hosts
  /** Proxies before this one whose headers tell how a client came. */
  readonly trusts: Trusts
  /** Origins of web pages whose requests are accepted, lower case. */
  readonly origins: ReadonlySet<string>
}

/**
 * Who asks whom for what, and until when. Throws a RefusalError that names the header at fault. `url` is the target of
 * the request line, unchanged by the server. `tunnelHost` is the host of the tunnel around the request, which may name
 * no other host. `tunnelCaller` is the caller whose tunnel it is, if its CONNECT had a token.
 */
export function identify (
  request: IncomingMessage,
  url: string,
  order: number,
  nowMs: number,
  by: Identifier,
  tunnelHost?: string,
  tunnelCaller?: KnownCaller
): Identity {
  const { headers, method = 'GET' } = request
  const target = resolveTarget(
    headers.host,
    url,
    (host) => isOwnName(host, by.names, request.socket.localAddress),
    by.hosts
  )
  if (!target.ok) {
    if (target.reason === 'bad_request') {
      throw new RefusalError(400, TWILIO_CODES.badRequest, 'bad_request', target.message)
    }
    throw new RefusalError(421, TWILIO_CODES.notFound, 'unknown_host', target.message)
  }
  const { upstream, path } = target
  if (tunnelHost !== undefined && (upstream.host !== tunnelHost || target.via !== 'host')) {
    throw new RefusalError(
      421,
      TWILIO_CODES.notFound,
      'unknown_host',
      `The request names another host than its tunnel, which is for ${tunnelHost}.`
    )
  }
  refuseOtherMethod(method, headers, path)
  // Within a tunnel the browser knows Twilio's own name: its rules for pages hold there.
  const foreign = tunnelHost === undefined
    ? foreignPage(headers, (origin) => by.origins.has(origin.toLowerCase()))
    : undefined
  if (foreign !== undefined) {
    throw new RefusalError(403, TWILIO_CODES.forbidden, 'web_page',
      `Header ${foreign}: ${described(headers[foreign === 'Origin' ? 'origin' : 'sec-fetch-site'] ?? '')} shows that a web page sent the request, and listen.origins does not list its origin. Nothing was sent to Twilio.`)
  }
  const known = by.callers?.identify({ headers, tunnelCaller })
  const template = routeTemplate(path)
  const route = `${method} ${upstream.product}${template}`
  refuseTwoReadings(method, upstream.product, route, path, by.rules)
  const address = peerAddress(request.socket.remoteAddress)
  const brokered = known?.credentials === 'broker'
  const authorization = brokered ? undefined : headers.authorization
  const account = known?.credentials === 'broker'
    ? by.accounts.named(accountFor(known, headers, path), upstream.region, address)
    : by.accounts.of(authorization, path, upstream.region, address)
  const usual = classOf(method, upstream.product, template)
  const bearer = { credential: by.credentials.nameOf(authorization, account.key), address }
  const caller = known?.name ?? callerName(headers['governor-caller'], request.socket.remoteAddress)
  const budgetMs = timeAllowedMs(headers['governor-timeout-ms'], headers['user-agent'], by.deadline)
  return {
    order,
    method,
    upstream,
    path,
    route,
    class: trafficClass(headers['governor-class']) ??
      classByRule(by.classes, { method, upstream, route, class: usual, caller, account, path }) ??
      usual,
    account,
    caller,
    authorization,
    ...brokered ? { brokered } : { bearer },
    // Whom the proxy knows has a share of its own, wherever it comes from.
    peer: known === undefined ? by.credentials.peerOf(bearer) : `caller ${known.name}`,
    allowsDuplicate: allowsDuplicate(headers['governor-duplicate']),
    rawHeaders: request.rawHeaders,
    pageBase: by.rewritePageUrls && target.via !== 'host' && mayRewritePages(headers)
      ? pagesUnder(baseUrl(headers, request.socket.remoteAddress, by.trusts), by.hosts)
      : undefined,
    deadlineMs: nowMs + budgetMs,
    latestStartMs: nowMs +
      budgetMs - reserveMs(budgetMs, account.gate.limit.expected(limitedRoute(upstream.product, route, path)))
  }
}

const pagesUnder = (url: string | undefined, hosts: Hosts): PageBase | undefined =>
  url === undefined ? undefined : { url, hosts }

const classByRule = (rules: RuleBook<ClassRule> | undefined, facts: Facts): TrafficClass | undefined =>
  rules?.first(facts)?.class

const CALLER = /^[A-Za-z0-9_.-]{1,64}$/
/** How an IPv4 address looks on a socket that speaks IPv6. */
const MAPPED = '::ffff:'

function callerName (value: string | string[] | undefined, address: string | undefined): string {
  if (value === undefined) {
    return address?.startsWith(MAPPED) === true ? address.slice(MAPPED.length) : address ?? 'unknown'
  }
  if (typeof value === 'string' && CALLER.test(value)) return value
  throw new RefusalError(400, TWILIO_CODES.badRequest, 'bad_header',
    `Header Governor-Caller: ${described(value)} is not a name of 1 to 64 letters, digits, dots, hyphens or underscores.`)
}

function trafficClass (value: string | string[] | undefined): TrafficClass | undefined {
  if (value === undefined) return undefined
  const name = typeof value === 'string' ? parseClass(value) : undefined
  if (name !== undefined) return name
  throw new RefusalError(400, TWILIO_CODES.badRequest, 'bad_header',
    `Header Governor-Class: ${described(value)} is not a class; accepted are ${TRAFFIC_CLASSES.join(', ')}.`)
}

function allowsDuplicate (value: string | string[] | undefined): boolean {
  if (value === undefined) return false
  if (typeof value === 'string' && value.trim().toLowerCase() === 'allow') return true
  throw new RefusalError(
    400,
    TWILIO_CODES.badRequest,
    'bad_header',
    `Header Governor-Duplicate: ${described(value)} is not "allow".`
  )
}

function timeAllowedMs (
  value: string | string[] | undefined,
  userAgent: string | undefined,
  options: DeadlineOptions
): number {
  if (value === undefined) {
    const sdkMs = sdkTimeoutMs(userAgent)
    if (sdkMs === undefined) return options.defaultMs
    return Math.min(options.maxMs, sdkMs - Math.min(options.sdkMarginMs, MARGIN_MOST * sdkMs))
  }
  const wanted = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : NaN
  if (wanted >= 1 && wanted <= options.maxMs) return wanted
  throw new RefusalError(400, TWILIO_CODES.badRequest, 'bad_header',
    `Header Governor-Timeout-Ms: ${described(value)} is not a whole number of milliseconds from 1 to ${options.maxMs}.`)
}

/** The account that a caller without a Twilio credential asks for: as user name, path, header or settings say. */
function accountFor (known: KnownCaller, headers: IncomingHttpHeaders, path: string): string {
  const header = headers['governor-account']
  if (header !== undefined && (typeof header !== 'string' || !ACCOUNT_SID.test(header))) {
    throw new RefusalError(400, TWILIO_CODES.badRequest, 'bad_header',
      `Header Governor-Account: ${described(header)} is not an account SID: AC and 32 hexadecimal digits.`)
  }
  const principal = parsePrincipal(headers.authorization)
  const named = principal.kind === 'account' ? principal.sid : accountInPath(path)
  const sid = named ?? header ?? known.account
  if (sid !== undefined) return sid
  throw new RefusalError(400, TWILIO_CODES.badRequest, 'bad_header',
    'Nothing says which account this request is for: name it in the user name, in the header Governor-Account, or in the settings of its caller.')
}

const ACCOUNT_SID = /^AC[0-9a-f]{32}$/i

/** A header's value for an error text: its type and a short, printable piece. */
function described (value: string | string[]): string {
  if (Array.isArray(value)) return `a list of ${value.length} values`
  return `text "${value.slice(0, 40).replace(/[^\x20-\x7e]/g, '?')}"`
}
