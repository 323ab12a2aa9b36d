/** Every scenario in test/scenarios, over real HTTP: a simulated account, proxies in processes of their own, load. */
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { governor } from './rig/scenario/contestant.ts'
import { readScenarios } from './rig/scenario/file.ts'
import type { Scenario } from './rig/scenario/format.ts'
import { judge, type Verdict } from './rig/scenario/judge.ts'
import { runScenario, type Run } from './rig/scenario/run.ts'
import { isStrained } from './rig/scenario/watch.ts'
import { buildProgram } from './support/build.ts'

// A minute, when nothing has to be played again.
t.setTimeout(600_000)
/** A run in which timers or the simulator came late says as much of the machine as of the proxy, and is played again. */
const PLAYS_MOST = 4
/** Bars are for the median of three runs; the first alone will do where it meets them all. */
const RUNS_MOST = 3

const main = await buildProgram()
// One at a time: what they measure is time.
for (const scenario of readScenarios(fileURLToPath(new URL('scenarios', import.meta.url)))) {
  t.test(`${scenario.name}: ${scenario.about}`, async (t) => {
    const runs = [await playUnstrained(t, scenario)]
    const verdicts = (): readonly Verdict[] => judge(scenario, runs.map((run) => ({ run, references: {} })))
    if (verdicts().some(({ met }) => !met)) while (runs.length < RUNS_MOST) runs.push(await playUnstrained(t, scenario))
    for (const { text, values, met } of verdicts()) t.ok(met, `${text}: ${values.map((value) => +value.toPrecision(4)).join(', ')}`)
  })
}

async function playUnstrained (t: Test, scenario: Scenario): Promise<Run> {
  let run = await play(t, scenario)
  for (let plays = 1; isStrained(run.strain) && plays < PLAYS_MOST; plays++) run = await play(t, scenario)
  return run
}

async function play (t: Test, scenario: Scenario): Promise<Run> {
  const run = await runScenario(scenario, governor('governor', main), { main, seed: 1 })
  const { loadLagMs, simulatorLagMs, loadCores, simulatorCores, proxyCores } = run.strain
  t.comment(`lag of load ${loadLagMs.toFixed(1)} ms, of simulator ${simulatorLagMs.toFixed(1)} ms; cores: load ${loadCores.toFixed(2)}, simulator ${simulatorCores.toFixed(2)}, proxies ${proxyCores.toFixed(2)}`)
  return run
}
