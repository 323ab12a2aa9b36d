import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadScenario, parseScenario, ScenarioError } from '../../src/simulator/settings/scenario-file.ts'
import { defaultScenario } from '../../src/simulator/model/scenario.ts'

const faultsOf = (text: string): readonly string[] => {
  try {
    parseScenario(text)
  } catch (error) {
    if (error instanceof ScenarioError) return error.faults.map(({ path, message }) => `${path}: ${message}`)
    throw error
  }
  return []
}

t.test('an empty file is the default scenario', async (t) => {
  t.same(parseScenario(''), defaultScenario)
  t.match(defaultScenario, { limit: 100, seed: 1, wireDelayMs: 20, latency: { medianMs: 110, p99Ms: 1000 }, headers: { present: true, noise: 0 } })
})

t.test('a file says only what differs', async (t) => {
  const scenario = parseScenario('limit: 30\nheaders: { present: false }\ntimeline:\n  - { atMs: 20000, set: { limit: 40 } }\n  - { atMs: 100, set: { limit: 10 } }')
  t.match(scenario, { limit: 30, seed: 1, headers: { present: false, presentOn429: true }, timeline: [{ atMs: 100 }, { atMs: 20000 }] })
})

t.test('every fault is told at once, with its place', async (t) => {
  const faults = faultsOf(`
limit: many
colour: red
headers: { noise: 2, takenAt: never }
keys: { SK1: nobody }
limits: { nobody: 3 }
publicKeys: { nobody: nothing }
routeRates: [{ route: Messages }]
faults: [{ kind: meteor }, { next: 3 }]
timeline: [{ atMs: 5, set: { seed: 2, latency: { medianMs: -1 } } }]
`)
  for (const path of [
    'limit', 'colour', 'headers.noise', 'headers.takenAt', 'keys.SK1', 'limits.nobody', 'publicKeys.nobody', 'routeRates.0.perSecond', 'routeRates.0.route',
    'faults.0.kind', 'faults.1.kind', 'timeline.0.set.seed', 'timeline.0.set.latency.medianMs'
  ]) t.ok(faults.some((fault) => fault.startsWith(`${path}: `)), `${path} among ${faults.join('; ')}`)
})

t.test('a fault is told once, and so is its place', async (t) => {
  t.strictSame(faultsOf('limits: { nobody: 3 }'), ['limits.nobody: is not an account SID'])
  t.strictSame(faultsOf('publicKeys: { SK1: "-----BEGIN PUBLIC KEY-----" }'), ['publicKeys.SK1: is not the SID of a public key'])
  t.strictSame(faultsOf('limit: 1\nlimit: 2'), ['line 2: Map keys must be unique'])
})

t.test('a 99th percentile below its median is found, also where only the timeline brings it about', async (t) => {
  t.match(faultsOf('latency: { medianMs: 2000 }'), [/^latency\.p99Ms: must be at least medianMs/])
  t.match(faultsOf('timeline: [{ atMs: 9, set: { latency: { p99Ms: 5 } } }]'), [/9 ms after the start/])
  t.match(faultsOf('latencyByRoute: [{ medianMs: 9, p99Ms: 8 }]'), [/^latencyByRoute\.0\.p99Ms/])
})

t.test('what is not YAML, or is not there, is a fault as well', async (t) => {
  t.match(faultsOf('limit: [1'), [/line/])
  t.match(faultsOf('limit: 1\nlimit: 2'), [/line 2/])
  t.match(faultsOf('limit: *none'), [/alias/i])
  t.match(faultsOf('- 1'), [/object/])
  await t.rejects(loadScenario('/nowhere/scenario.yaml'), { name: 'ScenarioError', message: /ENOENT/ })
})

t.test('the documented scenarios can all be played', async (t) => {
  const folder = join(import.meta.dirname, '../../docs/scenarios')
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))
  t.ok(files.length >= 3)
  for (const file of files) t.ok((await loadScenario(join(folder, file))).limit >= 0, file)
})
