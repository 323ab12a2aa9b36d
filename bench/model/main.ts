/**
 * Limits in simulated time: every scenario with every algorithm, the same each time it is run.
 *
 *     npm run bench:model -- [part of a scenario's name] [part of an algorithm's name]
 *         --json             the figures as JSON instead of tables
 *         --against <file>   only what differs from figures that --json gave before
 *         --write            the tables into docs/benchmarks/model.md as well; only without filters
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { document } from './document.ts'
import { rows, run, wanted, type Results } from '../../test/rig/matrix/matrix.ts'
import { changes, table } from '../../test/rig/matrix/table.ts'

const { values: flags, positionals: [scenarioPart = '', algorithmPart = ''] } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, against: { type: 'string' }, write: { type: 'boolean' } }
})
if (flags.write === true && (scenarioPart !== '' || algorithmPart !== '')) {
  throw new Error('--write takes the whole matrix: leave the filters out')
}

const groups = wanted(scenarioPart)
const before = flags.against === undefined ? undefined : JSON.parse(readFileSync(flags.against, 'utf8'), revive) as Results
const results: Results = {}
for (const group of groups) {
  for (const scenario of group.scenarios) {
    const startedAtMs = performance.now()
    results[scenario.name] = run(scenario, rows(algorithmPart, group))
    console.error(`${scenario.name}: ${((performance.now() - startedAtMs) / 1000).toFixed(1)} s`)
  }
  if (flags.json === true) continue
  console.log(`\n## ${group.title}\n\n${before === undefined ? table(group, results) : changes(group, before, results)}`)
}
if (flags.json === true) console.log(JSON.stringify(results, keep, 2))
if (flags.write === true) {
  const folder = new URL('../../../../docs/benchmarks/', import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL('model.md', folder), document(groups, results))
}

/** JSON has no number for what was never reached. */
function keep (_key: string, value: unknown): unknown { return value === Infinity ? 'never' : value }
function revive (_key: string, value: unknown): unknown { return value === 'never' ? Infinity : value }
