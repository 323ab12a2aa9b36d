import t from 'tap'
import { OWN_LINES_MOST } from '../../../src/policy/queue/class-lane.ts'
import { always, createQueue, serve, waiter, type Name, type Queue, type Waiter } from './queueing.ts'

interface Manner { readonly name?: Name, readonly route?: string, readonly sinceMs?: number }

/** Somebody of a caller, by order of arrival. */
const from = (caller: string, order: number, { name = 'standard', route = 'free', sinceMs = 0 }: Manner = {}): Waiter =>
  waiter(order, name, route, caller, sinceMs)

function join (queue: Queue, caller: string, orders: readonly number[], manner: Manner = {}): Waiter[] {
  return orders.map((order) => {
    const joined = from(caller, order, manner)
    queue.add(joined, 'end')
    return joined
  })
}

/** Everybody in the order in which they are served: caller and order. */
function served (queue: Queue, isReady: (route: string) => boolean = always, nowMs = 0): string[] {
  const found: string[] = []
  for (let next = serve(queue, isReady, nowMs); next !== undefined; next = serve(queue, isReady, nowMs)) found.push(`${next.caller}${next.order}`)
  return found
}

const upTo = (count: number, first = 0): number[] => Array.from({ length: count }, (_, i) => first + i)

t.test('callers of a class take turns, one start each, and each has its own in order', async (t) => {
  const queue = createQueue()
  join(queue, 'a', [1, 2, 3, 4])
  join(queue, 'b', [5, 6])
  join(queue, 'c', [7])
  t.same(served(queue), ['a1', 'b5', 'c7', 'a2', 'b6', 'a3', 'a4'])
})

t.test('one that comes beside thousands of another is the next but one', async (t) => {
  const queue = createQueue()
  join(queue, 'a', upTo(5_000))
  queue.take(always, 0)
  join(queue, 'b', [9_000])
  t.ok(served(queue).indexOf('b9000') <= 1)
})

t.test('who comes back to a class has no turn saved up, and none to pay', async (t) => {
  const queue = createQueue()
  join(queue, 'a', upTo(100))
  join(queue, 'b', [100])
  for (let i = 0; i < 50; i++) queue.take(always, 0)
  join(queue, 'b', upTo(10, 200))
  t.same(served(queue).slice(0, 20).filter((each) => each.startsWith('b')).length, 10)
})

t.test('callers have turns within a class, not across classes', async (t) => {
  const queue = createQueue()
  join(queue, 'a', upTo(100), { name: 'bulk' })
  join(queue, 'b', upTo(100, 100), { name: 'critical' })
  t.equal(served(queue).slice(0, 90).filter((each) => each.startsWith('b')).length, 80)
})

t.test('a retry goes to the front of its own caller, and overtakes nobody of another', async (t) => {
  const queue = createQueue()
  join(queue, 'a', [10, 11])
  join(queue, 'b', [12, 13])
  queue.add(from('b', 1), 'front')
  t.same(served(queue), ['a10', 'b1', 'a11', 'b12', 'b13'])
})

t.test('those refused time and again take turns with their own caller alone', async (t) => {
  const queue = createQueue()
  join(queue, 'a', [10, 11, 12])
  join(queue, 'b', [13, 14, 15])
  for (const order of [1, 2]) queue.add(from('a', order), 'turns')
  t.same(served(queue), ['a10', 'b13', 'a1', 'b14', 'a11', 'b15', 'a2', 'a12'])
})

t.test('callers take turns on a paced route as well', async (t) => {
  const queue = createQueue()
  join(queue, 'a', [1, 2, 3], { route: 'slow' })
  join(queue, 'b', [4, 5], { route: 'slow' })
  queue.take(() => false, 0)
  t.equal(queue.parkedOn('slow'), 5)
  const found: string[] = []
  for (let i = 0; i < 5; i++) {
    // Ready for one at a time.
    const next = serve(queue, always)
    found.push(`${next?.caller}${next?.order}`)
    queue.take(() => false, 0)
  }
  t.same(found, ['a1', 'b4', 'a2', 'b5', 'a3'])
  t.same([queue.size, queue.callers, [...queue.parkedRoutes()]], [0, 0, []])
})

