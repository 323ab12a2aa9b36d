import t from 'tap'
import type { Identity } from '../../../src/proxy/exchange-state.ts'
import { answers, breaks, hangs, type Script } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { LineBench, RAW_HEADERS, type Run } from '../line/exchange-fixture.ts'

const SERVICE_MS = 100
const bench = (scripts: Script | Script[], limit = 3): LineBench => new LineBench(scripts, { coalesce: true, limit: new ScriptedLimit(limit) })
const reads = (line: LineBench, count: number, over: Partial<Identity> = {}): Run[] => Array.from({ length: count }, () => line.send('GET', over))
/** A read with headers of its own besides. */
const raw = (...headers: string[]): Partial<Identity> => ({ rawHeaders: [...RAW_HEADERS, ...headers] })
const body = (text: string): Script => answers(200, { 'twilio-request-id': 'RQ1' }, text)

t.test('identical reads at once share one call, and are given equal answers', async (t) => {
  const line = bench(body('{"sid":"SM1"}'))
  const runs = reads(line, 1000)
  await line.clock.advance(SERVICE_MS)
  t.equal(line.upstream.calls.length, 1)
  t.same(new Set(runs.map(({ text, status }) => `${status} ${text}`)), new Set(['200 {"sid":"SM1"}']))
  t.same([runs[0], runs[1]].map((run) => [run?.header('governor-attempts'), run?.header('governor-cache')]), [['1', undefined], ['0', 'shared']])
  t.match(line.eventsOf('exchange').at(-1), { reason: 'coalesced', attempts: 0, upstreamMs: SERVICE_MS, queueMs: 0, status: 200 })
  await line.isOver(t)
})

t.test('those that wait for a place share, too; once answered, the next is asked for anew', async (t) => {
  const line = bench([hangs, body('{"n":2}'), body('{"n":3}')], 1)
  const blocking = line.send('POST')
  const runs = reads(line, 3)
  await line.clock.advance(1)
  line.upstream.calls[0]?.answer(201)
  await line.clock.advance(SERVICE_MS)
  t.same(runs.map(({ text }) => text), ['{"n":2}', '{"n":2}', '{"n":2}'])
  const [later] = reads(line, 1)
  await line.clock.advance(SERVICE_MS)
  t.equal(later?.text, '{"n":3}')
  t.equal(blocking.status, 201)
  await line.isOver(t)
})

t.test('what differs is not shared: credential, account, path, host, class, what is asked of one client alone', async (t) => {
  const line = bench(body('{}'), 100)
  const { identity } = line.send('GET').exchange
  const differing: Array<Partial<Identity>> = [
    { authorization: 'Basic b3RoZXI=' },
    { account: { ...identity.account, key: 'AC2' } },
    { path: `${identity.path}&Page=1` },
    { upstream: { ...identity.upstream, host: 'api.dublin.ie1.twilio.com' } },
    { class: 'bulk' }
  ]
  for (const over of differing) line.send('GET', over)
  await line.clock.advance(1)
  t.equal(line.upstream.calls.length, 1 + differing.length)
  const own = [raw('Range', 'bytes=0-1'), raw('If-None-Match', '"x"'), raw('If-Anything', 'x'), raw('Twilio-Client-Validation', 'eyJ')]
  for (const over of own) reads(line, 2, over)
  for (const method of ['HEAD', 'OPTIONS']) for (let i = 0; i < 2; i++) line.send(method)
  for (let i = 0; i < 2; i++) line.send('GET', {}, undefined, Buffer.from('{}'))
  await line.clock.advance(SERVICE_MS)
  t.equal(line.upstream.calls.length, 1 + differing.length + 2 * own.length + 6)
  t.equal(line.eventsOf('exchange').filter(({ reason }) => reason === 'coalesced').length, 0)
})

