import t from 'tap'
import { createFixed } from '../../../src/policy/limit/fixed.ts'
import type { TrafficClass } from '../../../src/twilio/types.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { promisesSettle } from '../../support/fake-clock.ts'
import { Bench, NOTHING_SAID, type Visitor } from './gate-fixture.ts'

const states = (visitors: readonly Visitor[]): string[] => visitors.map(({ state }) => state)

/** Frees slots one after the other, and says who got each. */
async function serveAll (first: Visitor, queued: readonly Visitor[]): Promise<Visitor[]> {
  const order: Visitor[] = []
  let holder = first
  for (let i = 0; i < queued.length; i++) {
    holder.permit?.end()
    await promisesSettle()
    const [next] = queued.filter((visitor) => visitor.state === 'granted' && !order.includes(visitor))
    if (next === undefined) break
    order.push(holder = next)
  }
  holder.permit?.end()
  return order
}

t.test('while there is room a permit comes at once, without a promise or a timer', async (t) => {
  const bench = new Bench(createFixed(2))
  t.same(states(bench.crowd(2)), ['granted', 'granted'])
  t.equal(bench.clock.timersSet, 0)
  t.match(bench.gate.snapshot(), { inflight: 2, held: 0 })
})

t.test('a freed permit goes straight to the next waiter, in the same turn and without a timer', async (t) => {
  const bench = new Bench(createFixed(1))
  const [first, second, third] = bench.crowd(3)
  const { timersSet } = bench.clock
  first?.permit?.end()
  t.match(bench.gate.snapshot(), { inflight: 1 }, 'the slot is never seen free')
  await Promise.resolve()
  t.same(states([second!, third!]), ['granted', 'waiting'])
  t.equal(bench.clock.timersSet, timersSet)
})

t.test('within a class it is first come, first served', async (t) => {
  const [first, ...queued] = new Bench(createFixed(1)).crowd(20)
  t.same(await serveAll(first!, queued), queued)
})

t.test('under backlog the classes share by weight, and none starves', async (t) => {
  const bench = new Bench(createFixed(1))
  const first = bench.come()
  const queued = (['bulk', 'read', 'standard', 'critical'] as const).flatMap((name) => bench.crowd(150, { name }))
  const served = (await serveAll(first, queued)).slice(0, 150)
  const share = (name: TrafficClass): number => served.filter((visitor) => visitor.class === name).length
  t.same([share('critical'), share('standard'), share('read'), share('bulk')], [80, 40, 20, 10])
  t.ok(served.slice(0, 15).some((visitor) => visitor.class === 'bulk'), 'bulk has its turn in the first round')
})

t.test('whoever comes back from a backoff goes before all of its class', async (t) => {
  const bench = new Bench(createFixed(1))
  const [returning, second, third] = bench.crowd(3)
  returning?.permit?.end()
  await promisesSettle()
  returning?.ask(bench.gate, true)
  t.equal(returning?.state, 'waiting')
  second?.permit?.end()
  await promisesSettle()
  t.same(states([returning!, third!]), ['granted', 'waiting'])
})

t.test('no queue is too long for one that comes back', async (t) => {
  const bench = new Bench(createFixed(1), { maxWaiting: 1 })
  const [first, second, third] = bench.crowd(3)
  t.same(states([first!, second!, third!]), ['granted', 'waiting', 'queue_full'])
  third?.ask(bench.gate, true)
  t.equal(third?.state, 'waiting')
})

t.test('ten thousand waiters that leave, leave nothing behind', async (t) => {
  const bench = new Bench(createFixed(1))
  const first = bench.come()
  const queued = bench.crowd(10_000, { bodyBytes: 1_000 })
  t.match(bench.gate.snapshot(), { queued: { standard: 10_000 }, queuedBytes: 10_000_000 })
  t.equal(bench.clock.liveTimers, 1, 'one timer for all deadlines')
  t.ok(bench.clock.timersSet <= 10, 'and it was not set anew for each')
  for (const visitor of queued) bench.gate.leave(visitor, new Error('left'))
  await promisesSettle()
  t.ok(queued.every(({ state, settled, list, heapIndex }) => state === 'left' && settled === 1 && list === undefined && heapIndex === -1))
  t.match(bench.gate.snapshot(), { queued: { standard: 0 }, queuedBytes: 0, oldestWaiterMs: 0 })
  t.equal(bench.clock.liveTimers, 0)
  first.permit?.end()
  t.ok(bench.gate.idle)
})

