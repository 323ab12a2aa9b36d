import t from 'tap'
import { observeAnswer } from '../../../src/policy/routes/route-pace.ts'
import { createRouteTable, routeOf, ROUTES_MOST } from '../../../src/policy/routes/route-table.ts'

t.test('a route that is forgotten is no suspect any more: nothing is counted for it, and nothing kept', async (t) => {
  const table = createRouteTable()
  const { routes, suspects } = table
  const forgotten = routeOf(table, 'forgotten', 0)
  observeAnswer(forgotten, suspects, true, 0)
  t.ok(suspects.has(forgotten))
  for (let i = 1; i < ROUTES_MOST; i++) routeOf(table, `${i}`, i)
  t.ok(suspects.has(forgotten), 'there is room for as many')
  const newest = routeOf(table, 'newest', ROUTES_MOST)
  t.notOk(routes.has('forgotten'))
  t.equal(suspects.size, 0)
  observeAnswer(newest, suspects, true, ROUTES_MOST)
  t.equal(forgotten.elsewhereAnswers, 0)
  t.same([...suspects], [newest])
})
