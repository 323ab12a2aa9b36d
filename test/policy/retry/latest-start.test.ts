import fc from 'fast-check'
import t from 'tap'
import { reserveMs } from '../../../src/policy/retry/latest-start.ts'
import { ServiceTimes, TIMED_ROUTES_MOST } from '../../../src/policy/retry/service-times.ts'

t.test('the time kept for an attempt is what most answers need, and at most three quarters of what is allowed', (t) => {
  for (const [allowedMs, typicalMs, mostWithinMs, expected] of [
    [10_000, 300, 80, 80], [4_000, 300, 1_200, 1_200], [2_000, 300, 1_200, 1_200], [1_000, 300, 1_200, 750]
  ] as const) t.equal(reserveMs(allowedMs, { typicalMs, mostWithinMs }), expected)
  t.end()
})

t.test('while that is unknown it is one and a half average attempts, within a tenth and a quarter of what is allowed', (t) => {
  for (const [typicalMs, expected] of [[0, 1_000], [600, 1_000], [1_000, 1_500], [5_000, 2_500]] as const) {
    t.equal(reserveMs(10_000, { typicalMs, mostWithinMs: undefined }), expected)
  }
  t.end()
})

t.test('twenty answers of a route tell what most need; before that the whole account speaks, and before that nobody', (t) => {
  const times = new ServiceTimes()
  for (let i = 1; i < 20; i++) times.note('POST a', i)
  t.equal(times.mostWithinMs('POST a'), undefined)
  times.note('POST b', 500)
  t.equal(times.mostWithinMs('POST a'), 500, 'the greatest of twenty of the account')
  times.note('POST a', 100)
  t.equal(times.mostWithinMs('POST a'), 100, 'its own')
  t.equal(times.mostWithinMs('POST c'), 500)
  t.end()
})

t.test('of many answers the slowest twentieth does not count, and old ones are forgotten', (t) => {
  const times = new ServiceTimes()
  for (let i = 64; i >= 1; i--) times.note('POST a', i)
  t.equal(times.mostWithinMs('POST a'), 62)
  for (let i = 0; i < 64; i++) times.note('POST a', 7)
  t.equal(times.mostWithinMs('POST a'), 7)
  t.end()
})

t.test('routes are bounded, and the one that was answered longest ago gives way', (t) => {
  const times = new ServiceTimes()
  const many = (route: string, ms: number): void => { for (let i = 0; i < 20; i++) times.note(route, ms) }
  many('first', 1)
  for (let i = 1; i < TIMED_ROUTES_MOST; i++) many(`route ${i}`, 2)
  many('first', 1)
  many('one more', 3)
  t.equal(times.size, TIMED_ROUTES_MOST)
  t.equal(times.mostWithinMs('first'), 1)
  t.equal(times.mostWithinMs('route 1'), 3, 'what the account says: of its own nothing is left')
  t.end()
})

t.test('whatever the distribution, no more than the slowest twentieth of what is remembered is above', (t) => {
  fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1e6, noNaN: true }), { minLength: 20, maxLength: 200 }), (all) => {
    const times = new ServiceTimes()
    for (const ms of all) times.note('POST a', ms)
    const kept = all.slice(-64)
    const most = times.mostWithinMs('POST a') ?? NaN
    return kept.includes(most) && kept.filter((ms) => ms > most).length <= kept.length / 20
  }))
  t.end()
})
