/**
 * The way through HTTP_PROXY or HTTPS_PROXY: does a client take the proxy for Twilio's hosts, and does it get there?
 */
import type { Environment } from '../../run/bundle.ts'
import { PRODUCTS } from '../../../twilio/products.ts'
import { proxyAddress, type Facts } from '../facts.ts'
import { finding, NAMES, type Finding, type Sdk } from '../finding.ts'
import { exportExceptions, exportOf } from '../fixes.ts'
import { variableToSet, wayOf } from './proxy-variables.ts'
import type { Way } from './way.ts'
import { hostAt, placeOf } from './region.ts'
import { judgeTrust } from './trust.ts'

const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'] as const

/** What each of them reads, for people. */
const READS: Readonly<Record<Sdk, string>> = {
  node: 'reads HTTP_PROXY alone, in upper case',
  'twilio-cli': 'reads HTTP_PROXY alone, in upper case',
  python: 'reads https_proxy or HTTPS_PROXY, then all_proxy or ALL_PROXY',
  java: 'reads no proxy variable, only -Dhttps.proxyHost',
  go: 'reads HTTPS_PROXY or https_proxy',
  php: 'reads https_proxy or HTTPS_PROXY, then all_proxy or ALL_PROXY',
  ruby: 'reads https_proxy or HTTPS_PROXY',
  csharp: 'reads https_proxy or HTTPS_PROXY, then all_proxy or ALL_PROXY',
  curl: 'reads https_proxy or HTTPS_PROXY, then all_proxy or ALL_PROXY'
}

export function judgeTunnel (sdk: Sdk, env: Environment, facts: Facts): readonly Finding[] {
  const ways = PRODUCTS.map(
    (product) => ({ product, way: wayOf(sdk, env, new URL(`https://${hostAt(product, placeOf(sdk, env))}/`)) })
  )
  const excluded = ways.flatMap(({ product, way }) => way.to === 'excluded' ? [{ product, way }] : [])
  const kept = excluded.length === 0 ? [] : [exception(sdk, excluded, ways.length)]
  const way = ways.find(({ way: { to } }) => to !== 'excluded')?.way
  if (way?.to === 'proxy') return [...kept, ...judgeProxy(sdk, way, env, facts)]
  // What it would meet once it is mended, told now.
  const meant = facts.probes.get(facts.proxy)
  return [
    ...kept,
    ...way === undefined ? [] : [unset(sdk, env, facts)],
    ...meant?.tunnels === true ? judgeTrust(sdk, env, meant, facts) : []
  ]
}

function unset (sdk: Sdk, env: Environment, facts: Facts): Finding {
  const others = PROXY_VARIABLES.filter((name) => (env[name] ?? '') !== '')
  const fix = sdk === 'java' ? jvmFix(facts) : [exportOf(variableToSet(sdk, env), facts.proxy)]
  if (others.length === 0) {
    return finding(sdk, 'bypasses', 'no_variable', `Nothing sends it to the proxy: ${NAMES[sdk]} ${READS[sdk]}.`, fix)
  }
  if (sdk === 'twilio-cli' && others.some((name) => name.toLowerCase() !== 'http_proxy')) {
    return finding(sdk, 'unknown', 'left_to_axios',
      `${NAMES[sdk]} ${READS[sdk]}; without it, its copy of axios decides about ${others.join(' and ')}, and versions of axios differ.`, fix)
  }
  return finding(
    sdk,
    'bypasses',
    'wrong_variable',
    `${NAMES[sdk]} ${READS[sdk]}: it does not see ${others.join(', ')}.`,
    fix
  )
}

interface Excluded {
  readonly product: string
  readonly way: Way & { readonly to: 'excluded' }
}

function exception (sdk: Sdk, excluded: readonly Excluded[], products: number): Finding {
  const entries = new Set(excluded.flatMap(({ way }) => way.entries))
  const [{ way: { variable, list } }] = excluded as readonly [Excluded]
  const all = excluded.length === products
  const hosts = all
    ? 'Twilio\'s hosts'
    : excluded.slice(0, 3).map(({ product }) => product).join(', ') + (excluded.length > 3 ? ' and others' : '')
  const rest = list.split(sdk === 'java' ? '|' : /[,\s]+/).filter(
    (entry) => entry !== '' && !entries.has(entry) && !entries.has(entry.toLowerCase())
  )
  const fix = sdk === 'java'
    ? [`# in ${variable}: -Dhttp.nonProxyHosts='${rest.join('|')}'`]
    : exportExceptions(rest)
  return finding(
    sdk,
    'bypasses',
    'excluded',
    `${variable} keeps ${hosts} away from the proxy, by ${[...entries].map((entry) => `"${entry}"`).join(', ')}.`,
    fix
  )
}

function judgeProxy (
  sdk: Sdk,
  { variable, value }: { readonly variable: string, readonly value: string },
  env: Environment,
  facts: Facts
): readonly Finding[] {
  const address = proxyAddress(value)
  const fix = sdk === 'java' ? jvmFix(facts) : [exportOf(variable, facts.proxy)]
  if (address.kind === 'unreadable') return [finding(sdk, 'fails', 'proxy_url', `${variable} is not a URL.`, fix)]
  if (address.kind === 'scheme') {
    return [finding(sdk, address.scheme === 'https' ? 'fails' : 'bypasses', 'proxy_url',
      `${variable} begins with ${address.scheme}://, but the proxy speaks plain HTTP. TLS is inside the tunnel.`, fix)]
  }
  // Go, libcurl, .NET and requests put http:// in front; Node takes the port for a host, and Ruby the host for a
  // scheme.
  if (address.kind === 'bare' && ['node', 'twilio-cli', 'ruby'].includes(sdk)) {
    return [finding(
      sdk,
      'fails',
      'proxy_url',
      `${variable} lacks http:// in front, which ${NAMES[sdk]} needs.`,
      [exportOf(variable, address.origin)]
    )]
  }
  const { origin } = address
  const probe = facts.probes.get(origin)
  if (probe === undefined || probe.answers === 'nothing') {
    return [finding(
      sdk,
      'fails',
      'unreachable',
      `${variable} leads to ${origin}, where nothing answers.`,
      origin === facts.proxy ? [] : fix
    )]
  }
  if (probe.answers === 'other') {
    return [finding(
      sdk,
      'bypasses',
      'other_proxy',
      `${variable} leads to ${origin}, which is not twilio-governor.`,
      origin === facts.proxy ? [] : fix
    )]
  }
  if (!probe.tunnels) {
    return [finding(sdk, 'fails', 'connect_not_offered', `${variable} leads to ${origin}, which refuses CONNECT.`)]
  }
  return [
    finding(sdk, 'through', 'tunnel', `${variable} leads to ${origin}.`),
    ...judgeTrust(sdk, env, probe, facts),
    ...sdk === 'python' ? [asyncClient(facts)] : []
  ]
}

function asyncClient ({ proxy }: Facts): Finding {
  return finding('python', 'advice', 'async_client',
    'AsyncTwilioHttpClient reads no proxy variable and drops its proxy_url. If you use it, set a base URL.',
    [`client.api.base_url = '${proxy}/api'  # in Python, for each product`])
}

function jvmFix ({ proxy }: Facts): readonly string[] {
  const { hostname, port } = new URL(proxy)
  // The last of several options counts.
  return [`export JAVA_TOOL_OPTIONS="$JAVA_TOOL_OPTIONS -Dhttps.proxyHost=${hostname} -Dhttps.proxyPort=${port || '80'}"`]
}
