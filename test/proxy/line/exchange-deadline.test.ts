import t from 'tap'
import { ShedError } from '../../../src/proxy/errors.ts'
import { refuseWaiting } from '../../../src/proxy/gate/refuse-waiting.ts'
import { answers, connects, hangs, refuses } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { ACCOUNT, ALLOWED_MS, LineBench, RESERVE_MS, TEMPLATE } from './exchange-fixture.ts'

const LATEST_MS = ALLOWED_MS - RESERVE_MS

t.test('a deadline that passes in the queue is a 429 of our own, and nothing is sent', async (t) => {
  const bench = new LineBench([hangs, answers(201)], { limit: new ScriptedLimit(1) })
  const hanging = bench.send('GET')
  const waiting = bench.send()
  await bench.clock.advance(LATEST_MS)
  t.equal(waiting.status, 429)
  t.match(waiting.json(), { code: 20429, status: 429 })
  t.match(waiting.answer?.headers, { 'governor-shed': 'deadline', 'retry-after': '9', 'governor-attempts': '0', 'governor-queue-ms': String(LATEST_MS) })
  t.match(bench.eventsOf('shed'), [{ account: ACCOUNT, product: 'api', class: 'standard', reason: 'deadline' }])
  t.same(bench.ends, [[429, 'deadline', 0]])
  t.equal(bench.upstream.calls.length, 1)
  bench.upstream.calls[0]?.answer(200)
  await hanging.done
  await bench.isOver(t)
})

t.test('a full queue is a 429 of our own, at once', async (t) => {
  const bench = new LineBench([hangs], { limit: new ScriptedLimit(1), maxWaiting: 0 })
  const hanging = bench.send('GET')
  const shed = bench.send()
  await bench.clock.advance(1)
  t.match(shed.answer, { statusCode: 429, headers: { 'governor-shed': 'queue_full', 'retry-after': '1' } })
  t.same(bench.ends, [[429, 'queue_full', 0]])
  bench.upstream.calls[0]?.answer(200)
  await hanging.done
  await bench.isOver(t)
})

t.test('Retry-After is in whole seconds, rounded up', async (t) => {
  const bench = new LineBench([...Array.from({ length: 20 }, () => answers(200)), hangs], { limit: new ScriptedLimit(1), maxWaiting: 11 })
  for (let i = 0; i < 20; i++) {
    bench.send('GET')
    await bench.clock.advance(100)
  }
  for (let i = 0; i < 12; i++) bench.send('GET')
  const shed = bench.send()
  await shed.done
  t.match(shed.answer?.headers, { 'governor-shed': 'queue_full', 'retry-after': '2' }, 'eleven at ten a second')
  for (const { exchange } of bench.runs) exchange.interrupt('client_left')
  await bench.clock.advance(1)
  await bench.isOver(t)
})

t.test('whoever is refused because the proxy drains is told so, wherever he waits', async (t) => {
  const bench = new LineBench([refuses(), hangs], { limit: new ScriptedLimit(1), pacing: [{ name: 'slow', match: { methods: ['DELETE'] }, pace: { perSecond: 1 }, per: {} }] })
  const hanging = bench.send('GET')
  await bench.clock.advance(20)
  const [slow, slower] = [bench.send('DELETE'), bench.send('DELETE')]
  const queued = bench.send()
  await bench.clock.advance(1)
  t.equal(hanging.exchange.throttled, 1, 'it waits for its next attempt')
  t.equal(refuseWaiting(bench.line.running, () => new ShedError('draining', 1_000)), 4)
  await Promise.all([hanging, slow, slower, queued].map(({ done }) => done))
  for (const { answer } of [hanging, slow, slower, queued]) t.match(answer, { statusCode: 429, headers: { 'governor-shed': 'draining', 'retry-after': '1' } })
  t.match([hanging.json(), queued.json()], [{ message: /Twilio processed none of its attempts/ }, { message: /Nothing was sent to Twilio/ }])
  t.equal(bench.upstream.calls.length, 1)
  await bench.isOver(t)
})

t.test('what is at Twilio when the proxy drains goes on', async (t) => {
  const bench = new LineBench(hangs, { limit: new ScriptedLimit(1) })
  const hanging = bench.send('GET')
  await bench.clock.advance(1)
  t.equal(refuseWaiting(bench.line.running, () => new ShedError('draining', 1_000)), 0)
  bench.upstream.calls[0]?.answer(200)
  await hanging.done
  t.equal(hanging.status, 200)
  await bench.isOver(t)
})

t.test('a read in flight at the deadline is cut, and answered 504', async (t) => {
  for (const method of ['GET', 'HEAD']) {
    const bench = new LineBench(hangs)
    const run = bench.send(method)
    await bench.clock.advance(ALLOWED_MS - 1)
    t.equal(run.answer, undefined)
    await bench.clock.advance(1)
    t.equal(run.status, 504, method)
    t.match(run.json(), { code: 20500, status: 504 })
    t.equal(run.header('governor-outcome'), undefined)
    t.ok(bench.upstream.calls[0]?.aborted)
    t.equal(bench.outcomes, 'abandoned')
    t.same(bench.ends, [[504, 'deadline', 1]])
    await bench.isOver(t)
  }
})