t.test('on a paced route the classes share as they do elsewhere', async (t) => {
  const queue = createQueue()
  join(queue, 'a', upTo(200), { name: 'bulk', route: 'slow' })
  queue.take(() => false, 0)
  join(queue, 'a', upTo(200, 1_000), { name: 'critical', route: 'slow' })
  queue.take(() => false, 0)
  const counts = { critical: 0, standard: 0, read: 0, bulk: 0 }
  for (let i = 0; i < 90; i++) {
    counts[serve(queue, always)!.class]++
    queue.take(() => false, 0)
  }
  t.same(counts, { critical: 80, standard: 0, read: 0, bulk: 10 })
})

t.test('who was called back for a route, and found it taken, is called again before long', async (t) => {
  const queue = createQueue()
  join(queue, 'a', [0], { route: 'slow' })
  queue.take(() => false, 0)
  for (let i = 1; i <= 3; i++) {
    join(queue, 'b', [10 * i, 10 * i + 1], { route: 'slow' })
    // Ready once, and taken by whoever comes first.
    const next = serve(queue, always)
    queue.take(() => false, 0)
    if (next?.caller === 'a') return
  }
  t.fail('three others of another caller went before it')
})

t.test('callers that wait are counted once each, in whatever classes, parked ones too, and forgotten when nobody of theirs waits', async (t) => {
  const queue = createQueue()
  const [first] = join(queue, 'a', [1])
  join(queue, 'a', [2], { name: 'bulk' })
  const [parked] = join(queue, 'b', [3], { name: 'read', route: 'slow' })
  t.equal(queue.take((route) => route !== 'slow', 0), first)
  queue.take((route) => route !== 'slow', 0)
  t.equal(queue.callers, 1)
  queue.remove(parked!)
  t.equal(queue.callers, 0)
})

t.test('ahead of a caller are its own, and as many of each other as it will have turns', async (t) => {
  const queue = createQueue()
  join(queue, 'big', upTo(1_000))
  join(queue, 'some', upTo(3, 1_000))
  t.equal(queue.ahead('standard', 'stranger', 0), 2, 'one of each')
  t.equal(queue.ahead('standard', 'some', 0), 3 + 4)
  t.equal(queue.ahead('standard', 'big', 0), 1_003)
  join(queue, 'big', upTo(1_000, 2_000), { name: 'bulk' })
  t.equal(queue.ahead('standard', 'stranger', 0), 2 + 1, 'and one of the class with a quarter of the weight')
})

t.test('ten thousand names make no more lines than a few hundred, and a caller that was there keeps its own', async (t) => {
  const queue = createQueue()
  join(queue, 'known', upTo(1_000))
  for (let i = 0; i < 10_000; i++) join(queue, `stranger-${i}`, [1_000 + i])
  t.equal(queue.size, 11_000)
  const lines = queue.callers
  t.ok(lines <= OWN_LINES_MOST + 64, `${lines} lines`)
  const order = served(queue)
  t.equal(new Set(order).size, 11_000, 'all are served, once each')
  t.ok(order.slice(0, 10 * lines).filter((each) => each.startsWith('known')).length >= 10)
  join(queue, 'known', upTo(10))
  t.equal(queue.callers, 1, 'and nothing is left of them')
})

t.test('a caller in a shared line stays first come, first served, though lines of its own become free', async (t) => {
  const queue = createQueue()
  const lone = upTo(OWN_LINES_MOST).map((i) => join(queue, `own-${i}`, [i])[0]!)
  join(queue, 'late', upTo(3, 1_000))
  for (const each of lone) queue.remove(each)
  join(queue, 'late', upTo(3, 2_000))
  join(queue, 'other', [5_000])
  const order = served(queue)
  t.same(order.filter((each) => each.startsWith('late')), ['late1000', 'late1001', 'late1002', 'late2000', 'late2001', 'late2002'])
  t.ok(order.includes('other5000'))
  join(queue, 'late', [1])
  t.same([queue.callers, served(queue)], [1, ['late1']])
})

