import t from 'tap'
import { DuplicateError, GuardError } from '../../../src/proxy/errors.ts'
import type { Exchange } from '../../../src/proxy/exchange-state.ts'
import type { AttemptResult } from '../../../src/proxy/forward/attempt.ts'
import type { CachedAnswer } from '../../../src/proxy/reads/cached-answer.ts'
import {
  broken, duplicate, forbidden, cachedAnswer, noAnswer, notSent, outcomeOf, passOn, sharedAnswer, shed, stillHolds,
  type Answer
} from '../../../src/proxy/reply/answers.ts'

type Response = AttemptResult & { kind: 'response' }

/** An exchange of one attempt that reached Twilio, unless a test says otherwise. */
function exchangeOf (method = 'POST', over: Partial<Exchange> = {}): Exchange {
  return {
    identity: { method, upstream: { host: 'api.twilio.com' } },
    gate: { limit: { slots: 7 } },
    attempts: 1,
    throttled: 0,
    failed: 0,
    unsent: 0,
    rejected: 0,
    queueMs: 12.34,
    paceMs: 0,
    upstreamMs: 100.05,
    requestId: undefined,
    ...over
  } as unknown as Exchange
}

const response = (status: number, headers: Response['headers'] = {}): Response =>
  ({ kind: 'response', status, headers, body: Buffer.from('{}') }) as unknown as Response

const NOT_SENT = { attempts: 1, unsent: 1 }
const textOf = ({ body }: Answer): string => Buffer.isBuffer(body) ? body.toString() : ''
const json = (answer: Answer): Record<string, unknown> => JSON.parse(textOf(answer)) as Record<string, unknown>
const OURS = { 'governor-attempts': '1', 'governor-queue-ms': '12.3', 'governor-upstream-ms': '100.1', 'governor-account-limit': '7' }

t.test('Twilio\'s headers go on, but for those of its connection and any that speak for the proxy', async (t) => {
  const { headers } = passOn(response(200, {
    'content-type': 'text/plain',
    'content-length': '2',
    'keep-alive': 'timeout=5',
    'transfer-encoding': 'chunked',
    connection: 'keep-alive, X-Mine',
    'x-mine': '1',
    'governor-shed': 'draining',
    'governor-mine': '1',
    'twilio-request-id': 'RQ1'
  }), exchangeOf())
  t.same(headers, { 'content-type': 'text/plain', 'content-length': '2', 'twilio-request-id': 'RQ1', ...OURS })
})

t.test('what an answer\'s Connection headers name ends here, in however many lines they come', async (t) => {
  const named = { 'x-one': '1', 'x-two': ['2', '3'] }
  const lists = ['x-one, x-two', ['x-one', 'x-two'], ['keep-alive', ' X-Two ,, X-One'], ['close', 'x-one\t,x-two']]
  for (const connection of lists) {
    const { headers } = passOn(response(204, { connection, ...named, 'x-three': '4' }), exchangeOf())
    t.strictSame(headers, { 'x-three': '4', ...OURS }, connection.toString())
  }
})

t.test('an answer without content has no length', async (t) => {
  t.equal(passOn(response(204, { 'content-length': '0' }), exchangeOf()).headers['content-length'], undefined)
  t.equal(passOn(response(205, { 'content-length': '0' }), exchangeOf()).headers['content-length'], '0')
})

t.test('how long it was paced is said of what was', async (t) => {
  t.equal(passOn(response(200), exchangeOf('POST', { paceMs: 0 })).headers['governor-pace-ms'], undefined)
  t.equal(passOn(response(200), exchangeOf('POST', { paceMs: 0.25 })).headers['governor-pace-ms'], '0.3')
})

t.test('Twilio\'s answer leaves a write in doubt at 5xx, and at a refusal after an attempt that failed', async (t) => {
  const cases = [
    ['POST', 500, 0, 'unknown'], ['POST', 499, 1, undefined], ['GET', 500, 1, undefined], ['DELETE', 503, 0, 'unknown'],
    ['POST', 429, 1, 'unknown'], ['POST', 429, 0, undefined], ['GET', 429, 1, undefined]
  ] as const
  for (const [method, status, failed, outcome] of cases) {
    const { headers } = passOn(response(status), exchangeOf(method, { failed }))
    t.equal(headers['governor-outcome'], outcome, `${method} ${status} after ${failed}`)
  }
})

t.test('a shared answer says so, and speaks of its own exchange', async (t) => {
  const first: Answer = { statusCode: 200, headers: { etag: 'a', 'governor-queue-ms': '99' }, body: Buffer.from('x') }
  t.same(sharedAnswer(first, exchangeOf('GET')), {
    statusCode: 200, headers: { etag: 'a', 'governor-cache': 'shared', ...OURS }, body: Buffer.from('x')
  })
  t.equal(first.headers['governor-queue-ms'], '99', 'and the first is as it was')
})

t.test('a kept answer tells its age in whole seconds', async (t) => {
  const kept = { headers: { etag: 'a', age: '1' }, body: Buffer.from('x'), atMs: 1_000, ageMs: 0 } as unknown as CachedAnswer
  const { statusCode, headers } = cachedAnswer(kept, exchangeOf('GET'), 3_999)
  t.equal(statusCode, 200)
  t.same(headers, { etag: 'a', age: '2', 'governor-cache': 'hit', ...OURS })
})