t.test('a write in flight at the deadline is answered 504 unknown, keeps its permit to its end, and its outcome is told', async (t) => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const limit = new ScriptedLimit(1)
    const bench = new LineBench([hangs, answers(200)], { limit })
    const run = bench.send(method)
    await bench.clock.advance(ALLOWED_MS)
    t.equal(run.status, 504, method)
    t.equal(run.header('governor-outcome'), 'unknown')
    t.match(run.json(), { message: /may have processed the request/ })
    t.equal(run.header('governor-upstream-ms'), String(ALLOWED_MS), 'the time that it has had so far')
    t.same(bench.ends, [[504, 'outcome_unknown', 1]])
    t.notOk(bench.upstream.calls[0]?.aborted, 'it is left to finish')
    t.same(bench.stands, { inflight: 1, held: 0, waiting: 0 })
    const waiting = bench.send('GET')
    bench.upstream.calls[0]?.answer(201, { 'twilio-request-id': 'RQ9' }, '{}')
    await bench.clock.advance(100)
    t.equal(waiting.status, 200, 'the slot goes on when the attempt ends')
    t.strictSame(bench.eventsOf('late_outcome'), [
      { type: 'late_outcome', account: ACCOUNT, product: 'api', route: `${method} ${TEMPLATE}`, method, outcome: 'success', status: 201, twilioRequestId: 'RQ9' }
    ])
    t.match(bench.eventsOf('attempt')[0], { outcome: 'success', status: 201, upstreamMs: ALLOWED_MS }, 'its attempt counts like any other')
    t.equal(limit.admissions.length, 2, 'and the limit learns from it')
    await bench.isOver(t)
  }
})

t.test('a write left behind may end in any way, and its permit ends with it', async (t) => {
  const endings: Array<[string, (bench: LineBench) => void]> = [
    ['reset', (bench) => bench.upstream.calls[0]?.fail('UND_ERR_SOCKET')],
    ['timeout', (bench) => bench.upstream.calls[0]?.fail('UND_ERR_HEADERS_TIMEOUT')],
    ['server_error', (bench) => bench.upstream.calls[0]?.answer(503)],
    ['throttled_account', (bench) => bench.upstream.calls[0]?.answer(429, {}, '{"code":20429}')],
    ['client_error', (bench) => bench.upstream.calls[0]?.answer(400)],
    ['success', (bench) => bench.upstream.calls[0]?.head(200, { 'content-type': 'audio/mpeg' })]
  ]
  for (const [outcome, finish] of endings) {
    const bench = new LineBench(hangs)
    bench.send()
    await bench.clock.advance(ALLOWED_MS)
    finish(bench)
    await bench.clock.advance(1)
    t.match(bench.eventsOf('late_outcome'), [{ outcome }])
    t.equal(bench.upstream.calls.length, 1, 'nothing is sent again')
    await bench.isOver(t)
  }
})

t.test('a write that is still connecting at the deadline is stopped: nothing was sent', async (t) => {
  const bench = new LineBench(connects)
  const run = bench.send()
  await bench.clock.advance(ALLOWED_MS)
  t.match(run.answer, { statusCode: 429, headers: { 'governor-shed': 'deadline', 'governor-attempts': '1' } })
  t.same(bench.stands, { inflight: 0, held: 0, waiting: 0 })
  bench.upstream.calls[0]?.start()
  t.ok(bench.upstream.calls[0]?.aborted, 'a connection that comes later is not used')
  t.equal(bench.outcomes, 'unsent')
  t.same(bench.ends, [[429, 'deadline', 1]])
  await bench.isOver(t)
})

t.test('a request whose deadline passed before its body was whole is not sent', async (t) => {
  for (const method of ['POST', 'GET']) {
    const bench = new LineBench(answers(201))
    const run = bench.send(method, {}, 'deadline')
    await bench.clock.advance(1)
    t.match(run.answer, { statusCode: 429, headers: { 'governor-shed': 'deadline', 'governor-attempts': '0' } })
    t.equal(bench.upstream.calls.length, 0)
    await bench.isOver(t)
  }
})

t.test('after a stall that swallowed a backoff and the deadline, nothing more is sent', async (t) => {
  const bench = new LineBench([refuses(), answers(201)])
  const run = bench.send()
  await bench.clock.advance(20)
  t.same(bench.stands, { inflight: 0, held: 1, waiting: 0 })
  await bench.clock.stall(2 * ALLOWED_MS)
  t.match(run.answer, { statusCode: 429, headers: { 'governor-shed': 'deadline', 'governor-attempts': '1' } })
  t.equal(bench.upstream.calls.length, 1)
  await bench.isOver(t)
})
