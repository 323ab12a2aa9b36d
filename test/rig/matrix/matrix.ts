import { algorithms, oracle, type Algorithm } from './algorithms.ts'
import { measure, medians, type Measures } from './measures.ts'
import { play, type Played } from './play.ts'
import type { Group, Scenario } from './scenario.ts'
import { headers, stepsAndOthers } from './scenarios-change.ts'
import { burstsAndSizes, steadyAndOpen } from './scenarios-load.ts'
import { routes, sidecars } from './scenarios-share.ts'

export const SEEDS = [1, 2, 3] as const

/** By scenario, then by algorithm: the medians of the seeds' runs. */
export type Results = Record<string, Record<string, Measures>>

const groups: readonly Group[] = [steadyAndOpen, burstsAndSizes, stepsAndOthers, sidecars, routes, headers]

/** The groups with what is wanted of them; parts of names, in any case. */
export function wanted (scenarioPart: string): Group[] {
  return groups
    .map((group) => ({ ...group, scenarios: group.scenarios.filter(({ name }) => includes(name, scenarioPart)) }))
    .filter(({ scenarios }) => scenarios.length > 0)
}

export function rows (algorithmPart: string, group?: Group): Algorithm[] {
  return algorithms.filter(({ name, reads }) => includes(name, algorithmPart) && (reads || group?.reportingOnly !== true))
}

export function run (scenario: Scenario, wantedRows: readonly Algorithm[]): Record<string, Measures> {
  const runs = new Map<string, Measures[]>(wantedRows.map(({ name }) => [name, []]))
  for (const seed of SEEDS) {
    const told: Played = play(scenario, oracle, seed)
    for (const row of wantedRows) {
      runs.get(row.name)?.push(measure(scenario, row === oracle ? told : play(scenario, row, seed), told))
    }
  }
  return Object.fromEntries([...runs].map(([name, each]) => [name, medians(each)]))
}

const includes = (name: string, part: string): boolean => name.toLowerCase().includes(part.toLowerCase())
