import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ACCOUNT, AUTHORIZATION, createClient, MESSAGES, startApp, startUpstream, until, type Answered } from './support/app.ts'
import { readSamples, valueOf } from './telemetry/metrics/scrape.ts'

const FORM = 'application/x-www-form-urlencoded'
const HOUR_MS = 3_600_000
/** The part of the destinations that nobody but Twilio may see. */
const DIGITS = '7700900'

type Over = Parameters<typeof startApp>[2]
interface Stage {
  readonly send: (to: string, headers?: Record<string, string>) => Promise<Answered>
  readonly change: (method: 'PUT' | 'DELETE', name: string, order?: object) => Promise<Answered>
  readonly look: (path: string) => Promise<string>
  readonly received: readonly unknown[]
  readonly started: Awaited<ReturnType<typeof startApp>>
}

async function stage (t: Test, over: Over, answer: Parameters<typeof startUpstream>[1] = (_request, response) => { response.writeHead(201, { 'content-type': 'application/json' }).end('{}') }): Promise<Stage> {
  const { origin, received } = await startUpstream(t, answer)
  const started = await startApp(t, origin, over)
  const client = createClient(t)
  return {
    received,
    started,
    send: (to, headers = {}) => client(started.proxy + MESSAGES, { method: 'POST', headers: { authorization: AUTHORIZATION, 'content-type': FORM, ...headers }, body: `To=${encodeURIComponent(to)}&Body=hi` }),
    change: (method, name, order) => client(`${started.admin}/switches/${name}`, { method, headers: order === undefined ? {} : { 'content-type': 'application/json' }, ...order && { body: JSON.stringify(order) } }),
    look: async (path) => (await client(started.admin + path)).body.toString()
  }
}

for (const label of ['full', 'hashed'] as const) {
  t.test(`a pumped destination is held back, and named nowhere, accounts ${label}`, async (t) => {
    const switchesFile = join(t.testdir({}), 'switches.json')
    const { send, change, look, received, started } = await stage(t, {
      accounts: { label },
      guard: {
        switchesFile,
        caps: {
          each: { max: 3, intervalMs: HOUR_MS, per: ['caller', 'account', 'destination'] },
          uk: { prefixes: ['+44'], max: 8, intervalMs: HOUR_MS, per: ['prefix', 'country'] },
          trial: { max: 1, intervalMs: HOUR_MS, mode: 'count' }
        }
      }
    })
    const answers: Answered[] = []
    for (let i = 0; i < 20; i++) answers.push(await send(`+44${DIGITS}12${i % 4}`, { 'governor-caller': 'signup' }))
    t.equal(answers.filter(({ status }) => status === 201).length, 8)
    t.equal(received.length, 8)
    t.equal((await change('PUT', 'pumping', { account: ACCOUNT, reason: 'Pumped' })).status, 201)
    answers.push(await send(`+44${DIGITS}125`))
    const refused = answers.filter(({ status }) => status === 403)
    t.equal(refused.length, 13)
    const shown = {
      log: started.log().map((line) => JSON.stringify(line)).join('\n'),
      metrics: await look('/metrics'),
      state: await look('/state'),
      switches: await look('/switches'),
      file: readFileSync(switchesFile, 'utf8'),
      answers: JSON.stringify(refused.map(({ headers, body }) => [headers, body.toString()]))
    }
    for (const [what, text] of Object.entries(shown)) {
      t.notOk(text.includes(DIGITS), `${what}: no destination`)
      if (label === 'hashed') t.notOk(text.includes(ACCOUNT), `${what}: no SID`)
    }
    const samples = readSamples(shown.metrics)
    t.equal(valueOf(samples, 'twilio_governor_spend_cap_used_ratio', { cap: 'uk' }), 1)
    t.equal(valueOf(samples, 'twilio_governor_spend_cap_over_total', { cap: 'uk', action: 'refused' }), 12)
    t.equal(valueOf(samples, 'twilio_governor_spend_cap_over_total', { cap: 'trial', action: 'passed' }), 7)
    t.equal(valueOf(samples, 'twilio_governor_guard_refused_total', { reason: 'spend_cap', product: 'api' }), 12)
    t.equal(valueOf(samples, 'twilio_governor_guard_refused_total', { reason: 'kill_switch', product: 'api' }), 1)
    const state = JSON.parse(shown.state)
    t.match(state.spendCaps[0], { name: 'each', counts: 4, fullest: [{ caller: 'signup', used: 2 }] })
    t.match(state.spendCaps[1], { name: 'uk', usedRatio: 1, fullest: [{ prefix: '+44', country: '+44', used: 8 }] })
    t.match(started.log().filter(({ msg }) => msg === 'spend cap').map(({ cap, refused }) => `${String(cap)} ${String(refused)}`).sort(), ['trial false', 'uk true'], 'one line a minute for each cap')
  })
}

