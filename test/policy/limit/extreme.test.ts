import t from 'tap'
import { Extreme } from '../../../src/policy/limit/extreme.ts'
import { fc } from '../seeded.ts'

t.test('it tells the highest or lowest of a stretch of time, and nothing once that is over', async (t) => {
  const highest = new Extreme(Math.max, 100)
  const lowest = new Extreme(Math.min, 100)
  t.equal(highest.at(0), undefined)
  for (const [value, atMs] of [[5, 0], [9, 10], [7, 90]] as const) {
    highest.note(value, atMs)
    lowest.note(value, atMs)
  }
  t.same([highest.at(90), lowest.at(90)], [9, 5])
  t.same([highest.at(200), lowest.at(200)], [9, 5])
  t.same([highest.at(201), lowest.at(201)], [undefined, undefined])
})

t.test('what it tells follows within two stretches', async (t) => {
  const highest = new Extreme(Math.max, 100)
  highest.note(9, 0)
  highest.note(3, 101)
  t.equal(highest.at(101), 9)
  highest.note(4, 202)
  t.equal(highest.at(202), 4)
  highest.note(2, 1_000)
  t.equal(highest.at(1_000), 2, 'after a pause the old is forgotten at once')
  highest.clear()
  t.equal(highest.at(1_000), undefined)
})

t.test('it never misses what was noted in the last stretch, and never tells what is older than three', async () => {
  const notes = fc.array(fc.record({ value: fc.integer({ min: 1, max: 100 }), afterMs: fc.integer({ min: 0, max: 150 }) }), { minLength: 1, maxLength: 50 })
  fc.assert(fc.property(notes, (list) => {
    const highest = new Extreme(Math.max, 100)
    const seen: Array<{ value: number, atMs: number }> = []
    let nowMs = 0
    return list.every(({ value, afterMs }) => {
      nowMs += afterMs
      highest.note(value, nowMs)
      seen.push({ value, atMs: nowMs })
      const most = (forMs: number): number => Math.max(...seen.filter(({ atMs }) => nowMs - atMs <= forMs).map((each) => each.value))
      const told = highest.at(nowMs) ?? 0
      return told >= most(100) && told <= most(300)
    })
  }))
})

t.test('what was noted before it was cleared is told no more, whatever comes after', async (t) => {
  const highest = new Extreme(Math.max, 100)
  highest.note(9, 0)
  highest.note(3, 101)
  highest.clear()
  highest.note(2, 102)
  t.equal(highest.at(102), 2)
  highest.note(1, 203)
  t.equal(highest.at(203), 2)
})

t.test('after a clear the stretch begins with the next number', async (t) => {
  const highest = new Extreme(Math.max, 100)
  highest.note(9, 0)
  highest.clear()
  highest.note(3, 50)
  t.equal(highest.at(250), 3)
  t.equal(highest.at(251), undefined)
})
