/** What an environment tells a JVM, which reads no proxy variable: system properties in its variables of options. */
import type { Environment } from '../../run/bundle.ts'
import { EXCLUDED_BY } from './no-proxy.ts'
import type { Way } from './way.ts'

/** Later ones win. JDK_JAVA_OPTIONS is read by the `java` launcher since version 9, the other two by every JVM. */
const VARIABLES = ['JAVA_TOOL_OPTIONS', 'JDK_JAVA_OPTIONS', '_JAVA_OPTIONS'] as const
/** Always among `http.nonProxyHosts`. */
const LOOPBACK = 'localhost|127.*|[::1]'
/** Where `https.proxyPort` and `http.proxyPort` are not set. */
const DEFAULT_PORT = { https: '443', http: '80' } as const

export interface JvmProperty {
  readonly value: string
  readonly variable: string
}

export function jvmProperty (env: Environment, name: string): JvmProperty | undefined {
  let found: JvmProperty | undefined
  for (const variable of VARIABLES) {
    for (const option of words(env[variable] ?? '')) {
      if (option.startsWith(`-D${name}=`)) found = { variable, value: option.slice(name.length + 3) }
    }
  }
  return found
}

export function jvmProxy (env: Environment, url: URL): Way {
  const scheme = url.protocol === 'https:' ? 'https' : 'http'
  const host = jvmProperty(env, `${scheme}.proxyHost`)
  if (host === undefined || host.value === '') return { to: 'unset' }
  const { variable, value: list } = jvmProperty(env, 'http.nonProxyHosts') ?? { variable: host.variable, value: '' }
  const entries = EXCLUDED_BY.jvm(`${list}|${LOOPBACK}`, url)
  const value = `http://${host.value}:${jvmProperty(env, `${scheme}.proxyPort`)?.value ?? DEFAULT_PORT[scheme]}`
  return entries.length > 0
    ? { to: 'excluded', variable, value, list, entries }
    : { to: 'proxy', variable: host.variable, value }
}

/** Quotes keep blanks together, as the JVM has it. */
function words (text: string): readonly string[] {
  return (text.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) => word.replaceAll(/["']/g, ''))
}
