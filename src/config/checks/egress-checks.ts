/** What can be wrong with the egress proxy. No address and no credential is repeated. */
import type { Fault } from '../faults.ts'
import type { Environment } from '../environment.ts'
import { namedProxies, proxyUrl, readCredentials } from '../egress.ts'
import type { Settings } from '../schema/settings.ts'

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/
const WILDCARD: ReadonlySet<string> = new Set(['0.0.0.0', '::'])

export function egressFaults (settings: Settings, env: Environment): readonly Fault[] {
  const { upstream } = settings
  const message = namedProxies(upstream, env).map(({ by, value }) => fault(by, value, settings)).find(
    (found) => found !== undefined
  )
  const credentials = credentialsFault(settings, env)
  return [
    ...message === undefined ? [] : [{ path: 'upstream.proxy', message }],
    ...credentials === undefined ? [] : [{ path: 'upstream.proxyCredentialsFile', message: credentials }]
  ]
}

function fault (by: string, value: string, { listen }: Settings): string | undefined {
  const url = proxyUrl(value)
  const subject = by === 'it' ? '' : `takes ${by}, which `
  if (url === undefined) return `${subject}must be the URL of an http or https proxy, such as http://proxy.example:3128`
  if (!decodes(url)) return `${subject}must have its user name and password percent-encoded`
  return listen.port !== 0 &&
    Number(url.port || (url.protocol === 'https:' ? 443 : 80)) === listen.port &&
    isListener(url.hostname, listen)
    ? `${subject}must not lead to this proxy itself (listen.host, listen.port and listen.names)`
    : undefined
}

function isListener (host: string, { host: own, names }: Settings['listen']): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  const onLoopback = WILDCARD.has(own) || LOOPBACK.test(own) || own === '::1'
  return bare === own.toLowerCase() ||
    WILDCARD.has(bare) ||
    (onLoopback && LOOPBACK.test(host)) ||
    names.some((name) => name.toLowerCase() === host)
}

function credentialsFault (
  { upstream: { proxy, proxyCredentialsFile } }: Settings,
  env: Environment
): string | undefined {
  if (proxyCredentialsFile === null || proxy === null) return undefined
  if (namedProxies({ proxy, proxyCredentialsFile }, env).some(
    ({ value }) => (proxyUrl(value)?.username ?? '') !== ''
  )) {
    return 'must not be set if the URL of the proxy has a user name'
  }
  try {
    return /^[^:]+:./.test(readCredentials(proxyCredentialsFile))
      ? undefined
      : 'must hold user:password in its first line'
  } catch (error) {
    return `cannot be read${error instanceof Error && 'code' in error ? ` (${String(error.code)})` : ''}`
  }
}

function decodes ({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username + password)
    return true
  } catch {
    return false
  }
}