t.test('leaving twice, or without waiting, does nothing', async (t) => {
  const bench = new Bench(createFixed(1))
  const [first, second] = bench.crowd(2, { bodyBytes: 10 })
  bench.gate.leave(first!, new Error('left'))
  bench.gate.leave(second!, new Error('left'))
  bench.gate.leave(second!, new Error('left again'))
  await promisesSettle()
  t.same(states([first!, second!]), ['granted', 'left'])
  t.match(bench.gate.snapshot(), { inflight: 1, queuedBytes: 0 })
})

t.test('a limit that shrinks stops starts until enough have ended', async (t) => {
  const limit = new ScriptedLimit(3)
  const bench = new Bench(limit)
  const [a, b, c, d] = bench.crowd(4)
  limit.moves.push(1)
  a?.permit?.admitted(NOTHING_SAID)
  a?.permit?.end()
  b?.permit?.end()
  await promisesSettle()
  t.equal(d?.state, 'waiting', 'one is still in flight, and one is all there may be')
  c?.permit?.end()
  await promisesSettle()
  t.equal(d?.state, 'granted')
  t.same(bench.changes, [['probe', 1]])
})

t.test('a limit that grows serves waiters at once, before a newcomer, though no permit has ended', async (t) => {
  const limit = new ScriptedLimit(1)
  const bench = new Bench(limit)
  const [streaming, second, third] = bench.crowd(3)
  limit.moves.push(2)
  streaming?.permit?.admitted(NOTHING_SAID)
  const newcomer = bench.come()
  await promisesSettle()
  t.same(states([second!, third!, newcomer]), ['granted', 'waiting', 'waiting'])
})

t.test('a held slot is no room, and is not in flight', async (t) => {
  const bench = new Bench(createFixed(1))
  const [first, second] = bench.crowd(2)
  first?.permit?.hold()
  await promisesSettle()
  t.match(bench.gate.snapshot(), { inflight: 0, held: 1 })
  t.equal(second?.state, 'waiting')
  t.notOk(bench.gate.idle)
  first?.permit?.unhold(true)
  await promisesSettle()
  t.equal(second?.state, 'granted')
  t.match(bench.gate.snapshot(), { inflight: 1, held: 0 })
})

t.test('a held slot that is given back without handing over waits for its owner', async (t) => {
  const bench = new Bench(createFixed(1))
  const [first, second] = bench.crowd(2)
  first?.permit?.hold()
  first?.permit?.unhold(false)
  first?.ask(bench.gate, true)
  await promisesSettle()
  t.same(states([first!, second!]), ['granted', 'waiting'])
})

t.test('whoever was refused time and again gives up its slot to whoever waits, every other time', async (t) => {
  const bench = new Bench(createFixed(1))
  const [refused] = bench.crowd(1)
  const [second, third] = bench.crowd(2)
  refused!.throttled = 2
  refused!.permit?.hold()
  refused!.permit?.unhold(false)
  refused!.ask(bench.gate, true)
  await promisesSettle()
  t.same(states([refused!, second!, third!]), ['waiting', 'granted', 'waiting'])
  second?.permit?.end()
  await promisesSettle()
  t.same(states([refused!, third!]), ['granted', 'waiting'])
  t.equal(bench.gate.limit.snapshot().inflight, 1)
})

t.test('a permit that is given back unused goes straight to the next waiter', async (t) => {
  const bench = new Bench(createFixed(1))
  const [first, second] = [bench.come(), bench.come()]
  first.permit?.giveBack()
  await promisesSettle()
  t.ok(second.permit)
  t.match(bench.gate.snapshot(), { inflight: 1 })
})

t.test('what one waits at the gate is added up over its attempts', async (t) => {
  const bench = new Bench(createFixed(1))
  const holder = bench.come()
  const visitor = bench.come()
  await bench.clock.advance(300)
  holder.permit?.end()
  await promisesSettle()
  const other = bench.come()
  visitor.permit?.end()
  await promisesSettle()
  visitor.ask(bench.gate, true)
  await bench.clock.advance(200)
  other.permit?.end()
  await promisesSettle()
  t.equal(visitor.queueMs, 500)
})
