/** The file of tokens: their digests, never a token. The command line writes it; proxies read it. */
import { open, rm, stat } from 'node:fs/promises'
import { codeOf, readSmallFile, replaceFile } from '../storage/file.ts'

export interface TokenRecord {
  /** Names the token, in lists and in the log. */
  readonly id: string
  readonly caller: string
  /** Of the token, in hexadecimal. */
  readonly sha256: string
  /** Moments in ISO 8601. */
  readonly createdAt: string
  readonly expiresAt: string | null
  readonly revokedAt: string | null
}

const VERSION = 1
const CALLER = /^[A-Za-z0-9_.-]{1,64}$/
const LOCK_MOST_MS = 10_000
const LOCK_LOOK_MS = 20

/** Names of callers, as Governor-Caller has them. */
export const isCallerName = (name: string): boolean => CALLER.test(name)

/** A file that holds something else than tokens, or cannot be read. */
export class TokenFileError extends Error {
  constructor (file: string, fault: string) {
    super(`${file} ${fault}`)
    this.name = 'TokenFileError'
  }
}

/**
 * The tokens of a file; none where there is no file.
 * @throws TokenFileError
 */
export async function readTokens (file: string): Promise<readonly TokenRecord[]> {
  const read = await readSmallFile(file)
  if (read === undefined) return []
  if ('fault' in read) throw new TokenFileError(file, read.fault)
  return parseTokens(read.text, file)
}

/** @throws TokenFileError */
export function parseTokens (text: string, file: string): readonly TokenRecord[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw new TokenFileError(file, 'is no JSON')
  }
  const { version, tokens } = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Record<string, unknown>
  if (typeof version === 'number' && version > VERSION) {
    throw new TokenFileError(file, `is of version ${version}, which is newer than this program knows (${VERSION})`)
  }
  if (version !== VERSION || !Array.isArray(tokens)) throw new TokenFileError(file, 'is no file of tokens')
  const wrong = tokens.findIndex((token) => !isRecord(token))
  if (wrong >= 0) throw new TokenFileError(file, `has a token that cannot be read: number ${wrong + 1} of ${tokens.length}`)
  return tokens as TokenRecord[]
}

function isRecord (value: unknown): value is TokenRecord {
  if (typeof value !== 'object' || value === null) return false
  const { id, caller, sha256, createdAt, expiresAt, revokedAt } = value as Record<string, unknown>
  const isMoment = (moment: unknown): boolean => typeof moment === 'string' && !Number.isNaN(Date.parse(moment))
  return typeof id === 'string' && typeof caller === 'string' && isCallerName(caller) &&
    typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256) && isMoment(createdAt) &&
    (expiresAt === null || isMoment(expiresAt)) && (revokedAt === null || isMoment(revokedAt))
}

/**
 * Changes the file. Two commands at once do so one after the other.
 * @throws TokenFileError when another command has not finished within ten seconds
 */
export async function changeTokens<Result> (
  file: string,
  change: (tokens: readonly TokenRecord[]) => { readonly tokens: readonly TokenRecord[], readonly result: Result }
): Promise<Result> {
  const unlock = await lock(`${file}.lock`, file)
  try {
    const { tokens, result } = change(await readTokens(file))
    await replaceFile(file, `${JSON.stringify({ version: VERSION, tokens }, null, 2)}\n`)
    return result
  } finally {
    await unlock()
  }
}

async function lock (path: string, file: string): Promise<() => Promise<void>> {
  for (let waitedMs = 0; ; waitedMs += LOCK_LOOK_MS) {
    try {
      await (await open(path, 'wx', 0o600)).close()
      return () => rm(path, { force: true })
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw new TokenFileError(file, `cannot be written (${codeOf(error)})`)
      if (waitedMs >= LOCK_MOST_MS) throw new TokenFileError(file, `is locked: remove ${path} if no other command runs`)
      if (await isLeftOver(path)) await rm(path, { force: true })
      else await new Promise((resolve) => { setTimeout(resolve, LOCK_LOOK_MS) })
    }
  }
}

/** A command that was killed leaves its lock. */
async function isLeftOver (path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs > LOCK_MOST_MS
  } catch {
    return false
  }
}
