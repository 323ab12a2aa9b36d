/** From an environment, and what was found out, to what is wrong with it. Pure. */
import type { Environment } from '../run/bundle.ts'
import { HAS_BASE_URL, judgeBaseUrl } from './checks/base-url.ts'
import type { Facts } from './facts.ts'
import { finding, NAMES, type Finding, type Sdk } from './finding.ts'
import { takeInAll } from './fixes.ts'
import { judgeRegion } from './checks/region.ts'
import { judgeRetries } from './checks/retries.ts'
import { judgeTunnel } from './checks/tunnel.ts'

/** First of the proxy, then of each client in the order given. */
export function diagnose (env: Environment, facts: Facts, sdks: readonly Sdk[]): readonly Finding[] {
  return [
    judgeProxy(facts),
    ...sdks.flatMap((sdk) => settle([...judgeWay(sdk, env, facts), ...judgeRetries(sdk, facts)]))
  ]
}

function judgeWay (sdk: Sdk, env: Environment, facts: Facts): readonly Finding[] {
  const tunnel = [...judgeTunnel(sdk, env, facts), ...judgeRegion(sdk, env)]
  if (facts.baseUrl === undefined) return tunnel
  const tunnelled = settle(tunnel).some(({ verdict }) => verdict === 'through')
  if (HAS_BASE_URL.has(sdk)) return judgeBaseUrl(sdk, facts.baseUrl, env, facts, tunnelled)
  return tunnelled || sdk === 'twilio-cli'
    ? tunnel
    : [finding(
        sdk,
        'unknown',
        'no_base_url',
        `${NAMES[sdk]} has no base URL. It takes an HTTP client of yours, which doctor cannot see from here.`,
        [takeInAll(facts, 'or a tunnel')]
      )]
}

/** Its requests do not go through the proxy while anything stops them, or may stop them. */
function settle (findings: readonly Finding[]): readonly Finding[] {
  const kept = findings.some(({ verdict }) => verdict === 'bypasses' || verdict === 'fails' || verdict === 'unknown')
  return kept ? findings.filter(({ verdict }) => verdict !== 'through') : findings
}

function judgeProxy ({ proxy, probes, baseUrl, authority: { folder, state } }: Facts): Finding {
  const probe = probes.get(proxy)
  const { hostname, port } = new URL(proxy)
  const at = `GOVERNOR_HOST='${hostname}' GOVERNOR_PORT='${port || '80'}'`
  const start = `${baseUrl === undefined ? `GOVERNOR_CA_DIR='${folder}' ` : ''}${at} twilio-governor start`
  const init = baseUrl === undefined && state === 'missing' ? [`twilio-governor ca init --dir '${folder}'`] : []
  if (probe === undefined || probe.answers === 'nothing') {
    return finding('proxy', 'fails', 'unreachable', `Nothing answers at ${proxy}.`, [...init, start])
  }
  if (probe.answers === 'other') {
    return finding(
      'proxy',
      'fails',
      'not_ours',
      `What answers at ${proxy} is not twilio-governor.`,
      ['twilio-governor doctor --proxy http://127.0.0.1:8080  # where the proxy is']
    )
  }
  if (probe.tunnels) {
    return finding(
      'proxy',
      'through',
      'proxy_ready',
      `twilio-governor answers at ${proxy}, and shows a certificate for api.twilio.com.`
    )
  }
  if (baseUrl !== undefined) {
    return finding(
      'proxy',
      'through',
      'proxy_ready',
      `twilio-governor answers at ${proxy}, but only as a base URL: it refuses CONNECT.`
    )
  }
  return finding(
    'proxy',
    'fails',
    'connect_not_offered',
    `twilio-governor answers at ${proxy}, but refuses CONNECT: it has no authority.`,
    [...init, start]
  )
}
