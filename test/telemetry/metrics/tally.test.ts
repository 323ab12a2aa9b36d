import t from 'tap'
import { createTally } from '../../../src/telemetry/metrics/tally.ts'

function read (tally: ReturnType<typeof createTally>): Array<[string, number]> {
  const rows: Array<[string, number]> = []
  tally.each((values, count) => rows.push([values.join('|'), count]))
  return rows
}

t.test('label values that differ anywhere are counted apart', async (t) => {
  const tally = createTally(4)
  tally.count('api', 'standard', 'POST', 201)
  tally.count('api', 'standard', 'POST', 201)
  tally.count('api', 'standard', 'POST', 429)
  tally.count('verify', 'standard', 'POST', 201)
  t.same(read(tally), [['api|standard|POST|201', 2], ['api|standard|POST|429', 1], ['verify|standard|POST|201', 1]])
})

t.test('fewer labels leave no empty ones behind', async (t) => {
  const tally = createTally(1)
  tally.count('cut')
  t.same(read(tally), [['cut', 1]])
})

t.test('a series made at zero is there before the first count and counts from it', async (t) => {
  const tally = createTally(1)
  tally.zero('queue_full')
  t.same(read(tally), [['queue_full', 0]])
  tally.count('queue_full')
  t.same(read(tally), [['queue_full', 1]])
})
