import t from 'tap'
import { createFixed } from '../../../src/policy/limit/fixed.ts'
import { ShedError } from '../../../src/proxy/errors.ts'
import { promisesSettle } from '../../support/fake-clock.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { Bench, type Visitor } from './gate-fixture.ts'

const states = (visitors: readonly Visitor[]): string[] => visitors.map(({ state }) => state)
const retryAfterMs = ({ error }: Visitor): number | undefined => error instanceof ShedError ? error.retryAfterMs : undefined

t.test('in a full queue the youngest of the least urgent class makes room for whoever is more urgent', async (t) => {
  const bench = new Bench(createFixed(1), { maxWaiting: 4 })
  bench.come()
  const bulk = bench.crowd(2, { name: 'bulk', bodyBytes: 10 })
  const reads = bench.crowd(2, { name: 'read', bodyBytes: 1 })
  const critical = bench.crowd(3, { name: 'critical' })
  await promisesSettle()
  t.same(states(critical), Array(3).fill('waiting'))
  t.same(states(bulk), ['queue_full', 'queue_full'])
  t.same(states(reads), ['waiting', 'queue_full'])
  t.match(bench.gate.snapshot(), { queued: { critical: 3, read: 1, bulk: 0 }, queuedBytes: 1 })
  t.same(bulk.map(({ settled }) => settled), [1, 1])
})

t.test('twenty thousand waiting deletes shed no sign-in code, and each place given up is one place taken', async (t) => {
  const bench = new Bench(createFixed(1))
  bench.come()
  const deletes = bench.crowd(20_000, { name: 'bulk', inMs: 600_000 })
  t.equal(bench.come({ name: 'bulk' }).state, 'queue_full')
  const codes = bench.crowd(50, { name: 'critical', caller: 'signup' })
  await promisesSettle()
  t.ok(codes.every(({ state }) => state === 'waiting'))
  t.ok(deletes.slice(-50).every(({ state }) => state === 'queue_full'), 'the youngest')
  t.ok(deletes.slice(0, -50).every(({ state }) => state === 'waiting'))
  t.match(bench.gate.snapshot(), { waitingCallers: 2, queued: { critical: 50, bulk: 19_950 } })
})

t.test('a caller that fills the queue makes room for another of the same class, down to an equal part', async (t) => {
  const bench = new Bench(createFixed(1), { maxWaiting: 10 })
  bench.come()
  bench.crowd(10, { caller: 'big' })
  const small = bench.crowd(6, { caller: 'small' })
  t.same(states(small), [...Array<string>(5).fill('waiting'), 'queue_full'])
  t.equal(bench.come({ caller: 'big' }).state, 'queue_full')
})

t.test('one that makes room is told when its caller could come back', async (t) => {
  const bench = new Bench(createFixed(1), { maxWaiting: 10 })
  await bench.evidence(20, 1_000)
  bench.come()
  const waiting = bench.crowd(10, { name: 'bulk', inMs: 100_000 })
  bench.come({ name: 'critical' })
  await promisesSettle()
  t.equal(retryAfterMs(waiting.at(-1)!), 11_000, 'ten of its class at one a second, and itself')
})

t.test('a newcomer that could not start in time drives nobody out', async (t) => {
  const bench = new Bench(createFixed(1), { maxWaiting: 1 })
  bench.come()
  const waiting = bench.come({ name: 'bulk' })
  t.equal(bench.come({ name: 'critical', inMs: 0 }).state, 'deadline')
  await promisesSettle()
  t.equal(waiting.state, 'waiting')
})

t.test('one that comes back from a backoff keeps its place, and drives nobody out', async (t) => {
  const bench = new Bench(createFixed(1), { maxWaiting: 1 })
  const [returning, second] = bench.crowd(2, { name: 'bulk' })
  returning?.permit?.end()
  await promisesSettle()
  t.equal(second?.state, 'granted')
  const third = bench.come({ name: 'bulk' })
  returning?.ask(bench.gate, true)
  t.same(states([third, returning!]), ['waiting', 'waiting'])
  bench.come({ name: 'critical' })
  await promisesSettle()
  t.same(states([third, returning!]), ['queue_full', 'waiting'])
  t.equal(bench.come({ name: 'read' }).state, 'queue_full', 'only a retry and one more urgent are left')
})

t.test('those who wait for the pace of a route make room too', async (t) => {
  const limit = new ScriptedLimit(1)
  const bench = new Bench(limit, { maxWaiting: 2 })
  limit.pace('DELETE slow', 1, bench.clock.nowMs() + 60_000)
  const parked = bench.crowd(2, { name: 'bulk', route: 'DELETE slow' })
  t.equal(bench.come({ name: 'critical' }).state, 'granted')
  t.equal(bench.come({ name: 'critical' }).state, 'waiting')
  await promisesSettle()
  t.same(states(parked), ['waiting', 'queue_full'])
})

t.test('what cannot start in time is judged by who is ahead of its caller, not by all of its class', async (t) => {
  const bench = new Bench(createFixed(1))
  await bench.evidence(20, 100)
  bench.crowd(1 + 500, { caller: 'big', inMs: 100_000 })
  t.equal(bench.come({ caller: 'big', inMs: 3_000 }).state, 'deadline_unreachable')
  t.equal(bench.come({ caller: 'small', inMs: 3_000 }).state, 'waiting')
})

t.test('so is Retry-After', async (t) => {
  const bench = new Bench(createFixed(1), { maxWaiting: 21 })
  await bench.evidence(20, 1_000)
  bench.crowd(1 + 20, { caller: 'big', inMs: 100_000 })
  bench.come({ caller: 'small' })
  t.equal(retryAfterMs(bench.come({ caller: 'big' })), 22_000)
  t.equal(bench.gate.retryAfterMs({ class: 'standard', caller: 'small' }), 4_000, 'its own one, two of the other, and itself')
  t.equal(bench.gate.retryAfterMs({ class: 'standard', caller: 'stranger' }), 3_000)
})

t.test('the state says how many callers wait, and names none', async (t) => {
  const bench = new Bench(createFixed(1))
  bench.come()
  for (const caller of ['billing', 'signup', 'billing']) bench.come({ caller })
  bench.come({ caller: 'signup', name: 'bulk' })
  const snapshot = bench.gate.snapshot()
  t.equal(snapshot.waitingCallers, 2)
  t.notMatch(JSON.stringify(snapshot), /billing|signup/)
})

t.test('the order of the weights in the settings is not the order of urgency', async (t) => {
  const bench = new Bench(createFixed(1), { maxWaiting: 1, weights: { bulk: 1, read: 2, standard: 4, critical: 8 } })
  bench.come()
  const bulk = bench.come({ name: 'bulk' })
  t.equal(bench.come({ name: 'critical' }).state, 'waiting')
  await promisesSettle()
  t.equal(bulk.state, 'queue_full')
})