t.test('any header may shape an answer: its value, how often it comes, in which order; the case of its name does not', async (t) => {
  const line = bench(body('{}'), 100)
  const differing = [
    raw(), raw('X-Twilio-Api-Version', '2010-04-01'), raw('X-Twilio-Api-Version', '2008-08-01'), raw('Accept', 'application/xml'), raw('Accept-Encoding', 'gzip'),
    raw('X-Anything', 'a'), raw('X-Anything', 'A'), raw('X-Anything', ''), raw('X-Anything', 'a, b'), raw('X-Anything', 'a', 'X-Anything', 'b'), raw('X-Anything', 'b', 'X-Anything', 'a'),
    raw('Cookie', 'a=b'), raw('Prefer', 'return=minimal'), raw('X-HTTP-Method-Override', 'DELETE'), raw('X-Forwarded-For', '192.0.2.1'),
    raw('Authorization', 'Basic b3RoZXI='), raw('Cache-Control', 'no-transform'), raw('Pragma', 'x-anything'),
    // One header that looks like two.
    raw('X-A', '1', 'X-B', '2'), raw('X-A', '1\tx-b:2'), raw('X-A:1', 'x')
  ]
  for (const over of differing) line.send('GET', over)
  await line.clock.advance(1)
  t.equal(line.upstream.calls.length, differing.length)
  line.send('GET', raw('x-anything', 'a'))
  await line.clock.advance(SERVICE_MS)
  t.equal(line.upstream.calls.length, differing.length)
  await line.isOver(t)
})

t.test('reads share that differ only in what names a request, its trace or its program, or is not sent on', async (t) => {
  const line = bench(body('{}'))
  const names = [
    'X-Request-Id', 'x-correlation-id', 'Traceparent', 'tracestate', 'b3', 'X-B3-TraceId', 'X-B3-SpanId', 'X-Amzn-Trace-Id', 'x-datadog-trace-id', 'User-Agent', 'Date',
    'Keep-Alive', 'Proxy-Authorization', 'TE', 'Expect', 'Governor-Timeout-Ms', 'Governor-Caller', 'Content-Length'
  ]
  for (const name of names) for (const value of ['1', '2']) line.send('GET', raw(name, value))
  line.send('GET', raw('Connection', 'keep-alive, X-Hop', 'X-Hop', '1'))
  line.send('GET', raw('Cache-Control', 'max-age=60'))
  await line.clock.advance(1)
  t.equal(line.upstream.calls.length, 1)
  line.send('GET', raw('X-Hop', '1'))
  await line.clock.advance(SERVICE_MS)
  t.equal(line.upstream.calls.length, 2, 'it goes to Twilio where no Connection header names it')
  await line.isOver(t)
})

t.test('an answer that varies by such a header is for those who sent the same; the others ask for themselves, and share from then on', async (t) => {
  let n = 0
  const varies: Script = (call, clock) => answers(200, { vary: 'Accept, USER-AGENT' }, `{"n":${++n}}`)(call, clock)
  const line = bench(varies, 20)
  const by = (agent: string): Partial<Identity> => raw('User-Agent', agent, 'X-Request-Id', `${Math.random()}`)
  const one = reads(line, 3, by('one'))
  const two = [...reads(line, 2, by('two')), ...reads(line, 1)]
  await line.clock.advance(SERVICE_MS)
  t.same(one.map(({ text }) => text), ['{"n":1}', '{"n":1}', '{"n":1}'])
  t.same(two.map(({ text }) => text), ['', '', ''])
  await line.clock.advance(SERVICE_MS)
  t.same(two.map(({ text }) => text), ['{"n":2}', '{"n":2}', '{"n":3}'])
  const later = [...reads(line, 2, by('two')), ...reads(line, 2, by('one'))]
  await line.clock.advance(SERVICE_MS)
  t.same(later.map(({ text }) => text), ['{"n":4}', '{"n":4}', '{"n":5}', '{"n":5}'], 'it is known: nobody waits to find out')
  await line.isOver(t)
})

