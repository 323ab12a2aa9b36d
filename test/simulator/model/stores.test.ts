import t from 'tap'
import { Resources } from '../../../src/simulator/model/resources.ts'
import { Tally } from '../../../src/simulator/model/tally.ts'

const filled = (count: number, max = 100): Resources => {
  const resources = new Resources()
  for (let i = 0; i < count; i++) resources.put('messages', { sid: `SM${i}`, place: i }, max)
  return resources
}
const sids = (items: ReadonlyArray<{ readonly sid: string }>): readonly string[] => items.map(({ sid }) => sid)

t.test('pages go from the newest to the oldest', async (t) => {
  const resources = filled(5)
  t.same(sids(resources.page('messages', { size: 2, number: 0 }).items), ['SM4', 'SM3'])
  t.same(resources.page('messages', { size: 2, number: 2 }), { items: [{ sid: 'SM0', place: 0 }], hasMore: false })
})

t.test('a page after a resource is not moved by what is created meanwhile', async (t) => {
  const resources = filled(5)
  const [, last] = resources.page('messages', { size: 2, number: 0 }).items
  resources.put('messages', { sid: 'SM-new' }, 100)
  t.same(sids(resources.page('messages', { size: 2, number: 1, after: last!.sid }).items), ['SM2', 'SM1'])
})

t.test('beyond the bound the oldest is forgotten, whichever collection it is in', async (t) => {
  const resources = filled(3, 3)
  resources.put('calls', { sid: 'CA0' }, 3)
  t.equal(resources.get('messages', 'SM0'), undefined)
  t.ok(resources.get('calls', 'CA0'))
  t.equal(resources.size, 3)
})

t.test('a resource can be changed and removed, in its own collection only', async (t) => {
  const resources = filled(1)
  t.match(resources.change('messages', 'SM0', { status: 'sent', sid: 'SM-forged' }), { sid: 'SM0', status: 'sent', place: 0 })
  t.equal(resources.change('calls', 'SM0', {}), undefined)
  t.notOk(resources.remove('calls', 'SM0'))
  t.ok(resources.remove('messages', 'SM0'))
  t.equal(resources.size, 0)
})

t.test('a tally tells how many were distinct and which came again, by kind', async (t) => {
  const tally = new Tally(100)
  for (const fingerprint of ['a', 'b', 'a', 'a']) tally.add('Messages', fingerprint)
  tally.add('Calls', 'a')
  t.same(tally.summary('Messages'), { total: 4, distinct: 2, duplicated: 1, untracked: 0 })
  t.same(tally.summary(), { total: 5, distinct: 3, duplicated: 1, untracked: 0 })
  t.equal(tally.count('Messages', 'a'), 3)
  t.equal(tally.count('Messages', 'z'), 0)
})

t.test('a full tally still counts what it knows, and says how much it could not follow', async (t) => {
  const tally = new Tally(2)
  for (const fingerprint of ['a', 'b', 'c', 'a']) tally.add('Messages', fingerprint)
  t.same(tally.summary(), { total: 4, distinct: 2, duplicated: 1, untracked: 1 })
})
