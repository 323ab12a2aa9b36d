import t from 'tap'
import { announces, Rates } from '../../../src/simulator/model/rates.ts'
import type { RouteRate } from '../../../src/simulator/model/settings.ts'

const list = { method: 'GET', product: 'taskrouter', path: '/v1/Workspaces/WS1/Tasks' }

/** What is left before each arrival: −1 when it is refused. */
function played (rule: RouteRate, ...arrivalsMs: readonly number[]): number[] {
  const rates = new Rates()
  return arrivalsMs.map((atMs) => {
    const { refusing, state } = rates.check([rule], list, atMs)
    if (!refusing) rates.take([rule], list, atMs)
    return refusing ? -1 : state?.remaining ?? NaN
  })
}

t.test('a bucket fills at its rate, a fixed window begins anew with the second, a sliding one forgets what is a second old', async (t) => {
  const arrivalsMs = [900, 900, 950, 1_000, 1_450, 1_950]
  t.same(played({ perSecond: 2 }, ...arrivalsMs), [2, 1, -1, -1, 1, 1])
  t.same(played({ perSecond: 2, window: 'fixed' }, ...arrivalsMs), [2, 1, -1, 2, 1, -1])
  t.same(played({ perSecond: 2, window: 'sliding' }, ...arrivalsMs), [2, 1, -1, -1, -1, 2])
})

t.test('a window for less than one a second is longer than a second', async (t) => {
  for (const window of ['fixed', 'sliding'] as const) t.same(played({ perSecond: 0.5, window }, 0, 1_999, 2_000), [1, -1, 1])
})

t.test('a rule may be about a query parameter', async (t) => {
  const rule: RouteRate = { perSecond: 1, parameter: 'EvaluateTaskAttributes' }
  const rates = new Rates()
  for (const [query, fits] of [[undefined, false], ['PageSize=1', false], ['FriendlyName=EvaluateTaskAttributes', false], ['a=b&EvaluateTaskAttributes=x', true]] as const) {
    t.equal(rates.check([rule], query === undefined ? list : { ...list, query }, 0).state !== undefined, fits, query ?? 'no query')
  }
})

t.test('which answers tell of a rate: all of two products, or as the rule says', async (t) => {
  const told = (rule: Omit<RouteRate, 'perSecond'>, product: string): boolean[] => [false, true].map((refusal) => announces({ perSecond: 1, ...rule }, product, refusal))
  t.same([told({}, 'taskrouter'), told({}, 'intelligence'), told({}, 'api')], [[true, true], [true, true], [false, false]])
  t.same([told({ announce: 'all' }, 'api'), told({ announce: 'admitted' }, 'taskrouter'), told({ announce: 'none' }, 'taskrouter')], [[true, true], [true, false], [false, false]])
})
