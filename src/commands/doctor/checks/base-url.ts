/** The way through a base URL, for clients that have one: what leads past the proxy all the same. */
import type { Environment } from '../../run/bundle.ts'
import { resolveTarget } from '../../../twilio/target.ts'
import type { Facts } from '../facts.ts'
import { finding, NAMES, type Finding, type Sdk } from '../finding.ts'
import { exportExceptions, takeInAll } from '../fixes.ts'
import { wayOf } from './proxy-variables.ts'
import { livingHost, nodeHost, placeOf, pythonHost } from './region.ts'

/** The SDKs whose users set a base URL; with curl it is what they write. */
export const HAS_BASE_URL: ReadonlySet<Sdk> = new Set<Sdk>(['node', 'python', 'curl'])

const ANY_PATH = '/v1/Services'

/**
 * @param tunnelled what the client sends to Twilio's own hosts comes through a tunnel, so nothing leads past the proxy
 */
export function judgeBaseUrl (
  sdk: Sdk,
  baseUrl: string,
  env: Environment,
  facts: Facts,
  tunnelled: boolean
): readonly Finding[] {
  const base = read(baseUrl)
  if (base === undefined) {
    return [finding(
      sdk,
      'fails',
      'base_url_refused',
      'The base URL does not begin with http://.',
      [`# base URL: ${facts.proxy}/api`]
    )]
  }
  const target = resolveTarget(undefined, `${base.pathname.replace(/\/+$/, '')}${ANY_PATH}`, () => true)
  if (!target.ok) {
    return [finding(
      sdk,
      'fails',
      'base_url_refused',
      `The proxy refuses this base URL. ${target.message}`,
      [`# base URL: ${base.origin}/api`]
    )]
  }
  const way = wayOf(sdk, env, base)
  const blocked = [
    ...judgePlace(sdk, base, target.upstream.product, env),
    ...way.to === 'proxy' ? [proxied(sdk, base, way.variable, env)] : [],
    ...judgeProbe(sdk, base, facts)
  ]
  if (blocked.some(({ verdict }) => verdict !== 'advice')) return blocked
  return [
    finding(sdk, 'through', 'base_url', `The base URL leads to ${target.upstream.host} through ${base.origin}.`),
    ...blocked,
    ...sdk === 'curl' || tunnelled ? [] : pastIt(sdk, target.upstream.product, facts)
  ]
}

function read (text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.protocol === 'http:' ? url : undefined
}

function judgeProbe (sdk: Sdk, { origin }: URL, { probes }: Facts): readonly Finding[] {
  switch (probes.get(origin)?.answers) {
    case 'governor': return []
    case 'other': return [finding(
      sdk,
      'bypasses',
      'other_proxy',
      `The base URL leads to ${origin}, which is not twilio-governor.`
    )]
    default: return [finding(sdk, 'fails', 'unreachable', `The base URL leads to ${origin}, where nothing answers.`)]
  }
}

/** The SDKs put region and edge into whatever host they find. */
function judgePlace (sdk: Sdk, base: URL, product: string, env: Environment): readonly Finding[] {
  const place = placeOf(sdk, env)
  if (place.region === undefined && place.edge === undefined) return []
  const fix = ['unset TWILIO_REGION TWILIO_EDGE', `# base URL: ${base.origin}/${livingHost(product, place)}`]
  const made = sdk === 'node' ? nodeHost(base, place) : pythonHost(base, place)
  return made === (sdk === 'node' ? base.hostname : base.host)
    ? [finding(
        sdk,
        'advice',
        'region_lost',
        'TWILIO_REGION and TWILIO_EDGE have no effect with this base URL: it leads to us1.',
        fix
      )]
    : [finding(
        sdk,
        'fails',
        'region_mangles_base_url',
        `TWILIO_REGION and TWILIO_EDGE make "${made}" of the base URL's host.`,
        fix
      )]
}

function proxied (sdk: Sdk, base: URL, variable: string, env: Environment): Finding {
  const host = base.hostname
  const list = [env['no_proxy'] || env['NO_PROXY'] || '', host].filter((part) => part !== '')
  return finding(sdk, 'fails', 'base_url_proxied',
    `${variable} sends the base URL itself through a proxy: NO_PROXY lacks ${host}.`,
    exportExceptions(list))
}

/** What an SDK sends to Twilio's own hosts although it has a base URL. */
function pastIt (sdk: Sdk, product: string, facts: Facts): readonly Finding[] {
  const tunnel = takeInAll(facts, 'a tunnel for the rest')
  const rewrite = 'export GOVERNOR_REWRITE_PAGE_URLS=true  # for the proxy; restart it'
  return [
    product === 'api'
      ? finding(
        sdk,
        'advice',
        'next_pages',
        'Lists of products other than api have absolute next_page_urls, which bypass the base URL.',
        [rewrite, tunnel]
      )
      : finding(
        sdk,
        'unknown',
        'next_pages',
        `Lists of ${product} have absolute next_page_urls, which bypass the proxy unless it rewrites them.`,
        [rewrite, tunnel]
      ),
    finding(
      sdk,
      'advice',
      'oauth_tokens',
      `With OAuth, ${NAMES[sdk]} gets tokens from oauth.twilio.com with a client of its own, which bypasses the base URL.`,
      [tunnel]
    ),
    finding(
      sdk,
      'advice',
      'client_validation',
      'Public Key Client Validation signs the Host header, so it fails through a base URL.',
      [tunnel]
    )
  ]
}
