import t from 'tap'
import { createCeiling } from '../../../src/policy/limit/ceiling.ts'
import { answers, hangs, refuses } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { ALLOWED_MS, LineBench, RESERVE_MS } from './exchange-fixture.ts'

const FINAL_CODES = [60202, 60203, 60212, 60308, 60309, 60310, 60312, 60326]

t.test('a request that the account refused keeps its slot while it waits, so others do not rush in', async (t) => {
  const limit = new ScriptedLimit(1)
  const bench = new LineBench([refuses(), answers(201)], { limit })
  const run = bench.send()
  const other = bench.send()
  await bench.clock.advance(10)
  t.same(bench.stands, { inflight: 0, held: 1, waiting: 1 })
  t.same(limit.refusals, ['account'])
  await bench.clock.advance(49)
  t.equal(bench.upstream.calls.length, 1)
  await bench.clock.advance(1)
  t.same(bench.stands, { inflight: 1, held: 0, waiting: 1 }, 'its own slot is its own again')
  await bench.clock.advance(200)
  t.same([run.status, other.status], [201, 201])
  t.equal(bench.outcomes, 'throttled_account success success')
  await bench.isOver(t)
})

t.test('a request that its route refused holds nothing while it waits', async (t) => {
  for (const [code, told] of [[45780, 'route'], [20429, 'account']] as const) {
    const limit = new ScriptedLimit(1)
    limit.refusedBy = { by: 'route', reason: 'route', holds: false }
    const bench = new LineBench([refuses(code), answers(201)], { limit })
    const run = bench.send()
    const other = bench.send()
    await bench.clock.advance(10)
    t.same(bench.stands, { inflight: 1, held: 0, waiting: 0 }, 'the other has the slot')
    t.same(limit.refusals, [told])
    await bench.clock.advance(210)
    t.same([run.status, other.status], [201, 201])
    t.equal(bench.outcomes, 'throttled_route success success')
    t.match(bench.eventsOf('retry'), [{ reason: 'throttled_route' }])
    await bench.isOver(t)
  }
})

t.test('any method is sent again after a 429', async (t) => {
  for (const method of ['GET', 'HEAD', 'DELETE', 'POST', 'PUT', 'PATCH', 'OPTIONS']) {
    const bench = new LineBench([refuses(), refuses(), answers(200)])
    const run = bench.send(method)
    await bench.clock.advance(1_000)
    t.equal(run.status, 200, method)
    t.equal(run.header('governor-attempts'), '3', method)
    await bench.isOver(t)
  }
})

t.test('a 429 that no quick retry can cure goes on at once, and the limit never hears of it', async (t) => {
  for (const code of FINAL_CODES) {
    const limit = new ScriptedLimit(1)
    const bench = new LineBench(refuses(code), { limit })
    const run = bench.send()
    await bench.clock.advance(10)
    t.equal(run.status, 429, String(code))
    t.match(run.json(), { code })
    t.equal(run.header('governor-shed'), undefined, 'it is Twilio\'s, not ours')
    t.same([limit.refusals, limit.admissions], [[], []])
    t.same(bench.ends, [[429, 'throttled_final', 1]])
    t.equal(bench.outcomes, 'throttled_final')
    await bench.isOver(t)
  }
})

t.test('the wait doubles with each refusal up to its bound, with full jitter', async (t) => {
  const chances = [0.5, 0, 0.99, 0.5, 0.5, 0.5, 0.5]
  const bench = new LineBench([...Array.from({ length: 7 }, () => refuses()), answers(200)], { chances, retry: { backoffMaxMs: 1_000 } })
  const run = bench.send()
  await bench.clock.advance(5_000)
  t.equal(run.status, 200)
  t.same(bench.eventsOf('retry').map(({ delayMs }) => Math.round(delayMs)), [50, 0, 396, 400, 500, 500, 500])
  await bench.isOver(t)
})

t.test('Retry-After is the floor of the wait', async (t) => {
  for (const value of ['2', new Date(Date.UTC(2026, 0, 1, 0, 0, 2)).toUTCString()]) {
    const bench = new LineBench([refuses(20429, { 'retry-after': value }), answers(201)], { chances: [0.5] })
    const run = bench.send()
    await bench.clock.advance(2_000)
    t.equal(bench.upstream.calls.length, 1, value)
    await bench.clock.advance(60 + 100)
    t.equal(run.status, 201, value)
    await bench.isOver(t)
  }
})

t.test('a Retry-After beyond the deadline is passed on at once', async (t) => {
  const bench = new LineBench(refuses(20429, { 'retry-after': '60' }))
  const run = bench.send()
  await bench.clock.advance(10)
  t.equal(run.status, 429)
  t.equal(run.header('retry-after'), '60')
  t.same(bench.ends, [[429, 'deadline', 1]])
  t.same(bench.stands, { inflight: 0, held: 0, waiting: 0 })
  await bench.isOver(t)
})

