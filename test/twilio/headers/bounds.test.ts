/** The edges of what is believed of a header: the last value that is, and the first that is not. */
import t from 'tap'
import { readFeedback, readRetryAfter } from '../../../src/twilio/headers/feedback.ts'
import { membersOf, tokensOf } from '../../../src/twilio/headers/field-list.ts'
import { parseHttpDate } from '../../../src/twilio/headers/http-date.ts'
import { readInterval } from '../../../src/twilio/headers/rate-interval.ts'
import { classifyThrottle } from '../../../src/twilio/headers/throttle.ts'

const NOW_MS = Date.UTC(2026, 2, 11, 12)
const read = (headers: Record<string, string | string[]>): ReturnType<typeof readFeedback> => readFeedback(headers, NOW_MS)
const limitOf = (limit: string, more: Record<string, string | string[]> = {}): ReturnType<typeof read>['routeLimit'] =>
  read({ 'x-rate-limit-limit': limit, ...more }).routeLimit

t.test('of a header that came several times the first counts, without the spaces around it', async (t) => {
  const headers = {
    'twilio-concurrent-requests': [' 3 ', '9'],
    'twilio-request-duration': ['0.5', '0.9'],
    'twilio-request-id': [' RQ1 ', 'RQ2'],
    'x-rate-limit-limit': ['5', '50'],
    'x-rate-limit-remaining': [' 2', '3'],
    'x-rate-limit-config': ['5/s', '5/min'],
    'twilio-reached-rate-limit': ['true', 'false']
  }
  t.strictSame(read(headers), {
    concurrency: 3,
    durationMs: 500,
    requestId: 'RQ1',
    retryAfterMs: undefined,
    routeLimit: { limit: 5, intervalMs: 1_000, remaining: 2 },
    reachedRouteLimit: true
  })
})

t.test('an interval of a route is from a tenth of a second to a minute', async (t) => {
  const intervalOf = (config: string): number | undefined | null => {
    const limit = limitOf('5', { 'x-rate-limit-config': config })
    return limit === undefined ? null : limit.intervalMs
  }
  t.same(['5/99ms', '5/100ms', '5/60s', '5/61s', 'of some kind'].map(intervalOf), [null, 100, 60_000, null, undefined])
  t.strictSame(limitOf('5 per minute'), { limit: 5, intervalMs: 60_000, remaining: undefined }, 'told beside the limit')
})

t.test('a limit of a route is above 0 and at most 100,000; what remains of it is no more than it', async (t) => {
  t.same(['0', '0.5', '100000', '100001'].map((limit) => limitOf(limit)?.limit), [undefined, 0.5, 100_000, undefined])
  const remaining = ['0', '5', '6', '-1', 'x'].map((left) => limitOf('5', { 'x-rate-limit-remaining': left })?.remaining)
  t.same(remaining, [0, 5, undefined, undefined, undefined])
})

t.test('a route\'s limit is reached unless the header says that it is not', async (t) => {
  const reached = (text: string): boolean => read({ 'twilio-reached-rate-limit': text }).reachedRouteLimit
  t.same(['true', '1', 'yes', 'verify'].map(reached), [true, true, true, true])
  t.same(['', 'false', 'FALSE', 'no', 'None', '0', ' 0 '].map(reached), Array.from({ length: 7 }, () => false))
})

t.test('the longest that Retry-After may say is the caller\'s to choose', async (t) => {
  for (const [value, expected] of [['10', 10_000], ['11', 10_000], ['1', 1_000], ['0', 0]] as const) {
    t.equal(readRetryAfter({ 'retry-after': value }, NOW_MS, 10_000), expected, value)
  }
  t.equal(readRetryAfter({}, NOW_MS, 10_000), undefined)
})

