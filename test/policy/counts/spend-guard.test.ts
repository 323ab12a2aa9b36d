import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../twilio/holds.ts'
import { GRAINS, SpendGuard } from '../../../src/policy/counts/spend-guard.ts'

const INTERVAL_MS = 20_000
const GRAIN_MS = INTERVAL_MS / GRAINS

/** Sends where there is room, as a line would. */
function send (guard: SpendGuard, key: string, nowMs: number): boolean {
  const has = guard.roomAtMs(key, nowMs) === undefined
  if (has) guard.count(key, nowMs)
  return has
}

t.test('the most are sent, and the next has room when the first is an interval and a grain old', async (t) => {
  const guard = new SpendGuard({ max: 3, intervalMs: INTERVAL_MS })
  t.same([0, 500, 5_000, 6_000].map((atMs) => send(guard, 'a', atMs)), [true, true, true, false])
  t.equal(guard.used('a', 6_000), 3)
  t.equal(guard.roomAtMs('a', 6_000), INTERVAL_MS + GRAIN_MS)
  t.equal(send(guard, 'a', INTERVAL_MS + GRAIN_MS - 1), false)
  t.equal(send(guard, 'a', INTERVAL_MS + GRAIN_MS), true)
})

t.test('who is far above the most waits until enough has passed', async (t) => {
  const guard = new SpendGuard({ max: 2, intervalMs: INTERVAL_MS })
  // Counted though not allowed, as one does that only tells.
  for (const atMs of [0, 1_000, 2_000, 3_000]) guard.count('a', atMs)
  t.equal(guard.used('a', 3_000), 4)
  t.equal(guard.roomAtMs('a', 3_000), 2_000 + INTERVAL_MS + GRAIN_MS, 'the third has to go')
})

t.test('keys do not share', async (t) => {
  const guard = new SpendGuard({ max: 1, intervalMs: INTERVAL_MS })
  t.same(['a', 'b', 'a', 'b'].map((key) => send(guard, key, 0)), [true, true, false, false])
})

t.test('a most of nothing never has room', async (t) => {
  t.equal(new SpendGuard({ max: 0, intervalMs: INTERVAL_MS }).roomAtMs('a', 0), Infinity)
})

t.test('what is taken back makes room at once, and only once, and not when it counts no more', async (t) => {
  const guard = new SpendGuard({ max: 2, intervalMs: INTERVAL_MS })
  const first = guard.count('a', 0)
  guard.count('a', 100)
  guard.takeBack('a', first)
  t.equal(guard.used('a', 200), 1)
  guard.takeBack('b', first)
  guard.takeBack('a', first + 1)
  t.equal(guard.used('a', 200), 1, 'what was never counted takes nothing back')
  const last = guard.count('c', 0)
  guard.takeBack('c', last)
  guard.takeBack('c', last)
  t.equal(guard.size, 1, 'and a key without sends is gone')
})

t.test('the fullest come first', async (t) => {
  const guard = new SpendGuard({ max: 10, intervalMs: INTERVAL_MS })
  for (const key of 'abbcccdddd') guard.count(key, 0)
  t.same(guard.fullest(0, 3), [{ key: 'd', used: 4 }, { key: 'c', used: 3 }, { key: 'b', used: 2 }])
  t.same(guard.fullest(2 * INTERVAL_MS, 3), [])
})

t.test('the fullest are found among thousands, also when those that were are so no more', async (t) => {
  const guard = new SpendGuard({ max: 10, intervalMs: INTERVAL_MS })
  const crowd = (atMs: number): void => { for (let i = 0; i < 5_000; i++) guard.count(`${i} at ${atMs}`, atMs) }
  crowd(0)
  for (let i = 0; i < 3; i++) guard.count('first', 0)
  crowd(1)
  t.match(guard.fullest(1, 2), [{ key: 'first', used: 3 }, { used: 1 }])
  const laterMs = 2 * INTERVAL_MS
  for (let i = 0; i < 2; i++) guard.count('second', laterMs)
  crowd(laterMs)
  t.match(guard.fullest(laterMs, 2), [{ key: 'second', used: 2 }, { used: 1 }])
})

t.test('the number of keys is bounded: the one counted longest ago gives way', async (t) => {
  const guard = new SpendGuard({ max: 10, intervalMs: INTERVAL_MS }, 3)
  for (const key of 'abcad') guard.count(key, 0)
  t.ok(guard.size <= 3)
  t.same(['a', 'b', 'c', 'd'].map((key) => guard.used(key, 0)), [2, 0, 1, 1], 'a was counted again since')
})

t.test('keys of which nothing counts any more are dropped as new ones come', async (t) => {
  const guard = new SpendGuard({ max: 10, intervalMs: INTERVAL_MS })
  for (let i = 0; i < 1_000; i++) guard.count(`old ${i}`, 0)
  for (let i = 0; i < 1_000; i++) guard.count(`new ${i}`, 3 * INTERVAL_MS)
  t.equal(guard.size, 1_000)
})

const traffic = fc.array(fc.record({
  gapMs: fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 3_000 }), fc.nat({ max: 40_000 })),
  key: fc.constantFrom('a', 'b'),
  /** What becomes of it: kept, or given back so much later. */
  backAfter: fc.option(fc.nat({ max: 5 }), { freq: 4 })
}), { maxLength: 300 })

t.test('no interval, wherever it begins, has more than the most', async (t) => {
  holds(t, fc.property(traffic, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1_000, max: 30_000 }), (sends, max, intervalMs) => {
    const guard = new SpendGuard({ max, intervalMs })
    const kept: Array<{ key: string, atMs: number }> = []
    const back: Array<{ due: number, key: string, number: number }> = []
    let nowMs = 0
    sends.forEach(({ gapMs, key, backAfter }, i) => {
      nowMs += gapMs
      for (const { key, number } of back.filter(({ due }) => due === i)) guard.takeBack(key, number)
      if (guard.roomAtMs(key, nowMs) !== undefined) return
      const number = guard.count(key, nowMs)
      if (backAfter === null) kept.push({ key, atMs: nowMs })
      else back.push({ due: i + 1 + backAfter, key, number })
    })
    return kept.every((first) => kept.filter(({ key, atMs }) => key === first.key && atMs >= first.atMs && atMs < first.atMs + intervalMs).length <= max)
  }))
})

t.test('who is refused has had the most within an interval and a grain, and the moment named is the first with room', async (t) => {
  holds(t, fc.property(traffic, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1_000, max: 30_000 }), (sends, max, intervalMs) => {
    const guard = new SpendGuard({ max, intervalMs })
    const sent: number[] = []
    let nowMs = 0
    return sends.every(({ gapMs }) => {
      nowMs += gapMs
      const roomAtMs = guard.roomAtMs('a', nowMs)
      if (roomAtMs === undefined) {
        guard.count('a', nowMs)
        sent.push(nowMs)
        return true
      }
      const late = intervalMs * (1 + 1 / GRAINS)
      return sent.filter((atMs) => atMs > nowMs - late).length >= max && roomAtMs > nowMs && roomAtMs <= nowMs + late + 0.001 &&
        guard.roomAtMs('a', roomAtMs - 0.01) !== undefined && guard.roomAtMs('a', roomAtMs + 0.01) === undefined
    })
  }))
})
