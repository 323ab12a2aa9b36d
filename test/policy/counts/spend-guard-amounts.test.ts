import t from 'tap'
import { GRAINS, SpendGuard } from '../../../src/policy/counts/spend-guard.ts'

const INTERVAL_MS = 20_000
const GRAIN_MS = INTERVAL_MS / GRAINS
const guardOf = (max: number, keysMost?: number): SpendGuard =>
  new SpendGuard({ max, intervalMs: INTERVAL_MS }, keysMost)

t.test('several sends at once need room for all of them, and have it once enough is past', async (t) => {
  const guard = guardOf(5)
  guard.count('a', 0, 2)
  guard.count('a', 3_000, 2)
  t.equal(guard.used('a', 3_000), 4)
  t.equal(guard.roomAtMs('a', 3_000, 1), undefined, 'the last')
  t.equal(guard.roomAtMs('a', 3_000, 3), INTERVAL_MS + GRAIN_MS, 'the first two have to go')
  t.equal(guard.roomAtMs('a', 3_000, 4), 3_000 + INTERVAL_MS + GRAIN_MS, 'all have to go')
  t.equal(guard.roomAtMs('a', 3_000, 5), 3_000 + INTERVAL_MS + GRAIN_MS)
  t.equal(guard.roomAtMs('a', 3_000, 6), Infinity, 'more than are ever allowed')
})

t.test('what is taken back is as many as were counted, in the grain in which they were', async (t) => {
  const guard = guardOf(10)
  const first = guard.count('a', 0, 3)
  guard.count('a', 2 * GRAIN_MS, 2)
  guard.takeBack('a', first, 2)
  t.equal(guard.used('a', 2 * GRAIN_MS), 3)
  t.equal(guard.used('a', INTERVAL_MS + GRAIN_MS), 2, 'one of the first was left, and is past')
  guard.takeBack('a', first + 1)
  t.equal(guard.used('a', 2 * GRAIN_MS), 3, 'nothing was counted in the grain between')
})

t.test('sends of one grain are one number, and those that are past are dropped with the next', async (t) => {
  const guard = guardOf(100)
  for (const atMs of [0, GRAIN_MS - 1]) guard.count('a', atMs)
  t.equal(guard.used('a', INTERVAL_MS + GRAIN_MS - 1), 2, 'both go at once, a grain after the interval')
  t.equal(guard.used('a', INTERVAL_MS + GRAIN_MS), 0)
  const past = guard.count('b', 0)
  guard.count('b', 3 * INTERVAL_MS)
  guard.takeBack('b', past)
  t.equal(guard.used('b', 3 * INTERVAL_MS), 1)
})

t.test('a new key makes room: of two that are past both go, of those that count as many as have to', async (t) => {
  const guard = guardOf(10, 3)
  for (const key of ['a', 'b', 'c']) guard.count(key, 0)
  guard.count('d', 0)
  t.same(['a', 'b', 'c', 'd'].map((key) => guard.used(key, 0)), [0, 1, 1, 1], 'one had to go')
  guard.count('e', 3 * INTERVAL_MS)
  t.equal(guard.size, 2, 'two are looked at, and both were past')
})

t.test('a key that is fuller than the emptiest of the fullest takes its place, one as full does not', async (t) => {
  const guard = guardOf(100)
  for (let i = 0; i < 32; i++) guard.count(`watched ${i}`, 0, 2)
  guard.count('as full', 0, 2)
  const watched = Array.from({ length: 32 }, (_, i) => `watched ${i}`)
  t.same(guard.fullest(0, 100).map(({ key }) => key).sort(), watched.sort())
  guard.count('fuller', 0, 3)
  const keys = guard.fullest(0, 100)
  t.equal(keys.length, 32)
  t.same(keys[0], { key: 'fuller', used: 3 })
})

t.test('sends that are past say nothing of when there is room', async (t) => {
  const guard = guardOf(2)
  guard.count('a', 0)
  guard.count('a', 10 * GRAIN_MS, 2)
  const nowMs = INTERVAL_MS + 2 * GRAIN_MS
  t.equal(guard.roomAtMs('a', nowMs), INTERVAL_MS + 11 * GRAIN_MS)
})
