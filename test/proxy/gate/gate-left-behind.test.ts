import t from 'tap'
import { createFixed } from '../../../src/policy/limit/fixed.ts'
import { promisesSettle } from '../../support/fake-clock.ts'
import { Bench, NOTHING_SAID, type Visitor } from './gate-fixture.ts'

const granted = (visitors: readonly Visitor[]): number => visitors.filter(({ permit }) => permit !== undefined).length

t.test('while every slot belongs to a write that was left behind, one request goes on every five seconds', async (t) => {
  const bench = new Bench(createFixed(3))
  const first = bench.crowd(3)
  const waiting = bench.crowd(4)
  for (const { permit } of first.slice(0, 2)) permit?.keep()
  await bench.clock.advance(10_000)
  t.equal(granted(waiting), 0, 'one is still waited for')
  first[2]?.permit?.keep()
  await bench.clock.advance(4_900)
  t.equal(granted(waiting), 0, 'who leaves with others may be followed by them')
  await bench.clock.advance(101)
  t.equal(granted(waiting), 1)
  waiting[0]?.permit?.keep()
  await bench.clock.advance(4_900)
  t.equal(granted(waiting), 1)
  await bench.clock.advance(101)
  t.equal(granted(waiting), 2)
})

t.test('clients that leave together leave nothing sent behind them', async (t) => {
  const bench = new Bench(createFixed(1))
  const [first, ...waiting] = bench.crowd(5)
  await bench.clock.advance(8_000)
  first?.permit?.keep()
  await bench.clock.advance(100)
  for (const visitor of waiting) bench.gate.leave(visitor, new Error('left'))
  await bench.clock.advance(10_000)
  t.equal(granted(waiting), 0)
  t.equal(bench.clock.liveTimers, 0)
})

t.test('whoever waits is tried when the five seconds are over, without anybody coming', async (t) => {
  const bench = new Bench(createFixed(1))
  const [first, second] = bench.crowd(2)
  first?.permit?.keep()
  await bench.clock.advance(4_900)
  t.equal(second?.state, 'waiting')
  await bench.clock.advance(101)
  t.equal(second?.state, 'granted')
})

t.test('once Twilio answers what was sent five seconds later, the slots of those left behind are free', async (t) => {
  const bench = new Bench(createFixed(3))
  const first = bench.crowd(3)
  for (const { permit } of first) permit?.keep()
  await bench.clock.advance(5_000)
  const early = bench.come()
  await bench.clock.advance(1_500)
  early.permit?.admitted(NOTHING_SAID)
  early.permit?.end()
  t.match(bench.gate.snapshot(), { inflight: 3 }, 'it was sent five seconds later: they may still be at work')
  await bench.clock.advance(4_000)
  const waiting = bench.crowd(5)
  t.equal(granted(waiting), 1)
  waiting[0]?.permit?.admitted(NOTHING_SAID)
  waiting[0]?.permit?.end()
  await promisesSettle()
  t.equal(granted(waiting), 4, 'the one that was answered, and three more')
  t.match(bench.gate.snapshot(), { inflight: 3 })
  for (const { permit } of waiting) permit?.end()
  await promisesSettle()
  for (const { permit } of waiting) permit?.end()
  t.match(bench.gate.snapshot(), { inflight: 0 })
  t.notOk(bench.gate.idle, 'nobody has heard yet what became of three')
  for (const { permit } of first) {
    permit?.admitted(NOTHING_SAID)
    permit?.end()
  }
  t.ok(bench.gate.idle)
  t.match(bench.gate.snapshot(), { inflight: 0, held: 0 })
})

t.test('a refusal shows as well as an answer that Twilio is there', async (t) => {
  const bench = new Bench(createFixed(1))
  bench.come().permit?.keep()
  await bench.clock.advance(6_000)
  const probe = bench.come()
  probe.permit?.refused(NOTHING_SAID)
  t.match(bench.gate.snapshot(), { inflight: 1 }, 'the one that was refused')
  probe.permit?.end()
  t.match(bench.gate.snapshot(), { inflight: 0 })
})

t.test('with nobody waiting no timer is set for a try past what was left behind', async (t) => {
  const bench = new Bench(createFixed(1))
  bench.come().permit?.keep()
  const waiter = bench.come({ inMs: 60_000 })
  t.equal(bench.clock.liveTimers, 2, 'one for the try, one for the deadline')
  bench.gate.leave(waiter, new Error('left'))
  t.equal(bench.clock.liveTimers, 0)
  await promisesSettle()
})
