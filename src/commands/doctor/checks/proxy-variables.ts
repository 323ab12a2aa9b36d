/**
 * Which proxy a client takes for a URL, by the variables of its environment. Read in the clients' own code: twilio-node
 * base/RequestClient, twilio-cli-core services/cli-http-client, requests utils.py and urllib getproxies_environment, Go
 * x/net/http/httpproxy, libcurl url.c, Ruby URI::Generic#find_proxy (which Faraday asks), .NET HttpEnvironmentProxy.
 */
import type { Environment } from '../../run/bundle.ts'
import type { Sdk } from '../finding.ts'
import { jvmProxy } from './jvm-options.ts'
import type { Way } from './way.ts'
import { EXCLUDED_BY, type Excludes } from './no-proxy.ts'

/** Spellings of one variable, in the order in which the client asks for them. */
interface Spellings {
  readonly names: readonly string[]
  /** An empty value hides the spellings behind it. */
  readonly emptyHides?: true
}

interface Reads {
  readonly https: readonly Spellings[]
  readonly http: readonly Spellings[]
  readonly exceptions: Spellings
  readonly excludes: Excludes
}

const NOTHING: Spellings = { names: [] }
const LOWER_FIRST: Spellings = { names: ['no_proxy', 'NO_PROXY'] }
const ALL: Spellings = { names: ['all_proxy', 'ALL_PROXY'] }
/** Twilio's own code, in upper case, for https. Requests to an http base URL take no proxy at all. */
const NODE: Reads = { https: [{ names: ['HTTP_PROXY'] }], http: [], exceptions: NOTHING, excludes: EXCLUDED_BY.none }
/** HTTP_PROXY in upper case may come from a header (CGI), so libcurl does not read it for http. */
const LIBCURL: Reads = {
  https: [{ names: ['https_proxy', 'HTTPS_PROXY'] }, ALL],
  http: [{ names: ['http_proxy'] }, ALL],
  exceptions: LOWER_FIRST,
  excludes: EXCLUDED_BY.curl
}

const READS: Readonly<Record<Exclude<Sdk, 'java'>, Reads>> = {
  node: NODE,
  'twilio-cli': NODE,
  python: {
    https: [{ names: ['https_proxy', 'HTTPS_PROXY'], emptyHides: true }, { ...ALL, emptyHides: true }],
    http: [{ names: ['http_proxy', 'HTTP_PROXY'], emptyHides: true }, { ...ALL, emptyHides: true }],
    exceptions: LOWER_FIRST,
    excludes: EXCLUDED_BY.requests
  },
  go: {
    https: [{ names: ['HTTPS_PROXY', 'https_proxy'] }],
    http: [{ names: ['HTTP_PROXY', 'http_proxy'] }],
    exceptions: { names: ['NO_PROXY', 'no_proxy'] },
    excludes: EXCLUDED_BY.go
  },
  php: LIBCURL,
  curl: LIBCURL,
  ruby: {
    https: [{ names: ['https_proxy', 'HTTPS_PROXY'], emptyHides: true }],
    http: [{ names: ['http_proxy', 'HTTP_PROXY'], emptyHides: true }],
    exceptions: { ...LOWER_FIRST, emptyHides: true },
    excludes: EXCLUDED_BY.ruby
  },
  csharp: {
    https: [{ names: ['https_proxy', 'HTTPS_PROXY'] }, ALL],
    http: [{ names: ['http_proxy', 'HTTP_PROXY'] }, ALL],
    exceptions: LOWER_FIRST,
    excludes: EXCLUDED_BY.dotnet
  }
}

export function wayOf (sdk: Sdk, env: Environment, url: URL): Way {
  if (sdk === 'java') return jvmProxy(env, url)
  const reads = READS[sdk]
  const proxy = first(url.protocol === 'https:' ? reads.https : reads.http, env)
  if (proxy === undefined) return { to: 'unset' }
  // Without a list, too: some never send their own machine to a proxy.
  const { variable, value: list } = first([reads.exceptions], env) ?? { variable: 'NO_PROXY', value: '' }
  const entries = reads.excludes(list, url)
  if (entries.length > 0) return { to: 'excluded', variable, value: proxy.value, list, entries }
  return { to: 'proxy', ...proxy }
}

/**
 * The variable to set, so that the client takes a proxy for https; one that hides others by being empty comes first.
 */
export function variableToSet (sdk: Exclude<Sdk, 'java'>, env: Environment): string {
  const [{ names, emptyHides }] = READS[sdk].https as readonly [Spellings]
  const hiding = emptyHides === true ? names.find((name) => env[name] === '') : undefined
  return hiding ?? names.find((name) => name === name.toUpperCase()) ?? ''
}

function first (
  variables: readonly Spellings[],
  env: Environment
): { readonly variable: string, readonly value: string } | undefined {
  for (const { names, emptyHides } of variables) {
    for (const variable of names) {
      const value = env[variable]
      if (value !== undefined && value !== '') return { variable, value }
      if (value === '' && emptyHides === true) break
    }
  }
  return undefined
}