t.test('an answer that varies by what nobody can know is its reader\'s alone', async (t) => {
  const line = bench([answers(404, { vary: '*' }), ...['2', '3', '4', '5'].map((n) => body(`{"n":${n}}`))], 20)
  const runs = reads(line, 3)
  await line.clock.advance(2 * SERVICE_MS)
  t.same(runs.map(({ status, text }) => `${status} ${text}`), ['404 {}', '200 {"n":2}', '200 {"n":3}'])
  t.same(runs.map((run) => run.header('governor-cache')), [undefined, undefined, undefined])
  reads(line, 2)
  await line.clock.advance(1)
  t.equal(line.upstream.calls.length, 5)
  await line.clock.advance(SERVICE_MS)
  await line.isOver(t)
})

t.test('a leader that leaves takes nobody with it: the next one leads', async (t) => {
  const line = bench([hangs, body('{"n":2}')])
  const [first, ...others] = reads(line, 3)
  await line.clock.advance(10)
  first?.exchange.interrupt('client_left')
  await line.clock.advance(SERVICE_MS)
  t.ok(first?.left)
  t.same(others.map(({ text }) => text), ['{"n":2}', '{"n":2}'])
  t.equal(line.upstream.calls.length, 2)
  await line.isOver(t)
})

t.test('nor does one that runs out of time; a follower has its own time, and may leave', async (t) => {
  const line = bench([hangs, body('{"n":2}')])
  const leader = line.send('GET', { deadlineMs: line.clock.nowMs() + 500, latestStartMs: line.clock.nowMs() + 400 })
  const [patient, leaving] = reads(line, 2)
  const hurried = line.send('GET', { deadlineMs: line.clock.nowMs() + 200, latestStartMs: line.clock.nowMs() + 100 })
  await line.clock.advance(50)
  leaving?.exchange.interrupt('client_left')
  await line.clock.advance(200)
  t.ok(leaving?.left)
  t.match(hurried.json(), { status: 429, message: /deadline passed.*Nothing was sent/ })
  await line.clock.advance(500)
  t.equal(leader.status, 504)
  t.equal(patient?.text, '{"n":2}')
  await line.isOver(t)
})

t.test('an error is shared as well: nobody repeats what has been repeated already', async (t) => {
  const line = bench(breaks('UND_ERR_SOCKET'))
  const runs = reads(line, 5)
  await line.clock.advance(3_000)
  t.equal(line.upstream.calls.length, 3)
  t.same(runs.map(({ status }) => status), [502, 502, 502, 502, 502])
  await line.isOver(t)
})

t.test('an answer too large to hold is its reader\'s alone: the others ask for themselves, at once', async (t) => {
  const large: Script = (call, clock) => {
    call.start()
    clock.setTimer(() => {
      call.head(200, { 'content-type': 'application/json', 'content-length': '100000' })
      call.data('x')
      call.end()
    }, SERVICE_MS)
  }
  const line = bench(large, 10)
  const runs = reads(line, 4)
  await line.clock.advance(SERVICE_MS)
  t.equal(line.upstream.calls.length, 4)
  await line.clock.advance(SERVICE_MS)
  t.same(runs.map(({ status }) => status), [200, 200, 200, 200])
  reads(line, 3)
  await line.clock.advance(SERVICE_MS)
  t.equal(line.upstream.calls.length, 7, 'known to be large: nobody waits to find out')
  await line.clock.advance(60_000)
  reads(line, 3)
  await line.clock.advance(1)
  t.equal(line.upstream.calls.length, 8, 'it may be smaller by now')
  await line.clock.advance(2 * SERVICE_MS)
  t.equal(line.eventsOf('exchange').length, 10)
})

t.test('who reads after a write was answered follows no read from before it', async (t) => {
  const line = bench([hangs, answers(204, {}, '', 10), body('{"n":3}')], 10)
  const before = line.send('GET')
  const write = line.send('DELETE')
  await line.clock.advance(10)
  t.equal(write.status, 204)
  const [after, same] = reads(line, 2)
  await line.clock.advance(SERVICE_MS)
  t.same([after?.text, same?.text], ['{"n":3}', '{"n":3}'])
  t.equal(line.upstream.calls.length, 3)
  line.upstream.calls[0]?.answer(200, {}, '{"n":1}')
  await line.clock.advance(1)
  t.equal(before.text, '{"n":1}')
  await line.isOver(t)
})