t.test('a switch refuses who waits over real connections, and finishes what is at Twilio', async (t) => {
  let finish = (): void => {}
  const { send, change, received, started } = await stage(t, { limit: { algorithm: 'fixed', fixed: 1 } }, (_request, response) => {
    finish = () => { response.writeHead(201, { 'content-type': 'application/json' }).end('{}') }
  })
  const first = send('+441')
  await until(() => received.length === 1)
  const waiting = [send('+442'), send('+443')]
  await until(() => started.app.state.waitingRequests() === 2)
  t.match((await change('PUT', 'stop', { product: 'api', reason: 'Incident 7' })).json(), { durable: false, refusedWaiting: 2 })
  for (const answer of await Promise.all(waiting)) {
    t.equal(answer.status, 403)
    t.equal(answer.headers['governor-refused'], 'kill_switch')
    t.match(answer.json(), { code: 20403, message: 'Stopped by the kill switch "stop" of this proxy: Incident 7. Nothing was sent to Twilio.' })
  }
  finish()
  t.equal((await first).status, 201)
  t.equal(received.length, 1)
})

t.test('what is stopped stays so over a restart, and its time goes on', async (t) => {
  const switchesFile = join(t.testdir({}), 'switches.json')
  const over: Over = { guard: { switchesFile } }
  const before = await stage(t, over)
  t.match((await before.change('PUT', 'stays', { account: ACCOUNT })).json(), { durable: true })
  t.match((await before.change('PUT', 'over', { caller: 'x', forMs: 3_600_000 })).json(), { durable: true })
  await before.started.app.close()
  // An hour has passed.
  writeFileSync(switchesFile, readFileSync(switchesFile, 'utf8').replace(/"untilMs": \d+/, '"untilMs": 1'))
  const after = await stage(t, over)
  t.equal((await after.send('+441')).status, 403)
  t.match(JSON.parse(await after.look('/switches')), { switches: [{ name: 'stays' }] })
  t.same(JSON.parse(await after.look('/switches')).switches.length, 1)
  t.match(JSON.parse(await after.look('/readyz')), { ready: true, warnings: ['switch_on'] })
  t.match(after.started.log().find(({ msg }) => msg === 'kill switch'), { level: 'warn', change: 'restored', name: 'stays' })
  t.match((await after.change('DELETE', 'stays')).json(), { durable: true })
  t.equal((await after.send('+441')).status, 201)
  await after.started.app.close()
  t.match(JSON.parse(await (await stage(t, over)).look('/switches')), { switches: [] })
})

t.test('a damaged file of switches keeps the proxy from starting', async (t) => {
  const switchesFile = join(t.testdir({ 'switches.json': '{"twil' }), 'switches.json')
  await t.rejects(startApp(t, 'http://127.0.0.1:1', { guard: { switchesFile } }), { message: /guard\.switchesFile: .* is not JSON.*move it away to start with none/ })
})
