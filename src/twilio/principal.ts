import { memoised } from './memo.ts'

/** Who a request says it is. Never a password, a secret or anything made of a token's text. */
export type Principal =
  | { readonly kind: 'account', readonly sid: string }
  | { readonly kind: 'key', readonly sid: string }
  | { readonly kind: 'user', readonly name: string }
  | { readonly kind: 'bearer', readonly accountSid: string | undefined, readonly subject: string | undefined }
  | { readonly kind: 'anonymous' }

const ANONYMOUS: Principal = { kind: 'anonymous' }

const ACCOUNT_SID = /^AC[0-9a-fA-F]{32}$/
const KEY_SID = /^SK[0-9a-fA-F]{32}$/
const SCHEME = /^(basic|bearer) +/i

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
  if (ACCOUNT_SID.test(name)) return { kind: 'account', sid: name }
  if (KEY_SID.test(name)) return { kind: 'key', sid: name }
  return { kind: 'user', name }
}

/** Where access tokens keep an account. Twilio does not document its own; a claim counts only if it holds an account SID. */
const ACCOUNT_CLAIMS = ['acc', 'account_sid', 'accountSid', 'account', 'account_id', 'accountId', 'sub', 'iss', 'azp', 'client_id']
const SUBJECT_CLAIMS = ['client_id', 'azp', 'sub', 'iss']

const MAX_SUBJECT_LENGTH = 256

function parseBearer (token: string): Principal {
  const claims = readClaims(token)
  return {
    kind: 'bearer',
    accountSid: firstClaim(claims, ACCOUNT_CLAIMS, (value) => ACCOUNT_SID.test(value)),
    subject: firstClaim(claims, SUBJECT_CLAIMS, (value) => value !== '' && value.length <= MAX_SUBJECT_LENGTH)
  }
}

function firstClaim (claims: ReadonlyMap<string, unknown>, names: readonly string[], fits: (value: string) => boolean): string | undefined {
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
    : decode(payload.replaceAll('-', '+').replaceAll('_', '/'))
  if (text === undefined) return new Map()
  try {
    const parsed: unknown = JSON.parse(text)
    return new Map(typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [])
  } catch {
    return new Map()
  }
}

function decode (base64: string): string | undefined {
  try {
    return atob(base64)
  } catch {
    return undefined
  }
}

const ACCOUNTS = '/Accounts/'
const SID_LENGTH = 34

/** The account SID that follows an `Accounts` segment, with or without `.json`, `.xml` or `.csv`. */
export function accountInPath (path: string): string | undefined {
  let at = path.indexOf(ACCOUNTS)
  if (at === -1) return undefined
  const query = path.indexOf('?')
  const limit = query === -1 ? path.length : query
  for (; at !== -1 && at < limit; at = path.indexOf(ACCOUNTS, at + 1)) {
    const start = at + ACCOUNTS.length
    const end = start + SID_LENGTH
    const sid = path.slice(start, end)
    if (end <= limit && endsSid(path, end, limit) && ACCOUNT_SID.test(sid)) return sid
  }
  return undefined
}

function endsSid (path: string, end: number, limit: number): boolean {
  return end === limit || path[end] === '/' || path[end] === '.'
}
