import fc from 'fast-check'
import t from 'tap'
import { holds } from '../holds.ts'
import { readFeedback } from '../../../src/twilio/headers/feedback.ts'

const NOW_MS = Date.UTC(2026, 2, 11, 12, 0, 0)
const read = (headers: Record<string, string | string[]>): ReturnType<typeof readFeedback> => readFeedback(headers, NOW_MS)

t.test('the headers of an ordinary answer', async t => {
  t.strictSame(read({ 'twilio-concurrent-requests': '1', 'twilio-request-duration': '0.116', 'twilio-request-id': `RQ${'e4'.repeat(16)}`, 'content-type': 'application/json' }),
    { concurrency: 1, durationMs: 116, requestId: `RQ${'e4'.repeat(16)}`, retryAfterMs: undefined, routeLimit: undefined, reachedRouteLimit: false })
})

t.test('absent headers say nothing', async t => {
  t.strictSame(read({}), { concurrency: undefined, durationMs: undefined, requestId: undefined, retryAfterMs: undefined, routeLimit: undefined, reachedRouteLimit: false })
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
  for (const [text, expected] of [['0', 0], ['2', 2000], ['1.5', 1500], ['3600', 3_600_000], ['3601', 3_600_000], ['999999999999', 3_600_000], ['9'.repeat(20), 3_600_000], ['9'.repeat(400), 3_600_000], ['0'.repeat(300) + '2', 2000]] as const) {
    t.equal(read({ 'retry-after': text }).retryAfterMs, expected, text)
  }
  for (const text of ['', '-1', '+1', '1s', 'soon', '1e3', '1.', '.5', '0x10', '٣']) t.equal(read({ 'retry-after': text }).retryAfterMs, undefined, text.slice(0, 20))
})

t.test('a date is taken from the answer\'s own Date, whatever our calendar says', async t => {
  const headers = { date: 'Thu, 29 Feb 2024 00:00:00 GMT', 'retry-after': 'Thu, 29 Feb 2024 00:00:05 GMT' }
  for (const ourMs of [-3_600_000, 0, 3_600_000]) t.equal(readFeedback(headers, Date.UTC(2024, 1, 29) + ourMs).retryAfterMs, 5_000)
  t.equal(readFeedback({ ...headers, date: 'yesterday' }, Date.UTC(2024, 1, 29)).retryAfterMs, 5_000, 'ours, where it says none')
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
    ['Wednesday, 11-Mar-26 12:00:30 GMT', 30_000],
    ['Wed Mar 11 12:00:30 2026', 30_000],
    ['Wednesday, 11-Mar-2026 12:00:30 GMT', undefined],
    ['2027-03-11T12:00:00Z', undefined]
  ]
  for (const [text, expected] of cases) t.equal(read({ 'retry-after': text }).retryAfterMs, expected, text)
  t.equal(readFeedback({ 'retry-after': 'Thu, 29 Feb 2024 00:00:01 GMT' }, Date.UTC(2024, 1, 29)).retryAfterMs, 1000, 'a leap day')
})

t.test('of several values of Retry-After the longest counts', async t => {
  const cases: Array<[string | string[], number | undefined]> = [
    ['5, 10', 10_000], ['10,5', 10_000], [['5', '10'], 10_000], ['5,,', 5000], [['', '5'], 5000], ['soon, 5', 5000], [[], undefined],
    ['Wed, 11 Mar 2026 12:00:30 GMT, 20', 30_000], ['20,Wed, 11 Mar 2026 12:00:30 GMT', 30_000],
    [['Wednesday, 11-Mar-26 12:00:05 GMT', 'Wed Mar 11 12:00:07 2026'], 7000], ['9'.repeat(400) + ', 5', 3_600_000]
  ]
  for (const [value, expected] of cases) t.equal(read({ 'retry-after': value }).retryAfterMs, expected, JSON.stringify(value).slice(0, 60))
})

t.test('a Retry-After date is as far off as the answer\'s own Date says, whatever our clock shows', async t => {
  for (const date of ['Mon, 01 Jan 2024 00:00:00 GMT', 'Monday, 01-Jan-24 00:00:00 GMT', 'Mon Jan  1 00:00:00 2024']) {
    t.equal(read({ date, 'retry-after': 'Mon, 01 Jan 2024 00:00:05 GMT' }).retryAfterMs, 5000, date)
    t.equal(read({ date, 'retry-after': 'Sun, 31 Dec 2023 23:59:59 GMT' }).retryAfterMs, undefined, 'a moment before it')
    t.equal(read({ date, 'retry-after': '7' }).retryAfterMs, 7000, 'seconds need no clock')
  }
  t.equal(read({ date: 'yesterday', 'retry-after': 'Wed, 11 Mar 2026 12:00:30 GMT' }).retryAfterMs, 30_000, 'without a Date that can be read: by our clock')
})

