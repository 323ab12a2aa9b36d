import t from 'tap'
import { deepFreeze, placeIn, placesIn, valueAt, withDefaults, withValue } from '../../src/config/tree.ts'
import type { SchemaNode } from '../../src/config/schema/node.ts'

const NODE: SchemaNode = {
  properties: {
    a: { default: 1 },
    inner: { properties: { list: { default: ['x'] }, toString: { default: 'own' } } }
  }
}

t.test('what is missing has its default, what is there stays, and what nobody knows comes last', async (t) => {
  const whole = { a: 1, inner: { list: ['x'], toString: 'own' } }
  t.same(withDefaults(undefined, NODE), whole)
  t.same(
    withDefaults({ inner: null, a: null }, NODE), { ...whole, a: null }, 'an empty section, but not an empty value'
  )
  t.same(
    Object.entries(withDefaults({ other: 2, a: 3 }, NODE) as object).map(([name]) => name), ['a', 'inner', 'other']
  )
  t.same(withDefaults({ inner: [] }, NODE), { a: 1, inner: [] }, 'what is wrong is left for the validation')
})

t.test('each tree has defaults of its own', async (t) => {
  const [one, two] = [withDefaults({}, NODE), withDefaults({}, NODE)] as Array<{ inner: { list: string[] } }>
  one!.inner.list.push('y')
  t.same(two!.inner.list, ['x'])
})

t.test('a value is found by its own keys alone', async (t) => {
  const tree = { a: { b: 0 }, list: ['x'] }
  t.same(['a.b', 'a', 'a.c', 'a.b.c', 'a.toString', 'list.0', 'constructor'].map((key) => valueAt(tree, key)), [
    0, { b: 0 }, undefined, undefined, undefined, undefined, undefined
  ])
})

t.test('one key is replaced in a copy, and a section that is no mapping stays as it is', async (t) => {
  const tree = { a: { b: 1, c: 2 }, d: 'text' }
  t.same(withValue(tree, 'a.b', 9), { a: { b: 9, c: 2 }, d: 'text' })
  t.same(withValue(tree, 'd.e', 9), tree)
  t.same(tree, { a: { b: 1, c: 2 }, d: 'text' })
})

t.test('places know their way', async (t) => {
  const root = { steps: ['r'], value: { a: ['x', 'y'], n: null } }
  t.same(placeIn(root, 'a'), { steps: ['r', 'a'], value: ['x', 'y'] })
  t.same(placeIn(root, 'toString'), { steps: ['r', 'toString'], value: undefined })
  t.same(placesIn(placeIn(root, 'a')), [{ steps: ['r', 'a', '0'], value: 'x' }, { steps: ['r', 'a', '1'], value: 'y' }])
  t.same(placesIn(placeIn(root, 'n')), [])
})

t.test('what is frozen is frozen to its leaves', async (t) => {
  const frozen = deepFreeze({ a: [{ b: 1 }] })
  t.ok([frozen, frozen.a, frozen.a[0]].every((part) => Object.isFrozen(part)))
})
