import t from 'tap'
import { createRouteHold, holdFor, holdUntil, noteAnswer, slowDown } from '../../../src/policy/routes/route-hold.ts'

t.test('a shorter hold does not shorten a longer one', async (t) => {
  const state = createRouteHold()
  for (let i = 0; i < 16; i++) noteAnswer(state, true)
  holdFor(state, 8_000, 0)
  holdFor(state, 500, 100)
  holdUntil(state, 300)
  slowDown(state, 200)
  t.same([state.heldUntilMs, state.askedUntilMs], [8_000, 8_000])
  holdFor(state, 60_000, 1_000)
  t.same([state.heldUntilMs, state.askedUntilMs], [11_000, 11_000], 'and none is longer than ten seconds')
})

t.test('a route is slowed down once in a second', async (t) => {
  const state = createRouteHold()
  slowDown(state, 0)
  t.equal(state.heldUntilMs, 250)
  slowDown(state, 999)
  t.equal(state.heldUntilMs, 250)
  slowDown(state, 1_000)
  t.equal(state.heldUntilMs, 1_250)
})
