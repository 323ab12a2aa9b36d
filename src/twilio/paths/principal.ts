import { memoised } from '../../policy/counts/memo.ts'
import { percentDecoded } from './percent.ts'

/** Who a request says it is. Never a password, a secret or anything made of a token's text. */
export type Principal =
  | { readonly kind: 'account', readonly sid: string }
  | { readonly kind: 'key', readonly sid: string }
  | { readonly kind: 'user', readonly name: string }
  | { readonly kind: 'bearer', readonly accountSid: string | undefined, readonly subject: string | undefined }
  | { readonly kind: 'anonymous' }

const ANONYMOUS: Principal = { kind: 'anonymous' }

const ACCOUNT_SID = /^AC[0-9a-f]{32}$/i
const KEY_SID = /^SK[0-9a-f]{32}$/i
const SCHEME = /^[ \t]*(basic|bearer)[ \t]+/i

const MAX_HEADER_LENGTH = 16_384

/** Longest credential that is remembered; what a thousand of them may take is 2 MB. */
const MAX_REMEMBERED_LENGTH = 2_048

const parse = memoised(1000, MAX_REMEMBERED_LENGTH, (authorization: string): Principal => {
  if (authorization.length > MAX_HEADER_LENGTH) return ANONYMOUS
  const scheme = SCHEME.exec(authorization)
  if (scheme === null) return ANONYMOUS
  const credential = authorization.slice(scheme[0].length).trim()
  return scheme[1]?.toLowerCase() === 'basic' ? parseBasic(credential) : parseBearer(credential)
})

/** Reads an Authorization header. Nothing is verified: Twilio does that. */
export const parsePrincipal = (authorization: string | undefined): Principal =>
  authorization === undefined ? ANONYMOUS : parse(authorization)

function parseBasic (credential: string): Principal {
  const pair = decode(credential)
  const colon = pair?.indexOf(':') ?? -1
  // Without a colon it may be a bare secret; without a name it says nothing.
  if (pair === undefined || colon < 1) return ANONYMOUS
  const name = pair.slice(0, colon)
  const bare = name.trim()
  if (ACCOUNT_SID.test(bare)) return { kind: 'account', sid: oneSpelling(bare) }
  if (KEY_SID.test(bare)) return { kind: 'key', sid: oneSpelling(bare) }
  return { kind: 'user', name }
}

/**
 * Where access tokens keep an account. Twilio does not document its own; a claim counts only if it holds an account
 * SID.
 */
const ACCOUNT_CLAIMS = [
  'acc',
  'account_sid',
  'accountSid',
  'account',
  'account_id',
  'accountId',
  'sub',
  'iss',
  'azp',
  'client_id'
]
const SUBJECT_CLAIMS = ['client_id', 'azp', 'sub', 'iss']

const MAX_SUBJECT_LENGTH = 256

function parseBearer (token: string): Principal {
  const claims = readClaims(token)
  const accountSid = firstClaim(claims, ACCOUNT_CLAIMS, (value) => ACCOUNT_SID.test(value))
  return {
    kind: 'bearer',
    accountSid: accountSid === undefined ? undefined : oneSpelling(accountSid),
    subject: firstClaim(claims, SUBJECT_CLAIMS, (value) => value !== '' && value.length <= MAX_SUBJECT_LENGTH)
  }
}

function firstClaim (
  claims: ReadonlyMap<string, unknown>,
  names: readonly string[],
  fits: (value: string) => boolean
): string | undefined {
  for (const name of names) {
    const value = claims.get(name)
    if (typeof value === 'string' && fits(value)) return value
  }
  return undefined
}

/** The payload of a JSON Web Token, RFC 7519; empty when the token is none. */
function readClaims (token: string): ReadonlyMap<string, unknown> {
  const [, payload, signature] = token.split('.', 3)
  const text = payload === undefined || signature === undefined
    ? undefined
    : decode(payload)
  if (text === undefined) return new Map()
  try {
    const parsed: unknown = JSON.parse(text)
    return new Map(typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [])
  } catch {
    return new Map()
  }
}

/** In either alphabet (RFC 4648), with or without padding; what is in neither is overlooked, as most servers do. */
function decode (base64: string): string | undefined {
  const text = base64.replaceAll('-', '+').replaceAll('_', '/').replace(/[^A-Za-z0-9+/]/g, '')
  // One character alone holds no byte.
  const whole = text.length % 4 === 1 ? text.slice(0, -1) : text
  try {
    return whole === '' ? undefined : atob(whole)
  } catch {
    return undefined
  }
}

const ACCOUNTS = '/Accounts/'
/** In any spelling but with encoded letters, which are decoded before. */
const ACCOUNT_SEGMENTS = /\/accounts\/(ac[0-9a-f]{32})(?=[/.]|$)/gi
const SID_LENGTH = 34

/** The account SID that follows an `Accounts` segment, with or without `.json`, `.xml` or `.csv`. */
export function accountInPath (path: string): string | undefined {
  const query = path.indexOf('?')
  const limit = query === -1 ? path.length : query
  const start = path.indexOf(ACCOUNTS) + ACCOUNTS.length
  const end = start + SID_LENGTH
  if (start > ACCOUNTS.length - 1 && end <= limit && endsSid(path, end, limit)) {
    const sid = path.slice(start, end)
    if (ACCOUNT_SID.test(sid)) return oneSpelling(sid)
  }
  return firstAccount(path.slice(0, limit))
}

/** How many accounts a path names. */
export function accountsInPath (path: string): number {
  const first = path.indexOf('ccounts/')
  // As a rule there is one at most, and nothing has to be decoded.
  if (first !== -1 && path.indexOf('ccounts/', first + 1) === -1 && !path.includes('%')) return 1
  const query = path.indexOf('?')
  const names = percentDecoded(query === -1 ? path : path.slice(0, query)).matchAll(ACCOUNT_SEGMENTS)
  return new Set([...names].map(([, sid = '']) => sid.toLowerCase())).size
}

function firstAccount (path: string): string | undefined {
  if (!path.includes('%') && !/\/accounts\//i.test(path)) return undefined
  const [first] = percentDecoded(path).matchAll(ACCOUNT_SEGMENTS)
  return first?.[1] === undefined ? undefined : oneSpelling(first[1])
}

function endsSid (path: string, end: number, limit: number): boolean {
  return end === limit || path[end] === '/' || path[end] === '.'
}

/** Two letters in upper case and hexadecimal digits in lower case, however it was written. */
const oneSpelling = (sid: string): string => sid.slice(0, 2).toUpperCase() + sid.slice(2).toLowerCase()

const ACCOUNT_OR_KEY_SID = /^(?:AC|SK)[0-9a-f]{32}$/i

/** A name of an account or key in the one spelling that SIDs have; any other name as it is. */
export const canonicalName = (name: string): string => ACCOUNT_OR_KEY_SID.test(name) ? oneSpelling(name) : name
