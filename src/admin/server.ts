import { fastify } from 'fastify'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Jobs } from '../proxy/ports/deferral.ts'
import type { Metrics } from '../telemetry/metrics/metrics.ts'
import { methodsOf, refusalOf } from './changes.ts'
import { standingOf } from './hosts.ts'
import { registerJobs } from './jobs.ts'
import { unreadyReasons, warnings } from './readiness.ts'
import { viewState } from './state-view.ts'
import type { StateViewOptions } from './state-view.ts'
import { addSwitches } from './switches.ts'

export interface AdminOptions extends StateViewOptions {
  readonly metrics: Pick<Metrics, 'scrape'>
  /** Deferred deletes; absent where there are none. */
  readonly jobs?: Jobs | undefined
  /** True once the proxy accepts requests. */
  readonly ready: () => boolean
  /** The moment of the start on `now`'s clock, milliseconds. */
  readonly startedAtMs: number
  readonly now: () => number
  /** When the authority of interception expires, since 1970; absent without one. */
  readonly authorityExpiresAtMs?: number
  /** Since 1970, milliseconds. */
  readonly epochMs: () => number
  /** Accept changes from other machines, too. */
  readonly changesFromAnywhere?: boolean
  /**
   * Host names under which this server is called, in addition to addresses, localhost and names that are private by
   * their form.
   */
  readonly hostNames?: readonly string[]
  /** A page could not be made: our own fault. */
  readonly failed?: (page: string, error: Error) => void
}

const INDEX = `twilio-governor

/metrics  Prometheus metrics
/state    accounts, limits and queues, as JSON
/switches kill switches; PUT and DELETE /switches/<name> throw and release one
/jobs     deferred deletes: a list, one at /jobs/{id}, and DELETE to cancel it
/livez    200 while the process runs
/readyz   200 while you should send requests here, else 503 and why
`

const FOREIGN_HOST = 'The Host header is not a name of this server. Use its IP address, or add the name to admin.names.'
/** These paths say nothing about anybody, and health checks come under any name. */
const OPEN_PAGES: ReadonlySet<string | undefined> = new Set(['/livez', '/readyz'])

/** The second server, on a port of its own, so that the proxy's port belongs to Twilio's paths alone. */
export function createAdmin (options: AdminOptions): FastifyInstance {
  const admin = fastify({
    logger: false,
    // A client that sends no request must not hold a connection.
    http: { headersTimeout: 10_000, connectionsCheckingInterval: 1_000 },
    // The handlers that read names and ids report those that are too long.
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 2_000 },
    // What the router cannot decode never reaches the error handler below.
    frameworkErrors: (
      { name },
      _request,
      reply: FastifyReply
    ) => { reply.code(400).send({ error: 'bad_request', type: name }) }
  })

  const names = new Set(options.hostNames?.map((name) => name.toLowerCase().replace(/\.$/, '')))

  admin.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin'
    })
    const { host } = request.raw.headers
    // Without a Host header it is no browser.
    if (host !== undefined && !OPEN_PAGES.has(request.routeOptions.url) && standingOf(host, names) === 'foreign') {
      return reply.code(403).send({ error: 'forbidden', message: FOREIGN_HOST })
    }
    const allowed = methodsOf(request.url)
    if (!allowed.includes(request.method)) {
      return reply.code(405).header('allow', allowed.join(', ')).send({ error: 'method_not_allowed', allow: allowed })
    }
    if (request.method === 'GET' || request.method === 'HEAD') return
    const refusal = refusalOf(request.raw, options.changesFromAnywhere === true, names)
    if (refusal !== undefined) return reply.code(403).send({ error: 'forbidden', message: refusal })
    // A page cannot send this type to another site without asking first.
    if (request.method === 'PUT' && !/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      return reply.code(415).send(
        { error: 'unsupported_media_type', message: 'The body must be JSON, with Content-Type: application/json.' }
      )
    }
  })

  admin.get('/', async (_request, reply) => reply.type('text/plain; charset=utf-8').send(INDEX))

  admin.get('/livez', (_request, reply) => reply.send({ live: true }))

  admin.get('/readyz', async (_request, reply) => {
    const reasons = unreadyReasons(options.ready(), options.state)
    return reply.code(reasons.length === 0 ? 200 : 503).send({
      ready: reasons.length === 0,
      reasons,
      warnings: warnings(options.authorityExpiresAtMs, options.epochMs(), options.state.switches().length)
    })
  })

  admin.get('/metrics', async (_request, reply) => {
    const { contentType, body } = await options.metrics.scrape()
    return reply.header('content-type', contentType).send(body)
  })

  registerJobs(admin, options.jobs)

  admin.get('/state', (_request, reply) => reply.send(viewState(options, options.now() - options.startedAtMs)))

  if (options.switches !== undefined) addSwitches(admin, options.switches, options.epochMs)

  admin.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ error: 'not_found', see: '/' }))

  // The error's own text stays inside: it may name an account that /state would only show hashed.
  admin.setErrorHandler<Error & { statusCode?: number }>(async (error, request, reply) => {
    const { name, statusCode = 500 } = error
    if (statusCode >= 500) options.failed?.(request.routeOptions.url ?? '', error)
    return reply.code(statusCode).send({ error: statusCode >= 500 ? 'internal' : 'bad_request', type: name })
  })

  return admin
}
