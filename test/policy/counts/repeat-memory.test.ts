import fc from 'fast-check'
import t from 'tap'
import { holds } from '../../twilio/holds.ts'
import { RepeatMemory, STACKED_MS } from '../../../src/policy/counts/repeat-memory.ts'

const WINDOW_MS = 60_000

t.test('what failed is recognised once, and for a few seconds', async (t) => {
  const memory = new RepeatMemory(WINDOW_MS)
  memory.note('a', 'failed', 503, 1_000)
  t.equal(memory.recognise('b', 1_100), undefined)
  t.same(memory.recognise('a', 1_100), { past: 'failed', status: 503, agoMs: 100 })
  t.equal(memory.recognise('a', 1_100), undefined)
  memory.note('a', 'failed', 429, 2_000)
  t.equal(memory.recognise('a', 2_001 + STACKED_MS), undefined)
})

t.test('what may have been processed is recognised each time, until its window ends', async (t) => {
  const memory = new RepeatMemory(WINDOW_MS)
  memory.note('a', 'unknown', 504, 0)
  t.same(memory.recognise('a', 10), { past: 'unknown', status: 504, agoMs: 10 })
  t.same(memory.recognise('a', WINDOW_MS), { past: 'unknown', status: 504, agoMs: WINDOW_MS })
  t.equal(memory.recognise('a', WINDOW_MS + 1), undefined)
})

t.test('a later refusal does not make it certain', async (t) => {
  const memory = new RepeatMemory(WINDOW_MS)
  memory.note('a', 'unknown', 0, 0)
  memory.note('a', 'failed', 429, 500)
  t.same(memory.recognise('a', 600), { past: 'unknown', status: 429, agoMs: 100 })
})

t.test('an answer that comes after all settles it', async (t) => {
  const memory = new RepeatMemory(WINDOW_MS)
  memory.note('done', 'unknown', 504, 0)
  memory.note('undone', 'unknown', 504, 0)
  memory.settle('done', true, 5)
  memory.settle('undone', false, 5)
  memory.settle('never seen', true, 5)
  t.same(memory.recognise('done', 10), { past: 'processed', status: 504, agoMs: 10 })
  t.equal(memory.recognise('undone', 10), undefined)
  t.equal(memory.recognise('never seen', 10), undefined)
})

t.test('a storm of refusals makes it forget no create that may have been processed', async (t) => {
  const memory = new RepeatMemory(WINDOW_MS, 100)
  memory.note('paid', 'unknown', 504, 0)
  for (let i = 0; i < 1_000; i++) memory.note(`refused ${i}`, 'failed', 429, 1)
  t.match(memory.recognise('paid', 2), { past: 'unknown' })
  t.equal(memory.size, 101)
})

t.test('the oldest of too many is forgotten first, and time empties it', async (t) => {
  const memory = new RepeatMemory(WINDOW_MS, 2)
  t.ok(memory.isEmpty(0))
  for (const [at, name] of ['a', 'b', 'c'].entries()) memory.note(name, 'unknown', 504, at)
  t.equal(memory.recognise('a', 3), undefined)
  t.ok(memory.recognise('b', 3))
  t.notOk(memory.isEmpty(WINDOW_MS + 2))
  t.ok(memory.isEmpty(WINDOW_MS + 3))
  t.equal(memory.size, 0)
})

t.test('whatever happens, nothing is recognised that was not noted within the window, and memory is bounded', async (t) => {
  const most = 5
  const step = fc.record({ what: fc.constantFrom('failed', 'unknown', 'done', 'undone', 'ask'), name: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), later: fc.nat(WINDOW_MS) } as const)
  holds(t, fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const memory = new RepeatMemory(WINDOW_MS, most)
    const notedAtMs = new Map<string, number>()
    let nowMs = 0
    for (const { what, name, later } of steps) {
      nowMs += later
      if (what === 'failed' || what === 'unknown') {
        memory.note(name, what, 500, nowMs)
        notedAtMs.set(name, nowMs)
      } else if (what === 'ask') {
        const repeat = memory.recognise(name, nowMs)
        if (repeat !== undefined && nowMs - (notedAtMs.get(name) ?? -Infinity) !== repeat.agoMs) return false
        if (repeat !== undefined && repeat.agoMs > WINDOW_MS) return false
      } else {
        memory.settle(name, what === 'done', nowMs)
      }
      if (memory.size > 2 * most) return false
    }
    return true
  }))
})

t.test('a create that goes wrong again is the newest, and outlives those that came between', async (t) => {
  const memory = new RepeatMemory(60_000, 2)
  memory.note('renewed', 'unknown', 504, 0)
  memory.note('between', 'unknown', 504, 1)
  memory.note('renewed', 'unknown', 502, 2)
  memory.note('newest', 'unknown', 504, 3)
  t.match(memory.recognise('renewed', 4), { past: 'unknown', status: 502, agoMs: 2 })
  t.equal(memory.recognise('between', 4), undefined)
  t.match(memory.recognise('newest', 4), { past: 'unknown' })
})

t.test('what Twilio has processed stays so, whatever becomes of the same request later', async (t) => {
  const memory = new RepeatMemory(WINDOW_MS)
  memory.note('a', 'unknown', 504, 0)
  memory.settle('a', true, 5)
  memory.settle('a', false, 6)
  t.same(memory.recognise('a', 10), { past: 'processed', status: 504, agoMs: 10 })
  memory.note('a', 'failed', 429, 20)
  memory.settle('a', false, 25)
  t.same(memory.recognise('a', 30), { past: 'processed', status: 429, agoMs: 10 })
})
