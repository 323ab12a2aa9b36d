import { cpus } from 'node:os'
import type { Contestant } from '../../test/rig/scenario/contestant.ts'
import type { Reference, Scenario } from '../../test/rig/scenario/format.ts'
import { judge, referencesOf, type Play } from '../../test/rig/scenario/judge.ts'
import { runScenario, type Run } from '../../test/rig/scenario/run.ts'
import { ours, peers, references } from './contestants.ts'
import type { Result } from './result.ts'
import { figuresOf, seriesOf, type Summary } from './summary.ts'

export interface PlayOptions {
  /** The built command line. */
  readonly main: string
  readonly seeds: readonly number[]
  readonly withPeers: boolean
  /** Told of every run when it has ended. */
  readonly progress: (run: Run) => void
}

/** Plays a scenario: the proxy, the references of its expectations and, where asked for, the peers, seed by seed. */
export async function play (scenario: Scenario, { main, seeds, withPeers, progress }: PlayOptions): Promise<Result> {
  const once = async (contestant: Contestant, seed: number, alone = false): Promise<Run> => {
    const run = await runScenario(scenario, contestant, { main, seed, alone })
    progress(run)
    return run
  }
  const all = references(main)
  const wanted = [...new Set<Reference>([scenario.yardstick, ...referencesOf(scenario)])].filter((name) => name !== 'ideal')
  const plays: Play[] = []
  for (const seed of seeds) {
    const run = await once(ours(main), seed)
    const compared: Partial<Record<Reference, Run>> = {}
    for (const name of wanted) compared[name] = await once(all[name], seed, name === 'alone')
    plays.push({ run, references: compared })
  }
  const competing = scenario.compare && withPeers ? peers(main) : []
  const summaries: Summary[] = []
  for (const { contestant } of competing) {
    if (contestant === undefined) continue
    // One play each: there are many of them, and what sets them apart is larger than what sets plays apart.
    summaries.push(summaryOf([await once(contestant, seeds[0] ?? 1)]))
  }
  return {
    scenario: scenario.name,
    about: scenario.about,
    lengthS: scenario.lengthS,
    node: process.version,
    processors: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}`,
    seeds,
    ours: summaryOf(plays.map(({ run }) => run)),
    yardstick: summaryOf(plays.flatMap(({ references: { [scenario.yardstick]: run } }) => run === undefined ? [] : [run])),
    peers: summaries,
    notInstalled: competing.filter(({ contestant }) => contestant === undefined).map(({ name }) => name),
    bars: judge(scenario, plays).map(({ text, values, met, expectation: { what } }) =>
      ({ text, what, met, values: values.map((value) => Number.isFinite(value) ? value : null) }))
  }
}

function summaryOf (runs: readonly Run[]): Summary {
  const [first] = runs
  if (first === undefined) throw new Error('there is no run to sum up')
  return { contestant: first.contestant, runs: runs.map(figuresOf), series: seriesOf(first) }
}
