import t from 'tap'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { promisesSettle } from '../../support/fake-clock.ts'
import { Bench, DEADLINE_MS, type Visitor } from './gate-fixture.ts'

const SLOW = { route: 'POST slow' }
const states = (visitors: readonly Visitor[]): string[] => visitors.map(({ state }) => state)

/** A gate with a route that starts `perSecond` requests a second, the first of them a gap from now. */
function paced (slots: number, perSecond: number): Bench {
  const limit = new ScriptedLimit(slots)
  const bench = new Bench(limit)
  limit.pace(SLOW.route, perSecond, bench.clock.nowMs() + 1000 / perSecond)
  return bench
}

t.test('a paced route waits its turn by one timer, first come first served', async (t) => {
  const bench = paced(10, 2)
  const slow = bench.crowd(3, SLOW)
  t.same(states(slow), ['waiting', 'waiting', 'waiting'])
  t.equal(bench.clock.liveTimers, 2, 'one for the pace, one for the deadlines')
  await bench.clock.advance(499)
  t.same(states(slow), ['waiting', 'waiting', 'waiting'])
  await bench.clock.advance(1)
  t.same(states(slow), ['granted', 'waiting', 'waiting'])
  await bench.clock.advance(500)
  t.same(states(slow), ['granted', 'granted', 'waiting'])
  await bench.clock.advance(500)
  t.same(states(slow), ['granted', 'granted', 'granted'])
  t.ok(bench.clock.timersSet <= 6, 'nothing polls')
  t.equal(bench.clock.liveTimers, 1, 'the deadlines\' timer is left to run out, rather than set anew for each')
  await bench.clock.advance(DEADLINE_MS)
  t.equal(bench.clock.liveTimers, 0)
})

t.test('others overtake a route that waits for its pace, with room and without', async (t) => {
  const bench = paced(1, 2)
  const slow = bench.come(SLOW)
  const first = bench.come()
  t.same(states([slow, first]), ['waiting', 'granted'])
  const second = bench.come()
  first.permit?.end()
  await promisesSettle()
  t.same(states([slow, second]), ['waiting', 'granted'])
})

t.test('on a paced route a newcomer does not overtake those who wait for it', async (t) => {
  const bench = paced(1, 2)
  const waiting = bench.come(SLOW)
  const holder = bench.come()
  await bench.clock.advance(600)
  t.equal(holder.state, 'granted')
  holder.permit?.end()
  const newcomer = bench.come(SLOW)
  await promisesSettle()
  t.same(states([waiting, newcomer]), ['granted', 'waiting'])
})

t.test('a newcomer that finds the route ready a moment before its timer fires does not overtake either', async (t) => {
  const limit = new ScriptedLimit(10)
  const bench = new Bench(limit)
  limit.pace(SLOW.route, 2, bench.clock.nowMs() + 500.2)
  const waiting = bench.come(SLOW)
  await bench.clock.advance(500.5)
  t.equal(waiting.state, 'waiting')
  const newcomer = bench.come(SLOW)
  await promisesSettle()
  t.same(states([waiting, newcomer]), ['granted', 'waiting'])
})

t.test('no timer spins while the paced route is ready but there is no room', async (t) => {
  const bench = paced(1, 2)
  const slow = bench.come(SLOW)
  const holder = bench.come()
  await bench.clock.advance(600)
  const { timersSet } = bench.clock
  await bench.clock.advance(10_000)
  t.equal(bench.clock.timersSet, timersSet)
  t.equal(bench.clock.liveTimers, 1, 'the deadline\'s')
  holder.permit?.end()
  await promisesSettle()
  t.equal(slow.state, 'granted', 'the permit that ends calls it')
})

t.test('whoever waits for a pace keeps its deadline', async (t) => {
  const bench = paced(10, 0.5)
  const [first, second] = bench.crowd(2, { ...SLOW, inMs: 3_000 })
  await bench.clock.advance(3_000)
  t.same(states([first!, second!]), ['granted', 'deadline'])
  t.equal(bench.clock.liveTimers, 0)
})

t.test('when the last that waits for a pace leaves, its timer goes too', async (t) => {
  const bench = paced(10, 2)
  const slow = bench.crowd(2, SLOW)
  for (const visitor of slow) bench.gate.leave(visitor, new Error('left'))
  await promisesSettle()
  t.equal(bench.clock.liveTimers, 0)
})

t.test('of two paced routes each starts at its own pace', async (t) => {
  const limit = new ScriptedLimit(100)
  const bench = new Bench(limit)
  limit.pace('POST slow', 2, bench.clock.nowMs())
  limit.pace('POST quick', 20, bench.clock.nowMs())
  const slow = bench.crowd(30, { route: 'POST slow' })
  const quick = bench.crowd(30, { route: 'POST quick' })
  await bench.clock.advance(999)
  const granted = (visitors: readonly Visitor[]): number => visitors.filter(({ state }) => state === 'granted').length
  t.same([granted(slow), granted(quick)], [2, 20])
})

t.test('a gate is in use while somebody waits for a pace, though nothing is in flight', async (t) => {
  const bench = paced(1, 1)
  const visitor = bench.come(SLOW)
  t.notOk(bench.gate.limit.busy)
  t.notOk(bench.gate.idle)
  bench.gate.leave(visitor, new Error('left'))
  t.ok(bench.gate.idle)
})
