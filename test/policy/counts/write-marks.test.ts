import t from 'tap'
import { WriteMarks } from '../../../src/policy/counts/write-marks.ts'
import { ancestorsOf } from '../../../src/twilio/paths/resource.ts'

const LIST = '/Accounts/AC1/Messages'
const ONE = `${LIST}/SM1`

function after (write: string, isCreate: boolean): (read: string) => boolean {
  const marks = new WriteMarks()
  marks.note('AC1 ', write, ancestorsOf(write), isCreate, 100)
  return (read) => marks.touchedSince(50, 'AC1 ', read, ancestorsOf(read))
}

t.test('a create touches its list and all above, and nothing that was there before', async (t) => {
  const touched = after(LIST, true)
  t.same([LIST, '/Accounts/AC1', '/Accounts'].map(touched), [true, true, true])
  t.same([ONE, `${ONE}/Media`, '/Accounts/AC1/Calls', '/Accounts/AC2/Messages'].map(touched), [false, false, false, false])
})

t.test('a change of one resource touches it, all above and all below', async (t) => {
  const touched = after(ONE, false)
  t.same([ONE, LIST, '/Accounts/AC1', `${ONE}/Media`, `${ONE}/Media/ME1`].map(touched), [true, true, true, true, true])
  t.same([`${LIST}/SM2`, `${ONE}2`, '/Accounts/AC1/Calls'].map(touched), [false, false, false])
})

t.test('only what was written since counts, and only in its own account and host', async (t) => {
  const marks = new WriteMarks()
  marks.note('AC1 ', LIST, ancestorsOf(LIST), true, 100)
  t.same([99, 100, 101].map((since) => marks.touchedSince(since, 'AC1 ', LIST, [])), [true, false, false])
  t.equal(marks.touchedSince(0, 'AC2 ', LIST, []), false)
})

t.test('what it cannot keep counts as touched', async (t) => {
  const marks = new WriteMarks(10)
  for (let i = 0; i < 12; i++) marks.note('AC1 ', `/${i}`, [], true, i)
  t.ok(marks.size <= 11)
  t.equal(marks.touchedSince(5, 'AC1 ', '/other', []), true)
  t.equal(marks.touchedSince(11, 'AC1 ', '/other', []), false)
})

t.test('once nobody reads, what was written is forgotten, and nothing counts as touched for it', async (t) => {
  const marks = new WriteMarks()
  marks.note('AC1 ', ONE, ancestorsOf(ONE), false, 100)
  t.equal(marks.size, ancestorsOf(ONE).length + 1)
  marks.clear()
  t.equal(marks.size, 0)
  t.equal(marks.touchedSince(0, 'AC1 ', ONE, ancestorsOf(ONE)), false)
})

t.test('a resource is touched by a write below it, whether that made something or changed it', async (t) => {
  for (const isCreate of [true, false]) {
    const touched = after(`${ONE}/Media`, isCreate)
    t.same([`${ONE}/Media`, ONE, LIST].map(touched), [true, true, true])
    t.equal(touched(`${ONE}/Media/ME1`), !isCreate)
  }
})
