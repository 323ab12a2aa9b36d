import type { ServerResponse } from 'node:http'
import type { Address } from './address.ts'
import type { Reply } from './routes/call.ts'
import type { Delays } from './delays.ts'
import type { FaultRule } from './model/settings.ts'
import { streamMedia } from './routes/media.ts'

export type HeaderFields = Record<string, string | number>

export interface Feedback {
  /** Twilio-Concurrent-Requests; undefined sends none. */
  readonly concurrent: string | undefined
  /** Twilio-Request-Duration, as text; undefined sends none. */
  readonly duration: string | undefined
  readonly requestId: string
}

/** What Twilio's own servers put on every answer. */
export function twilioHeaders (
  { host, region }: Pick<Address, 'host' | 'region'>,
  { concurrent, duration, requestId }: Feedback
): HeaderFields {
  const headers: HeaderFields = {
    'Twilio-Request-Id': requestId,
    'X-API-Domain': host,
    'X-Home-Region': region,
    'X-Powered-By': 'AT-5000',
    'X-Shenanigans': 'none',
    'Access-Control-Allow-Origin': '*',
    'Access-Control-Expose-Headers': 'ETag',
    'Strict-Transport-Security': 'max-age=31536000'
  }
  if (concurrent !== undefined) headers['Twilio-Concurrent-Requests'] = concurrent
  if (duration !== undefined) headers['Twilio-Request-Duration'] = duration
  return headers
}

export function send (response: ServerResponse, reply: Reply, headers: HeaderFields, chunked: boolean): void {
  if (reply.mediaBytes !== undefined) {
    const length = chunked ? {} : { 'Content-Length': reply.mediaBytes }
    response.writeHead(
      reply.status,
      { ...headers, 'Content-Type': reply.contentType ?? 'application/octet-stream', ...length }
    )
    if (response.req.method === 'HEAD') response.end()
    else streamMedia(response, reply.mediaBytes)
    return
  }
  response.writeHead(reply.status, withBody(reply, headers))
  response.end(reply.body)
}

function withBody ({ body, contentType, headers: own }: Reply, headers: HeaderFields): HeaderFields {
  const all = { ...headers, ...own }
  if (body === undefined) return all
  all['Content-Length'] = Buffer.byteLength(body)
  if (contentType !== undefined) all['Content-Type'] = contentType
  return all
}

const SLOW_PARTS = 20

/** The headers at once, the body a little at a time. */
export function sendSlowly (
  response: ServerResponse,
  reply: Reply,
  headers: HeaderFields,
  { bodyMs = 5000 }: FaultRule,
  delays: Delays
): void {
  const bytes = bytesOf(reply)
  response.writeHead(reply.status, { ...withBody(reply, headers), 'Content-Length': bytes.length })
  response.flushHeaders()
  const partBytes = Math.max(1, Math.ceil(bytes.length / SLOW_PARTS))
  const parts = Math.ceil(bytes.length / partBytes)
  const next = (part: number): void => {
    if (response.destroyed) return
    if (part === parts) {
      response.end()
      return
    }
    response.write(bytes.subarray(part * partBytes, (part + 1) * partBytes))
    delays.after(bodyMs / parts, () => next(part + 1))
  }
  delays.after(bodyMs / Math.max(1, parts), () => next(0))
}

/** Promises a whole body, sends half of it and closes. */
export function sendHalf (response: ServerResponse, reply: Reply, headers: HeaderFields): void {
  const bytes = bytesOf(reply)
  const promised = Math.max(2, bytes.length)
  response.writeHead(reply.status, { ...withBody(reply, headers), 'Content-Length': promised })
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy())
}

// Half of a large recording is still too much to hold; a fault needs no more than a sample.
const bytesOf = ({ body = '', mediaBytes }: Reply): Buffer =>
  mediaBytes === undefined ? Buffer.from(body) : Buffer.alloc(Math.min(mediaBytes, 65536))

/** Breaks the connection. */
export function reset (response: ServerResponse): void {
  const { socket } = response
  // A TLS socket has no handle that could send a bare RST.
  if (socket === null || 'encrypted' in socket) response.destroy()
  else socket.resetAndDestroy()
}

const PAGE = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<HTML><HEAD><TITLE>ERROR: The request could not be satisfied</TITLE></HEAD><BODY>
<H1>503 ERROR</H1><H2>The request could not be satisfied.</H2>
</BODY></HTML>
`

/** A refusal by the delivery network in front of Twilio: HTML, and none of Twilio's headers. */
export const cdnReply: Reply = {
  status: 503,
  contentType: 'text/html',
  body: PAGE,
  headers: {
    Server: 'CloudFront',
    Via: '1.1 simulator.cloudfront.net (CloudFront)',
    'X-Cache': 'Error from cloudfront',
    'X-Amz-Cf-Pop': 'SIM50-P1'
  }
}
