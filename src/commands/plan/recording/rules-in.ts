import type { Settings } from '../../../config/schema/settings.ts'

/** What rules of the settings, wherever they are, ask for and count apart. */
export interface RulesIn {
  /** Keys of a match, such as `fields`. */
  readonly asks: ReadonlySet<string>
  /** Keys of `per`, such as `segments`. */
  readonly counts: ReadonlySet<string>
  /** SIDs of accounts that are meant. */
  readonly accounts: readonly string[]
}

/** Rules are wherever something has a `match`. */
export function rulesIn (settings: Settings): RulesIn {
  const asks = new Set<string>()
  const counts = new Set<string>()
  const accounts: string[] = []
  const look = (value: unknown): void => {
    if (!isMapping(value)) return
    const { match, per } = value
    if (isMapping(match)) {
      for (const key of Object.keys(match)) asks.add(key)
      if (isMapping(match['accounts'])) {
        for (const sid of Object.values(match['accounts'])) if (typeof sid === 'string') accounts.push(sid)
      }
    }
    if (isMapping(match) && isMapping(per)) for (const key of Object.keys(per)) counts.add(key)
    for (const child of Object.values(value)) look(child)
  }
  look(settings)
  return { asks, counts, accounts }
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null