t.test('the last moment of a day, a leap second, and days of February', async (t) => {
  const at = (text: string): number | undefined => parseHttpDate(text, NOW_MS)
  t.equal(at('Wed, 11 Mar 2026 23:59:59 GMT'), Date.UTC(2026, 2, 11, 23, 59, 59))
  t.equal(at('Wed, 11 Mar 2026 23:59:60 GMT'), Date.UTC(2026, 2, 12))
  for (const time of ['24:00:00', '23:60:00', '23:59:61']) t.equal(at(`Wed, 11 Mar 2026 ${time} GMT`), undefined, time)
  const leap = { 2000: true, 2024: true, 2023: false, 2100: false }
  for (const [year, is] of Object.entries(leap)) {
    t.equal(at(`Tue, 29 Feb ${year} 00:00:00 GMT`), is ? Date.UTC(Number(year), 1, 29) : undefined, year)
    t.equal(at(`Tue, 01 Mar ${year} 00:00:00 GMT`), Date.UTC(Number(year), 2, 1), year)
  }
  for (const month of ['Apr', 'Jun', 'Sep', 'Nov']) t.equal(at(`Tue, 31 ${month} 2026 00:00:00 GMT`), undefined, month)
  t.equal(at('Tue, 31 Dec 1969 23:59:59 GMT'), -1_000)
})

t.test('two digits of a year are at most fifty years ahead', async (t) => {
  const yearOf = (digits: string): number =>
    new Date(parseHttpDate(`Monday, 01-Jun-${digits} 00:00:00 GMT`, Date.UTC(2026, 0, 1))!).getUTCFullYear()
  t.same(['26', '75', '76', '99', '00'].map(yearOf), [2026, 2075, 1976, 1999, 2000])
})

t.test('an interval in any unit, and in any case', async (t) => {
  const cases: ReadonlyArray<readonly [string, number]> = [
    ['3/S', 1_000], ['3 per Minute', 60_000], ['3/h', 3_600_000], ['3 per day', 86_400_000], ['3/250MS', 250],
    ['intervalMs: 500', 500], ['period_seconds=2', 2_000], ['3;w=10', 10_000], ['window=PT1.5s', 1_500]
  ]
  for (const [text, expected] of cases) t.equal(readInterval(text, 3), expected, text)
})

t.test('of several intervals the one beside the limit counts, else the first', async (t) => {
  t.equal(readInterval('10/s, 3/min, 3/h', 3), 60_000)
  t.equal(readInterval('10/s, 20/min', 3), 1_000)
})

t.test('a configuration is read up to 200 characters', async (t) => {
  t.equal(readInterval('3/s'.padEnd(200), 3), 1_000)
  t.equal(readInterval('3/s'.padEnd(201), 3), undefined)
})

t.test('an error body is read up to 65,536 characters', async (t) => {
  const body = (length: number): string => '{"code":60202,"x":"'.padEnd(length - 2, 'x') + '"}'
  t.strictSame(classifyThrottle(body(65_536), 'application/json'), { kind: 'final', code: 60_202 })
  t.strictSame(classifyThrottle(body(65_537), 'application/json'), { kind: 'account', code: undefined })
})

t.test('a code has five or six digits, as a number or as text, and an HTTP status is none', async (t) => {
  const codeOf = (code: unknown): number | undefined => classifyThrottle(JSON.stringify({ code }), undefined).code
  t.same([10_000, '10000', 999_999, '999999'].map(codeOf), [10_000, 10_000, 999_999, 999_999])
  t.same([9_999, 429, '429', 1_000_000, 20_429.5, null].map(codeOf), Array.from({ length: 6 }, () => undefined))
})

t.test('a body of XML has its code unless it is a page', async (t) => {
  const body = '\ufeff \n<TwilioResponse><Code> 20429 </Code></TwilioResponse>'
  t.equal(classifyThrottle(body, 'application/xml').code, 20_429)
  for (const type of ['text/html', 'Text/HTML; charset=utf-8', 'application/xhtml+xml']) {
    t.equal(classifyThrottle(body, type).code, undefined, type)
  }
  t.strictSame(classifyThrottle('\ufeff{"errors":[{"code":"60203"}]}', undefined), { kind: 'final', code: 60_203 })
  t.strictSame(classifyThrottle('{"code":30001}', undefined), { kind: 'route', code: 30_001 })
})

t.test('lists: tokens in lower case, members as they stand, empty ones left out', async (t) => {
  t.same(tokensOf(['Keep-Alive, "X-Name"', ',\tTE ,,']), ['keep-alive', 'x-name', 'te'])
  t.same(membersOf(['a="b, \\"c", D', ' ,e']), ['a="b, \\"c"', 'D', 'e'])
  t.same(membersOf('a="b, c'), ['a="b', 'c'], 'a quote that never ends')
  t.same(membersOf('\u00a0a'), ['\u00a0a'], 'no space of HTTP')
  t.same([tokensOf(undefined), membersOf('')], [[], []])
})
