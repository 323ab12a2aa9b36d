import t from 'tap'
import { ClassWeights, NOBODY, sharedOut } from '../../../src/policy/queue/class-weights.ts'
import { fc } from '../seeded.ts'

const AGEING_MS = 10_000
const NONE = NOBODY

const hundredth = (weight: number): number => Math.round(100 * weight) / 100
const weighed = (ages: readonly number[], weights: readonly number[] = [8, 4, 2, 1], shares: { ageingMs?: number, minShare?: number } = {}): number[] =>
  new ClassWeights(weights, { ageingMs: AGEING_MS, minShare: 0, ...shares }).at(ages).map(hundredth)

t.test('while nobody has waited long, a class weighs what is configured', async (t) => {
  t.same(weighed([0, 0, 0, 0]), [8, 4, 2, 1])
  t.same(weighed([NONE, 9_999, NONE, 9_999]), [8, 4, 2, 1])
})

t.test('one that has waited long weighs as much as the next heavier class at most, at the cost of the other light ones', async (t) => {
  // What 4 and 1 weigh together, 5, is divided 4 : 1, and then 4 : 2.
  t.same(weighed([NONE, 0, NONE, 9_999]), [8, 4, 2, 1])
  t.same(weighed([NONE, 0, NONE, 10_000]), [8, 3.33, 2, 1.67])
  t.same(weighed([NONE, 0, NONE, 500_000]), [8, 3.33, 2, 1.67])
  t.same(weighed([0, 0, 500_000, 0]), [8, 3.11, 3.11, 0.78])
})

t.test('it weighs twice as much for each time that ageing takes', async (t) => {
  const weights = [64, 32, 1]
  t.same(weighed([0, 0, 10_000], weights), [64, 31.06, 1.94])
  t.same(weighed([0, 0, 20_000], weights), [64, 29.33, 3.67])
  t.same(weighed([0, 0, 90_000], weights), [64, 16.5, 16.5])
})

t.test('the heaviest class loses nothing, however old the others are', async (t) => {
  t.same(weighed([0, NONE, NONE, 600_000]), [8, 4, 2, 1], 'beside one other there is nobody to take from')
  t.same(weighed([0, 600_000, 600_000, 600_000])[0], 8)
  t.same(weighed([600_000, 0, 0, 0]), [8, 4, 2, 1], 'nor does it gain')
})

t.test('where all are old, all is as it was when they were young', async (t) => {
  t.same(weighed([0, 600_000, 600_000, 600_000]), [8, 4, 2, 1])
})

t.test('zero turns ageing off', async (t) => {
  t.same(weighed([0, 0, 0, 600_000], [8, 4, 2, 1], { ageingMs: 0 }), [8, 4, 2, 1])
})

t.test('equal weights have no order that age could change', async (t) => {
  t.same(weighed([0, 0, 600_000], [3, 3, 3]), [3, 3, 3])
})

t.test('a class is never below the least share, for which the others give by their weights', async (t) => {
  t.same(weighed([0, 0, 0, 0], [97, 1, 1, 1], { minShare: 0.02 }), [94, 2, 2, 2])
  t.same(weighed([0, 0, 0, 0], [60, 37, 2, 1], { minShare: 0.02 }), [59.38, 36.62, 2, 2])
  t.same(weighed([0, 0, 0, 0], [1000, 7, 1, 1], { minShare: 0.25 }), [252.25, 252.25, 252.25, 252.25])
  t.same(weighed([0, 0, 0, 0], [8, 4, 2, 1], { minShare: 0.02 }), [8, 4, 2, 1], 'which the usual weights are not')
})

t.test('an old class takes nothing from one that has but the least share', async (t) => {
  t.same(weighed([0, 0, 60_000, 0], [80, 16, 2, 2], { minShare: 0.02 }), [80, 9, 9, 2])
})

t.test('parts of a total are in proportion, none below the least', async (t) => {
  t.same(sharedOut(15, [8, 4, 2, 1], 0), [8, 4, 2, 1])
  t.same(sharedOut(31, [8, 4, 2, 1], 3), [16, 8, 4, 3])
  t.same(sharedOut(4, [1000, 1, 1, 1], 1), [1, 1, 1, 1])
})

const weight = fc.integer({ min: 1, max: 1000 })
const age = fc.oneof(fc.constant(NONE), fc.integer({ min: 0, max: 600_000 }))

t.test('whatever the weights and ages: the sum stays, the heaviest keeps its part, the order of weights is kept, and each has its least', async () => {
  const four = fc.tuple(weight, weight, weight, weight)
  const ages = fc.tuple(age, age, age, age)
  fc.assert(fc.property(four, ages, fc.double({ min: 0, max: 0.25, noNaN: true }), fc.integer({ min: 1, max: 100_000 }), (weights, ages, minShare, ageingMs) => {
    const made = new ClassWeights(weights, { ageingMs, minShare })
    const usual = made.at([NONE, NONE, NONE, NONE])
    const now = made.at(ages)
    const total = weights.reduce((sum, each) => sum + each, 0)
    const near = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * total
    const waits = ages.map((age) => age !== NONE)
    const sumOf = (values: readonly number[]): number => values.reduce((sum, each, i) => sum + (waits[i]! ? each : 0), 0)
    const heaviest = Math.max(...usual)
    return near(usual.reduce((sum, each) => sum + each, 0), total) &&
      near(sumOf(now), sumOf(usual)) &&
      usual.every((each, i) => each < heaviest || near(now[i]!, each)) &&
      now.every((each) => each >= minShare * total - 1e-6 * total) &&
      usual.every((a, i) => usual.every((b, j) => !waits[i]! || !waits[j]! || a <= b || now[i]! >= now[j]! - 1e-6 * total))
  }), { numRuns: 2_000 })
})
