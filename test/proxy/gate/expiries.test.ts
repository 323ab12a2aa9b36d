import t from 'tap'
import { Expiries } from '../../../src/proxy/gate/expiries.ts'
import { FakeClock } from '../../support/fake-clock.ts'

interface Waiter { readonly name: string, readonly expiresAtMs: number, heapIndex: number }

/** Waiters that are taken out as they expire, with the moment of each from the start. */
function bench (): {
  clock: FakeClock
  expiries: Expiries<Waiter>
  log: string[]
  add: (name: string, inMs: number) => Waiter
} {
  const clock = new FakeClock()
  const sinceMs = clock.nowMs()
  const log: string[] = []
  const expiries: Expiries<Waiter> = new Expiries(clock, (waiter) => {
    expiries.remove(waiter)
    log.push(`${waiter.name} ${clock.nowMs() - sinceMs}`)
  })
  const add = (name: string, inMs: number): Waiter => {
    const waiter = { name, expiresAtMs: clock.nowMs() + inMs, heapIndex: -1 }
    expiries.add(waiter)
    return waiter
  }
  return { clock, expiries, log, add }
}

t.test('each expires at its moment, whatever the order in which they came, by one timer', async (t) => {
  const { clock, log, add } = bench()
  for (const [name, inMs] of [['b', 200], ['d', 400], ['a', 100], ['c', 300]] as const) add(name, inMs)
  t.equal(clock.liveTimers, 1)
  t.equal(clock.timersSet, 2, 'set anew only for one that comes first')
  await clock.advance(1_000)
  t.same(log, ['a 100', 'b 200', 'c 300', 'd 400'])
  t.equal(clock.liveTimers, 0)
})

t.test('all of one moment expire together', async (t) => {
  const { clock, log, add } = bench()
  for (const name of ['a', 'b', 'c']) add(name, 100)
  await clock.advance(100)
  t.same(log.sort(), ['a 100', 'b 100', 'c 100'])
  t.equal(clock.timersSet, 1)
})

t.test('one that comes earlier than those who wait is not kept waiting for them', async (t) => {
  const { clock, log, add } = bench()
  add('late', 10_000)
  add('early', 10)
  await clock.advance(10)
  t.same(log, ['early 10'])
  t.equal(clock.liveTimers, 1, 'the other still waits')
  await clock.advance(9_990)
  t.same(log, ['early 10', 'late 10000'])
})

t.test('who has left does not expire, and whoever is left expires in time', async (t) => {
  const { clock, expiries, log, add } = bench()
  const first = add('first', 100)
  add('second', 200)
  expiries.remove(first)
  expiries.remove(first)
  await clock.advance(1_000)
  t.same(log, ['second 200'])
  t.equal(clock.liveTimers, 0)
})

t.test('rest clears the timer when nobody waits, and leaves it alone while somebody does', async (t) => {
  const { clock, expiries, log, add } = bench()
  const [first, second] = [add('first', 100), add('second', 200)]
  expiries.remove(first)
  expiries.rest()
  t.equal(clock.timersSet, 1, 'it is not moved back')
  expiries.remove(second)
  t.equal(clock.liveTimers, 1)
  expiries.rest()
  t.equal(clock.liveTimers, 0)
  expiries.rest()
  add('third', 50)
  t.equal(clock.liveTimers, 1, 'the next to come sets it again')
  await clock.advance(50)
  t.same(log, ['third 50'])
})

t.test('a timer that finds that the earliest has left is set for the next', async (t) => {
  const { clock, expiries, log, add } = bench()
  const first = add('first', 100)
  add('second', 5_000)
  expiries.remove(first)
  await clock.advance(100)
  t.equal(clock.liveTimers, 1)
  add('third', 3_000)
  await clock.advance(3_000)
  t.same(log, ['third 3100'])
  await clock.advance(2_000)
  t.same(log, ['third 3100', 'second 5000'])
})

t.test('a moment between two milliseconds costs one timer, and one that has passed a millisecond', async (t) => {
  const { clock, log, add } = bench()
  add('between', 100.4)
  await clock.advance(500)
  t.same(log, ['between 101'])
  t.equal(clock.timersSet, 1)
  add('past', -300)
  await clock.advance(1)
  t.same(log, ['between 101', 'past 501'])
  t.equal(clock.timersSet, 2)
})
