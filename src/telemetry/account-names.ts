/** How people name an account to the proxy: by its SID, its alias, or what metrics and `/state` show of it. */
import { memoised } from '../policy/counts/memo.ts'
import { canonicalName } from '../twilio/paths/principal.ts'
import { createAccountLabels, HASH, hashedAccount, type AccountLabelOptions } from './account-labels.ts'

export interface AccountNames {
  /** The name in its stored form: hashed if accounts.label says so. Undefined for a text that names no account. */
  readonly canonical: (named: string) => string | undefined
  /** Is this, in the stored form, the account with that key? Without a region it is the account in each of them. */
  readonly isAccount: (named: string, key: string) => boolean
  /** What people are shown. */
  readonly show: (named: string) => string
}

/** Keys of accounts, and their hashes. */
const NAME = /^(?:(?:AC|SK)[0-9a-fA-F]{32}|(?:user|client):[\w-]{1,64}|sha256:[0-9a-f]{12}|bearer|anonymous|overflow)$/
const REGION = /^@[a-z]{2}[0-9]{1,2}$/

export function createAccountNames ({ label, aliases }: Omit<AccountLabelOptions, 'maxLabels'>): AccountNames {
  const sids = new Map(Object.entries(aliases).map(([sid, alias]) => [alias, sid]))
  const hashOf = memoised(1_000, 128, hashedAccount)
  return {
    canonical: (named) => {
      const [name, region] = split(named)
      const key = canonicalName(sids.get(name) ?? name)
      if (!NAME.test(key) || (region !== '' && !REGION.test(region))) return undefined
      return `${label === 'hashed' && !key.startsWith(HASH) ? hashOf(key) : key}${region}`
    },
    isAccount: (named, key) => {
      const [given, region] = split(named)
      const name = canonicalName(given)
      const [base, ofKey] = split(key)
      return (region === '' || region === ofKey) && name === (name.startsWith(HASH) ? hashOf(base) : base)
    },
    show: createAccountLabels({ label, aliases, maxLabels: Infinity })
  }
}

/** The part before the region, and the region with its `@`. */
function split (name: string): [string, string] {
  const at = name.indexOf('@')
  return at < 0 ? [name, ''] : [name.slice(0, at), name.slice(at)]
}
