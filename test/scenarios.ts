/** Every scenario in test/scenarios, over real HTTP: a simulated account, proxies in processes of their own, load. */
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { governor } from '../bench/scenario/contestant.ts'
import { readScenarios } from '../bench/scenario/file.ts'
import { judge } from '../bench/scenario/judge.ts'
import { runScenario } from '../bench/scenario/run.ts'
import { buildProgram } from './support/build.ts'

// Under a minute on a quiet machine.
t.setTimeout(300_000)
const main = await buildProgram()
// One at a time: what they measure is time.
for (const scenario of readScenarios(fileURLToPath(new URL('scenarios', import.meta.url)))) {
  t.test(`${scenario.name}: ${scenario.about}`, async (t) => {
    const run = await runScenario(scenario, governor('governor', main), { main, seed: 1 })
    for (const { text, median, met } of judge(scenario, [{ run, references: {} }])) t.ok(met, `${text}: ${+median.toPrecision(4)}`)
    const { loadLagMs, simulatorLagMs, loadCores, simulatorCores, proxyCores } = run.strain
    t.comment(`lag of load ${loadLagMs.toFixed(1)} ms, of simulator ${simulatorLagMs.toFixed(1)} ms; cores: load ${loadCores.toFixed(2)}, simulator ${simulatorCores.toFixed(2)}, proxies ${proxyCores.toFixed(2)}`)
  })
}
