/**
 * The control loop, measured over real HTTP: a simulated account with a ceiling that it hides, the proxy as it is
 * shipped, and beside it the same proxy told the ceiling. Each run has fresh processes; seeds are fixed.
 *
 *     npm run bench:control -- [part of a scenario's name ...] [--runs 3] [--peers] [--write]
 */
import { fileURLToPath } from 'node:url'
import { readScenarios } from '../../test/rig/scenario/file.ts'
import { isStrained } from '../../test/rig/scenario/watch.ts'
import { parse } from './arguments.ts'
import { play } from './play.ts'
import { writeDocument } from './document.ts'
import { readResults, writeResult } from './result.ts'
import { barRows, HEAD, markdown, row } from './table.ts'

/** This file runs from bench/out/control/bench/control-loop. */
const root = fileURLToPath(new URL('../../../../', import.meta.url))
const results = `${root}bench/control-loop/results`

const { parts, runs, peers, write } = parse(process.argv.slice(2))
const all = readScenarios(`${root}bench/control-loop/scenarios`)
/** A whole name means that scenario alone, not those it is a part of. */
const isMeant = (name: string, part: string): boolean => all.some((other) => other.name === part) ? name === part : name.includes(part)
const scenarios = all.filter(({ name }) => parts.length === 0 || parts.some((part) => isMeant(name, part)))
const seeds = Array.from({ length: runs }, (_, i) => i + 1)

for (const scenario of scenarios) {
  console.log(`\n${scenario.name}: ${scenario.about}\n`)
  const result = await play(scenario, {
    main: `${root}dist/main.js`,
    seeds,
    withPeers: peers,
    progress: (run) => {
      const { loadLagMs, simulatorLagMs, loadCores, simulatorCores, proxyCores } = run.strain
      console.error(`  ${run.contestant}: lag of load ${loadLagMs.toFixed(0)} ms, of simulator ${simulatorLagMs.toFixed(0)} ms; cores ${[loadCores, simulatorCores, proxyCores].map((cores) => cores.toFixed(2)).join(' + ')}${isStrained(run.strain) ? ' †' : ''}`)
    }
  })
  console.log(markdown(HEAD, [result.ours, result.yardstick, ...result.peers].map((summary) => row(summary, result.yardstick))))
  for (const name of result.notInstalled) console.log(`| ${name} | not installed |`)
  console.log(`\n${markdown(['bar', '', ''], barRows(result.bars))}`)
  if (write) writeResult(results, result)
}
console.log('\n†: this machine was too busy: timers of load or simulator came late, so times and goodput say as much of it as of the proxy.')
if (write) {
  const file = writeDocument(`${root}docs/benchmarks`, readResults(results))
  console.log(`written: ${file}`)
}
