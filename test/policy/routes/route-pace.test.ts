import t from 'tap'
import {
  createRouteState, deservesPace, growPace, isMeasured, observeAnswer, pace, standsOut, takeTurn, type RouteState
} from '../../../src/policy/routes/route-pace.ts'
import { longestUnused } from '../../../src/policy/routes/route-table.ts'

const route = (over: Partial<RouteState> = {}): RouteState => Object.assign(createRouteState('r'), over)
const rounded = (value: number): number => Math.round(value * 1_000) / 1_000

/** So many answers at one moment. */
function observe (state: RouteState, refused: boolean, count: number, nowMs = 0, suspects = new Set<RouteState>()): void {
  for (let i = 0; i < count; i++) observeAnswer(state, suspects, refused, nowMs)
}

t.test('what a route accepts a second fades over a second, its best rate over ten', async (t) => {
  const state = route()
  observe(state, false, 10)
  observe(state, false, 1, 0)
  t.equal(state.topPerSecond, 10, 'as it was before the latest')
  observe(state, true, 1, 1_000)
  t.equal(state.seenAtMs, 1_000)
  t.equal(rounded(state.acceptedPerSecond), rounded(11 / Math.E), 'a refusal adds nothing')
  t.equal(rounded(state.topPerSecond), rounded(10 * Math.exp(-0.1)))
  observe(state, true, 1, 2_000)
  t.equal(rounded(state.acceptedPerSecond), rounded(11 / Math.E ** 2))
  t.equal(rounded(state.topPerSecond), rounded(10 * Math.exp(-0.2)))
})

t.test('answers and refusals fade by one in 64 at each answer', async (t) => {
  const state = route()
  observe(state, true, 1)
  observe(state, false, 1)
  t.same([state.answers, state.refusals], [1 + 63 / 64, 63 / 64])
})

t.test('against a suspect counts what others are told since it became one, each time anew', async (t) => {
  const suspects = new Set<RouteState>()
  const [one, other] = [route(), route({ route: 'other' })]
  observe(one, true, 1, 0, suspects)
  observe(other, false, 3, 0, suspects)
  observe(other, true, 1, 0, suspects)
  t.same([one.elsewhereAnswers, one.elsewhereRefusals], [4, 1])
  t.equal(other.elsewhereAnswers, 0, 'not against who is none')
  observe(one, true, 1, 0, suspects)
  t.equal(one.elsewhereAnswers, 4, 'nor its own')
  observe(one, false, 60, 0, suspects)
  t.notOk(suspects.has(one))
  observe(one, true, 10, 0, suspects)
  t.ok(suspects.has(one))
  t.same([one.elsewhereAnswers, one.elsewhereRefusals], [0, 0])
})

t.test('a route is hot from the answer at which three in ten are refused until fewer are', async (t) => {
  const state = route()
  observe(state, false, 4, 0)
  observe(state, true, 1, 500)
  t.equal(state.hotSinceMs, -1)
  observe(state, true, 2, 600)
  t.equal(state.hotSinceMs, 600)
  observe(state, false, 1, 700)
  observe(state, true, 1, 800)
  t.same([state.hotSinceMs, state.hotAccepted], [600, 1], 'it does not begin again')
  observe(state, false, 10, 900)
  t.equal(state.hotSinceMs, -1)
  observe(state, true, 10, 1_000)
  t.ok(state.hotSinceMs === 1_000 && state.hotAccepted === 0, 'begun again, it counts from nothing')
})

t.test('a turn is bound by the pace when it comes within a gap of its place', async (t) => {
  t.equal(takeTurn(route(), 0), false, 'no pace')
  const state = route({ perSecond: 10, nextAtMs: 1_000 })
  t.equal(takeTurn(state, 1_099), true)
  t.equal(state.nextAtMs, 1_199)
  t.equal(takeTurn(state, 1_299), false, 'a whole gap later')
  t.equal(state.nextAtMs, 1_399)
  t.equal(takeTurn(state, 1_300), true)
  t.equal(state.nextAtMs, 1_499, 'early ones queue up')
})

t.test('a pace wins back a tenth over ten seconds of successes, of two to a hundred', async (t) => {
  for (const [perSecond, successes] of [[0.1, 2], [1, 10], [100, 100]] as const) {
    const state = route({ perSecond })
    growPace(state, true, 50)
    t.equal(rounded(state.perSecond), rounded(perSecond * (1 + 0.1 / successes)), `${perSecond}`)
    t.equal(state.boundAtMs, 50)
    t.equal(rounded(state.growth), rounded(1 / successes))
  }
  const grown = route({ perSecond: 1, growth: 1.9 })
  growPace(grown, true, 0)
  t.equal(rounded(grown.perSecond), 1.04, 'faster, the longer it goes well')
})

