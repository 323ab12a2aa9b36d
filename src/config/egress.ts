/** The egress proxy of `upstream.proxy`: which one stands on the way to a host, and what it is told. */
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import type { EgressProxy } from '../proxy/forward/connect/connector.ts'
import type { Environment } from './environment.ts'
import type { Settings } from './schema/settings.ts'

export type Egress = (secure: boolean, host: string) => EgressProxy | undefined

type Upstream = Pick<Settings['upstream'], 'proxy' | 'proxyCredentialsFile'>

/** What takes the environment's proxy, and no other. */
export const FROM_ENVIRONMENT = 'environment'
/**
 * In the order in which they count, as curl has it. A web server's CGI sets HTTP_PROXY from a header, and we are none.
 */
const VARIABLES = {
  https: ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'],
  http: ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY']
} as const

export function egressOf ({ proxy, proxyCredentialsFile }: Upstream, env: Environment): Egress {
  if (proxy === null) return () => undefined
  const credentials = proxyCredentialsFile === null ? undefined : readCredentials(proxyCredentialsFile)
  if (proxy !== FROM_ENVIRONMENT) {
    const only = readProxy(proxy, credentials)
    return () => only
  }
  const [https, http] = [VARIABLES.https, VARIABLES.http].map((names) => {
    const { value } = variableOf(names, env)
    return value === undefined ? undefined : readProxy(value, credentials)
  })
  const exceptions = noProxy(env['no_proxy'] || env['NO_PROXY'] || '')
  return (secure, host) => exceptions(host) ? undefined : secure ? https : http
}

/** The proxies that the settings name, with what names each. */
export function namedProxies (
  { proxy }: Upstream,
  env: Environment
): ReadonlyArray<{ readonly by: string, readonly value: string }> {
  if (proxy === null) return []
  if (proxy !== FROM_ENVIRONMENT) return [{ by: 'it', value: proxy }]
  return [VARIABLES.https, VARIABLES.http].flatMap((names) => {
    const { name, value } = variableOf(names, env)
    return value === undefined ? [] : [{ by: name, value }]
  })
}

function variableOf (
  names: readonly string[],
  env: Environment
): { readonly name: string, readonly value: string | undefined } {
  const name = names.find((one) => (env[one] ?? '') !== '') ?? ''
  return { name, value: env[name] }
}

/** A proxy's URL; undefined for what is none. Without a scheme it is http, as everybody has it. */
export function proxyUrl (text: string): URL | undefined {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`
  const url = URL.canParse(whole) ? new URL(whole) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) && url.hostname !== '' ? url : undefined
}

/** @throws where the text is no URL of a proxy; the checks of the settings come before */
function readProxy (text: string, credentials: string | undefined): EgressProxy {
  const url = proxyUrl(text)
  if (url === undefined) throw new Error('the proxy has no URL')
  const secure = url.protocol === 'https:'
  const named = url.username === '' && url.password === ''
    ? undefined
    : `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`
  const given = credentials ?? named
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? secure ? 443 : 80 : Number(url.port),
    secure,
    headers: given === undefined
      ? []
      : [['Proxy-Authorization', `Basic ${Buffer.from(given, 'utf8').toString('base64')}`]]
  }
}

/** `user:password`, in the first line of a file. */
export const readCredentials = (file: string): string => (readFileSync(file, 'utf8').split('\n')[0] ?? '').trim()

/** The hosts that bypass the proxy by NO_PROXY: names with what is below them, addresses, `*`. */
function noProxy (list: string): (host: string) => boolean {
  const entries = list.split(/[,\s]+/).filter((entry) => entry !== '').map(
    (entry) => entry.toLowerCase().replace(/^\[(.*)\]$/, '$1')
  )
  const names = entries.map((entry) => isIP(entry) === 0 ? entry.replace(/:\d+$/, '').replace(/^\*?\./, '') : entry)
  return (host) => names.some(
    (name) => name === '*' || host === name || (isIP(host) === 0 && host.endsWith(`.${name}`))
  )
}
