import t from 'tap'
import { createRandom } from '../../../src/simulator/model/random.ts'

const draws = (seed: number, purpose: string): readonly unknown[] => {
  const random = createRandom(seed, purpose)
  return Array.from({ length: 50 }, () => [random.next(), random.normal(), random.exponential(3), random.lognormal(110, 1000), random.hex(32)])
}

t.test('the same seed and purpose give the same draws', async (t) => {
  t.same(draws(7, 'latency'), draws(7, 'latency'))
})

t.test('another seed or another purpose gives other draws', async (t) => {
  t.notSame(draws(7, 'latency'), draws(8, 'latency'))
  t.notSame(draws(7, 'latency'), draws(7, 'faults'))
})

t.test('a lognormal latency has the median and the 99th percentile it was asked for', async (t) => {
  const random = createRandom(1)
  const sorted = Array.from({ length: 40_000 }, () => random.lognormal(110, 1000)).sort((a, b) => a - b)
  const median = sorted[20_000]!
  const p99 = sorted[39_600]!
  t.ok(median > 106 && median < 114, `median ${median}`)
  t.ok(p99 > 930 && p99 < 1075, `p99 ${p99}`)
})

t.test('a median of 0 is no latency at all, a 99th percentile at the median is a fixed one', async (t) => {
  const random = createRandom(1)
  t.equal(random.lognormal(0, 0), 0)
  t.equal(random.lognormal(50, 50), 50)
})

t.test('uniform draws stay in [0, 1) with mean one half, exponential ones have their mean', async (t) => {
  const random = createRandom(3)
  const uniform = Array.from({ length: 20_000 }, random.next)
  t.ok(uniform.every((value) => value >= 0 && value < 1))
  t.ok(Math.abs(mean(uniform) - 0.5) < 0.01)
  t.ok(Math.abs(mean(Array.from({ length: 20_000 }, () => random.exponential(5))) - 5) < 0.15)
  t.equal(random.exponential(0), 0)
})

t.test('hexadecimal text has the length asked for', async (t) => {
  t.match(createRandom(1).hex(32), /^[0-9a-f]{32}$/)
})

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