t.test('a wait that would end too late ends at the last moment for a start', async (t) => {
  const bench = new LineBench([refuses(20429, { 'retry-after': '8.9' }), answers(201)], { chances: [0.99], retry: { backoffBaseMs: 10_000, backoffMaxMs: 10_000 } })
  const run = bench.send()
  await bench.clock.advance(ALLOWED_MS - RESERVE_MS)
  t.equal(bench.upstream.calls.length, 2)
  await bench.clock.advance(100)
  t.equal(run.status, 201)
  await bench.isOver(t)
})

t.test('refused until the deadline, the app sees Twilio\'s own 429 and some attempts, not thousands', async (t) => {
  const bench = new LineBench(refuses())
  const run = bench.send()
  await bench.clock.advance(ALLOWED_MS)
  t.equal(run.status, 429)
  t.match(run.json(), { code: 20429 })
  t.match(bench.ends, [[429, 'deadline', Number]])
  t.ok(bench.upstream.calls.length > 5 && bench.upstream.calls.length < 15, `${bench.upstream.calls.length} attempts`)
  await bench.isOver(t)
})

t.test('with retries off, a 429 goes on to the app', async (t) => {
  const bench = new LineBench(refuses(), { retry: { throttled: false } })
  const run = bench.send()
  await bench.clock.advance(10)
  t.equal(run.status, 429)
  t.same(bench.ends, [[429, 'retries_off', 1]])
  await bench.isOver(t)
})

t.test('refusals cost none of the budget', async (t) => {
  const bench = new LineBench([refuses(), answers(201)], { budgetMin: 0 })
  const run = bench.send()
  await bench.clock.advance(500)
  t.equal(run.status, 201)
  await bench.isOver(t)
})

t.test('one that comes back when the limit has shrunk waits in front of the others', async (t) => {
  const limit = new ScriptedLimit(2)
  const bench = new LineBench([refuses(), hangs, answers(200), answers(201)], { limit })
  limit.moves.push(1)
  const refused = bench.send()
  const hanging = bench.send()
  const waiting = bench.send('GET')
  await bench.clock.advance(60)
  t.same(bench.stands, { inflight: 1, held: 0, waiting: 2 })
  bench.upstream.calls[1]?.answer(201)
  await bench.clock.advance(1)
  t.equal(bench.upstream.calls[2]?.options.method, 'POST', 'the one that was refused')
  await bench.clock.advance(300)
  t.same([refused.status, hanging.status, waiting.status], [200, 201, 201])
  t.match(bench.eventsOf('limit'), [{ reason: 'cut', limit: 1 }])
  await bench.isOver(t)
})

t.test('a slot held in a backoff that is cut short goes to whoever waits', async (t) => {
  for (const why of ['deadline', 'client_left'] as const) {
    const bench = new LineBench([refuses(), answers(201)], { limit: new ScriptedLimit(1), retry: { backoffBaseMs: 3_000 } })
    const refused = bench.send()
    const waiting = bench.send()
    while (bench.eventsOf('retry').length === 0) await bench.clock.advance(1)
    t.same(bench.stands, { inflight: 0, held: 1, waiting: 1 })
    refused.exchange.interrupt(why)
    await bench.clock.advance(1)
    t.same(bench.stands, { inflight: 1, held: 0, waiting: 0 }, why)
    await bench.clock.advance(200)
    t.equal(waiting.status, 201)
    await bench.isOver(t)
  }
})

t.test('a route that refuses everything cannot keep every slot: the rest of the account goes on, and the route is found out', async (t) => {
  const bench = new LineBench(
    (call, clock) => { (call.options.path.includes('Verifications') ? refuses() : answers(201))(call, clock) },
    { limit: createCeiling({ initial: 10, min: 1, max: 1000, probe: 1 }) })
  const refused = Array.from({ length: 30 }, () => bench.send('POST', { path: '/v2/Services/VA/Verifications', route: 'POST verify', class: 'critical' }))
  await bench.clock.advance(100)
  const messages = Array.from({ length: 10 }, () => bench.send())
  await bench.clock.advance(3_000)
  t.same(messages.map(({ status }) => status), Array(10).fill(201), 'within three seconds')
  await bench.clock.advance(ALLOWED_MS)
  t.ok(refused.every(({ status }) => status === 429))
  t.match(bench.gate.snapshot().pacedRoutes, [{ route: 'POST verify' }])
})

t.test('the time at Twilio is that of all attempts together', async (t) => {
  const bench = new LineBench([refuses(20429, { 'twilio-request-duration': '0.004' }), refuses(20429), answers(201, { 'twilio-request-duration': '0.080' })])
  bench.send()
  await bench.clock.advance(ALLOWED_MS)
  t.same(bench.eventsOf('attempt').map(({ twilioMs }) => twilioMs), [4, undefined, 80])
  t.match(bench.eventsOf('exchange'), [{ status: 201, twilioMs: 84 }])
  await bench.isOver(t)
})
