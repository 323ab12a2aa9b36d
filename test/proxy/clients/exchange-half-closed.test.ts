import t from 'tap'
import type { Deferral } from '../../../src/proxy/ports/deferral.ts'
import type { PacingRule } from '../../../src/proxy/pacing/pacing-rule.ts'
import type { Answer } from '../../../src/proxy/reply/answers.ts'
import { answers, breaks, connects, hangs, refuses, unreachable } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { LineBench, type Run } from '../line/exchange-fixture.ts'

const REFUSE = { mode: 'refuse', windowMs: 60_000 } as const

/** What the listener does when a client closes its sending side. */
function halfClose (bench: LineBench, { exchange }: Run): void {
  exchange.halfClose()
  if (exchange.isHalfClosed) bench.line.repeats.halfClosed(exchange)
}

t.test('a half-closed client\'s request that waits is dropped, unsent: queued, paced, connecting, or connecting again', async (t) => {
  const queued = new LineBench([hangs], { limit: new ScriptedLimit(1) })
  const hanging = queued.send('GET')
  const paced = new LineBench(answers(201), { pacing: [{ name: 'slow', match: {}, pace: { perSecond: 0.1 }, per: {} }] })
  paced.send('GET')
  for (const [what, bench] of Object.entries({ queued, paced, connecting: new LineBench(connects), again: new LineBench([unreachable('ECONNREFUSED'), connects]) })) {
    const run = bench.send()
    await bench.clock.advance(150)
    halfClose(bench, run)
    await run.done
    t.ok(run.left, what)
    t.match(bench.ends.at(-1), [0, 'client_left'], what)
    queued.upstream.calls[0]?.answer(200)
    await hanging.done
    await bench.clock.advance(20_000)
    await bench.isOver(t)
  }
})

t.test('what is at Twilio goes on to its answer: writes, reads, and those that are tried again', async (t) => {
  for (const method of ['POST', 'GET', 'DELETE']) {
    const bench = new LineBench([hangs])
    const run = bench.send(method)
    await bench.clock.advance(50)
    halfClose(bench, run)
    await bench.clock.advance(50)
    t.notOk(bench.upstream.calls[0]?.aborted, method)
    bench.upstream.calls[0]?.answer(201)
    await run.done
    t.equal(run.status, 201, method)
    t.same(bench.eventsOf('late_outcome'), [])
    await bench.isOver(t)
  }
  const bench = new LineBench([refuses(20429, { 'retry-after': '1' }), answers(201)])
  const run = bench.send()
  await bench.clock.advance(100)
  halfClose(bench, run)
  await bench.clock.advance(5_000)
  t.equal(run.status, 201, 'a byte of it had gone to Twilio')
  await bench.isOver(t)
})

t.test('one whose answer does not come in time is told that it is unknown', async (t) => {
  const bench = new LineBench([hangs])
  const run = bench.send()
  await bench.clock.advance(50)
  halfClose(bench, run)
  await bench.clock.advance(10_000)
  t.equal(run.status, 504)
  t.equal(run.header('governor-outcome'), 'unknown')
  bench.upstream.calls[0]?.answer(201)
  await bench.clock.advance(1)
  t.match(bench.eventsOf('late_outcome'), [{ status: 201 }])
  await bench.isOver(t)
})

t.test('a client that has left in this way and sends its create again is not sent for twice', async (t) => {
  const bench = new LineBench([hangs, answers(201)], { duplicates: REFUSE, limit: new ScriptedLimit(3) })
  const first = bench.send()
  await bench.clock.advance(20)
  halfClose(bench, first)
  const second = bench.send()
  await second.done
  t.same([second.status, second.header('governor-duplicate')], [409, 'unknown'], 'still at Twilio')
  bench.upstream.calls[0]?.answer(201)
  await first.done
  const third = bench.send()
  await third.done
  t.same([first.status, third.status, third.header('governor-duplicate')], [201, 409, 'processed'], 'nobody knows whether it read the answer')
  await bench.isOver(t)
})

t.test('what Twilio did not process can be sent again', async (t) => {
  for (const [script, status] of [[answers(400), 400], [refuses(60202), 429]] as const) {
    const bench = new LineBench([hangs, answers(201)], { duplicates: REFUSE, limit: new ScriptedLimit(3) })
    const first = bench.send()
    await bench.clock.advance(20)
    halfClose(bench, first)
    const [call] = bench.upstream.calls
    if (call !== undefined) script(call, bench.clock)
    await bench.clock.advance(200)
    t.equal(first.status, status)
    const second = bench.send()
    await bench.clock.advance(200)
    t.equal(second.status, 201)
    t.same(bench.eventsOf('duplicate'), [])
    await bench.isOver(t)
  }
})

t.test('one that breaks stays unknown', async (t) => {
  const bench = new LineBench([breaks('UND_ERR_SOCKET', 100), answers(201)], { duplicates: REFUSE })
  const first = bench.send()
  await bench.clock.advance(20)
  halfClose(bench, first)
  await bench.clock.advance(200)
  t.equal(first.status, 502)
  const second = bench.send()
  await second.done
  t.same([second.status, second.header('governor-duplicate')], [409, 'unknown'])
  await bench.isOver(t)
})

t.test('a read that shares a call gets its answer; where it would have to ask itself it is dropped', async (t) => {
  for (const leads of [false, true]) {
    const bench = new LineBench([hangs, answers(200)], { coalesce: true, limit: new ScriptedLimit(3) })
    const [leader, follower] = [bench.send('GET'), bench.send('GET')]
    await bench.clock.advance(20)
    halfClose(bench, follower)
    if (leads) leader.exchange.interrupt('client_left')
    else bench.upstream.calls[0]?.answer(200)
    await bench.clock.advance(2_000)
    t.equal(follower.status, leads ? undefined : 200)
    t.equal(follower.left, leads)
    t.equal(bench.upstream.calls.length, 1)
    await bench.isOver(t)
  }
})

t.test('a delete that is being kept for later is kept, and its client told', async (t) => {
  const kept: Answer = { statusCode: 202, headers: {}, body: Buffer.from('{}'), own: true }
  let finish = (): void => {}
  const deferral: Deferral = { accept: () => new Promise((resolve) => { finish = () => { resolve(kept) } }) }
  const nightly: PacingRule = {
    name: 'nightly', match: { methods: ['DELETE'] }, pace: undefined, per: {}, defer: true, openHours: { opensInMs: () => 3_600_000, closesInMs: () => 0 }
  }
  const bench = new LineBench(answers(204), { pacing: [nightly], deferral })
  const run = bench.send('DELETE', { rawHeaders: ['Prefer', 'respond-async'] })
  await bench.clock.advance(10)
  halfClose(bench, run)
  finish()
  await run.done
  t.equal(run.status, 202)
  await bench.isOver(t)
})