t.test('one that still holds takes on what its headers say anew, but of its content', async (t) => {
  const kept = { headers: { etag: 'a', 'content-type': 'a/b', date: 'old' }, body: Buffer.from('x') } as unknown as CachedAnswer
  const anew = response(304, { date: 'new', 'content-type': 'c/d', 'content-length': '0' })
  const answer = stillHolds(anew, kept, exchangeOf('GET'))
  t.equal(answer.statusCode, 200)
  t.same(answer.headers, {
    etag: 'a', 'content-type': 'a/b', date: 'new', age: '0', 'governor-cache': 'revalidated', ...OURS
  })
  t.equal(textOf(answer), 'x')
})

t.test('a refusal by the gate is 429, asks for patience in whole seconds, and names its reason', async (t) => {
  const answer = shed('queue_full', 1_001, exchangeOf('POST', { attempts: 0 }))
  t.match(answer, { statusCode: 429, own: true })
  t.match(answer.headers, {
    'content-type': 'application/json', 'retry-after': '2', 'governor-shed': 'queue_full', 'governor-outcome': 'not_sent'
  })
  t.match(json(answer), { status: 429, code: 20429, message: /Nothing was sent to Twilio\.$/ })
})

t.test('a refusal by the guard is 403, and says when there is room again, if ever', async (t) => {
  const never = forbidden(new GuardError('kill_switch', 'Stopped.'), exchangeOf('POST', NOT_SENT))
  t.match(never, { statusCode: 403, own: true, headers: { 'governor-refused': 'kill_switch' } })
  t.equal(never.headers['retry-after'], undefined)
  t.equal(json(never)['message'], 'Stopped. Nothing was sent to Twilio.')
  const later = forbidden(new GuardError('spend_cap', 'Full.', 1_500), exchangeOf('POST', NOT_SENT))
  t.equal(later.headers['retry-after'], '2')
  t.equal(json(later)['message'], 'Full. Nothing was sent to Twilio. There is room again in 2 s.')
})

t.test('a duplicate is told what is known of the first', async (t) => {
  const cases = [
    [true, 'processed', /1 s ago, and Twilio has processed it/], [false, 'unknown', /1 s ago, and Twilio may have/]
  ] as const
  for (const [wasProcessed, name, text] of cases) {
    const answer = duplicate(new DuplicateError(wasProcessed, 900), exchangeOf('POST', { attempts: 0 }))
    t.match(answer, { statusCode: 409, own: true, headers: { 'governor-duplicate': name } })
    t.match(json(answer), { code: 20409, message: text })
  }
})

t.test('who could not connect is told where, and whether an egress proxy stood between', async (t) => {
  const exchange = exchangeOf('POST', NOT_SENT)
  t.match(json(notSent('ECONNREFUSED', exchange)), {
    message: 'Could not connect to api.twilio.com (ECONNREFUSED). Nothing was sent to Twilio.'
  })
  t.match(json(notSent('PROXY_407', exchange)), {
    message: /^Could not connect to api\.twilio\.com through the egress proxy of upstream\.proxy \(PROXY_407\)\. Nothing/
  })
  t.match(notSent('ECONNREFUSED', exchange), { statusCode: 502, own: true, headers: { 'governor-outcome': 'not_sent' } })
})

t.test('what came to no answer is 504 out of time and 502 broken, with a warning for writes and Twilio\'s name for it', async (t) => {
  const cases = [
    ['GET', true, 504, /^Twilio did not answer in time\.$/],
    ['DELETE', false, 502, /^The connection to Twilio broke before the whole answer arrived\. Twilio may have processed the request\.$/],
    ['POST', false, 502, /may have processed the request\. Look it up before you send it again\.$/]
  ] as const
  for (const [method, timedOut, status, message] of cases) {
    const answer = noAnswer(timedOut, exchangeOf(method, { requestId: 'RQ1' }))
    t.match(json(answer), { status, message }, method)
    t.equal(answer.statusCode, status)
    t.equal(answer.headers['twilio-request-id'], 'RQ1')
  }
  t.notOk('twilio-request-id' in noAnswer(true, exchangeOf()).headers)
})

t.test('our own fault is 500, and says what became of the request', async (t) => {
  t.match(broken(exchangeOf()), { statusCode: 500, own: true, headers: { 'governor-outcome': 'unknown' } })
  t.equal(broken(exchangeOf('GET')).headers['governor-outcome'], undefined)
})

t.test('an outcome is told by what became of each attempt', async (t) => {
  const cases = [
    [{ attempts: 0 }, 'not_sent', /Nothing was sent/], [{ attempts: 2, unsent: 2 }, 'not_sent', /Nothing was sent/],
    [{ attempts: 2, unsent: 1, throttled: 1 }, 'not_processed', /processed none/],
    [{ attempts: 3, unsent: 1, throttled: 1, failed: 1 }, 'unknown', /but no whole answer came back/]
  ] as const
  for (const [over, outcome, message] of cases) {
    t.equal(outcomeOf(exchangeOf('POST', over)), outcome)
    t.match(json(shed('deadline', 0, exchangeOf('POST', over))), { message })
  }
  t.equal(outcomeOf(exchangeOf('GET', { attempts: 1, failed: 1 })), undefined)
})
