/**
 * How an answer that lies ready is written to its client: @fastify/http-proxy asks for it through a port, under a
 * symbol, which no client can forge. It then writes it as an HTTP proxy has to.
 */
import type { FastifyHttpProxyOptions } from '@fastify/http-proxy'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Readable } from 'node:stream'
import type { Answer } from '../reply/answers.ts'

const ANSWER = Symbol('answer')
/** Most that Fastify takes for a status; HTTP and Node have three digits for it. */
const STATUS_MOST = 599
/** What Fastify takes for a type. */
const TYPE = /^[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+[ \t]*(?:;|$)/

/** What reply-from hands to its HTTP client, and what it wants back. */
interface PortRequest { readonly headers: { readonly [ANSWER]?: Answer | null } }
type PortCallback = (error: Error | null, response?: Answer) => void

/** The plugin's options for a proxy that has the answer before the plugin asks. `prepare` gets it. */
export function answerPort (
  methods: readonly string[],
  prepare: (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => void
): FastifyHttpProxyOptions {
  // Its types know undici's own clients; its code takes whatever has this `request`.
  return {
    upstream: 'http://twilio.invalid',
    httpMethods: methods,
    proxyPayloads: false,
    internalRewriteLocationHeader: false,
    disableRequestLogging: true,
    preHandler: prepare,
    undici: { request: answerThroughPort },
    replyOptions: {
      // Its own retries would send a 503 again up to ten times; ours are in the line.
      retryDelay: () => null,
      rewriteRequestHeaders: (request: FastifyRequest) => ({ [ANSWER]: request.answer }),
      onResponse: ({ answer }: FastifyRequest, reply: FastifyReply) => sendAnswer(reply, answer)
    }
  } as unknown as FastifyHttpProxyOptions
}

function answerThroughPort ({ headers }: PortRequest, callback: PortCallback): void {
  const answer = headers[ANSWER]
  if (answer === undefined || answer === null) callback(new Error('a request without an answer'))
  else callback(null, answer.statusCode > STATUS_MOST ? { ...answer, statusCode: STATUS_MOST } : answer)
}

/** Fastify names a type for bytes that have none, but not for a stream; Twilio's answer goes on unchanged. */
function sendAnswer (reply: FastifyReply, answer: Answer | null): FastifyReply {
  if (answer === null) throw new Error('a request without an answer')
  const { body, statusCode } = answer
  if (statusCode > STATUS_MOST) reply.raw.statusCode = statusCode
  if (!Buffer.isBuffer(body)) return reply.send(body)
  if (body.length === 0) return reply.send(undefined)
  const type = answer.headers['content-type']
  return reply.send(typeof type === 'string' && TYPE.test(type) ? body : Readable.from([body], { objectMode: false }))
}
