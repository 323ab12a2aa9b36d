/**
 * Looks at a proxy from outside. Nothing of it goes on to Twilio: no request is sent, and nobody but twilio-governor is
 * sent CONNECT.
 */
import { request, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { connect } from 'node:tls'
import { parseTwilioHost } from '../../../twilio/hosts.ts'
import type { Answers, Trust } from '../facts.ts'

const ANSWER_MS = 2_000
const HANDSHAKE_MS = 5_000
/** A name that nobody has (RFC 6761): the proxy refuses it as not Twilio's, in a way that is its own. */
const STRANGER = 'twilio-governor.invalid'
const OWN_REFUSAL = 'nor a name of this proxy'
const TWILIO = 'api.twilio.com'
/** More than metrics with many accounts take. */
const MOST_BYTES = 4 * 1024 * 1024

export async function whoAnswers (origin: string): Promise<Answers> {
  if (parseTwilioHost(new URL(origin).hostname) !== undefined) return 'other'
  try {
    const { statusCode, body } = await get(`${origin}/`, STRANGER)
    return statusCode === 421 && body.includes(OWN_REFUSAL) ? 'governor' : 'other'
  } catch (error) {
    // Something listens that has no answer to HTTP.
    return error instanceof Error &&
      'code' in error &&
      (error.code === 'ECONNRESET' || String(error.code).startsWith('HPE_'))
      ? 'other'
      : 'nothing'
  }
}

/** @throws where nobody answers in time */
export async function get (
  url: string,
  host?: string
): Promise<{ readonly statusCode: number, readonly body: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      agent: false,
      signal: AbortSignal.timeout(ANSWER_MS),
      ...host === undefined ? {} : { headers: { host } }
    }, (response: IncomingMessage) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text
        if (body.length > MOST_BYTES) response.destroy()
      })
      response.once('close', () => { resolve({ statusCode: response.statusCode ?? 0, body }) }).once('error', reject)
    })
    sent.once('error', reject).end()
  })
}

/** A tunnel to api.twilio.com, which the proxy itself ends; undefined where it is refused. */
export async function openTunnel (origin: string): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(origin)
    request({
      method: 'CONNECT',
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port || 80,
      path: `${TWILIO}:443`,
      agent: false,
      headers: { host: `${TWILIO}:443`, 'user-agent': 'twilio-governor-doctor/1' },
      signal: AbortSignal.timeout(ANSWER_MS)
    })
      .once('connect', (response: IncomingMessage, socket: Socket) => {
        socket.on('error', () => {})
        if (response.statusCode === 200) { resolve(socket); return }
        socket.destroy()
        resolve(undefined)
      })
      .once('error', () => { resolve(undefined) })
      .end()
  })
}

/** A TLS handshake within a tunnel, believing these certificates alone; then the tunnel is closed. */
export async function believes (tunnel: Socket, certificates: string): Promise<Trust> {
  return new Promise((resolve) => {
    const end = (trust: Trust): void => {
      resolve(trust)
      tunnel.destroy()
    }
    try {
      connect({ socket: tunnel, servername: TWILIO, ca: certificates, ALPNProtocols: ['http/1.1'] })
        .setTimeout(HANDSHAKE_MS, () => { end('undetermined') })
        .once('secureConnect', () => { end('trusted') })
        .once('error', ({ code }: NodeJS.ErrnoException) => { end(meaning(code ?? '')) })
    } catch {
      // What looks like a certificate is none.
      end('unreadable')
    }
  })
}

/** By OpenSSL's names: https://nodejs.org/api/tls.html#x509-certificate-error-codes */
function meaning (code: string): Trust {
  switch (code) {
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'CERT_SIGNATURE_FAILURE': return 'unknown_issuer'
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID': return 'expired'
    default: return 'undetermined'
  }
}
