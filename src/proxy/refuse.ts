/** Refusals of requests that never become exchanges, in Twilio's shape. */
import type { FastifyReply } from 'fastify'
import type { Socket } from 'node:net'
import { errorBody, TWILIO_CODES } from '../twilio/error-body.ts'
import { RefusalError } from './errors.ts'
import type { Listener } from './events.ts'

export function refuse (error: Error, reply: FastifyReply, emit: Listener): void {
  const refusal = asRefusal(error)
  emit({ type: 'refused', status: refusal.statusCode, reason: refusal.reason })
  if (refusal.statusCode === 429) {
    reply.header('retry-after', '1').header('governor-shed', refusal.reason === 'draining' ? 'draining' : 'queue_bytes')
  }
  reply.code(refusal.statusCode).header('content-type', 'application/json')
    .send(Buffer.from(errorBody(refusal.statusCode, refusal.twilioCode, refusal.message)))
}

/** What cannot even be read as HTTP is answered on the bare socket. */
export function refuseUnparsable (error: Error & { code?: string }, socket: Socket, emit: Listener): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const [status, phrase] = error.code === 'HPE_HEADER_OVERFLOW' ? [431, 'Request Header Fields Too Large'] : [400, 'Bad Request']
  emit({ type: 'refused', status, reason: 'bad_request' })
  const body = errorBody(status, TWILIO_CODES.badRequest, `${phrase}: this is not an HTTP request that can be proxied.`)
  socket.end(`HTTP/1.1 ${status} ${phrase}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`)
}

/** Messages of errors that are not ours may repeat what the client sent; they are not passed on. */
function asRefusal (error: Error & { statusCode?: number }): RefusalError {
  if (error instanceof RefusalError) return error
  const clientFault = error.statusCode !== undefined && error.statusCode < 500
  return clientFault
    ? new RefusalError(400, TWILIO_CODES.badRequest, 'bad_request', 'The request is malformed.')
    : new RefusalError(500, TWILIO_CODES.serverError, 'internal', 'The proxy failed.')
}
