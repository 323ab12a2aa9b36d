import { parseArgs } from 'node:util'

export interface Wanted {
  /** Parts of scenarios' names; none wants all. */
  readonly parts: readonly string[]
  readonly runs: number
  readonly peers: boolean
  readonly write: boolean
}

export const USAGE = `npm run bench:control -- [part of a scenario's name ...] [--runs 3] [--peers] [--write]

  --runs   plays of each scenario, each with a seed of its own (1)
  --peers  other limits and other programs too, once each, in the scenarios that are marked for it
  --write  writes results, docs/benchmarks/control-loop.md and its charts
`

export function parse (args: readonly string[]): Wanted {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { runs: { type: 'string', default: '1' }, peers: { type: 'boolean', default: false }, write: { type: 'boolean', default: false } }
  })
  const runs = Number(values.runs)
  if (!Number.isInteger(runs) || runs < 1 || runs > 99) throw new Error(`--runs: a number from 1 to 99\n\n${USAGE}`)
  return { parts: positionals, runs, peers: values.peers, write: values.write }
}
