import t from 'tap'
import { ageOf, bytesOf, keepable } from '../../../src/proxy/reads/cached-answer.ts'

const BODY = Buffer.from('{"sid":"SM1"}')
const NOW_MS = 5_000

t.test('what tells of the request that fetched an answer is not kept with it', async (t) => {
  const kept = keepable({
    statusCode: 200,
    headers: { etag: '"1"', age: '7', 'twilio-concurrent-requests': '3', 'governor-attempts': '2', 'governor-queue-ms': '1', 'content-type': 'application/json' },
    body: BODY
  }, NOW_MS)
  t.strictSame(kept, { headers: { etag: '"1"', 'content-type': 'application/json' }, body: BODY, etag: '"1"', atMs: NOW_MS, ageMs: 7_000 })
  t.equal(kept?.body.buffer.byteLength, BODY.length, 'it is no piece of a larger block')
})

t.test('an answer without a usable ETag or age has none', async (t) => {
  for (const headers of [{}, { etag: '', age: '' }, { etag: ['"1"', '"2"'], age: '-1' }, { age: '1234567890' }]) {
    t.match(keepable({ statusCode: 200, headers, body: BODY }, NOW_MS), { etag: undefined, ageMs: 0 }, JSON.stringify(headers))
  }
})

t.test('what is not good, not whole, for one reader alone or forbidden is not kept', async (t) => {
  for (const [statusCode, headers, body] of [
    [201, {}, BODY], [404, {}, BODY], [200, {}, {}], [200, { 'set-cookie': ['a=b'] }, BODY],
    [200, { 'cache-control': 'private, No-Store' }, BODY], [200, { 'twilio-request-signature': 'x' }, BODY]
  ] as const) t.equal(keepable({ statusCode, headers: headers as Record<string, string | string[]>, body }, NOW_MS), undefined, JSON.stringify(headers))
})

t.test('an answer grows older with the time of the proxy, and never younger', async (t) => {
  const kept = keepable({ statusCode: 200, headers: { age: '2' }, body: BODY }, NOW_MS)
  if (kept === undefined) return t.fail('it is kept')
  t.same([NOW_MS, NOW_MS + 500, NOW_MS - 500].map((nowMs) => ageOf(kept, nowMs)), [2_000, 2_500, 2_000])
})

t.test('an answer takes the bytes of its body, and of its headers with what surrounds each', async (t) => {
  const kept = keepable({ statusCode: 200, headers: { a: 'four', b: ['x', 'y'] }, body: BODY }, NOW_MS)
  t.equal(kept && bytesOf(kept), BODY.length + 4 + 3 + 2 * 32)
})
