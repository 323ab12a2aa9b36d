import { createHash } from 'node:crypto'

const ACCOUNT_SID = /^AC[0-9A-Za-z]{32}$/
const ACCOUNT_IN_PATH = /\/Accounts\/(AC[0-9A-Za-z]{32})(?=[/.?]|$)/

/** The account SID that a key, client or token stands for when nothing says otherwise: always the same for the same. */
export const accountOf = (key: string): string => `AC${createHash('md5').update(key).digest('hex')}`

/**
 * Whose request this is: the account in the path, else the user name, else the account of the key, which is one of its
 * own unless `keys` names another. Undefined without credentials; any password and any token will do.
 */
export function identify (
  authorization: string | undefined,
  path: string,
  keys: Readonly<Record<string, string>>
): string | undefined {
  const key = keyOf(authorization)
  if (key === undefined) return undefined
  const inPath = ACCOUNT_IN_PATH.exec(path)?.[1]
  if (inPath !== undefined) return inPath
  if (ACCOUNT_SID.test(key)) return key
  return (Object.hasOwn(keys, key) ? keys[key] : undefined) ?? accountOf(key)
}

function keyOf (authorization: string | undefined): string | undefined {
  const [scheme = '', credentials = ''] = authorization?.trim().split(/\s+/, 2) ?? []
  if (credentials === '') return undefined
  switch (scheme.toLowerCase()) {
    case 'basic': {
      const [user = ''] = Buffer.from(credentials, 'base64').toString('utf8').split(':', 1)
      return user === '' ? undefined : user
    }
    case 'bearer': return subjectOf(credentials) ?? credentials
    default: return undefined
  }
}

// Tokens of one client differ from hour to hour; the subject inside does not.
function subjectOf (token: string): string | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'))
    const subject = typeof claims === 'object' && claims !== null && 'sub' in claims ? claims.sub : undefined
    return typeof subject === 'string' && subject !== '' ? subject : undefined
  } catch {
    return undefined
  }
}
