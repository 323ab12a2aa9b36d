/** Which requests may change something, and from where they may come. */
import type { FastifyRequest } from 'fastify'
import { canonicalAddress } from '../twilio/addresses.ts'
import { isOwnName } from '../twilio/own-name.ts'

/** Methods besides GET and HEAD, by the paths that have them. */
const CHANGES: ReadonlyArray<{ readonly path: RegExp, readonly methods: readonly string[] }> = [
  { path: /^\/switches\/[^/]+\/?$/, methods: ['PUT', 'DELETE'] },
  { path: /^\/jobs\/[^/]+\/?$/, methods: ['DELETE'] }
]

const NO_NAMES: ReadonlySet<string> = new Set()

/** All methods that a path has; `url` may have a query. */
export function methodsOf (url: string): readonly string[] {
  const [path = ''] = url.split('?', 1)
  return ['GET', 'HEAD', ...CHANGES.filter((change) => change.path.test(path)).flatMap(({ methods }) => methods)]
}

/** Why a change is not accepted from whoever sent it; undefined when it is. */
export function refusalOf ({ headers, socket }: Pick<FastifyRequest['raw'], 'headers' | 'socket'>, fromAnywhere: boolean): string | undefined {
  if (!fromAnywhere && !isLoopback(socket.remoteAddress)) {
    return 'Changes are accepted from this machine alone; admin.changesFrom: anywhere opens them to all who reach this port.'
  }
  // Only browsers send these. A page of another site must not change anything, under whatever name it reaches us.
  const { origin, host = '', 'sec-fetch-site': site } = headers
  if (site === 'cross-site' || site === 'same-site') return 'The request comes from a page of another site.'
  if (origin === undefined) return undefined
  const own = URL.canParse(origin) && new URL(origin).host === host && isOwnName(new URL(origin).hostname, NO_NAMES, socket.localAddress)
  return own ? undefined : 'The Origin header is not this server\'s.'
}

function isLoopback (address: string | undefined): boolean {
  const canonical = address === undefined ? undefined : canonicalAddress(address)
  return canonical !== undefined && (canonical === '0:0:0:0:0:0:0:1' || canonical.startsWith('127.'))
}