t.test('a pace that has not been the bottleneck for a minute is dropped', async (t) => {
  const state = route({ perSecond: 2, boundAtMs: 100 })
  growPace(state, false, 60_100)
  t.equal(state.perSecond, 2)
  growPace(state, false, 60_101)
  t.equal(state.perSecond, 0)
  growPace(state, true, 60_102)
  t.same([state.perSecond, state.boundAtMs], [0, 100], 'and what has none does not grow')
})

t.test('the first pace is nine tenths of what the route accepted, but no less than a quarter of its best', async (t) => {
  const cases = [
    ['of late', { acceptedPerSecond: 8 }, 7.2],
    ['while it was hot', { hotSinceMs: 0, hotAccepted: 6, acceptedPerSecond: 8 }, 2.7],
    ['hot for too short', { hotSinceMs: 1_001, hotAccepted: 6, acceptedPerSecond: 8 }, 7.2],
    ['its best', { acceptedPerSecond: 1, topPerSecond: 20 }, 5],
    ['the least there is', { acceptedPerSecond: 0.1 }, 0.2]
  ] as const
  for (const [what, over, expected] of cases) {
    const state = route({ ...over, growth: 3 })
    pace(state, 2_000)
    t.equal(rounded(state.perSecond), expected, what)
    t.same([state.growth, state.cutAtMs, state.boundAtMs], [0, 2_000, 2_000], what)
    t.equal(rounded(state.nextAtMs), rounded(2_000 + 1_000 / expected), what)
  }
})

t.test('a pace there is loses a tenth, and is never raised by its floor', async (t) => {
  for (const [perSecond, topPerSecond, expected] of [[10, 0, 9], [10, 38, 9.5], [2, 100, 2], [0.2, 0, 0.2]] as const) {
    const state = route({ perSecond, topPerSecond, nextAtMs: 90_000 })
    pace(state, 0)
    t.equal(rounded(state.perSecond), expected, `${perSecond} of ${topPerSecond}`)
    t.equal(state.nextAtMs, 90_000, 'who has a later turn keeps it')
  }
})

t.test('what a route accepts is known at once of five a second, else of a second with two, or of four seconds', async (t) => {
  const cases = [
    [{ hotSinceMs: -1 }, 0, true],
    [{ hotSinceMs: 0, acceptedPerSecond: 5 }, 0, true],
    [{ hotSinceMs: 0, acceptedPerSecond: 4.9, hotAccepted: 4 }, 999, false],
    [{ hotSinceMs: 0, hotAccepted: 2 }, 1_000, true],
    [{ hotSinceMs: 0, hotAccepted: 1 }, 3_999, false],
    [{ hotSinceMs: 0, hotAccepted: 0 }, 4_000, true]
  ] as const
  for (const [over, nowMs, expected] of cases) t.equal(isMeasured(route(over), nowMs), expected, JSON.stringify(over))
})

t.test('a route stands out when it is refused far more than the others, who were asked enough', async (t) => {
  const bad = { answers: 20, refusals: 10, elsewhereAnswers: 10, elsewhereRefusals: 0 }
  const cases = [
    [bad, false, true],
    [{ ...bad, answers: 6, refusals: 5.9 }, false, false],
    [{ ...bad, answers: 20, refusals: 6, elsewhereAnswers: 100 }, false, false],
    [{ ...bad, answers: 20, refusals: 6, elsewhereAnswers: 100 }, true, true],
    [{ ...bad, answers: 60, refusals: 6, elsewhereAnswers: 100 }, true, false],
    [{ ...bad, elsewhereAnswers: 9.9 }, false, false],
    [{ ...bad, elsewhereAnswers: 13, elsewhereRefusals: 1 }, false, true],
    [{ ...bad, elsewhereAnswers: 12, elsewhereRefusals: 1 }, false, false]
  ] as const
  for (const [over, blind, expected] of cases) t.equal(standsOut(route(over), blind), expected, JSON.stringify(over))
})

t.test('a first pace takes two seconds of refusals, a slower one a flight that started under it', async (t) => {
  const hot = { hotSinceMs: 1_000, hotAccepted: 2, refusals: 6 }
  t.equal(deservesPace(route(hot), 0, 2_999), false)
  t.equal(deservesPace(route(hot), 0, 3_000), true)
  t.equal(deservesPace(route({ ...hot, refusals: 5.9 }), 0, 3_000), false)
  t.equal(deservesPace(route({ ...hot, hotAccepted: 1 }), 0, 3_000), false)
  const paced = { perSecond: 1, cutAtMs: 500 }
  t.equal(deservesPace(route(paced), 500, 3_000), false)
  t.equal(deservesPace(route(paced), 501, 3_000), true)
})

t.test('of routes that are unused for as long, the first gives way', async (t) => {
  const seen = (name: string, seenAtMs: number): { route: string, seenAtMs: number } => ({ route: name, seenAtMs })
  t.equal(longestUnused([seen('a', 2), seen('b', 1), seen('c', 1)]), 'b')
})
