/** From what a log calls an account to an account that rules of the settings can name. */
import { createHash } from 'node:crypto'
import { hashedAccount } from '../../../telemetry/account-labels.ts'

export interface NamedAccount {
  /** A credential of the account, as far as the line looks at it. */
  readonly authorization: string
  readonly region: string | undefined
}

const SID = /^AC[0-9a-fA-F]{32}$/

/**
 * `aliases` by SID; `known`: SIDs that the settings name, in case the log has their digests. Any other name stands for
 * an account of its own.
 */
export function accountNames (
  aliases: Readonly<Record<string, string>>,
  known: readonly string[]
): (label: string) => NamedAccount {
  const sids = new Map([
    ...known.map((sid) => [hashedAccount(sid), sid] as const),
    ...Object.entries(aliases).map(([sid, alias]) => [alias, sid] as const)
  ])
  const named = new Map<string, NamedAccount>()
  return (label) => {
    let account = named.get(label)
    if (account === undefined) {
      const [name = '', region] = label.split('@')
      const sid = SID.test(name)
        ? name
        : sids.get(name) ?? `AC${createHash('sha256').update(name).digest('hex').slice(0, 32)}`
      account = { authorization: `Basic ${Buffer.from(`${sid}:`).toString('base64')}`, region }
      named.set(label, account)
    }
    return account
  }
}
