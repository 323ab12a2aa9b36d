/**
 * What is in a state file: one JSON object that stores limits by account, with a checksum.
 * Every field of a file is checked before it is believed.
 */
import { createHash } from 'node:crypto'
import type { CeilingBand } from '../policy/limit/ceiling-view.ts'
import type { Learnt } from '../policy/limit/remembered.ts'

/** What one account's limit had learnt. */
export interface StoredLimit extends Learnt {
  /** The account's key, or a hash of it. */
  readonly account: string
  /** When the account was last used, milliseconds since 1970. */
  readonly atMs: number
}

export type Decoded =
  | { readonly limits: readonly StoredLimit[] }
  /** `foreign`: not of this program's making, so not for it to replace. */
  | { readonly fault: string, readonly foreign: boolean }

const HEAD = '{"twilio-governor":"limits"'
const VERSION = 1
/** Clocks of two machines, or of one before and after its correction, may differ by so much, milliseconds. */
const CLOCK_SKEW_MS = 60_000
/** No limit and no level is larger; the settings and the header reader say the same. */
const MOST_REQUESTS = 100_000
const LONGEST_NAME = 200

export function encode (limits: readonly StoredLimit[], savedAtMs: number): string {
  const sealed = JSON.stringify({ savedAtMs, limits })
  return `${HEAD},"version":${VERSION},"sha256":"${checksum(sealed)}",${sealed.slice(1)}\n`
}

export function decode (text: string, nowMs: number): Decoded {
  // An empty file is what a machine leaves behind that lost its power at the wrong moment.
  if (text !== '' && !text.startsWith(HEAD)) return { fault: 'is not a state file of twilio-governor', foreign: true }
  const damaged = { fault: 'is damaged', foreign: false }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return damaged
  }
  if (!isRecord(value)) return damaged
  const { version, sha256, savedAtMs, limits } = value
  if (version !== VERSION) return { fault: `has another version than ${VERSION}`, foreign: false }
  if (sha256 !== checksum(JSON.stringify({ savedAtMs, limits }))) return damaged
  if (!isNumber(savedAtMs, 0, Number.MAX_SAFE_INTEGER) || !Array.isArray(limits)) return damaged
  const known = limits.map(limitIn).filter((limit) => limit !== undefined)
  if (known.length < limits.length) return damaged
  if (savedAtMs > nowMs + CLOCK_SKEW_MS || known.some(({ atMs }) => atMs > savedAtMs)) {
    return { fault: 'is dated in the future', foreign: false }
  }
  return { limits: known }
}

const checksum = (text: string): string => createHash('sha256').update(text).digest('hex')

function limitIn (value: unknown): StoredLimit | undefined {
  if (!isRecord(value)) return undefined
  const { account, atMs, slots, settled, refusedAt } = value
  const ceiling = bandIn(value['ceiling'])
  if (typeof account !== 'string' || account.length > LONGEST_NAME || !isNumber(atMs, 0, Number.MAX_SAFE_INTEGER)) {
    return undefined
  }
  if (!isNumber(slots, 1, MOST_REQUESTS) || typeof settled !== 'boolean' || ceiling === undefined) return undefined
  if (refusedAt !== null && !isNumber(refusedAt, 1, 2 * MOST_REQUESTS)) return undefined
  return { account, atMs, slots, settled, refusedAt, ceiling }
}

function bandIn (value: unknown): CeilingBand | undefined {
  if (!isRecord(value)) return undefined
  const { estimate, low, high, basis } = value
  if (!isNumber(low, 0, 2 * MOST_REQUESTS) || (basis !== 'reported' && basis !== 'own')) return undefined
  if (estimate === null && high === null) return { estimate, low, high, basis }
  if (!isNumber(estimate, low, Number.MAX_SAFE_INTEGER) || !isNumber(high, estimate, Number.MAX_SAFE_INTEGER)) {
    return undefined
  }
  return { estimate, low, high, basis }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isNumber = (value: unknown, least: number, most: number): value is number =>
  typeof value === 'number' && value >= least && value <= most
