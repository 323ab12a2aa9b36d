/** What `twilio-governor token` does with its file. */
import { randomBytes } from 'node:crypto'
import { changeTokens, isCallerName, readTokens, type TokenRecord } from '../../access/token-file.ts'
import { digestOf, newToken } from '../../access/token.ts'

/** What was asked for cannot be done. The message says why. */
export class TokenError extends Error {
  constructor (message: string) {
    super(message)
    this.name = 'TokenError'
  }
}

export interface MadeToken {
  readonly id: string
  readonly caller: string
  readonly token: string
  readonly expiresAt: string | null
}

const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** A duration such as 90d from `now`, or a moment. */
function momentOf (text: string, now: Date): Date {
  const [, number, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const moment = number === undefined
    ? new Date(/^\d{4}-\d{2}-\d{2}/.test(text) ? text : NaN)
    : new Date(now.getTime() + Number(number) * UNITS[unit as keyof typeof UNITS])
  if (Number.isNaN(moment.getTime())) {
    throw new TokenError(`"${text.slice(0, 40)}" is no time: accepted are 90d, 12h, 30m, 45s, or a moment such as 2027-01-31T00:00:00Z`)
  }
  return moment
}

function recordOf (
  caller: string,
  expiresAt: string | null,
  now: Date
): { readonly token: string, readonly record: TokenRecord } {
  const token = newToken()
  const id = `tok_${randomBytes(6).toString('hex')}`
  const record = { id, caller, sha256: digestOf(token), createdAt: now.toISOString(), expiresAt, revokedAt: null }
  return { token, record }
}

/** @throws TokenError, TokenFileError */
export async function makeToken (
  file: string,
  caller: string,
  expires: string | undefined,
  now: Date
): Promise<MadeToken> {
  if (!isCallerName(caller)) {
    throw new TokenError('The name of a caller has 1 to 64 letters, digits, dots, hyphens or underscores.')
  }
  const expiresAt = expires === undefined ? null : momentOf(expires, now).toISOString()
  if (expiresAt !== null && expiresAt <= now.toISOString()) throw new TokenError('--expires is in the past.')
  const { token, record } = recordOf(caller, expiresAt, now)
  return changeTokens(file, (tokens) =>
    ({ tokens: [...tokens, record], result: { id: record.id, caller, token, expiresAt } }))
}

/** Ids of the tokens that were revoked. Throws a TokenError when there is no such token that still counts. */
export async function revokeTokens (file: string, idOrCaller: string, now: Date): Promise<readonly string[]> {
  return changeTokens(file, (tokens) => {
    const meant = tokens.filter(({ id, caller, revokedAt }) =>
      (id === idOrCaller || caller === idOrCaller) && revokedAt === null)
    if (meant.length === 0) {
      throw new TokenError(`No token that still counts has the id or the caller "${idOrCaller.slice(0, 64)}".`)
    }
    const revokedAt = now.toISOString()
    return {
      tokens: tokens.map((token) => meant.includes(token) ? { ...token, revokedAt } : token),
      result: meant.map(({ id }) => id)
    }
  })
}

/** @throws TokenError, TokenFileError */
export async function rotateToken (
  file: string,
  id: string,
  grace: string,
  expires: string | undefined,
  now: Date
): Promise<MadeToken & { readonly oldEndsAt: string }> {
  return changeTokens(file, (tokens) => {
    const old = tokens.find((token) => token.id === id && token.revokedAt === null)
    if (old === undefined) throw new TokenError(`No token that still counts has the id "${id.slice(0, 64)}".`)
    const graceEnds = momentOf(grace, now).toISOString()
    const oldEndsAt = old.expiresAt === null || old.expiresAt > graceEnds ? graceEnds : old.expiresAt
    const expiresAt = expires === undefined ? sameLength(old, now) : momentOf(expires, now).toISOString()
    const { token, record } = recordOf(old.caller, expiresAt, now)
    return {
      tokens: [...tokens.map((one) => one === old ? { ...one, expiresAt: oldEndsAt } : one), record],
      result: { id: record.id, caller: old.caller, token, expiresAt, oldEndsAt }
    }
  })
}

function sameLength ({ createdAt, expiresAt }: TokenRecord, now: Date): string | null {
  if (expiresAt === null) return null
  return new Date(now.getTime() + Date.parse(expiresAt) - Date.parse(createdAt)).toISOString()
}

/** A line each, the newest last. */
export async function listTokens (file: string, asJson: boolean, now: Date): Promise<string> {
  const tokens = await readTokens(file)
  const shown = tokens.map(({ sha256: _secret, ...token }) => ({ ...token, state: stateOf(token, now) }))
  if (asJson) return JSON.stringify(shown, null, 2)
  if (shown.length === 0) return 'There are no tokens yet.'
  const rows = shown.map(({ id, caller, state, createdAt, expiresAt }) =>
    [id, caller, state, createdAt, expiresAt ?? 'never'])
  const table = [['ID', 'CALLER', 'STATE', 'CREATED', 'EXPIRES'], ...rows]
  const widths = [0, 1, 2, 3].map((i) => Math.max(...table.map((row) => row[i]?.length ?? 0)))
  return table.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ').trimEnd()).join('\n')
}

function stateOf ({ expiresAt, revokedAt }: Pick<TokenRecord, 'expiresAt' | 'revokedAt'>, now: Date): string {
  if (revokedAt !== null) return 'revoked'
  return expiresAt !== null && Date.parse(expiresAt) <= now.getTime() ? 'expired' : 'valid'
}