t.test('where the leader is refused the next one leads, each by himself, and nobody waits for all of them', async (t) => {
  const line = new LineBench([hangs, body('{"n":2}')], { coalesce: true, limit: new ScriptedLimit(1), maxWaiting: 0 })
  const blocking = line.send('POST')
  await line.clock.advance(1)
  const runs = reads(line, 1000)
  await line.clock.advance(0)
  t.same(new Set(runs.map(({ status, answer }) => `${status} ${String(answer?.headers['governor-shed'])}`)), new Set(['429 queue_full']))
  line.upstream.calls[0]?.answer(201)
  await line.clock.advance(1)
  t.equal(blocking.status, 201)
  t.equal(line.upstream.calls.length, 1)
  await line.isOver(t)
})

t.test('who wants it asked for now follows nobody, and may be followed; who says no-store is by himself', async (t) => {
  const control = (value: string): Partial<Identity> => raw('Cache-Control', value)
  const line = bench([body('{"n":1}'), body('{"n":2}'), body('{"n":3}'), body('{"n":4}')], 10)
  const runs = [...reads(line, 1), ...reads(line, 1, control('no-cache')), ...reads(line, 1), ...reads(line, 2, control('private, No-Store'))]
  await line.clock.advance(SERVICE_MS)
  t.same(runs.map(({ text }) => text), ['{"n":1}', '{"n":2}', '{"n":2}', '{"n":3}', '{"n":4}'])
  await line.isOver(t)
})

t.test('a write by another credential, by another edge, or one that nobody waits for counts like any other', async (t) => {
  const line = bench([hangs, hangs, body('{"n":3}'), body('{"n":4}')], 10)
  const { identity } = line.send('GET').exchange
  const write = line.send('POST', { account: { ...identity.account, key: 'SK1' }, authorization: 'Basic b3RoZXI=', upstream: { ...identity.upstream, host: 'api.dublin.us1.twilio.com' } })
  await line.clock.advance(1)
  write.exchange.interrupt('client_left')
  await line.clock.advance(1)
  const [after] = reads(line, 1)
  await line.clock.advance(1)
  t.equal(line.upstream.calls.length, 3, 'the client has left: it may have been processed by now')
  line.upstream.calls[1]?.answer(201)
  await line.clock.advance(1)
  const [later] = reads(line, 1)
  await line.clock.advance(SERVICE_MS)
  t.same([after?.text, later?.text], ['{"n":3}', '{"n":4}'], 'and now it has')
  line.upstream.calls[0]?.answer(200)
  await line.clock.advance(1)
  await line.isOver(t)
})

t.test('a write that was never sent changes nothing', async (t) => {
  const line = new LineBench([hangs], { coalesce: true, limit: new ScriptedLimit(1), maxWaiting: 0 })
  const [first] = reads(line, 1)
  await line.clock.advance(1)
  const write = line.send('POST')
  await line.clock.advance(1)
  t.equal(write.status, 429)
  const [second] = reads(line, 1)
  await line.clock.advance(10)
  line.upstream.calls[0]?.answer(200, {}, '{"n":1}')
  await line.clock.advance(1)
  t.same([first?.text, second?.text], ['{"n":1}', '{"n":1}'])
  await line.isOver(t)
})

t.test('each asks for itself where sharing is off', async (t) => {
  const line = new LineBench(body('{}'), { limit: new ScriptedLimit(5) })
  reads(line, 3)
  await line.clock.advance(SERVICE_MS)
  t.equal(line.upstream.calls.length, 3)
  await line.isOver(t)
})

t.test('no answer waits: it goes to all who have asked by then, at the moment it comes, and the next read leads', async (t) => {
  const line = bench([body('{"n":1}'), body('{"n":2}')], 10)
  const runs = reads(line, 1)
  // As fast as reads can come, until the very answer.
  for (let afterMs = 0; afterMs < SERVICE_MS - 1; afterMs++) {
    await line.clock.advance(1)
    runs.push(...reads(line, 9))
  }
  t.equal(runs.filter(({ status }) => status !== undefined).length, 0)
  await line.clock.advance(1)
  t.ok(runs.every(({ text }) => text === '{"n":1}'), 'all are answered when the answer comes')
  const [later] = reads(line, 1)
  await line.clock.advance(SERVICE_MS)
  t.equal(later?.text, '{"n":2}')
  t.equal(line.upstream.calls.length, 2)
  await line.isOver(t)
})