t.test('any date in the coming hour is read as the calendar has it', async t => {
  holds(t, fc.property(fc.date({ min: new Date('1970-01-01'), max: new Date('9999-12-30'), noInvalidDate: true }), fc.nat(3600), (date, seconds) => {
    const nowMs = Math.floor(date.getTime() / 1000) * 1000
    return readFeedback({ 'retry-after': new Date(nowMs + seconds * 1000).toUTCString() }, nowMs).retryAfterMs === seconds * 1000
  }), 500)
})

t.test('a route\'s limit, what is left of it, and the interval', async t => {
  for (const [limit, remaining, config, expected] of [
    ['3', '2', undefined, { limit: 3, remaining: 2, intervalMs: undefined }],
    ['50', '0', '50/s', { limit: 50, remaining: 0, intervalMs: 1_000 }],
    [' 50 ', undefined, 'gibberish', { limit: 50, remaining: undefined, intervalMs: undefined }],
    ['0.5', '0', '0.5 per second, burst 1', { limit: 0.5, remaining: 0, intervalMs: 1_000 }],
    ['3, 3', '1, 1', '3;w=1', { limit: 3, remaining: 1, intervalMs: 1_000 }],
    ['12/s', '3', undefined, { limit: 12, remaining: 3, intervalMs: 1_000 }],
    ['120 per minute', undefined, undefined, { limit: 120, remaining: undefined, intervalMs: 60_000 }],
    ['120/min', undefined, '120/s', { limit: 120, remaining: undefined, intervalMs: 1_000 }],
    ['60', '61', '60/min', { limit: 60, remaining: undefined, intervalMs: 60_000 }],
    ['60', '-1', undefined, { limit: 60, remaining: undefined, intervalMs: undefined }]
  ] as const) {
    const headers = { 'x-rate-limit-limit': limit, ...remaining && { 'x-rate-limit-remaining': remaining }, ...config && { 'x-rate-limit-config': config } }
    t.strictSame(read(headers).routeLimit, expected, JSON.stringify(headers))
  }
})

t.test('a limit that is none, or on an interval that no pace can be made of, is not read', async t => {
  for (const text of ['', '0', '-3', '1e3', '999999', '1234567', 'NaN', 'Infinity', 'many', '3/h', '3 apples', '0x3', '٣']) {
    t.equal(read({ 'x-rate-limit-limit': text, 'x-rate-limit-remaining': '1' }).routeLimit, undefined, text)
  }
  for (const config of ['3/h', '3 per day', 'window=61', '3/10ms']) {
    t.equal(read({ 'x-rate-limit-limit': '3', 'x-rate-limit-config': config }).routeLimit, undefined, config)
  }
})

t.test('Twilio-Reached-Rate-Limit: anything but nothing and no', async t => {
  for (const text of ['true', '1', 'verifications-per-minute']) t.equal(read({ 'twilio-reached-rate-limit': text }).reachedRouteLimit, true, text)
  for (const text of ['', ' ', 'false', 'False', '0', 'no', 'none']) t.equal(read({ 'twilio-reached-rate-limit': text }).reachedRouteLimit, false, text)
})

t.test('of a header that came several times the first counts', async t => {
  t.equal(read({ 'twilio-concurrent-requests': ['3', '9'] }).concurrency, 3)
  t.equal(read({ 'twilio-concurrent-requests': [] }).concurrency, undefined)
})

t.test('nothing makes it throw, and what it reads is in range', async t => {
  const value = fc.oneof(fc.string({ unit: 'binary' }), fc.double().map(String), fc.integer().map(String), fc.array(fc.string()))
  holds(t, fc.property(value, value, value, fc.oneof(value, fc.integer({ min: 0, max: 1_000 }).map(String)), (a, b, c, d) => {
    const { routeLimit } = read({ 'x-rate-limit-limit': d, 'x-rate-limit-remaining': a, 'x-rate-limit-config': b, 'twilio-reached-rate-limit': c })
    if (routeLimit !== undefined) {
      const { limit, remaining = 0, intervalMs = 1_000 } = routeLimit
      if (!(limit > 0 && limit <= 100_000 && remaining >= 0 && remaining <= limit && intervalMs >= 100 && intervalMs <= 60_000)) return false
    }
    const { concurrency = 1, durationMs = 0, retryAfterMs = 0, requestId = 'x' } = read({ 'twilio-concurrent-requests': a, 'twilio-request-duration': b, 'retry-after': c, 'twilio-request-id': d })
    return Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 100_000 && durationMs >= 0 && durationMs <= 3_600_000 &&
      retryAfterMs >= 0 && retryAfterMs <= 3_600_000 && /^[\w-]{1,64}$/.test(requestId)
  }), 500)
})

t.test('a date in a leap second is the moment after it', async t => {
  const before = Date.UTC(2016, 11, 31, 23, 59, 30)
  t.equal(readFeedback({ 'retry-after': 'Sat, 31 Dec 2016 23:59:60 GMT' }, before).retryAfterMs, 30_000)
  t.equal(readFeedback({ 'retry-after': 'Sat, 31 Dec 2016 23:59:59 GMT' }, before).retryAfterMs, 29_000)
  t.equal(readFeedback({ 'retry-after': 'Sat, 31 Dec 2016 23:59:61 GMT' }, before).retryAfterMs, undefined)
})
