import { request } from 'node:http'
import t from 'tap'
import type { Test } from 'tap'
import type { AddressInfo } from 'node:net'
import { createAdmin } from '../../src/admin/server.ts'
import type { AdminOptions } from '../../src/admin/server.ts'
import { createAccountLabels } from '../../src/telemetry/account-labels.ts'
import { createMetrics } from '../../src/telemetry/metrics/metrics.ts'
import { account, exchange, proxyState, SID, UNKNOWN_CEILING } from '../telemetry/fakes.ts'
import { readSamples, valueOf } from '../telemetry/metrics/scrape.ts'

const NOW_MS = Date.parse('2026-11-24T00:00:00Z')
const DAY_MS = 86_400_000

type Ask = (path: string, method?: string, body?: string) => Promise<Response>

async function start (t: Test, over: Partial<AdminOptions> = {}): Promise<Ask> {
  const accounts = { label: 'hashed', aliases: {}, maxLabels: 10 } as const
  const state = over.state ?? proxyState()
  const admin = createAdmin({
    metrics: createMetrics({ version: '1.2.3', labels: createAccountLabels(accounts), state }),
    state,
    labels: createAccountLabels(accounts),
    ready: () => true,
    version: '1.2.3',
    startedAtMs: 1_000,
    now: () => 61_400,
    epochMs: () => NOW_MS,
    ...over
  })
  t.teardown(() => admin.close())
  await admin.listen({ host: '127.0.0.1', port: 0 })
  const { port } = admin.server.address() as AddressInfo
  return (path, method = 'GET', body) => fetch(`http://127.0.0.1:${port}${path}`, { method, ...(body === undefined ? {} : { body }) })
}

t.test('/metrics is Prometheus\' text format with what was counted', async (t) => {
  const metrics = createMetrics({ version: '1.2.3', labels: createAccountLabels({ label: 'full', aliases: {}, maxLabels: 10 }), state: proxyState() })
  metrics.listener(exchange())
  const ask = await start(t, { metrics })
  const answer = await ask('/metrics')
  t.equal(answer.status, 200)
  t.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8')
  const samples = readSamples(await answer.text())
  t.equal(valueOf(samples, 'twilio_governor_requests_total', { status: '201' }), 1)
  t.equal(valueOf(samples, 'twilio_governor_build_info', { version: '1.2.3', node: process.version }), 1)
  t.ok(valueOf(samples, 'process_resident_memory_bytes')! > 0)
})

t.test('/livez says yes even when nothing else is well', async (t) => {
  const ask = await start(t, { ready: () => false, state: proxyState({ wedged: () => true, draining: () => true }) })
  const answer = await ask('/livez')
  t.equal(answer.status, 200)
  t.same(await answer.json(), { live: true })
})

t.test('/readyz says yes when requests should come', async (t) => {
  const answer = await (await start(t))('/readyz')
  t.equal(answer.status, 200)
  t.same(await answer.json(), { ready: true, reasons: [], warnings: [] })
})

t.test('/readyz warns of an authority that ends within 30 days, and of one that has ended, and stays ready', async (t) => {
  for (const [days, warnings] of [[31, []], [29, ['authority_expires']], [-1, ['authority_expired']]] as const) {
    const answer = await (await start(t, { authorityExpiresAtMs: NOW_MS + days * DAY_MS }))('/readyz')
    t.equal(answer.status, 200)
    t.same(await answer.json(), { ready: true, reasons: [], warnings })
  }
})

t.test('/readyz says no, and why', async (t) => {
  const cases: Array<[string, Partial<AdminOptions>, string[]]> = [
    ['while starting', { ready: () => false }, ['starting']],
    ['while draining', { state: proxyState({ draining: () => true }) }, ['draining']],
    ['while draining before it was ready', { ready: () => false, state: proxyState({ draining: () => true }) }, ['draining']],
    ['when the queue is wedged', { state: proxyState({ wedged: () => true }) }, ['wedged']],
    ['for two reasons', { state: proxyState({ draining: () => true, wedged: () => true }) }, ['draining', 'wedged']]
  ]
  for (const [name, over, reasons] of cases) {
    const answer = await (await start(t, over))('/readyz')
    t.equal(answer.status, 503, name)
    t.same(await answer.json(), { ready: false, reasons, warnings: [] }, name)
  }
})

