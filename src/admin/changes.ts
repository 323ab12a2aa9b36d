/** Which requests may change something, and where they may come from. */
import type { FastifyRequest } from 'fastify'
import { foreignPage } from '../proxy/ingress/web-page.ts'
import { isLoopback } from '../proxy/ingress/addresses.ts'
import { standingOf } from './hosts.ts'

/** Methods other than GET and HEAD, by the paths that have them. */
const CHANGES: ReadonlyArray<{ readonly path: RegExp, readonly methods: readonly string[] }> = [
  { path: /^\/switches\/[^/]+\/?$/, methods: ['PUT', 'DELETE'] },
  { path: /^\/jobs\/[^/]+\/?$/, methods: ['DELETE'] }
]

/** All methods that a path has; `url` may have a query. */
export function methodsOf (url: string): readonly string[] {
  const [path = ''] = url.split('?', 1)
  return ['GET', 'HEAD', ...CHANGES.filter((change) => change.path.test(path)).flatMap(({ methods }) => methods)]
}

/**
 * Why a change is not accepted from the sender; undefined when it is. `names`: configured names of this server, lower
 * case.
 */
export function refusalOf (
  { headers, socket }: Pick<FastifyRequest['raw'], 'headers' | 'socket'>,
  fromAnywhere: boolean,
  names: ReadonlySet<string>
): string | undefined {
  if (!fromAnywhere && !isLoopback(socket.remoteAddress ?? '')) {
    return 'This server accepts changes only from its own machine. To accept them from everybody who reaches this port, set admin.changesFrom: anywhere.'
  }
  const { host = '', 'sec-fetch-site': site } = headers
  if (site === 'cross-site' || site === 'same-site') return 'The request comes from a page of another site.'
  const foreign = foreignPage(
    headers,
    (origin) => URL.canParse(origin) && new URL(origin).host === host.toLowerCase() && standingOf(host, names) === 'own'
  )
  return foreign === undefined ? undefined : `The ${foreign} header names another server.`
}