t.test('room is made by the youngest of the caller with most waiting in the least urgent class', async (t) => {
  const queue = createQueue()
  join(queue, 'a', upTo(3), { name: 'bulk' })
  join(queue, 'b', upTo(5, 10), { name: 'bulk' })
  join(queue, 'c', upTo(50, 100), { name: 'read' })
  t.equal(queue.yielding('critical', 'a'), queue.yielding('read', 'z'))
  t.match(queue.yielding('critical', 'a'), { caller: 'b', order: 14 })
  t.match(queue.yielding('bulk', 'z'), { caller: 'b', order: 14 }, 'and within that class by who has more than the newcomer')
  t.equal(queue.yielding('bulk', 'b'), undefined)
})

t.test('nobody makes room for a less urgent class, nor for a caller with as many', async (t) => {
  const queue = createQueue()
  join(queue, 'a', [1, 2], { name: 'standard' })
  t.equal(queue.yielding('read', 'b'), undefined)
  t.match(queue.yielding('standard', 'b'), { order: 2 })
  join(queue, 'b', [3], { name: 'standard' })
  t.equal(queue.yielding('standard', 'b'), undefined, 'or the two would push each other out for ever')
  t.equal(createQueue().yielding('critical', 'a'), undefined)
})

t.test('parked ones make room, and retries never do', async (t) => {
  const queue = createQueue()
  join(queue, 'a', [5, 6], { name: 'bulk', route: 'slow' })
  queue.take(() => false, 0)
  const retries = [1, 2, 3].map((order) => from('a', order, { name: 'bulk' }))
  for (const retry of retries) queue.add(retry, 'front')
  for (const order of [6, 5]) {
    const yielding = queue.yielding('read', 'b')
    t.equal(yielding?.order, order)
    queue.remove(yielding!)
  }
  t.equal(queue.yielding('read', 'b'), undefined)
  t.equal(queue.size, 3)
})

t.test('a critical request is next when it comes, however old the others are', async (t) => {
  const queue = createQueue(undefined, { ageingMs: 1_000, minShare: 0.02 })
  for (const name of ['standard', 'read', 'bulk'] as const) join(queue, 'a', upTo(2_000), { name })
  const nowMs = 500_000
  for (let i = 0; i < 1_000; i++) {
    queue.take(always, nowMs)
    if (i % 10 > 0) continue
    join(queue, 'b', [10_000 + i], { name: 'critical', sinceMs: nowMs })
    t.equal(queue.take(always, nowMs)?.class, 'critical')
  }
})

t.test('a class whose next waiter has waited long gets more, at the cost of those that are not the heaviest', async (t) => {
  const part = (nowMs: number, names: readonly Name[]): Record<string, number> => {
    const queue = createQueue(undefined, { ageingMs: 10_000, minShare: 0 })
    for (const name of names) join(queue, 'a', upTo(500), { name, sinceMs: name === 'bulk' ? 0 : nowMs })
    const counts: Record<string, number> = {}
    for (let i = 0; i < 270; i++) {
      const { class: name = '' } = queue.take(always, nowMs) ?? {}
      counts[name] = (counts[name] ?? 0) + 1
    }
    return counts
  }
  t.same(part(9_999, ['standard', 'bulk']), { standard: 216, bulk: 54 })
  t.same(part(10_000, ['standard', 'bulk']), { standard: 180, bulk: 90 })
  t.same(part(600_000, ['standard', 'bulk']), { standard: 180, bulk: 90 }, 'never as if it were more than the class above it')
  t.same(part(600_000, ['critical', 'bulk']), { critical: 240, bulk: 30 })
})
