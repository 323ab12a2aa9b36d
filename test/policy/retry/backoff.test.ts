import t from 'tap'
import { backoffMs } from '../../../src/policy/retry/backoff.ts'
import { fc } from '../seeded.ts'

const options = { backoffBaseMs: 150, backoffMaxMs: 4_000 }

t.test('the bound of the wait doubles with every failure until the maximum', async (t) => {
  t.same([0, 1, 2, 3, 4, 5, 6].map((failures) => backoffMs(options, failures, 0.5)), [75, 150, 300, 600, 1_200, 2_000, 2_000])
})

t.test('the wait grows on average, or an outage at a window of 1 becomes thousands of attempts', async (t) => {
  const elapsedMs = Array.from({ length: 10 }, (_, failures) => backoffMs(options, failures, 0.5)).reduce((sum, ms) => sum + ms, 0)
  t.ok(elapsedMs > 10_000, `ten waits take ${elapsedMs} ms`)
})

t.test('the jitter is full: the luckiest of a refused flight comes back at once', async (t) => {
  t.equal(backoffMs(options, 10, 0), 0)
})

t.test('every wait is in [0, maximum) and below its own bound, whatever the number of failures', async () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  const base = fc.integer({ min: 1, max: 60_000 })
  fc.assert(fc.property(base, fc.integer({ min: 1, max: 600_000 }), fc.nat({ max: 100_000 }), chance, (backoffBaseMs, backoffMaxMs, failures, u) => {
    const delayMs = backoffMs({ backoffBaseMs, backoffMaxMs }, failures, u)
    return delayMs >= 0 && delayMs < backoffMaxMs && delayMs < backoffBaseMs * 2 ** failures
  }))
})