t.test('/state shows the proxy and each account under its label', async (t) => {
  const answer = await (await start(t))('/state')
  t.match(answer.headers.get('content-type'), /^application\/json/)
  t.strictSame(await answer.json(), {
    version: '1.2.3',
    settingsFile: null,
    upstream: null,
    uptimeSeconds: 60,
    mode: 'enforce',
    draining: false,
    wedged: false,
    totals: {
      accounts: 1,
      inflight: 48,
      held: 2,
      queued: { critical: 1, standard: 20, read: 3, bulk: 0 },
      waitingRequests: 24,
      waitingBodyBytes: 2400
    },
    polledRoutes: [{
      route: 'GET api/2010-04-01/Accounts/{}/Messages/{}.json',
      product: 'api',
      polls: 41,
      advice: 'The client asks Twilio for the same resource again and again, which costs concurrency. Let Twilio report changes instead: StatusCallback, given when the message is created.'
    }],
    pacingRules: [{ rule: 'slow-deletes', keys: 2, waiting: 7 }],
    switches: [],
    spendCaps: [{
      name: 'abroad',
      mode: 'refuse',
      max: 50,
      intervalMs: 3_600_000,
      per: ['account', 'country', 'destination'],
      counts: 12,
      usedRatio: 0.96,
      fullest: [{ account: 'sha256:882596f72330', country: '+44', used: 48 }]
    }],
    accounts: [{
      account: createAccountLabels({ label: 'hashed', aliases: {}, maxLabels: 1 })(SID),
      mode: 'enforce',
      algorithm: 'ceiling',
      limit: 50,
      inflight: 48,
      held: 2,
      queued: { critical: 1, standard: 20, read: 3, bulk: 0 },
      waitingCallers: 3,
      queuedBytes: 2400,
      reportedConcurrency: 47,
      ceiling: {
        estimate: 51,
        low: 51,
        high: 52,
        basis: 'reported',
        confidence: 'high',
        evidence: [{ agoMs: 1404, reported: 52, inflight: 56, limitBefore: 56, limitAfter: 50 }]
      },
      drainPerSecond: 301.27,
      oldestWaiterMs: 812,
      lastChange: { reason: 'probe', limit: 50, agoMs: 1404 },
      pacedRoutes: [{ route: '/v2/Services/{}/Verifications', perSecond: 18, source: 'announced' }],
      idleMs: 0
    }]
  })
})

t.test('/state says what is not known yet with null, and mixed for modes that differ', async (t) => {
  const none = await (await start(t, { state: proxyState({ accounts: () => [] }) }))('/state')
  t.match(await none.json(), { mode: null, accounts: [], totals: { accounts: 0, inflight: 0 } })
  const accounts = [account({ lastChange: null, ceiling: UNKNOWN_CEILING, reportedConcurrency: null }), account({ account: 'SK2', mode: 'shadow' })]
  const two = await (await start(t, { state: proxyState({ accounts: () => accounts }) }))('/state')
  t.match(await two.json(), {
    mode: 'mixed', totals: { accounts: 2, inflight: 96 }, accounts: [{ lastChange: null, ceiling: { estimate: null, low: 7, high: null, evidence: [] }, reportedConcurrency: null }, { mode: 'shadow' }]
  })
})

t.test('/ lists every endpoint', async (t) => {
  const answer = await (await start(t))('/')
  t.equal(answer.headers.get('content-type'), 'text/plain; charset=utf-8')
  const body = await answer.text()
  for (const path of ['/metrics', '/state', '/livez', '/readyz']) t.ok(body.includes(path), path)
})

t.test('HEAD answers as GET does, without a body', async (t) => {
  const ask = await start(t)
  for (const path of ['/', '/metrics', '/state', '/livez', '/readyz']) {
    const answer = await ask(path, 'HEAD')
    t.equal(answer.status, 200, path)
    t.equal(await answer.text(), '', path)
  }
})

t.test('what is not there is a 404 in JSON', async (t) => {
  for (const method of ['GET', 'HEAD']) t.equal((await (await start(t))('/nothing', method)).status, 404)
  t.same(await (await (await start(t))('/nothing')).json(), { error: 'not_found', see: '/' })
})

t.test('only GET and HEAD are allowed, and a body is never read', async (t) => {
  const ask = await start(t)
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
    for (const path of ['/state', '/nothing']) {
      const answer = await ask(path, method, '{"not json')
      t.equal(answer.status, 405, `${method} ${path}`)
      t.equal(answer.headers.get('allow'), 'GET, HEAD')
      t.match(await answer.json(), { error: 'method_not_allowed' })
    }
  }
})

t.test('no answer may be cached', async (t) => {
  const ask = await start(t)
  for (const path of ['/', '/metrics', '/state', '/livez', '/readyz', '/nothing']) {
    t.equal((await ask(path)).headers.get('cache-control'), 'no-store', path)
  }
})

t.test('an error inside is a 500 that keeps its text to itself', async (t) => {
  const told: unknown[] = []
  const ask = await start(t, { metrics: { scrape: () => Promise.reject(new TypeError(`no account ${SID}`)) }, failed: (page, { name }) => told.push([page, name]) })
  const answer = await ask('/metrics')
  t.same(told, [['/metrics', 'TypeError']])
  t.equal(answer.status, 500)
  t.same(await answer.json(), { error: 'internal', type: 'TypeError' })
})

t.test('a path that cannot be decoded is the client\'s fault', async (t) => {
  const answer = await (await start(t))('/%E0%A4%A')
  t.equal(answer.status, 400)
  t.notOk((await answer.text()).includes('%E0'), 'and is not echoed')
})

t.test('a kept connection does not hold up the close', async (t) => {
  const admin = createAdmin({
    metrics: { scrape: async () => ({ contentType: 'text/plain', body: '' }) },
    state: proxyState(),
    labels: (name) => name,
    ready: () => true,
    version: '1',
    startedAtMs: 0,
    now: () => 0,
    epochMs: () => NOW_MS
  })
  await admin.listen({ host: '127.0.0.1', port: 0 })
  const { port } = admin.server.address() as AddressInfo
  await new Promise((resolve, reject) => {
    request({ port, path: '/livez', headers: { connection: 'keep-alive' } }, (answer) => answer.resume().on('end', resolve)).on('error', reject).end()
  })
  await t.resolves(admin.close())
})
