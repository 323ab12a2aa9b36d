import { createHash } from 'node:crypto'
import { canonicalName } from '../twilio/paths/principal.ts'

export interface AccountLabelOptions {
  /** `full`: the account's key as it is; `hashed`: a short SHA-256 of it, for places where SIDs must not appear. */
  readonly label: 'full' | 'hashed'
  /** Names to show instead, by account SID. */
  readonly aliases: Readonly<Record<string, string>>
  /** Distinct labels at most, at least 1; accounts met after that many are `other`. */
  readonly maxLabels: number
  /** Whether Twilio has accepted a credential for an account; absent where all count as accepted. */
  readonly isAccepted?: (account: string) => boolean
}

export type AccountLabels = (account: string) => string

const HASH_CHARS = 12
/** What stands before it. */
export const HASH = 'sha256:'

/** Most labels, as a part, for accounts with no credential that Twilio has accepted: anybody can invent accounts. */
const UNACCEPTED_PART = 0.25

/** A short digest of an account's key. A region stays as it is, so that one account shows as one in two regions. */
export function hashedAccount (account: string): string {
  const [sid = '', ...region] = account.split(/(?=@)/)
  return `${HASH}${createHash('sha256').update(sid).digest('hex').slice(0, HASH_CHARS)}${region.join('')}`
}

/**
 * Names accounts for metrics, logs and /state. An account keeps its label for the life of the process: a series
 * never changes its meaning. One that came too late is `other`.
 * A key may carry a region (`AC…@ie1`): alias and hash stand for the part before it. What is a hash already stays one.
 */
export function createAccountLabels (options: AccountLabelOptions): AccountLabels {
  const aliases = new Map(Object.entries(options.aliases).map(
    ([sid, alias]) => [canonicalName(sid), alias] as const
  ).flatMap(([sid, alias]) => [[sid, alias], [hashedAccount(sid), alias]]))
  const known = new Map<string, string>()
  const unacceptedMost = Math.ceil(options.maxLabels * UNACCEPTED_PART)
  let unaccepted = 0

  const name = (account: string): string => {
    const at = account.indexOf('@')
    const sid = at < 0 ? account : account.slice(0, at)
    const region = at < 0 ? '' : account.slice(at)
    const alias = aliases.get(sid)
    if (alias !== undefined) return alias + region
    return options.label === 'full' || sid.startsWith(HASH) ? account : hashedAccount(account)
  }

  return (account) => {
    const label = known.get(account) ?? aliases.get(account)
    if (label !== undefined) return label
    // What is `other` is not remembered: a stream of invented accounts must not fill the memory.
    const isAccepted = options.isAccepted?.(account) !== false
    if (known.size >= options.maxLabels || (!isAccepted && unaccepted >= unacceptedMost)) return 'other'
    if (!isAccepted) unaccepted++
    const made = name(account)
    known.set(account, made)
    return made
  }
}
