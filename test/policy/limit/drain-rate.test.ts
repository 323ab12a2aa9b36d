import t from 'tap'
import { DrainRate } from '../../../src/policy/limit/drain-rate.ts'

const busy = (perSecond: number, forMs: number, fromMs = 0, rate = new DrainRate()): DrainRate => {
  rate.begin(fromMs)
  for (let atMs = 1000 / perSecond; atMs <= forMs; atMs += 1000 / perSecond) rate.depart(fromMs + atMs)
  return rate
}

t.test('a steady rate is seen as it is, from its first second on', async (t) => {
  for (const forMs of [1_000, 5_000, 60_000]) {
    const found = busy(20, forMs).perSecond(forMs)
    t.ok(found > 19 && found < 21.5, `${found} after ${forMs} ms`)
  }
})

t.test('a rate that changes is followed within some seconds', async (t) => {
  const rate = busy(100, 10_000)
  for (let atMs = 10_100; atMs <= 25_000; atMs += 100) rate.depart(atMs)
  const found = rate.perSecond(25_000)
  t.ok(found > 9.5 && found < 16, String(found))
})

t.test('silence wears it down, and is told', async (t) => {
  const rate = busy(100, 10_000)
  t.ok(rate.perSecond(40_000) < 1)
  t.equal(rate.silentMs(40_000), 30_000)
})

t.test('a new busy period knows nothing of the last', async (t) => {
  const rate = busy(100, 10_000)
  rate.begin(600_000)
  t.same([rate.perSecond(600_000), rate.perSecond(601_000), rate.silentMs(601_000)], [0, 0, 1_000])
  t.equal(Math.round(busy(10, 5_000, 600_000, rate).perSecond(605_000)), 10)
})

t.test('what left five seconds ago counts for a third of what leaves now', async (t) => {
  const rate = new DrainRate()
  rate.begin(0)
  rate.depart(100_000)
  const now = rate.perSecond(100_000)
  t.ok(Math.abs(now - 0.2) < 1e-6, String(now))
  t.ok(Math.abs(rate.perSecond(105_000) - now / Math.E) < 1e-6)
  rate.depart(105_000)
  t.ok(Math.abs(rate.perSecond(105_000) - now * (1 + 1 / Math.E)) < 1e-6)
  t.equal(rate.silentMs(105_500), 500)
})
