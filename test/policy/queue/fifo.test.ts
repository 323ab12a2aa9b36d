import t from 'tap'
import { Fifo, type Linked } from '../../../src/policy/queue/fifo.ts'
import { fc } from '../seeded.ts'

interface Member extends Linked<Member> { readonly id: number }

const member = (id: number): Member => ({ id, previous: undefined, next: undefined })

function ids (list: Fifo<Member>): number[] {
  const found: number[] = []
  for (let each = list.head; each !== undefined; each = each.next) found.push(each.id)
  return found
}

t.test('first in, first out; the front is a way in as well', async (t) => {
  const list = new Fifo<Member>()
  list.push(member(1))
  list.push(member(2))
  list.unshift(member(0))
  t.same(ids(list), [0, 1, 2])
  t.equal(list.size, 3)
})

t.test('an empty list has no head', async (t) => {
  const list = new Fifo<Member>()
  const only = member(1)
  list.unshift(only)
  list.remove(only)
  t.same([list.head, list.size], [undefined, 0])
})

t.test('it behaves as an array does, whatever joins at either end and leaves from anywhere', async () => {
  const step = fc.record({ kind: fc.constantFrom('push', 'unshift', 'insert', 'remove'), at: fc.nat() })
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const list = new Fifo<Member>()
    const model: Member[] = []
    for (const [id, { kind, at }] of steps.entries()) {
      if (kind === 'push') {
        const joined = member(id)
        list.push(joined)
        model.push(joined)
      } else if (kind === 'unshift') {
        const joined = member(id)
        list.unshift(joined)
        model.unshift(joined)
      } else if (kind === 'insert' && model.length > 0) {
        const joined = member(id)
        list.insertBefore(joined, model[at % model.length]!)
        model.splice(at % model.length, 0, joined)
      } else if (kind === 'remove' && model.length > 0) {
        const [left] = model.splice(at % model.length, 1)
        list.remove(left!)
        if (left!.previous !== undefined || left!.next !== undefined) return false
      }
      if (list.size !== model.length || list.tail !== model.at(-1) || ids(list).join() !== model.map(({ id }) => id).join()) return false
    }
    return true
  }))
})