t.test('those who follow are told one in each turn, so that the next read need not wait for all of them', async (t) => {
  const line = bench([body('{"n":1}'), body('{"n":2}')], 10)
  const turns: Array<() => void> = []
  Object.assign(line.clock, { afterInput: (task: () => void) => turns.push(task) })
  const [leader, first, leaving, late, last] = reads(line, 5)
  await line.clock.advance(SERVICE_MS)
  t.same([leader, first, leaving].map((run) => run?.text), ['{"n":1}', '{"n":1}', ''])
  const [next] = reads(line, 1)
  await line.clock.advance(1)
  t.equal(line.upstream.calls.length, 2, 'who asks in between leads anew')
  leaving?.exchange.interrupt('client_left')
  late?.exchange.interrupt('deadline')
  await line.clock.advance(1)
  t.equal(late?.text, '{"n":1}', 'the answer is here: it is not too late')
  while (turns.length > 0) {
    turns.shift()?.()
    await line.clock.advance(0)
  }
  t.same([leaving?.left, last?.text], [true, '{"n":1}'])
  await line.clock.advance(SERVICE_MS)
  t.equal(next?.text, '{"n":2}')
  await line.isOver(t)
})

t.test('a read that ends late leaves the newer one of its kind in flight', async (t) => {
  const line = bench([hangs, answers(204, {}, '', 10), hangs, body('{"n":3}')], 10)
  const [old] = reads(line, 1)
  line.send('DELETE')
  await line.clock.advance(10)
  const [newer] = reads(line, 1)
  await line.clock.advance(1)
  line.upstream.calls[0]?.answer(200, {}, '{"n":1}')
  await line.clock.advance(1)
  const [follower] = reads(line, 1)
  await line.clock.advance(1)
  t.equal(line.upstream.calls.length, 3, 'it follows the newer one')
  line.upstream.calls[2]?.answer(200, {}, '{"n":2}')
  await line.clock.advance(1)
  t.same([old?.text, newer?.text, follower?.text], ['{"n":1}', '{"n":2}', '{"n":2}'])
  await line.isOver(t)
})

t.test('ten thousand follow one read; more ask for themselves, and are bounded by the gate', async (t) => {
  const line = bench([hangs, hangs, body('{}')], 10)
  reads(line, 1 + 10_000)
  await line.clock.advance(1)
  t.equal(line.upstream.calls.length, 1)
  reads(line, 1)
  await line.clock.advance(1)
  t.equal(line.upstream.calls.length, 2)
  for (const call of line.upstream.calls) call.answer(200, {}, '{}')
  await line.clock.advance(1)
  t.ok(line.runs.every(({ status }) => status === 200))
})

t.test('a follower that has left is not the next to lead', async (t) => {
  const line = bench([hangs, body('{"n":2}')])
  const [leader, leaving, staying] = reads(line, 3)
  await line.clock.advance(1)
  leaving?.exchange.interrupt('client_left')
  await line.clock.advance(1)
  leader?.exchange.interrupt('client_left')
  await line.clock.advance(SERVICE_MS)
  t.equal(staying?.text, '{"n":2}')
  await line.isOver(t)
})

t.test('what Twilio refuses because of load is for its reader alone: the next one leads', async (t) => {
  const line = new LineBench([answers(429, {}, '{"code":20429}', 10), body('{"n":2}')], { coalesce: true, limit: new ScriptedLimit(3), retry: { throttled: false } })
  const runs = reads(line, 3)
  await line.clock.advance(10 + SERVICE_MS)
  t.same(runs.map(({ status }) => status), [429, 200, 200])
  await line.isOver(t)
})
