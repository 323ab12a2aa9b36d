/**
 * Reads the body of a request here and not where the server parses bodies: that refuses media types it does not like,
 * and reads none with a GET. It finds no body then.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { IncomingHttpHeaders } from 'node:http'
import { TWILIO_CODES } from '../../twilio/bodies/error-body.ts'
import type { ConnectionShares } from '../clients/connection-shares.ts'
import type { Connection } from '../clients/connections.ts'
import { RefusalError } from '../errors.ts'
import type { Exchange } from '../exchange-state.ts'
import type { BodyMemory } from './body-memory.ts'
import { refuseTrailers } from './refuse-framing.ts'

/** What tells the server that there is a body to parse. */
const BODY_HEADERS = ['content-type', 'content-length', 'transfer-encoding'] as const

/** Whose request it is, and by which connection it comes. */
export interface Arrival {
  readonly exchange: Exchange
  readonly connection: Connection
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** Calls `done` when the body is whole, or with what is wrong. Throws a RefusalError before the client sends it. */
export function readBody (
  { exchange, connection, request: { raw }, reply }: Arrival,
  bodies: BodyMemory,
  shares: ConnectionShares,
  done: (error?: Error) => void
): void {
  const { headers } = raw
  const peer = exchange.identity.peer ?? ''
  const declared = headers['content-length'] === undefined ? undefined : Number(headers['content-length'])
  if (headers['transfer-encoding'] === undefined && (declared ?? 0) === 0) {
    letParserRest(headers)
    done()
    return
  }
  if (headers.expect !== undefined) {
    const refusal = bodies.refusalOf(declared, peer)
    if (refusal !== undefined) {
      // The client has not begun to send what it asks about, so nothing more can be read from this connection.
      reply.header('connection', 'close')
      throw refusal
    }
    if (raw.httpVersion === '1.1') reply.raw.writeContinue()
  }
  const breakOff = (): void => { stop(brokenOff()) }
  shares.reads(raw.socket, true)
  const stop = bodies.read(raw, declared, peer, (error, body) => {
    exchange.onInterrupt(undefined)
    shares.reads(raw.socket, false)
    // The next request of the connection may have come before this one's body was read to its end.
    if (connection.breakOff === breakOff) connection.breakOff = undefined
    // The rest of it may never come.
    if (error?.reason === 'body_timeout') reply.header('connection', 'close')
    letParserRest(headers)
    if (body !== undefined) exchange.body = body
    done(error ?? refuseTrailers(raw))
  })
  connection.breakOff = breakOff
  exchange.onInterrupt((why) => { if (why === 'deadline') stop(tooSlow()) })
}

const brokenOff = (): RefusalError => new RefusalError(
  400,
  TWILIO_CODES.badRequest,
  'body_aborted',
  'The request body broke off, or its framing is not valid HTTP. Nothing was sent to Twilio.'
)

const tooSlow = (): RefusalError => new RefusalError(
  408,
  TWILIO_CODES.badRequest,
  'body_timeout',
  'The deadline passed before the whole request body arrived. Nothing was sent to Twilio.'
)

/** The headers as the server sees them from now on; the exchange has its own list of all that came. */
function letParserRest (headers: IncomingHttpHeaders): void {
  // Not deleted: an object that has lost a key takes more memory, and thousands wait.
  for (const name of BODY_HEADERS) if (headers[name] !== undefined) headers[name] = undefined
}
