import t from 'tap'
import { OWN_LINES_MOST } from '../../../src/policy/queue/class-lane.ts'
import { always, createQueue, serve, waiter, type Queue, type Waiter } from './queueing.ts'

const never = (): boolean => false

/** Everybody in the order in which they are served. */
function served (queue: Queue): number[] {
  const found: number[] = []
  for (let next = serve(queue, always); next !== undefined; next = serve(queue, always)) found.push(next.order)
  return found
}

function add (queue: Queue, ...waiters: readonly Waiter[]): void {
  for (const each of waiters) queue.add(each, 'end')
}

t.test('who waits for one route in several classes is counted in each', async (t) => {
  const queue = createQueue()
  add(queue, waiter(1, 'critical', 'slow'), waiter(2, 'critical', 'slow'), waiter(3, 'bulk', 'slow'))
  queue.take(never, 0)
  t.equal(queue.parkedOn('slow'), 3)
})

t.test('a caller of whom nobody waits for a route any more has no turn there', async (t) => {
  const queue = createQueue()
  const slow = (order: number, caller: string): Waiter => waiter(order, 'standard', 'slow', caller)
  add(queue, slow(1, 'a'), slow(2, 'b'), slow(3, 'b'), slow(4, 'b'))
  queue.take(never, 0)
  t.same(served(queue), [1, 2, 3, 4])
  const [first, ...others] = [slow(5, 'a'), slow(6, 'b'), slow(7, 'b')] as const
  add(queue, first, ...others)
  queue.take(never, 0)
  queue.remove(first)
  t.same(served(queue), [6, 7], 'nor has one that left')
})

t.test('lines that callers shared are free again when nobody waits in them', async (t) => {
  const queue = createQueue()
  for (let i = 0; i < OWN_LINES_MOST; i++) add(queue, waiter(i, 'standard', 'free', `own ${i}`))
  const extras = Array.from({ length: 200 }, (_, i) => waiter(1_000 + i, 'standard', 'free', `extra ${i}`))
  add(queue, ...extras)
  const { callers } = queue
  t.ok(callers > OWN_LINES_MOST && callers <= OWN_LINES_MOST + 64, String(callers))
  for (const each of extras) queue.remove(each)
  t.equal(queue.callers, OWN_LINES_MOST)
  add(queue, ...extras)
  t.equal(queue.callers, callers, 'and are shared as before')
})

t.test('one that came back for a retry and leaves takes nobody along', async (t) => {
  const queue = createQueue()
  const [first, retried, last] = [waiter(1), waiter(2), waiter(3)] as const
  add(queue, first, retried, last)
  queue.remove(retried)
  queue.remove(first)
  queue.add(retried, 'front')
  queue.add(waiter(0), 'front')
  queue.remove(retried)
  t.equal(queue.yielding('critical', 'another'), last)
  queue.remove(last)
  t.equal(queue.yielding('critical', 'another'), undefined, 'a retry makes no room, and who has left cannot')
  t.same(served(queue), [0])
})
