import t from 'tap'
import { countOnAnswer, countOnRefusal } from '../../../src/simulator/model/answers/headers.ts'
import { createRandom } from '../../../src/simulator/model/random.ts'
import { defaultSettings, type FeedbackHeaders } from '../../../src/simulator/model/settings.ts'

const count = (exact: number, lagging = exact): { exact: number, lagging: number } => ({ exact, lagging })
const headers = (patch: Partial<FeedbackHeaders>): FeedbackHeaders => ({ ...defaultSettings.headers, ...patch })
const random = createRandom(1)

t.test('the count includes the request itself, as it met the server or as it left', async (t) => {
  t.equal(countOnAnswer(headers({}), count(4), count(9), random), '5')
  t.equal(countOnAnswer(headers({ takenAt: 'departure' }), count(4), count(9), random), '10')
})

t.test('a refusal counts itself, leaves itself out, or says 1', async (t) => {
  t.equal(countOnRefusal(headers({}), count(100), random), '101')
  t.equal(countOnRefusal(headers({ countOn429: 'without_refused' }), count(100), random), '100')
  t.equal(countOnRefusal(headers({ countOn429: 'one' }), count(100), random), '1')
})

t.test('the header may be absent, everywhere or on refusals', async (t) => {
  t.equal(countOnAnswer(headers({ present: false }), count(4), count(4), random), undefined)
  t.equal(countOnRefusal(headers({ present: false }), count(4), random), undefined)
  t.equal(countOnAnswer(headers({ presentOn429: false }), count(4), count(4), random), '5')
  t.equal(countOnRefusal(headers({ presentOn429: false }), count(4), random), undefined)
})

t.test('a fixed value is sent as it is, however absurd', async (t) => {
  for (const value of ['0', '-5', 'many', '1e9', '']) {
    t.equal(countOnAnswer(headers({ value }), count(4), count(4), random), value)
    t.equal(countOnRefusal(headers({ value }), count(4), random), value)
  }
})

t.test('noise spreads the count around the truth by its share', async (t) => {
  const seen = Array.from({ length: 2000 }, () => Number(countOnAnswer(headers({ noise: 0.1 }), count(99), count(99), random)))
  const mean = seen.reduce((sum, n) => sum + n, 0) / seen.length
  const deviation = Math.sqrt(seen.reduce((sum, n) => sum + (n - mean) ** 2, 0) / seen.length)
  t.ok(Math.abs(mean - 100) < 1.5, `mean ${mean}`)
  t.ok(deviation > 8.5 && deviation < 11.5, `deviation ${deviation}`)
})

t.test('a lagging count is the old one, never below 1', async (t) => {
  t.equal(countOnAnswer(headers({ lagMs: 500 }), count(40, 7), count(40, 7), random), '7')
  t.equal(countOnAnswer(headers({ lagMs: 500 }), count(40, 0), count(40, 0), random), '1')
})
