/**
 * Public Key Client Validation: a JWT in a header names the key that signed the request, and holds the hash of what was
 * signed, with the Host header. A party that changes the request on the way is found out.
 */
import { constants, createHash, createPublicKey, verify, type KeyObject } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { canonicalText } from './model/answers/canonical.ts'
import { invalid, type Refusal } from './model/answers/errors.ts'

const VALIDATION_HEADER = 'twilio-client-validation'

/** A request as the client sent it. */
export interface Signed {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

interface Token {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  readonly signed: string
  readonly signature: Buffer
}

/**
 * Why a request is not believed; undefined when it is, and where there is no key to sign with. PEM texts by the SID of
 * the credential.
 */
export function validate (
  request: Signed,
  publicKeys: Readonly<Record<string, string>>,
  nowMs: number
): Refusal | undefined {
  if (Object.keys(publicKeys).length === 0) return undefined
  const text = request.headers[VALIDATION_HEADER]
  if (typeof text !== 'string') return invalid(70052)
  const token = parse(text)
  if (token === undefined) return invalid(20160)
  const { header: { alg, kid }, claims: { exp, hrh, rqh } } = token
  const pem = typeof kid === 'string' && Object.hasOwn(publicKeys, kid) ? publicKeys[kid] : undefined
  if (pem === undefined || (alg !== 'RS256' && alg !== 'PS256')) return invalid(20152)
  const key = keyOf(pem)
  if (key === undefined) return invalid(70154)
  if (!isSigned(token, key, alg)) return invalid(20159)
  if (typeof exp !== 'number' || exp * 1000 <= nowMs) return invalid(20156)
  if (typeof hrh !== 'string' || typeof rqh !== 'string') return invalid(20154)
  const hash = hashOf(request, hrh.split(';'))
  if (hash === undefined) return invalid(70155)
  return hash === rqh ? undefined : invalid(70156)
}

function parse (text: string): Token | undefined {
  const [header = '', claims = '', signature = ''] = text.split('.')
  try {
    return {
      header: objectOf(header),
      claims: objectOf(claims),
      signed: `${header}.${claims}`,
      signature: Buffer.from(signature, 'base64url')
    }
  } catch {
    return undefined
  }
}

function objectOf (part: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
  if (typeof value !== 'object' || value === null) throw new TypeError('no object')
  return value as Readonly<Record<string, unknown>>
}

function keyOf (pem: string): KeyObject | undefined {
  try {
    return createPublicKey(pem)
  } catch {
    return undefined
  }
}

function isSigned ({ signed, signature }: Token, key: KeyObject, alg: 'RS256' | 'PS256'): boolean {
  const padding = alg === 'RS256'
    ? { padding: constants.RSA_PKCS1_PADDING }
    : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  return verify('sha256', Buffer.from(signed), { key, ...padding }, signature)
}

/** Undefined when a header that is said to be signed is not there. */
function hashOf ({ method, url, headers, body }: Signed, names: readonly string[]): string | undefined {
  const signed = names.map((name) => [name, headers[name]] as const)
  const there = signed.filter((header): header is readonly [string, string] => typeof header[1] === 'string')
  if (there.length < signed.length) return undefined
  const [path = '', query = ''] = url.split('?', 2)
  return sha256(canonicalText({ method, path, query, headers: there, bodyHash: body.length === 0 ? '' : sha256(body) }))
}

const sha256 = (content: string | Buffer): string => createHash('sha256').update(content).digest('hex')
