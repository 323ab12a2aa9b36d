import type { ErrorFamily } from '../settings.ts'
import { xmlOf } from './xml.ts'

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

export interface Refusal {
  readonly status: number
  readonly code: number
  readonly message: string
}

const JSON_TYPE = 'application/json;charset=utf-8'

/** What the codes that come with a 429 say. 602xx and 603xx are final: no quick retry cures them. */
const MESSAGES: Readonly<Record<number, string>> = {
  20429: 'Too Many Requests',
  45780: 'Too many requests to this endpoint',
  54009: 'Rate limit exceeded for this object',
  59004: 'Too many requests. Wait as Retry-After says.',
  60202: 'Max check attempts reached',
  60203: 'Max send attempts reached',
  60212: 'Too many concurrent requests for phone number',
  60616: 'Lookup package rate limit exceeded'
}

/** What the codes of Public Key Client Validation say. */
const VALIDATION: Readonly<Record<number, string>> = {
  20152: 'Invalid Header',
  20154: 'Invalid Claim Set',
  20156: 'Expired or Invalid Expiration in Token',
  20159: 'Invalid Signature',
  20160: 'Invalid Token',
  70052: 'Public Key Client Validation Required For Account',
  70154: 'Public Key Is Invalid',
  70155: 'Request Is Missing Required HTTP Headers',
  70156: 'Request Hash Is Invalid'
}

export const tooMany = (code: number): Refusal =>
  ({ status: 429, code, message: MESSAGES[code] ?? 'Too Many Requests' })
export const serverError: Refusal = { status: 500, code: 20500, message: 'An internal server error has occurred' }
export const unauthorised: Refusal = { status: 401, code: 20003, message: 'Authenticate' }
/** Twilio publishes the codes, not the status that comes with them. */
export const invalid = (code: number): Refusal => ({ status: 401, code, message: VALIDATION[code] ?? 'Unauthorized' })
export const badMethod: Refusal = { status: 405, code: 20004, message: 'Method not allowed' }
export const tooLarge: Refusal = { status: 413, code: 20413, message: 'Request entity too large' }
export const notFound = (path: string): Refusal =>
  ({ status: 404, code: 20404, message: `The requested resource ${path} was not found` })
export const missing = (parameter: string, code: number): Refusal =>
  ({ status: 400, code, message: `A '${parameter}' is required.` })

/** Writes an error in the shape that this product, or the scenario, gives it. */
export function errorAnswer (
  error: Refusal,
  wanted: ErrorFamily,
  at: { readonly product: string, readonly path: string }
): Answer {
  const { status, code, message } = error
  const info = `https://www.twilio.com/docs/errors/${code}`
  const json = (value: unknown, contentType = JSON_TYPE): Answer =>
    ({ status, contentType, body: JSON.stringify(value) })
  const family = wanted === 'auto' ? familyAt(at) : wanted
  switch (family) {
    case 'classic': return json({ code, message, more_info: info, status })
    case 'camelcase': return json({ status, message, detail: message, code, moreInfo: info })
    case 'problem': return json(
      { type: info, title: message, status, detail: message, instance: at.path, code },
      'application/problem+json'
    )
    case 'comms': return json({ errors: [{ code, message, infoUrl: info }] })
    case 'xml': return {
      status,
      contentType: 'application/xml',
      body: xmlOf('RestException', { code, message, more_info: info, status })
    }
  }
}

function familyAt (
  { product, path }: { readonly product: string, readonly path: string }
): Exclude<ErrorFamily, 'auto'> {
  if (product === 'comms') return 'comms'
  if (product === 'serverless' || product === 'serverless-upload') return 'camelcase'
  if (product === 'monitor' && path.startsWith('/v2/')) return 'problem'
  return isXmlPath(path) ? 'xml' : 'classic'
}

/** v2010 answers XML unless the path asks for JSON. */
export const isXmlPath = (path: string): boolean => path.startsWith('/2010-04-01/') && !path.endsWith('.json')
