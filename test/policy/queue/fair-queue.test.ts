import t from 'tap'
import { always, createQueue, NAMES, serve, waiter, type Name, type Queue } from './queueing.ts'

/** Fills every class, or those named, with so many waiters. */
function filled (each: number, names: readonly Name[] = NAMES): Queue {
  const queue = createQueue()
  for (let i = 0; i < each; i++) for (const name of names) queue.add(waiter(i, name), 'end')
  return queue
}

function taken (queue: Queue, times: number): Record<Name, number> {
  const counts = { critical: 0, standard: 0, read: 0, bulk: 0 }
  for (let i = 0; i < times; i++) {
    const next = queue.take(always, 0)
    if (next !== undefined) counts[next.class]++
  }
  return counts
}

const orders = (queue: Queue, isReady: (route: string) => boolean = always): number[] => {
  const found: number[] = []
  for (let next = serve(queue, isReady); next !== undefined; next = serve(queue, isReady)) found.push(next.order)
  return found
}

t.test('within a class, first come is first served', async (t) => {
  const queue = createQueue()
  for (const order of [1, 2, 3]) queue.add(waiter(order), 'end')
  t.same(orders(queue), [1, 2, 3])
  t.same([queue.size, queue.take(always, 0)], [0, undefined])
})

t.test('a retry goes to the front of its class', async (t) => {
  const queue = createQueue()
  for (const order of [2, 3]) queue.add(waiter(order), 'end')
  queue.add(waiter(1), 'front')
  t.same(orders(queue), [1, 2, 3])
})

t.test('while all classes wait, they share 8 : 4 : 2 : 1', async (t) => {
  t.same(taken(filled(1_000), 150), { critical: 80, standard: 40, read: 20, bulk: 10 })
})

t.test('what an idle class leaves, the others share by their weights', async (t) => {
  t.same(taken(filled(1_000, ['critical', 'read']), 100), { critical: 80, standard: 0, read: 20, bulk: 0 })
})

t.test('the heaviest traffic of the most urgent class never starves the least', async (t) => {
  const queue = filled(10_000, ['critical'])
  queue.add(waiter(0, 'bulk'), 'end')
  const at = Array.from({ length: 20 }, () => queue.take(always, 0)?.class).indexOf('bulk')
  t.ok(at >= 0 && at <= 9, `served after ${at} others`)
})

t.test('a class that was idle for long has saved up nothing', async (t) => {
  const queue = filled(1_000, ['bulk'])
  taken(queue, 500)
  for (let i = 0; i < 100; i++) queue.add(waiter(i, 'read'), 'end')
  const { read, bulk } = taken(queue, 30)
  t.ok(read >= 19 && read <= 21, `${read} beside ${bulk}`)
})

t.test('a class that was served alone for long owes nothing', async (t) => {
  const queue = filled(1_000, ['bulk'])
  taken(queue, 500)
  for (let i = 0; i < 1_000; i++) queue.add(waiter(i, 'critical'), 'end')
  t.ok(taken(queue, 90).bulk >= 9)
})

t.test('who waits for its route steps aside and holds up nobody', async (t) => {
  const queue = createQueue()
  queue.add(waiter(1, 'standard', 'slow'), 'end')
  queue.add(waiter(2), 'end')
  queue.add(waiter(3, 'standard', 'slow'), 'end')
  queue.add(waiter(4), 'end')
  t.same(orders(queue, (route) => route !== 'slow'), [2, 4])
  t.same([queue.size, queue.count('standard'), queue.parkedOn('slow'), queue.parkedOn('free')], [2, 2, 2, 0])
  t.same([...queue.parkedRoutes()], ['slow'])
  t.same(orders(queue), [1, 3])
  t.same([...queue.parkedRoutes()], [])
})

t.test('calling back a route that nobody waits for does nothing', async (t) => {
  const queue = createQueue()
  queue.unpark('slow')
  t.equal(queue.size, 0)
})

t.test('who is called back goes before the younger ones of its class', async (t) => {
  const queue = createQueue()
  queue.add(waiter(1, 'standard', 'slow'), 'end')
  queue.take(() => false, 0)
  queue.add(waiter(2), 'end')
  queue.unpark('slow')
  t.same(orders(queue), [1, 2])
})

