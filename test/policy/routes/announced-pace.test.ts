import t from 'tap'
import {
  announcedPerSecond, createAnnouncedPace, hear, nothingLeft, takeAnnouncedTurn, type AnnouncedPace
} from '../../../src/policy/routes/announced-pace.ts'

const said = (limit: number): Parameters<typeof hear>[1] => ({ limit, remaining: undefined, intervalMs: 1_000 })

/** An answer to what was sent at that moment. */
const told = (state: AnnouncedPace, limit: number, nowMs: number): void => { hear(state, said(limit), nowMs, nowMs) }

t.test('another announcement begins with no starts of its own, at the first place of its memory', async (t) => {
  const state = createAnnouncedPace('r', 0)
  told(state, 5, 0)
  for (let i = 0; i < 3; i++) takeAnnouncedTurn(state, 1_000 * i)
  t.equal(state.oldest, 3)
  told(state, 2, 3_000)
  t.same([state.oldest, state.starts.length], [0, 2])
  t.ok(announcedPerSecond(state) < 2)
})

t.test('that nothing is left is not believed for ever, and from another announcement on once more', async (t) => {
  const state = createAnnouncedPace('r', 0)
  told(state, 10, 0)
  let believed = 0
  while (nothingLeft(state, 0, false, 0) > 0 && believed < 1_000) believed++
  t.ok(believed > 0 && believed < 1_000, String(believed))
  t.equal(nothingLeft(state, 0, false, 0), 0)
  told(state, 9, 10)
  t.ok(nothingLeft(state, 10, false, 10) > 0)
})

t.test('of two limits in turn the smaller counts for as long as both are heard of', async (t) => {
  const state = createAnnouncedPace('r', 0)
  told(state, 10, 0)
  told(state, 20, 100)
  const { limit } = state
  t.equal(limit, 20)
  told(state, 10, 200)
  const { mixedUntilMs } = state
  t.ok(mixedUntilMs > 200)
  let larger = 0
  for (let nowMs = 300; nowMs < 3 * mixedUntilMs; nowMs += 100) {
    told(state, 20, nowMs)
    larger += state.limit === 20 ? 1 : 0
    told(state, 10, nowMs + 50)
  }
  t.equal(larger, 0)
})
