/**
 * The listener. A hook takes each request along the whole straight line; @fastify/http-proxy then writes the answer
 * (answer-port.ts). The other way round, with the line behind the port, the plugin's state of each request would lie in
 * memory for as long as the request waits: a quarter of all that a waiting request takes.
 */
import httpProxy from '@fastify/http-proxy'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { Socket } from 'node:net'
import { TWILIO_CODES } from '../../twilio/bodies/error-body.ts'
import { METHODS } from '../../twilio/methods.ts'
import { answerPort } from './answer-port.ts'
import type { BodyMemory } from './body-memory.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConnectionShares } from '../clients/connection-shares.ts'
import { connectionOf, followConnections, type Connection } from '../clients/connections.ts'
import { openTunnel } from './connect.ts'
import { ClientLeftError, RefusalError, SHED_MESSAGES } from '../errors.ts'
import type { Listener } from '../events.ts'
import { Exchange } from '../exchange-state.ts'
import { framingRefusal, twoHostsRefusal } from './framing.ts'
import { identify, type Identifier } from './identify.ts'
import { readBody } from './read-body.ts'
import { refuse, refuseUnparsable, tellHalfClosed } from './refuse.ts'
import { framingOf, refuseFraming } from './refuse-framing.ts'
import { outcomeOf, type Answer } from '../reply/answers.ts'
import type { CreateTunnels, Tunnels } from '../ports/tunnels.ts'

/** How often Node looks for requests whose headers are late, milliseconds. */
const CHECK_MS = 1_000

declare module 'fastify' {
  interface FastifyRequest {
    /** Set as soon as a request is identified. */
    exchange: Exchange | null
    /** Set when the line has come to its end. */
    answer: Answer | null
  }
}

export interface IngressOptions {
  readonly identifier: Identifier
  readonly bodies: BodyMemory
  readonly shares: ConnectionShares
  /**
   * From the first byte of a request, or from the start of its connection, until its headers are whole, milliseconds.
   */
  readonly headersTimeoutMs: number
  readonly clock: Clock
  readonly emit: Listener
  readonly run: (exchange: Exchange) => Promise<Answer>
  /** Frees the memory of a body; the line does so for what it has run. */
  readonly letGo: (exchange: Exchange) => void
  /** Counts arrivals. */
  readonly nextOrder: () => number
  readonly draining: () => boolean
  /** The client of an exchange that is at Twilio sends no more: it may have left. */
  readonly halfClosed: (exchange: Exchange) => void
  /** Exchanges whose answer is not yet written to its end. */
  readonly open: Set<Exchange>
  /** Absent where CONNECT is not offered. */
  readonly createTunnels: CreateTunnels | undefined
  /** How our own CONNECT is known that comes back to us. */
  readonly via: string
}

export interface Ingress {
  readonly app: FastifyInstance
  readonly tunnels: Tunnels | undefined
}

