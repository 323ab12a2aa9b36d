import t from 'tap'
import { Survey } from '../../../src/commands/plan/recording/survey.ts'
import type { Recorded } from '../../../src/commands/plan/recording/recorded.ts'
import { read, recorded, SID } from './lines.ts'

const guessOf = (lines: readonly Recorded[], account = SID): unknown => {
  const survey = new Survey()
  for (const line of [...lines].sort((a, b) => a.arrivalMs - b.arrivalMs)) survey.add(line)
  return survey.finish().get(account)
}

/** Ten at once for five seconds, one ending every ten milliseconds. */
const TEN_AT_ONCE = Array.from({ length: 500 }, (_, i) => recorded(10 * i))
/** Refused beside them at first, and answered when they were gone. */
const refusedAt = (afterMs: number): Recorded => recorded(afterMs, { attempts: 2, throttled: 1, upstreamMs: 110, backoffMs: 6_000, totalMs: 6_110 })

t.test('refusals beside as many as the account allows tell its ceiling', async (t) => {
  t.match(guessOf([...TEN_AT_ONCE, ...Array.from({ length: 25 }, (_, i) => refusedAt(1_005 + 100 * i))]), { ceiling: 10, refusals: 25, ofRoutes: 0, median: 10, confidence: 'sure' })
  t.match(guessOf([...TEN_AT_ONCE, ...Array.from({ length: 5 }, (_, i) => refusedAt(1_005 + 100 * i))]), { ceiling: 10, confidence: 'fair' })
  t.match(guessOf([...TEN_AT_ONCE, refusedAt(1_005)]), { ceiling: 10, confidence: 'rough' })
})

t.test('without a refusal nothing is known but what was served at once', async (t) => {
  t.match(guessOf(TEN_AT_ONCE), { ceiling: undefined, highest: 10, refusals: 0, confidence: 'none' })
})

t.test('refusals far below what was served are those of a route', async (t) => {
  const quiet = Array.from({ length: 30 }, (_, i) => recorded(20_000 + 1_000 * i, { attempts: 2, throttled: 1, upstreamMs: 110, backoffMs: 200, totalMs: 310 }))
  t.match(guessOf([...TEN_AT_ONCE, ...quiet]), { ceiling: undefined, highest: 10, refusals: 0, ofRoutes: 30 })
})

t.test('where Twilio says what it took, the wire does not count', async (t) => {
  // 100 ms of which Twilio had 50: of ten on their way, five are there.
  t.match(guessOf(TEN_AT_ONCE.map((line) => ({ ...line, twilioMs: 50 }))), { highest: 5 })
})

t.test('each account has its own', async (t) => {
  const other = TEN_AT_ONCE.slice(0, 3).map((line) => ({ ...line, account: 'shop' }))
  t.match(guessOf([...TEN_AT_ONCE, ...other]), { highest: 10 })
  t.match(guessOf([...TEN_AT_ONCE, ...other], 'shop'), { highest: 3 })
})

t.test('what was never sent was not there, and what a log lacks is counted', async (t) => {
  const survey = new Survey()
  for (const line of [recorded(0, { attempts: 0, upstreamMs: 0, status: 429, reason: 'queue_full', isOld: true }), read(1, undefined), read(2, 'a', { class: 'critical' })]) survey.add(line)
  t.match(survey.finish().get(SID), { highest: 2 })
  t.match(survey, { old: 1, unnamed: 1, reclassed: 1 })
})

t.test('an attempt takes what was recorded, less refusals; what was never sent takes what its route usually takes', async (t) => {
  const survey = new Survey()
  for (const ms of [80, 100, 120]) survey.add(recorded(0, { upstreamMs: ms, totalMs: ms, twilioMs: ms - 40 }))
  const { times } = survey
  t.same(times.of(recorded(0, { upstreamMs: 90, twilioMs: 50 })), { wireMs: 40, twilioMs: 50 })
  t.same(times.of(recorded(0, { attempts: 2, throttled: 1, upstreamMs: 132, twilioMs: 52 })), { wireMs: 40, twilioMs: 50 })
  const { wireMs, twilioMs } = times.of(recorded(0, { attempts: 0, upstreamMs: 0 }))
  t.ok(Math.abs(wireMs - 40) < 0.5 && Math.abs(twilioMs - 60) < 0.5, `${wireMs} and ${twilioMs}`)
  const cut = times.of(recorded(0, { status: 0, upstreamMs: 45, twilioMs: undefined }))
  t.ok(Math.abs(cut.twilioMs - 60) < 0.5, 'one that was cut short would have gone on')
  t.equal(times.refusal('api').twilioMs, 2)
  t.equal(new Survey().times.of(recorded(0, { attempts: 0 })).twilioMs, 150)
})
