import { Readable } from 'node:stream'
import t from 'tap'
import type { Dispatcher } from 'undici'
import { Attempt, type AttemptResult } from '../../../src/proxy/forward/attempt.ts'
import { FakeClock, promisesSettle } from '../../support/fake-clock.ts'
import { FakeDispatcher, type Call } from '../../support/fake-dispatcher.ts'

const GATHERED_BYTES = 64 * 1024
const JSON_TYPE = { 'content-type': 'application/json' }

interface Bench {
  readonly clock: FakeClock
  readonly attempt: Attempt
  readonly call: Call
  /** How often it was said that the head is on its way, and when that was by the attempt. */
  readonly sentAt: number[]
}

function begin (): Bench {
  const [clock, sentAt] = [new FakeClock(), [] as number[]]
  const upstream = new FakeDispatcher([() => {}], clock)
  const attempt: Attempt = new Attempt({
    dispatcher: upstream as unknown as Dispatcher,
    method: 'POST',
    path: '/',
    headers: ['Host', 'api.twilio.com'],
    body: null,
    onSent: () => { sentAt.push(attempt.sentAtMs) },
    unreadMs: 1_000
  }, clock)
  return { clock, attempt, call: upstream.calls[0] as Call, sentAt }
}

/** What becomes of an answer with these headers and pieces. */
async function answered (status: number, headers: Record<string, string>, ...pieces: string[]): Promise<AttemptResult> {
  const { attempt, call } = begin()
  call.start()
  call.head(status, headers)
  for (const piece of pieces) call.data(piece)
  call.end()
  return await attempt.result
}

async function text (result: AttemptResult): Promise<string> {
  if (result.kind === 'failure') return `failed: ${result.code}`
  if (Buffer.isBuffer(result.body)) return result.body.toString()
  return Buffer.concat(await result.body.toArray()).toString()
}

t.test('an answer of 64 KiB is gathered whole, and a larger one streams, whether its length is told or not', async (t) => {
  for (const bytes of [GATHERED_BYTES, GATHERED_BYTES + 1]) {
    const body = 'ab'.repeat(bytes).slice(0, bytes)
    for (const headers of [{ ...JSON_TYPE, 'content-length': String(bytes) }, JSON_TYPE]) {
      const result = await answered(200, headers, body.slice(0, 40_000), body.slice(40_000))
      t.equal(result.kind === 'response' && Buffer.isBuffer(result.body), bytes === GATHERED_BYTES)
      t.equal(await text(result), body, 'each byte once, in order')
    }
  }
})

t.test('what streams stays in order when more comes after it began to stream', async (t) => {
  const pieces = ['a'.repeat(50_000), 'b'.repeat(50_000), 'c'.repeat(50_000)]
  t.equal(await text(await answered(200, JSON_TYPE, ...pieces)), pieces.join(''))
})

t.test('media of unknown length stream, but a refusal is gathered whatever it says it is', async (t) => {
  for (const [status, type, gathered] of [[200, 'audio/mpeg', false], [429, 'audio/mpeg', true], [200, 'text/csv', true], [200, 'application/xml', true]] as const) {
    const result = await answered(status, { 'content-type': type }, 'abc')
    t.equal(result.kind === 'response' && Buffer.isBuffer(result.body), gathered, `${status} ${type}`)
    t.equal(await text(result), 'abc')
  }
})

t.test('an answer in another protocol or coding is none, and its connection is let go of', async (t) => {
  for (const [status, headers, code] of [
    [101, {}, 'SWITCHED_PROTOCOL'],
    [200, { 'transfer-encoding': 'gzip, chunked' }, 'TRANSFER_CODING'],
    [200, { 'transfer-encoding': 'gzip' }, 'TRANSFER_CODING'],
    [200, { 'transfer-encoding': 'chunked' }, undefined],
    [200, { 'transfer-encoding': 'Chunked' }, undefined],
    [200, { 'transfer-encoding': 'identity' }, undefined]
  ] as const) {
    const { attempt, call } = begin()
    call.start()
    call.head(status, headers)
    call.end()
    t.match(await attempt.result, code === undefined ? { kind: 'response', status } : { kind: 'failure', sent: true, timedOut: false, code })
    t.equal(call.aborted, code !== undefined, String(code))
  }
})

t.test('time at Twilio runs from the first byte sent to the head of the answer, or to the failure', async (t) => {
  for (const end of [(call: Call) => { call.answer(200, JSON_TYPE, '{}') }, (call: Call) => { call.fail('ECONNRESET') }]) {
    const { clock, attempt, call, sentAt } = begin()
    clock.pass(500)
    t.equal(attempt.upstreamMs, 0)
    call.start()
    t.same(sentAt, [1_500], 'who is told then can ask when it was')
    clock.pass(70)
    t.equal(attempt.upstreamMs, 0, 'it goes on')
    end(call)
    await attempt.result
    clock.pass(1_000)
    t.equal(attempt.upstreamMs, 70)
  }
  const { clock, attempt, call, sentAt } = begin()
  clock.pass(500)
  call.fail('ECONNREFUSED')
  t.match(await attempt.result, { sent: false })
  t.equal(attempt.upstreamMs, 0, 'nothing was sent')
  t.same(sentAt, [])
})

t.test('a failure has a code that says nothing personal, and what was known of its answer', async (t) => {
  for (const [code, told, timedOut] of [
    ['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', true],
    ['UND_ERR_BODY_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', true],
    ['ECONNRESET', 'ECONNRESET', false],
    ['secret of +15550100', 'UNKNOWN', false],
    ['X'.repeat(65), 'UNKNOWN', false]
  ] as const) {
    const { attempt, call } = begin()
    call.start()
    call.head(201, { 'twilio-request-id': 'RQ1' })
    call.data('{"si')
    call.fail(code)
    t.match(await attempt.result, { kind: 'failure', sent: true, code: told, timedOut, status: 201, headers: { 'twilio-request-id': 'RQ1' } })
  }
})

t.test('a 204 or 304 may name a length that it does not send; of other answers it is missing', async (t) => {
  for (const status of [204, 304, 200]) {
    const { attempt, call } = begin()
    call.start()
    call.head(status, { 'content-length': '10' })
    call.fail('UND_ERR_RES_CONTENT_LENGTH_MISMATCH')
    t.equal((await attempt.result).kind, status === 200 ? 'failure' : 'response', String(status))
  }
})

t.test('an attempt that is cut before it has a connection is never sent, and lets go of the connection that it gets', async (t) => {
  const { attempt, call, sentAt } = begin()
  attempt.abort()
  t.match(await attempt.result, { kind: 'failure', sent: false, code: 'ABANDONED' })
  call.start()
  t.ok(call.aborted)
  t.notOk(attempt.sent)
  t.same(sentAt, [])
})

t.test('the body is done when its stream ends or breaks, and not before', async (t) => {
  for (const breaks of [false, true]) {
    const { attempt, call } = begin()
    call.start()
    call.head(200, { 'content-type': 'audio/mpeg' })
    const result = await attempt.result
    if (result.kind === 'failure' || !(result.body instanceof Readable)) return t.fail('it streams')
    let done = false
    void result.bodyDone.then(() => { done = true })
    call.data('abc')
    await promisesSettle()
    t.notOk(done)
    if (breaks) call.fail('ECONNRESET')
    else call.end()
    await promisesSettle()
    t.ok(done, breaks ? 'broken' : 'ended')
    t.equal(result.body.destroyed, breaks, 'what is broken is not passed for whole')
    result.body.destroy()
  }
})
