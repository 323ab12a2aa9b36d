/** What the whole of the proxy owes those parts of it that only few requests come to. */
import type { ServerResponse } from 'node:http'
import { PassThrough } from 'node:stream'
import t, { type Test } from 'tap'
import { createApp, type App } from '../../src/app.ts'
import { loadSettings } from '../../src/config/load.ts'
import type { Settings } from '../../src/config/schema/settings.ts'
import { createFixed } from '../../src/policy/limit/fixed.ts'
import type { Limit } from '../../src/policy/limit/limit.ts'
import { createLogger } from '../../src/telemetry/log/logger.ts'
import { ACCOUNT, AUTHORIZATION, createClient, MESSAGES, startUpstream, until } from '../support/app.ts'
import { FakeClock } from '../support/fake-clock.ts'

/** The whole application on a clock of the test's, with one slot for each account. */
async function start (
  t: Test, origin: string, over: Partial<Settings> = {}
): Promise<{ app: App, clock: FakeClock, proxy: string, admin: string }> {
  const settings = loadSettings({ env: { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0', GOVERNOR_UPSTREAM: origin } })
  const clock = new FakeClock()
  const logger = createLogger({ level: 'fatal', stream: new PassThrough() })
  const createLimit = (): Limit => createFixed(1)
  const app = await createApp({ ...settings, ...over }, { logger, version: '0.0.0', clock, createLimit })
  t.teardown(async () => { await app.close() })
  return { app, clock, ...await app.listen() }
}

t.test('those who wait with a credential that Twilio does not know count among those who wait', async (t) => {
  const { origin, received } = await startUpstream(t, (_request, response, number) => {
    if (number === 1) response.end('{}')
  })
  const { app, proxy } = await start(t, origin)
  const client = createClient(t)
  t.equal((await client(proxy + MESSAGES)).status, 200)
  const page = (number: number, authorization: string): Promise<unknown> =>
    client(`${proxy}${MESSAGES}?Page=${number}`, { headers: { authorization } }).catch(() => undefined)
  const own = [1, 2].map((number) => page(number, AUTHORIZATION))
  await until(() => received.length === 2 && app.state.waitingRequests() === 1)
  const invented = `Basic ${Buffer.from(`${ACCOUNT}:invented`).toString('base64')}`
  const strangers = [1, 2, 3, 4, 5, 6].map((number) => page(number, invented))
  await until(() => received.length === 6 && app.state.waitingRequests() === 3)
  t.equal(received.filter(({ headers }) => headers.authorization === invented).length, 4)
  await app.close()
  await Promise.all([...own, ...strangers])
  t.equal(app.state.waitingRequests(), 0)
})

t.test('how long an answer took while the process was stopped says nothing of Twilio', async (t) => {
  const held: ServerResponse[] = []
  const refusal = { 'content-type': 'application/json', 'retry-after': '10' }
  const { origin, received } = await startUpstream(t, (_request, response, number) => {
    if (number === 20) held.push(response)
    else if (number === 21) response.writeHead(429, refusal).end('{"code":20429}')
    else response.end('{}')
  })
  const { app, clock, proxy } = await start(t, origin)
  const client = createClient(t)
  for (let i = 0; i < 19; i++) await client(proxy + MESSAGES)
  const stopped = client(proxy + MESSAGES)
  await until(() => held.length === 1)
  clock.pass(100_000)
  held[0]?.end('{}')
  t.equal((await stopped).status, 200)
  const headers = { authorization: AUTHORIZATION, 'governor-timeout-ms': '30000' }
  const refused = client(proxy + MESSAGES, { headers })
  await until(() => received.length === 21 && app.state.accounts()[0]?.inflight === 0)
  await clock.advance(15_000)
  const answer = await refused
  t.equal(answer.status, 200, 'there was time for another attempt')
  t.equal(answer.headers['governor-attempts'], '2')
})

t.test('while it drains no deferred delete begins, though its rule opens', async (t) => {
  const { origin, received } = await startUpstream(t, () => {})
  const openHours = [{ from: '00:01', to: '02:00', timeZone: 'UTC' }]
  const nightly = { match: { methods: ['DELETE' as const] }, openHours, defer: true }
  const defaults = loadSettings({ env: {} })
  const { app, clock, proxy, admin } = await start(t, origin, {
    deferral: { ...defaults.deferral, file: `${t.testdir({})}/jobs.db`, key: '0f'.repeat(32) },
    pacing: { ...defaults.pacing, rules: { nightly } },
    shutdown: { ...defaults.shutdown, graceMs: 100_000 }
  })
  const client = createClient(t)
  const headers = { authorization: AUTHORIZATION, 'governor-timeout-ms': '1000' }
  const path = `/2010-04-01/Accounts/${ACCOUNT}/Messages/SM1.json`
  const deferred = await client(proxy + path, { method: 'DELETE', headers: { ...headers, prefer: 'respond-async' } })
  t.equal(deferred.status, 202)
  const hanging = client(proxy + MESSAGES, { method: 'POST', headers, body: 'To=%2B1&Body=hello' })
  await until(() => received.length === 1)
  const drained = app.drain()
  await clock.advance(70_000)
  t.equal((await hanging).status, 504)
  t.match((await client(`${admin}/jobs`)).json(), { jobs: [{ state: 'queued', runs: 0 }] })
  await clock.advance(40_000)
  await drained
  t.same(received.map(({ method }) => method), ['POST'])
})
