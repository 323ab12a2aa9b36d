import t from 'tap'
import { answers, refuses } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { ACCOUNT, ALLOWED_MS, LineBench, TEMPLATE } from './exchange-fixture.ts'

const HEADERS = { 'twilio-request-id': 'RQ1', 'twilio-concurrent-requests': '7', 'twilio-request-duration': '0.080', connection: 'x-hop', 'x-hop': '1', 'x-kept': 'yes' }

t.test('a request that Twilio answers goes through as it is, and comes back as it came', async (t) => {
  const bench = new LineBench(answers(201, HEADERS, '{"sid":"SM1"}'))
  const run = bench.send()
  t.same(bench.stands, { inflight: 1, held: 0, waiting: 0 }, 'it has its permit at once')
  await bench.clock.advance(100)
  t.equal(run.status, 201)
  t.equal(run.text, '{"sid":"SM1"}')
  t.same(run.answer?.headers, {
    'content-type': 'application/json',
    'twilio-request-id': 'RQ1',
    'twilio-concurrent-requests': '7',
    'twilio-request-duration': '0.080',
    'x-kept': 'yes',
    'governor-attempts': '1',
    'governor-queue-ms': '0',
    'governor-upstream-ms': '100',
    'governor-account-limit': '2'
  })
  t.match(bench.upstream.calls[0]?.options, {
    method: 'POST',
    path: `/2010-04-01/Accounts/${ACCOUNT}/Messages.json?PageSize=20`,
    headers: ['Host', 'api.twilio.com', 'Authorization', 'Basic c2VjcmV0', 'X-Two', 'a', 'x-two', 'b'],
    body: Buffer.from('To=%2B1&Body=hello')
  })
  t.match(bench.gate.snapshot(), { reportedConcurrency: 7 })
  await bench.isOver(t)
})

t.test('a success is told in two events, whole', async (t) => {
  const bench = new LineBench(answers(201, HEADERS))
  bench.send()
  await bench.clock.advance(100)
  const common = { account: ACCOUNT, product: 'api', route: `POST ${TEMPLATE}`, class: 'standard' }
  t.strictSame(bench.events.map((event) => event.type === 'exchange' ? { ...event, resource: event.resource() } : event), [
    { type: 'attempt', ...common, attempt: 1, outcome: 'success', status: 201, upstreamMs: 100, twilioMs: 80, reportedConcurrency: 7 },
    {
      type: 'exchange',
      ...common,
      caller: 'tests',
      method: 'POST',
      status: 201,
      attempts: 1,
      throttled: 0,
      queueMs: 0,
      paceMs: 0,
      backoffMs: 0,
      upstreamMs: 100,
      twilioMs: 80,
      totalMs: 100,
      allowedMs: ALLOWED_MS,
      resource: undefined,
      twilioRequestId: 'RQ1',
      reason: 'answered',
      errorCode: undefined,
      clientLeft: false
    }
  ])
  await bench.isOver(t)
})

t.test('an answer that says no is an answer: the limit learns that it was admitted', async (t) => {
  for (const status of [301, 400, 401, 404, 409, 422]) {
    const limit = new ScriptedLimit(2)
    const bench = new LineBench(answers(status), { limit })
    const run = bench.send()
    await bench.clock.advance(100)
    t.equal(run.status, status)
    t.equal(bench.outcomes, status < 400 ? 'success' : 'client_error')
    t.same(bench.ends, [[status, 'answered', 1]])
    t.equal(limit.admissions.length, 1)
    await bench.isOver(t)
  }
})

t.test('only an accepted credential teaches which account it belongs to', async (t) => {
  for (const [status, times] of [[200, 1], [201, 1], [302, 0], [401, 0], [404, 0], [500, 0]] as const) {
    const bench = new LineBench(answers(status))
    bench.send()
    await bench.clock.advance(100)
    t.equal(bench.learnt.length, times, String(status))
    await bench.isOver(t)
  }
})

t.test('whoever finds no room waits, and is told how long', async (t) => {
  const bench = new LineBench(answers(201), { limit: new ScriptedLimit(1) })
  const [first, second] = [bench.send(), bench.send()]
  t.same(bench.stands, { inflight: 1, held: 0, waiting: 1 })
  await bench.clock.advance(99)
  t.equal(bench.upstream.calls.length, 1, 'it is not sent meanwhile')
  await bench.clock.advance(1)
  t.equal(first.status, 201)
  t.same(bench.stands, { inflight: 1, held: 0, waiting: 0 })
  await bench.clock.advance(100)
  t.match(second.answer?.headers, { 'governor-queue-ms': '100', 'governor-upstream-ms': '100' })
  t.match(bench.eventsOf('exchange')[1], { queueMs: 100, upstreamMs: 100, totalMs: 200 })
  await bench.isOver(t)
})

t.test('the stages follow each other: admitted, refused, waited, admitted again, answered', async (t) => {
  const bench = new LineBench([refuses(), answers(201)], { limit: new ScriptedLimit(1) })
  const run = bench.send()
  await bench.clock.advance(10)
  t.same(bench.stands, { inflight: 0, held: 1, waiting: 0 })
  await bench.clock.advance(50)
  t.same(bench.stands, { inflight: 1, held: 0, waiting: 0 })
  await bench.clock.advance(100)
  t.match(run.answer?.headers, { 'governor-attempts': '2', 'governor-upstream-ms': '110' })
  t.same(bench.events.map(({ type }) => type), ['attempt', 'retry', 'attempt', 'exchange'])
  t.match(bench.events[1], { type: 'retry', account: ACCOUNT, product: 'api', reason: 'throttled_account', delayMs: 50 })
  t.match(bench.events[3], { queueMs: 0, backoffMs: 50, upstreamMs: 110, totalMs: 160, attempts: 2 })
  await bench.isOver(t)
})

t.test('a fault of our own is an answer too, and gives the slot back', async (t) => {
  const bench = new LineBench(answers(200))
  const faults = [new TypeError('secret detail')]
  const run = bench.send('GET', {
    upstream: new Proxy({ host: 'api.twilio.com', product: 'api', region: undefined }, {
      get: (target, key) => {
        const fault = key === 'host' ? faults.shift() : undefined
        if (fault !== undefined) throw fault
        return Reflect.get(target, key) as unknown
      }
    })
  })
  await bench.clock.advance(1)
  t.equal(run.status, 500)
  t.match(run.json(), { code: 20500, status: 500, message: 'The proxy failed.' })
  t.match(bench.eventsOf('exchange'), [{ status: 500, errorCode: 'TypeError' }])
  await bench.isOver(t)
})

t.test('a dispatcher that throws is a request that was not sent', async (t) => {
  const bench = new LineBench(() => { throw Object.assign(new Error('secret detail'), { code: 'UND_ERR_DESTROYED' }) }, { retry: { unsentAttempts: 1 } })
  const run = bench.send()
  await bench.clock.advance(1)
  t.equal(run.status, 502)
  t.match(run.answer?.headers, { 'governor-outcome': 'not_sent' })
  await bench.isOver(t)
})
