/** Names of accounts that would be taken for others. */
import type { Check } from './check.ts'
import { placeIn, placesIn, type Place } from '../tree.ts'

/** What stands for accounts that have no name of their own, in labels and in limiter keys. */
const RESERVED_NAMES: readonly string[] = ['other', 'overflow', 'bearer', 'anonymous']
const SID = /^(?:AC|SK)[0-9A-Za-z]{32}$/

export function aliasChecks (root: Place): readonly Check[] {
  const aliases = placesIn(placeIn(placeIn(root, 'accounts'), 'aliases'))
  const names = aliases.map(({ value }) => value)
  return aliases.map(({ steps, value }, i): Check =>
    ({ steps, reads: [steps], fault: () => nameFault(String(value), names.indexOf(value) < i) }))
}

function nameFault (name: string, isTaken: boolean): string | undefined {
  if (isTaken) return 'must give each name to one account only, or their metrics would overwrite each other'
  if (RESERVED_NAMES.includes(name)) {
    return `must not use the name "${name}", which metrics use for accounts without a name`
  }
  return SID.test(name) ? 'must not use a name that looks like a SID: another account or key may have it' : undefined
}
