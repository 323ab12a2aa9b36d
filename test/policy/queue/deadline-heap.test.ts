import t from 'tap'
import { DeadlineHeap, type Expiring } from '../../../src/policy/queue/deadline-heap.ts'
import { fc } from '../seeded.ts'

const expiring = (expiresAtMs: number): Expiring => ({ expiresAtMs, heapIndex: -1 })

function drain (heap: DeadlineHeap<Expiring>): number[] {
  const moments: number[] = []
  for (let next = heap.peek(); next !== undefined; next = heap.peek()) {
    moments.push(next.expiresAtMs)
    heap.remove(next)
  }
  return moments
}

t.test('members come out by the moment they expire', async (t) => {
  const heap = new DeadlineHeap<Expiring>()
  for (const moment of [5, 1, 4, 1, 3]) heap.add(expiring(moment))
  t.equal(heap.size, 5)
  t.same(drain(heap), [1, 1, 3, 4, 5])
  t.same([heap.size, heap.peek()], [0, undefined])
})

t.test('removing what is not there does nothing', async (t) => {
  const heap = new DeadlineHeap<Expiring>()
  const first = expiring(1)
  heap.add(first)
  heap.add(expiring(2))
  heap.remove(expiring(1))
  heap.remove(first)
  heap.remove(first)
  t.same(drain(heap), [2])
})

t.test('a member of another heap is not taken for one of its own', async (t) => {
  const [heap, other] = [new DeadlineHeap<Expiring>(), new DeadlineHeap<Expiring>()]
  const elsewhere = expiring(1)
  other.add(elsewhere)
  heap.add(expiring(2))
  heap.remove(elsewhere)
  t.same([drain(heap), drain(other)], [[2], [1]])
})

t.test('a member may come back after it left', async (t) => {
  const heap = new DeadlineHeap<Expiring>()
  const member = expiring(1)
  heap.add(member)
  heap.remove(member)
  t.equal(member.heapIndex, -1)
  heap.add(member)
  t.same(drain(heap), [1])
})

t.test('whatever joins and leaves, the earliest is on top and every member knows its place', async () => {
  const step = fc.record({ leaves: fc.boolean(), pick: fc.nat(), moment: fc.integer({ min: 0, max: 50 }) })
  fc.assert(fc.property(fc.array(step, { maxLength: 120, size: 'max' }), (steps) => {
    const heap = new DeadlineHeap<Expiring>()
    const model: Expiring[] = []
    for (const { leaves, pick, moment } of steps) {
      if (leaves && model.length > 0) {
        const [left] = model.splice(pick % model.length, 1)
        heap.remove(left!)
        if (left!.heapIndex !== -1) return false
      } else {
        const joined = expiring(moment)
        heap.add(joined)
        model.push(joined)
      }
      const earliest = model.length === 0 ? undefined : Math.min(...model.map(({ expiresAtMs }) => expiresAtMs))
      if (heap.size !== model.length || heap.peek()?.expiresAtMs !== earliest) return false
    }
    const rest = model.map(({ expiresAtMs }) => expiresAtMs).sort((a, b) => a - b)
    return drain(heap).join() === rest.join()
  }))
})
