import { createServer } from 'node:http'
import t from 'tap'
import { Delays } from '../../src/simulator/delays.ts'
import { exchange } from '../../src/simulator/exchange.ts'
import { createScenario } from '../../src/simulator/model/scenario.ts'
import { World } from '../../src/simulator/model/world.ts'
import { listen } from '../support/app.ts'
import { runGovernor } from '../support/programs.ts'
import { AUTHORIZATION, MESSAGES, SID } from './support.ts'

t.test('a defect of the simulator is a 500 for one client, is reported, and keeps no slot', async (t) => {
  const world = new World(createScenario({ limit: 1, wireDelayMs: 0, latency: { medianMs: 0, p99Ms: 0 } }), 0)
  const broken = new Error('a defect')
  world.resources.page = () => { throw broken }
  const reported: unknown[] = []
  const surroundings = { delays: new Delays(), clock: () => performance.now(), fingerprintKey: Buffer.alloc(32), report: (error: unknown) => { reported.push(error) } }
  const incoming = {
    product: 'api', host: 'api.twilio.com', region: 'us1', path: MESSAGES, query: '', method: 'GET', url: MESSAGES, headers: {}, authorization: AUTHORIZATION, contentType: '', body: Buffer.alloc(0)
  }
  const server = createServer((_request, response) => { exchange(incoming, world, surroundings, response) })
  const origin = `http://${await listen(t, server)}`
  for (let times = 1; times <= 2; times++) {
    const answer = await fetch(origin)
    t.equal(answer.status, 500)
    t.match(await answer.json(), { code: 20500, status: 500 })
    t.equal(reported.length, times)
  }
  t.equal(reported[0], broken)
  t.match(world.stats(performance.now()).accounts[SID], { currentConcurrency: 0, peakConcurrency: 1 })
})

t.test('a simulator that cannot go on says why', async (t) => {
  const trap = 'data:text/javascript,process.once("SIGWINCH", () => { throw new Error("on purpose") })'
  const program = await runGovernor(t, ['simulate', '--port', '0'], { nodeOptions: ['--import', trap] })
  await program.listening()
  program.kill('SIGWINCH')
  const { code, stderr } = await program.ended
  t.equal(code, 1)
  t.match(stderr, /^Error: on purpose\n {4}at /)
})
