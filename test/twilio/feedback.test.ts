import fc from 'fast-check'
import t from 'tap'
import { holds } from './holds.ts'
import { readFeedback } from '../../src/twilio/feedback.ts'

const NOW_MS = Date.UTC(2026, 2, 11, 12, 0, 0)
const read = (headers: Record<string, string | string[]>): ReturnType<typeof readFeedback> => readFeedback(headers, NOW_MS)

t.test('the headers of an ordinary answer', async t => {
  t.strictSame(read({ 'twilio-concurrent-requests': '1', 'twilio-request-duration': '0.116', 'twilio-request-id': `RQ${'e4'.repeat(16)}`, 'content-type': 'application/json' }),
    { concurrency: 1, durationMs: 116, requestId: `RQ${'e4'.repeat(16)}`, retryAfterMs: undefined })
})

t.test('absent headers say nothing', async t => {
  t.strictSame(read({}), { concurrency: undefined, durationMs: undefined, requestId: undefined, retryAfterMs: undefined })
})

t.test('concurrency is a whole number from 1 to 100,000', async t => {
  for (const [text, expected] of [['1', 1], ['42', 42], [' 7 ', 7], ['007', 7], ['100000', 100_000]] as const) t.equal(read({ 'twilio-concurrent-requests': text }).concurrency, expected, text)
  for (const text of ['', '0', '-1', '+1', '1.5', '1e9', '1e2', '100001', '99999999999999999999', 'NaN', 'Infinity', '0x10', '335,335', 'many', '١']) {
    t.equal(read({ 'twilio-concurrent-requests': text }).concurrency, undefined, text)
  }
})

t.test('duration is in decimal seconds, up to an hour', async t => {
  for (const [text, expected] of [['0', 0], ['0.080', 80], ['1', 1000], ['3600', 3_600_000]] as const) t.equal(read({ 'twilio-request-duration': text }).durationMs, expected, text)
  for (const text of ['', '-1', '.5', '1.', '3600.1', '1e3', '0.1s', '1,5', 'fast']) t.equal(read({ 'twilio-request-duration': text }).durationMs, undefined, text)
})

t.test('a request id is short and plain', async t => {
  t.equal(read({ 't-request-id': 'a-b_C9' }).requestId, 'a-b_C9')
  t.equal(read({ 'twilio-request-id': 'RQ1', 't-request-id': 'RQ2' }).requestId, 'RQ1')
  t.equal(read({ 'twilio-request-id': 'RQ 1', 't-request-id': 'RQ2' }).requestId, 'RQ2')
  for (const text of ['', 'a b', 'a\nb', '<b>', 'a'.repeat(65)]) t.equal(read({ 'twilio-request-id': text }).requestId, undefined, text)
})

t.test('Retry-After in seconds, at most an hour', async t => {
  for (const [text, expected] of [['0', 0], ['2', 2000], ['1.5', 1500], ['3600', 3_600_000], ['3601', 3_600_000], ['999999999999', 3_600_000]] as const) {
    t.equal(read({ 'retry-after': text }).retryAfterMs, expected, text)
  }
  for (const text of ['', '-1', '+1', '1s', 'soon', '1e3', '9'.repeat(400)]) t.equal(read({ 'retry-after': text }).retryAfterMs, undefined, text.slice(0, 20))
})

t.test('Retry-After as a date', async t => {
  const cases: Array<[string, number | undefined]> = [
    ['Wed, 11 Mar 2026 12:00:00 GMT', 0],
    ['Wed, 11 Mar 2026 12:00:30 GMT', 30_000],
    ['Thu, 12 Mar 2026 12:00:00 GMT', 3_600_000],
    ['Wed, 11 Mar 2026 11:59:59 GMT', undefined],
    ['Wed, 31 Feb 2027 12:00:00 GMT', undefined],
    ['Wed, 00 Mar 2027 12:00:00 GMT', undefined],
    ['Wed, 11 Mar 2027 24:00:00 GMT', undefined],
    ['Wed, 11 Mar 2027 12:60:00 GMT', undefined],
    ['Wed, 11 Foo 2027 12:00:00 GMT', undefined],
    ['Wed, 11 Mar 2027 12:00:00 CET', undefined],
    ['Wednesday, 11-Mar-27 12:00:00 GMT', undefined],
    ['2027-03-11T12:00:00Z', undefined]
  ]
  for (const [text, expected] of cases) t.equal(read({ 'retry-after': text }).retryAfterMs, expected, text)
  t.equal(readFeedback({ 'retry-after': 'Thu, 29 Feb 2024 00:00:01 GMT' }, Date.UTC(2024, 1, 29)).retryAfterMs, 1000, 'a leap day')
})

t.test('any date in the coming hour is read as the calendar has it', async t => {
  holds(t, fc.property(fc.date({ min: new Date('1970-01-01'), max: new Date('9999-12-30'), noInvalidDate: true }), fc.nat(3600), (date, seconds) => {
    const nowMs = Math.floor(date.getTime() / 1000) * 1000
    return readFeedback({ 'retry-after': new Date(nowMs + seconds * 1000).toUTCString() }, nowMs).retryAfterMs === seconds * 1000
  }), 500)
})

t.test('of a header that came several times the first counts', async t => {
  t.equal(read({ 'twilio-concurrent-requests': ['3', '9'] }).concurrency, 3)
  t.equal(read({ 'twilio-concurrent-requests': [] }).concurrency, undefined)
})

t.test('nothing makes it throw, and what it reads is in range', async t => {
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.double().map(String), fc.integer().map(String), fc.array(fc.string()))
  holds(t, fc.property(value, value, value, value, (a, b, c, d) => {
    const { concurrency = 1, durationMs = 0, retryAfterMs = 0, requestId = 'x' } = read({ 'twilio-concurrent-requests': a, 'twilio-request-duration': b, 'retry-after': c, 'twilio-request-id': d })
    return Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 100_000 && durationMs >= 0 && durationMs <= 3_600_000 &&
      retryAfterMs >= 0 && retryAfterMs <= 3_600_000 && /^[\w-]{1,64}$/.test(requestId)
  }), 500)
})