export async function createIngress (options: IngressOptions): Promise<Ingress> {
  const { bodies, clock, shares, emit } = options
  const app = fastify({
    logger: false,
    // Every request takes the one route; what the client asked for stays in originalUrl.
    rewriteUrl: () => '/',
    exposeHeadRoutes: false,
    clientErrorHandler: (error, socket) => refuseUnparsable(error, socket, emit),
    keepAliveTimeout: 72_000,
    // While it closes it still says 429, never 503: an SDK that meets a 503 sends up to six times.
    return503OnClosing: false,
    bodyLimit: Number.MAX_SAFE_INTEGER,
    // Without Host, the refusal is to have Twilio's shape. Node's options are not to make its parser lenient.
    http: {
      requireHostHeader: false,
      insecureHTTPParser: false,
      headersTimeout: options.headersTimeoutMs,
      connectionsCheckingInterval: CHECK_MS
    }
  })
  shares.bound(app.server)
  // It drops what is beyond its bound in silence; see HEADERS_MOST.
  app.server.maxHeadersCount = 0
  app.decorateRequest('exchange', null)
  app.decorateRequest('answer', null)
  app.addHook('onRequest', (request, reply, done) => {
    const connection = connectionOf(request.raw.socket)
    if (!connection.accepts(request.raw, reply.raw)) {
      // It will never be answered: neither is it carried out.
      reply.hijack()
      request.raw.resume()
      return
    }
    if (options.draining()) {
      throw new RefusalError(
        429,
        TWILIO_CODES.tooManyRequests,
        'draining',
        `${SHED_MESSAGES.draining} Nothing was sent to Twilio.`
      )
    }
    refuseFraming(framingRefusal(framingOf(request.raw, request.originalUrl)), connection)
    const identity = identify(
      request.raw,
      request.originalUrl,
      options.nextOrder(),
      clock.nowMs(),
      options.identifier,
      tunnels?.hostOf(request.raw.socket),
      tunnels?.callerOf(request.raw.socket)
    )
    refuseFraming(twoHostsRefusal(request.originalUrl, request.headers.host), connection)
    // Node drops in silence what comes behind such a request in one packet with it. Nobody is obliged to upgrade.
    if (request.headers.upgrade !== undefined) connection.closeAfterAnswers()
    const exchange = request.exchange = new Exchange(identity)
    shares.belongsTo(request.raw.socket, identity.peer ?? '')
    watch(exchange, connection, reply)
    readBody({ exchange, connection, request, reply }, bodies, shares, done)
  })
  followConnections(app.server, (exchange) => {
    exchange.halfClose()
    if (exchange.isHalfClosed) options.halfClosed(exchange)
  })
  // After this process was stopped, the timers of idle connections fire before anything is read.
  app.server.on('timeout', (socket: Socket) => {
    const { bytesRead } = socket
    setImmediate(() => { if (socket.bytesRead === bytesRead) socket.destroy() })
  })
  // Node would send the 100 itself, before anybody has looked at the request, and its own 417.
  for (const event of ['checkContinue', 'checkExpectation']) {
    app.server.on(event, (request, response) => { app.server.emit('request', request, response) })
  }
  const tunnels = options.createTunnels?.({
    accept: (connection, outer) => {
      shares.within(connection, outer)
      app.server.emit('connection', connection)
    },
    draining: options.draining,
    blindNeedsCaller: options.identifier.callers?.required === true,
    hosts: options.identifier.hosts,
    clock,
    emit
  })
  app.server.on('connect', (request, socket: Socket, head) => {
    openTunnel(request, socket, head, { tunnels, via: options.via, callers: options.identifier.callers, emit })
  })
  app.setErrorHandler((error: Error, { exchange, answer }, reply) => {
    // Twilio's headers speak of another body.
    if (answer !== null) for (const name of Object.keys(reply.getHeaders())) reply.removeHeader(name)
    const outcome = exchange === null ? 'not_sent' : outcomeOf(exchange)
    if (outcome !== undefined) reply.header('governor-outcome', outcome)
    refuse(error, reply, emit)
  })
  app.setNotFoundHandler((request, reply) => {
    refuse(new RefusalError(
      405,
      TWILIO_CODES.methodNotAllowed,
      'bad_request',
      `The proxy does not forward this method; accepted are ${METHODS.join(', ')}.`
    ), reply, emit)
    request.raw.resume()
  })
  await app.register(httpProxy, answerPort(METHODS, prepareAnswer))
  return { app, tunnels }

  /** Runs the line, and goes on with its answer unless nobody is left to take it. */
  function prepareAnswer (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
    const { exchange } = request
    if (exchange === null) throw new Error('a request that was not identified')
    options.run(exchange).then(
      (answer) => {
        request.answer = answer
        // A client that reuses the connection would meet a proxy that is gone.
        if (options.draining() || exchange.closes) reply.header('connection', 'close')
        if (!request.raw.socket.destroyed) done()
        else if (!Buffer.isBuffer(answer.body)) answer.body.destroy()
      },
      (error: unknown) => {
        if (!(error instanceof ClientLeftError)) done(error instanceof Error ? error : new Error('failed'))
        else if (!request.raw.socket.destroyed) tellHalfClosed(reply)
      }
    )
  }

  /** Tells the exchange when its client leaves and when its time is up. */
  function watch (exchange: Exchange, connection: Connection, reply: FastifyReply): void {
    const timer = clock.setTimer(() => exchange.interrupt('deadline'), exchange.identity.deadlineMs - clock.nowMs())
    options.open.add(exchange)
    connection.opened(exchange)
    const over = exchange.onClosed = () => {
      if (exchange.onClosed === undefined) return
      exchange.onClosed = undefined
      options.open.delete(exchange)
      connection.over(exchange)
      clock.clearTimer(timer)
      if (!reply.raw.writableFinished) exchange.interrupt('client_left')
      // One that was refused on its way never ran, and nobody else lets go of its body.
      if (exchange.startedAtMs === 0) options.letGo(exchange)
    }
    reply.raw.on('close', over)
  }
}
