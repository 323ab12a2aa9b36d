/** Refusals of requests that never become exchanges, in Twilio's shape. */
import type { FastifyReply } from 'fastify'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { errorBody, TWILIO_CODES } from '../../twilio/bodies/error-body.ts'
import { connectionOf } from '../clients/connections.ts'
import { RefusalError } from '../errors.ts'
import type { Listener } from '../events.ts'
import type { RefusalReason } from '../reasons.ts'
import { endSlowly } from '../clients/linger.ts'
import { peerAddress } from '../clients/peer.ts'

export function refuse (error: Error, reply: FastifyReply, emit: Listener): void {
  const refusal = asRefusal(error)
  emit({
    type: 'refused',
    status: refusal.statusCode,
    reason: refusal.reason,
    from: peerAddress(reply.request.raw.socket.remoteAddress)
  })
  // A client that reuses the connection would only meet the same again.
  if (refusal.reason === 'draining') reply.header('connection', 'close')
  if (refusal.statusCode === 429) {
    reply.header('retry-after', '1').header('governor-shed', refusal.reason === 'draining' ? 'draining' : 'queue_bytes')
  }
  reply.code(refusal.statusCode).header('content-type', 'application/json')
    .send(Buffer.from(errorBody(refusal.statusCode, refusal.twilioCode, refusal.message)))
}

/**
 * A client that sends no more can still read that its request was not sent. One that has left cannot. The line has
 * emitted the event.
 */
export function tellHalfClosed (reply: FastifyReply): void {
  reply.code(400).header('content-type', 'application/json').send(Buffer.from(errorBody(400, TWILIO_CODES.badRequest,
    'The client closed its sending side before the proxy could send the request. Nothing was sent to Twilio. Keep that side open until the answer arrives.')))
}

/** What cannot even be read as HTTP: answered on the bare socket, unless answers are due that it would be taken for. */
export function refuseUnparsable (error: Error & { code?: string }, socket: Socket, emit: Listener): void {
  if (!isOfProtocol(error) || !socket.writable) {
    socket.destroy()
    return
  }
  // Nothing was asked. A client that only opened the connection early takes it for closed, and would take an answer for
  // another request's.
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && (socket as Partial<Socket>).bytesRead === 0) {
    socket.destroy()
    return
  }
  const [status, phrase] = UNPARSABLE[error.code ?? ''] ?? [400, 'Bad Request']
  const todo = connectionOf(socket).spoil()
  if (todo === 'answer') {
    refuseBare(
      socket,
      status,
      phrase,
      TWILIO_CODES.badRequest,
      `${phrase}: the proxy cannot read this as an HTTP request.`,
      emit
    )
  } else if (todo === 'tell') {
    emit({ type: 'refused', status, reason: 'bad_request' })
  }
}

const UNPARSABLE: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout']
}

/** Of what the client has sent; every other error is of a connection that is gone. */
function isOfProtocol ({ code = '' }: { readonly code?: string }): boolean {
  return code.startsWith('HPE_') || code in UNPARSABLE
}

/** CONNECT that is not granted. */
export function refuseTunnel (
  socket: Duplex,
  status: number,
  phrase: string,
  reason: RefusalReason,
  message: string,
  emit: Listener
): void {
  refuseBare(socket, status, phrase, TWILIO_CODES.methodNotAllowed, message, emit, reason)
}

/** CONNECT where nothing is set up for it: whatever went through a tunnel could be neither limited nor repeated. */
/** A tunnel for whom nobody knows. A client that has not shown its token yet may do so (RFC 9110, section 15.5.8). */
export function refuseCaller (socket: Duplex, message: string, emit: Listener): void {
  refuseBare(socket, 407, 'Proxy Authentication Required', TWILIO_CODES.unauthenticated, message, emit, 'unknown_caller',
    'Proxy-Authenticate: Basic realm="twilio-governor"\r\n')
}

export function refuseAnyTunnel (socket: Duplex, emit: Listener): void {
  socket.on('error', () => {})
  refuseTunnel(socket, 405, 'Method Not Allowed', 'bad_request',
    'CONNECT is turned off. Set interception.caDir (GOVERNOR_CA_DIR) to a folder made by "twilio-governor ca init", or use the proxy as a base URL. Nothing was forwarded.', emit)
}

function refuseBare (
  socket: Duplex,
  status: number,
  phrase: string,
  code: number,
  message: string,
  emit: Listener,
  reason: RefusalReason = 'bad_request',
  headers = ''
): void {
  emit({ type: 'refused', status, reason, from: peerAddress((socket as Partial<Socket>).remoteAddress) })
  const body = errorBody(status, code, message)
  endSlowly(
    socket,
    `HTTP/1.1 ${status} ${phrase}\r\n${headers}Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
  )
}

/** Messages of errors that are not ours may repeat what the client sent; they are not passed on. */
function asRefusal (error: Error & { statusCode?: number }): RefusalError {
  if (error instanceof RefusalError) return error
  const clientFault = error.statusCode !== undefined && error.statusCode < 500
  return clientFault
    ? new RefusalError(400, TWILIO_CODES.badRequest, 'bad_request', 'The request is malformed.')
    : new RefusalError(500, TWILIO_CODES.serverError, 'internal', 'The proxy failed.')
}
