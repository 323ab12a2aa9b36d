import t from 'tap'
import { createFixed } from '../../../src/policy/limit/fixed.ts'
import { ShedError } from '../../../src/proxy/errors.ts'
import { promisesSettle } from '../../support/fake-clock.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { Bench, type Visitor } from './gate-fixture.ts'

const states = (visitors: readonly Visitor[]): string[] => visitors.map(({ state }) => state)
const retryAfterMs = ({ error }: Visitor): number | undefined => error instanceof ShedError ? error.retryAfterMs : undefined

t.test('a waiter is refused at its deadline, not before, and one timer serves them all', async (t) => {
  const bench = new Bench(createFixed(1))
  bench.come()
  const waiters = [300, 100, 200, 100].map((inMs) => bench.come({ inMs }))
  t.equal(bench.clock.liveTimers, 1)
  await bench.clock.advance(99)
  t.same(states(waiters), ['waiting', 'waiting', 'waiting', 'waiting'])
  await bench.clock.advance(1)
  t.same(states(waiters), ['waiting', 'deadline', 'waiting', 'deadline'])
  t.equal(bench.clock.liveTimers, 1)
  await bench.clock.advance(100)
  t.same(states(waiters), ['waiting', 'deadline', 'deadline', 'deadline'])
  await bench.clock.advance(100)
  t.same(states(waiters), Array(4).fill('deadline'))
  t.equal(bench.clock.liveTimers, 0)
  t.match(bench.gate.snapshot(), { queued: { standard: 0 }, inflight: 1 })
})

t.test('a deadline between two milliseconds is not refused early', async (t) => {
  const bench = new Bench(createFixed(1))
  bench.come()
  const waiter = bench.come({ inMs: 100.4 })
  await bench.clock.advance(100.3)
  t.equal(waiter.state, 'waiting')
  await bench.clock.advance(0.7)
  t.equal(waiter.state, 'deadline')
})

t.test('who was served or has left does not expire', async (t) => {
  const bench = new Bench(createFixed(1))
  const first = bench.come()
  const [served, gone] = bench.crowd(2, { inMs: 100 })
  first.permit?.end()
  bench.gate.leave(gone!, new Error('left'))
  await bench.clock.advance(1_000)
  t.same(states([served!, gone!]), ['granted', 'left'])
  t.same([served?.settled, gone?.settled], [1, 1])
  t.equal(bench.clock.liveTimers, 0)
})

t.test('one whose time is already up is not queued', async (t) => {
  const bench = new Bench(createFixed(1))
  bench.come()
  t.equal(bench.come({ inMs: 0 }).state, 'deadline')
  t.equal(bench.clock.liveTimers, 0)
})

t.test('a full queue refuses newcomers that are no more urgent than who waits, until somebody leaves it', async (t) => {
  const bench = new Bench(createFixed(1), { maxWaiting: 2 })
  const [first, second] = bench.crowd(3)
  for (const name of ['standard', 'read', 'bulk'] as const) t.equal(bench.come({ name }).state, 'queue_full')
  first?.permit?.end()
  await promisesSettle()
  t.equal(second?.state, 'granted')
  t.equal(bench.come().state, 'waiting')
})

t.test('a wait that cannot end in time is refused at once', async (t) => {
  const bench = new Bench(createFixed(1))
  await bench.evidence(20, 100)
  bench.crowd(1 + 50)
  t.equal(bench.come({ inMs: 3_000 }).state, 'deadline_unreachable', '5 s of work are ahead of it, and it has 3')
  t.equal(bench.come({ inMs: 4_500 }).state, 'waiting', 'the estimate is given the benefit of the doubt')
})

t.test('a class with a larger share is not told that it cannot be served for the backlog of another', async (t) => {
  const bench = new Bench(createFixed(1))
  await bench.evidence(20, 100)
  bench.crowd(1 + 50)
  t.equal(bench.come({ name: 'critical', inMs: 500 }).state, 'waiting')
  t.equal(bench.come({ name: 'standard', inMs: 500 }).state, 'deadline_unreachable')
})

t.test('nobody is refused early without twenty answers of evidence', async (t) => {
  const bench = new Bench(createFixed(1))
  await bench.evidence(19, 100)
  bench.crowd(1 + 50)
  t.equal(bench.come({ inMs: 1_000 }).state, 'waiting')
})

