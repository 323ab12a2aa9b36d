import t from 'tap'
import { Faults } from '../../../src/simulator/model/faults.ts'
import { createRandom } from '../../../src/simulator/model/random.ts'
import { Rates } from '../../../src/simulator/model/rates.ts'
import { hits, type Addressed } from '../../../src/simulator/model/target.ts'

const sid = `AC${'1'.repeat(32)}`
const create: Addressed = { method: 'POST', product: 'api', path: `/2010-04-01/Accounts/${sid}/Messages.json` }

t.test('a rule hits what its method, product and route name', async (t) => {
  t.ok(hits({}, create))
  t.ok(hits({ method: 'POST', product: 'api', route: '/2010-04-01/Accounts/{}/Messages.json' }, create))
  t.ok(hits({ route: '/2010-04-01/Accounts/{}/Messages' }, create), 'with or without .json')
  t.ok(hits({ route: '/2010-04-01/*' }, create))
  t.notOk(hits({ method: 'GET' }, create))
  t.notOk(hits({ product: 'verify' }, create))
  t.notOk(hits({ route: '/2010-04-01/Accounts/{}/Calls' }, create))
  t.notOk(hits({ route: '/2010-04-01/Accounts/{}' }, create))
})

t.test('a route lets its burst in at once and then as many a second as its rate', async (t) => {
  const rules = [{ perSecond: 10, burst: 3 }]
  const rates = new Rates()
  const ask = (nowMs: number): boolean => {
    const { refusing } = rates.check(rules, create, nowMs)
    if (!refusing) rates.take(rules, create, nowMs)
    return !refusing
  }
  t.same(Array.from({ length: 5 }, () => ask(0)), [true, true, true, false, false])
  t.same([ask(99), ask(100), ask(101)], [false, true, false])
  t.same(Array.from({ length: 100 }, (_, i) => ask(5000 + i * 10)).filter(Boolean).length, 12)
})

t.test('a rate that was asked and not taken loses nothing', async (t) => {
  const rules = [{ perSecond: 1 }]
  const rates = new Rates()
  for (let i = 0; i < 10; i++) t.notOk(rates.check(rules, create, 0).refusing)
})

t.test('a fault strikes by count until it is spent', async (t) => {
  const faults = new Faults(createRandom(1))
  const rules = [{ kind: 'hang', next: 3 }] as const
  t.equal(Array.from({ length: 10 }, () => faults.draw(rules, 'before', create)).filter(Boolean).length, 3)
})

t.test('a fault strikes by chance about as often as it says, and the same requests for the same seed', async (t) => {
  const rules = [{ kind: 'reset_before', probability: 0.1 }] as const
  const play = (): readonly boolean[] => {
    const faults = new Faults(createRandom(5))
    return Array.from({ length: 5000 }, () => faults.draw(rules, 'before', create) !== undefined)
  }
  const struck = play().filter(Boolean).length
  t.ok(struck > 400 && struck < 600, String(struck))
  t.same(play(), play())
})

t.test('a fault strikes in its own phase and where it is aimed', async (t) => {
  const faults = new Faults(createRandom(1))
  t.equal(faults.draw([{ kind: 'reset_after' }], 'before', create), undefined)
  t.ok(faults.draw([{ kind: 'reset_after' }], 'after', create))
  t.ok(faults.draw([{ kind: 'json_500', processed: true }], 'after', create))
  t.equal(faults.draw([{ kind: 'reset_after', method: 'GET' }], 'after', create), undefined)
})