t.test('a route that stays ready while others are served calls its waiters in their order', async (t) => {
  const queue = createQueue()
  for (const order of [1, 2, 3]) queue.add(waiter(order, 'bulk', 'slow'), 'end')
  queue.take(() => false, 0)
  for (let i = 10; i < 40; i++) queue.add(waiter(i, 'critical'), 'end')
  const slow: number[] = []
  for (let next = serve(queue, always); next !== undefined; next = serve(queue, always)) {
    if (next.route === 'slow') slow.push(next.order)
  }
  t.same(slow, [1, 2, 3])
})

t.test('those called back and found too late wait on in their order', async (t) => {
  const queue = createQueue()
  for (const order of [1, 2, 3]) queue.add(waiter(order, 'bulk', 'slow'), 'end')
  queue.take(() => false, 0)
  for (let i = 10; i < 20; i++) queue.add(waiter(i, 'critical'), 'end')
  t.equal(serve(queue, always)?.class, 'critical')
  t.equal(queue.parkedOn('slow'), 2)
  t.equal(queue.take((route) => route !== 'slow', 0)?.class, 'critical')
  t.equal(queue.parkedOn('slow'), 3)
  t.same(orders(queue).filter((order) => order < 10), [1, 2, 3])
})

t.test('two retries on a paced route both go before the younger ones that wait for it', async (t) => {
  const queue = createQueue()
  for (let order = 10; order < 20; order++) queue.add(waiter(order, 'standard', 'slow'), 'end')
  queue.take(() => false, 0)
  for (const order of [1, 2]) {
    queue.add(waiter(order, 'standard', 'slow'), 'front')
    queue.take(() => false, 0)
  }
  t.same(orders(queue).slice(0, 3), [1, 2, 10])
})

t.test('anyone may leave, from the line or from beside it, and leaving twice is leaving once', async (t) => {
  const queue = createQueue()
  const waiting = [1, 2, 3, 4].map((order) => waiter(order, 'read', order <= 2 ? 'slow' : 'free'))
  for (const each of waiting) queue.add(each, 'end')
  queue.take((route) => route !== 'slow', 0)
  queue.remove(waiting[0]!)
  queue.remove(waiting[0]!)
  queue.remove(waiting[3]!)
  t.same([queue.size, queue.count('read')], [1, 1])
  t.same(orders(queue), [2])
})

t.test('a route that the last waiter left is no longer one that is waited for', async (t) => {
  const queue = createQueue()
  const only = waiter(1, 'read', 'slow')
  queue.add(only, 'end')
  queue.take(() => false, 0)
  queue.remove(only)
  t.same([[...queue.parkedRoutes()], queue.parkedOn('slow'), queue.size], [[], 0, 0])
})

t.test('the heads are the first of every line and of every paced route', async (t) => {
  const queue = createQueue()
  for (const order of [1, 2]) queue.add(waiter(order, 'read', 'slow'), 'end')
  queue.take(() => false, 0)
  for (const order of [3, 4]) queue.add(waiter(order, 'read'), 'end')
  queue.add(waiter(5, 'bulk'), 'end')
  t.same([...queue.heads()].map(({ order }) => order).sort(), [1, 3, 5])
})

t.test('a class that was not named at the start is refused', async (t) => {
  t.throws(() => createQueue().count('urgent' as Name), RangeError)
})

t.test('those who were refused time and again take turns with the line of their class, oldest first', async (t) => {
  const queue = createQueue()
  for (const order of [11, 12, 13, 14]) queue.add(waiter(order), 'end')
  for (const order of [1, 2]) queue.add(waiter(order), 'turns')
  t.same(orders(queue), [11, 1, 12, 2, 13, 14])
  for (const order of [3, 4]) queue.add(waiter(order), 'turns')
  t.same(orders(queue), [3, 4], 'where nobody else waits, they wait for nobody')
})

t.test('they leave and are counted as everybody is', async (t) => {
  const queue = createQueue()
  const [first, second] = [waiter(1), waiter(2)]
  queue.add(first, 'turns')
  queue.add(second, 'turns')
  t.same([queue.size, queue.count('standard'), [...queue.heads()].length], [2, 2, 1])
  queue.remove(first)
  t.same(orders(queue), [2])
  t.same([queue.size, queue.count('standard')], [0, 0])
})
