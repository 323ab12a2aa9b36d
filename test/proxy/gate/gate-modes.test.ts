import t from 'tap'
import { createFixed } from '../../../src/policy/limit/fixed.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { Bench, NOTHING_SAID } from './gate-fixture.ts'

t.test('shadow admits everybody, and says whom the limit would have made wait', async (t) => {
  const bench = new Bench(createFixed(1), { mode: 'shadow' })
  const visitors = [bench.come(), bench.come({ name: 'bulk' }), bench.come({ name: 'critical', inMs: -1 })]
  t.ok(visitors.every(({ state }) => state === 'granted'))
  t.same(bench.wouldWait, ['bulk', 'critical'])
  t.match(bench.gate.snapshot(), { mode: 'shadow', inflight: 3, limit: 1 })
  t.equal(bench.clock.timersSet, 0)
})

t.test('shadow also says so of a route that would wait for its pace', async (t) => {
  const limit = new ScriptedLimit(10)
  const bench = new Bench(limit, { mode: 'shadow' })
  limit.pace('POST slow', 1, bench.clock.nowMs() + 1_000)
  t.equal(bench.come({ route: 'POST slow' }).state, 'granted')
  t.same(bench.wouldWait, ['standard'])
})

t.test('off admits everybody and says nothing, but goes on counting and learning', async (t) => {
  const limit = new ScriptedLimit(1)
  const bench = new Bench(limit, { mode: 'off' })
  const visitors = bench.crowd(3)
  t.ok(visitors.every(({ state }) => state === 'granted'))
  t.same(bench.wouldWait, [])
  limit.moves.push(4)
  for (const { permit } of visitors) {
    permit?.admitted(NOTHING_SAID)
    permit?.end()
  }
  t.match(bench.gate.snapshot(), { mode: 'off', inflight: 0, limit: 4 })
})

t.test('a gate at rest shows what it is, and that it knows nothing yet', async (t) => {
  t.same(new Bench(createFixed(5)).gate.snapshot(), {
    algorithm: 'fixed',
    mode: 'enforce',
    limit: 5,
    inflight: 0,
    held: 0,
    reportedConcurrency: null,
    ceiling: { estimate: null, low: 0, high: null, basis: 'own', confidence: 'none', evidence: [] },
    drainPerSecond: 0,
    lastChange: null,
    pacedRoutes: [],
    queued: { critical: 0, standard: 0, read: 0, bulk: 0 },
    waitingCallers: 0,
    queuedBytes: 0,
    oldestWaiterMs: 0
  })
})

t.test('a busy gate shows who waits, how long, and what moved the limit last', async (t) => {
  const limit = new ScriptedLimit(2)
  const bench = new Bench(limit)
  limit.pace('GET slow', 4, bench.clock.nowMs() + 60_000)
  bench.come({ name: 'read', route: 'GET slow', bodyBytes: 1 })
  await bench.clock.advance(50)
  const [first, second] = bench.crowd(2)
  bench.crowd(3, { bodyBytes: 100 })
  bench.come({ name: 'bulk' })
  await bench.clock.advance(200)
  limit.moves.push(1)
  first?.permit?.admitted({ concurrency: 9, durationMs: 120 })
  first?.permit?.end()
  second?.permit?.refused({ concurrency: undefined, durationMs: undefined })
  second?.permit?.hold()
  await bench.clock.advance(30)
  const { drainPerSecond } = bench.gate.snapshot()
  t.ok(drainPerSecond > 4 && drainPerSecond < 5, 'one in 230 ms')
  t.same(bench.gate.snapshot(), {
    algorithm: 'scripted',
    mode: 'enforce',
    limit: 1,
    inflight: 0,
    held: 1,
    reportedConcurrency: 9,
    ceiling: {
      estimate: 9,
      low: 9,
      high: 10,
      basis: 'reported',
      confidence: 'medium',
      evidence: [{ agoMs: 30, reported: null, inflight: 2, limitBefore: 1, limitAfter: 1 }]
    },
    drainPerSecond,
    lastChange: { reason: 'probe', agoMs: 30, limit: 1 },
    pacedRoutes: [{ route: 'GET slow', perSecond: 4, source: 'refusals' }],
    queued: { critical: 0, standard: 3, read: 1, bulk: 1 },
    waitingCallers: 1,
    queuedBytes: 301,
    oldestWaiterMs: 280
  })
})

t.test('a queue that has not moved for 15 s with nothing in flight is wedged', async (t) => {
  const limit = new ScriptedLimit(1)
  const bench = new Bench(limit)
  limit.pace('POST stuck', 1, Infinity)
  bench.come({ route: 'POST stuck', inMs: 60_000 })
  await bench.clock.advance(15_000)
  t.notOk(bench.gate.wedged)
  await bench.clock.advance(1)
  t.ok(bench.gate.wedged)
  bench.come().permit?.end()
  t.notOk(bench.gate.wedged, 'it moves')
  await bench.clock.advance(60_000)
  t.notOk(bench.gate.wedged, 'nobody waits any more')
})

t.test('after a long rest, a queue that has just begun is not wedged', async (t) => {
  const limit = new ScriptedLimit(1)
  const bench = new Bench(limit)
  limit.pace('POST slow', 1, 100_000)
  await bench.clock.advance(60_000)
  bench.come({ route: 'POST slow' })
  t.notOk(bench.gate.wedged)
  await bench.clock.advance(15_001)
  t.ok(bench.gate.wedged)
})

t.test('a queue behind a slow answer is not wedged', async (t) => {
  const bench = new Bench(createFixed(1))
  await bench.clock.advance(60_000)
  const [first] = bench.crowd(2, { inMs: 120_000 })
  t.notOk(bench.gate.wedged)
  await bench.clock.advance(60_000)
  t.notOk(bench.gate.wedged)
  first?.permit?.hold()
  t.notOk(bench.gate.wedged, 'a held slot comes back by itself')
})