t.test('nobody is refused early while the limit still grows fast', async (t) => {
  const limit = new ScriptedLimit(1)
  const bench = new Bench(limit)
  await bench.evidence(40, 100)
  bench.crowd(1 + 50)
  limit.isSettled = false
  t.equal(bench.come({ inMs: 1_000 }).state, 'waiting')
  limit.isSettled = true
  t.equal(bench.come({ inMs: 1_000 }).state, 'deadline_unreachable')
})

t.test('the pace of a route counts towards what is unreachable, for that route alone', async (t) => {
  const limit = new ScriptedLimit(10)
  const bench = new Bench(limit)
  await bench.evidence(20, 10)
  limit.pace('POST slow', 2, bench.clock.nowMs() + 500)
  t.same(states(bench.crowd(10, { route: 'POST slow' })), Array(10).fill('waiting'))
  t.equal(bench.come({ route: 'POST slow', inMs: 3_000 }).state, 'deadline_unreachable', 'ten at two a second are ahead of it')
  t.equal(bench.come({ route: 'POST slow', inMs: 5_000 }).state, 'waiting')
  t.equal(bench.come({ inMs: 1 }).state, 'granted', 'another route has room')
})

t.test('Retry-After follows the drain rate: what is queued, divided by what gets done of late', async (t) => {
  const bench = new Bench(createFixed(2), { maxWaiting: 100 })
  await bench.evidence(20, 500)
  bench.crowd(2 + 100)
  const refused = bench.come()
  t.equal(refused.state, 'queue_full')
  t.equal(retryAfterMs(refused), 101 / (2 / 0.5) * 1000, 'before anybody is done, what the limit should carry')
})

t.test('Retry-After counts what really gets done: not what the limit could carry if none of its slots were stuck', async (t) => {
  const bench = new Bench(createFixed(10), { maxWaiting: 50 })
  await bench.evidence(20, 10)
  const [first] = bench.crowd(10)
  let working = first!
  for (let i = 0; i < 100; i++) {
    const next = bench.come({ inMs: 1_000_000 })
    await bench.clock.advance(100)
    working.permit?.end()
    await promisesSettle()
    working = next
  }
  bench.crowd(50, { inMs: 1_000_000 })
  const tenASecond = retryAfterMs(bench.come()) ?? NaN
  t.ok(tenASecond > 4_700 && tenASecond < 5_500, `51 to go at ten a second: ${tenASecond} ms`)
  await bench.clock.advance(30_000)
  t.ok((retryAfterMs(bench.come()) ?? NaN) >= 30_000, 'nobody was done for half a minute')
})

t.test('Retry-After is at least a second and at most a minute', async (t) => {
  const quick = new Bench(createFixed(1), { maxWaiting: 1 })
  await quick.evidence(20, 10)
  quick.crowd(2)
  t.equal(retryAfterMs(quick.come()), 1_000)
  const slow = new Bench(createFixed(1), { maxWaiting: 100 })
  await slow.evidence(20, 5_000)
  slow.crowd(101, { inMs: 1_000_000 })
  t.equal(retryAfterMs(slow.come()), 60_000)
  const unknown = new Bench(createFixed(1), { maxWaiting: 0 })
  unknown.come()
  t.equal(retryAfterMs(unknown.come()), 1_000, 'with nothing known')
})

t.test('whoever waits can be taken out, parked ones too', async (t) => {
  const limit = new ScriptedLimit(1)
  const bench = new Bench(limit)
  limit.pace('POST slow', 1, bench.clock.nowMs() + 5_000)
  const parked = bench.come({ route: 'POST slow' })
  const first = bench.come()
  const queued = bench.crowd(3, { bodyBytes: 7 })
  for (const visitor of [parked, ...queued]) bench.gate.leave(visitor, new ShedError('draining', 1_000))
  await promisesSettle()
  t.same(states([parked, ...queued]), Array(4).fill('draining'))
  t.equal(first.state, 'granted', 'what is in flight goes on')
  t.match(bench.gate.snapshot(), { queuedBytes: 0, inflight: 1 })
  t.equal(bench.clock.liveTimers, 0)
})
