import t from 'tap'
import { TaggedLru } from '../../../src/policy/counts/tagged-lru.ts'
import { fc } from '../seeded.ts'

t.test('what was asked for least lately gives way, and looking at it is no use of it', async (t) => {
  const lru = new TaggedLru<number>(30)
  for (const [i, key] of ['a', 'b', 'c'].entries()) lru.set(key, i, 10, [])
  lru.get('a')
  t.equal(lru.peek('b'), 1)
  lru.set('d', 3, 15, [])
  t.same(['a', 'b', 'c', 'd'].map((key) => lru.peek(key)), [0, undefined, undefined, 3])
  t.equal(lru.bytes, 25)
})

t.test('a value takes the place of the one before; one too large for all the room leaves nothing', async (t) => {
  const lru = new TaggedLru<string>(30)
  lru.set('a', 'old', 10, ['x'])
  lru.set('a', 'new', 20, ['y'])
  t.equal(lru.bytes, 20)
  lru.drop('x')
  t.equal(lru.peek('a'), 'new')
  lru.set('b', 'small', 10, [])
  lru.set('a', 'huge', 31, ['y'])
  t.same([lru.peek('a'), lru.peek('b'), lru.bytes, lru.size], [undefined, 'small', 10, 1])
})

t.test('all that bear a tag go at once, and so does what a condition holds of', async (t) => {
  const lru = new TaggedLru<number>(100)
  lru.set('a', 1, 10, ['x', 'y'])
  lru.set('b', 2, 10, ['y'])
  lru.set('c', 3, 10, ['z'])
  lru.set('d', 4, 10, [])
  lru.drop('y')
  lru.drop('nobody bears it')
  t.same(['a', 'b', 'c', 'd'].map((key) => lru.peek(key)), [undefined, undefined, 3, 4])
  lru.dropWhere((value) => value > 3)
  t.same([lru.size, lru.bytes], [1, 10])
  lru.clear()
  t.same([lru.size, lru.bytes, lru.peek('c')], [0, 0, undefined])
})

const MOST = 100
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f']
const TAGS = ['x', 'y', 'z']
const step = fc.oneof(
  fc.record({ do: fc.constant('set' as const), key: fc.constantFrom(...KEYS), bytes: fc.integer({ min: 0, max: 130 }), tags: fc.subarray(TAGS) }),
  fc.record({ do: fc.constant('get' as const), key: fc.constantFrom(...KEYS) }),
  fc.record({ do: fc.constant('delete' as const), key: fc.constantFrom(...KEYS) }),
  fc.record({ do: fc.constant('drop' as const), tag: fc.constantFrom(...TAGS) })
)

t.test('whatever happens, it holds no more than it may, counts right, and has what a list searched from end to end has', async () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const lru = new TaggedLru<number>(MOST)
    /** The plain way: the least lately used first. */
    let list: Array<{ key: string, value: number, bytes: number, tags: readonly string[] }> = []
    const total = (): number => list.reduce((sum, { bytes }) => sum + bytes, 0)
    return steps.every((now, value) => {
      if (now.do === 'set') {
        lru.set(now.key, value, now.bytes, now.tags)
        list = list.filter(({ key }) => key !== now.key)
        if (now.bytes <= MOST) list.push({ ...now, value })
        while (total() > MOST) list.shift()
      } else if (now.do === 'get') {
        const found = list.find(({ key }) => key === now.key)
        if (lru.get(now.key) !== found?.value) return false
        if (found !== undefined) list = [...list.filter((entry) => entry !== found), found]
      } else if (now.do === 'delete') {
        lru.delete(now.key)
        list = list.filter(({ key }) => key !== now.key)
      } else {
        lru.drop(now.tag)
        list = list.filter(({ tags }) => !tags.includes(now.tag))
      }
      return lru.bytes <= MOST && lru.bytes === total() && lru.size === list.length && KEYS.every((key) => lru.peek(key) === list.find((entry) => entry.key === key)?.value)
    })
  }))
})

t.test('what is filed anew after all was cleared has the tags of now alone', async (t) => {
  const lru = new TaggedLru<number>(100)
  lru.set('a', 1, 10, ['old'])
  lru.clear()
  lru.set('a', 2, 10, ['new'])
  lru.drop('old')
  t.equal(lru.peek('a'), 2)
  t.equal(lru.bytes, 10)
  lru.drop('new')
  t.equal(lru.peek('a'), undefined)
})

t.test('a value as large as all the room is taken in', async (t) => {
  const lru = new TaggedLru<string>(30)
  lru.set('a', 'whole', 30, [])
  t.equal(lru.peek('a'), 'whole')
  lru.set('a', 'more', 31, [])
  t.equal(lru.peek('a'), undefined)
})

t.test('a tag that nothing bears any more is forgotten', async (t) => {
  const lru = new TaggedLru<string>(30)
  lru.set('a', 'one', 10, ['x', 'y'])
  lru.set('b', 'two', 10, ['y'])
  t.equal(lru.tags, 2)
  lru.delete('a')
  t.equal(lru.tags, 1)
  lru.drop('y')
  t.equal(lru.tags, 0)
})
