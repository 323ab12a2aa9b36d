import t from 'tap'
import { answers, breaks, hangs, refuses, unreachable, type Script } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { LineBench } from './exchange-fixture.ts'

const REPLAYABLE = ['GET', 'HEAD', 'DELETE']
const WRITES = ['POST', 'PUT', 'PATCH', 'OPTIONS']
const LONG_MS = 3_000

const ambiguous: Array<[string, Script, number, string]> = [
  ...[500, 502, 503, 504].map((status): [string, Script, number, string] => [`a ${status}`, answers(status, { 'twilio-request-id': 'RQ5' }), status, 'server_error']),
  ['a reset', breaks('UND_ERR_SOCKET'), 502, 'reset'],
  ['a timeout', breaks('UND_ERR_HEADERS_TIMEOUT'), 504, 'timeout'],
  ['a body that stalls', (call, clock) => {
    call.start()
    call.head(200, { 'content-type': 'application/json', 'twilio-request-id': 'RQ5' })
    clock.setTimer(() => call.fail('UND_ERR_BODY_TIMEOUT'), 100)
  }, 504, 'timeout'],
  ['a body cut short', (call, clock) => {
    call.start()
    call.head(201, { 'content-type': 'application/json', 'twilio-request-id': 'RQ5' })
    call.data('{"sid":')
    clock.setTimer(() => call.fail('UND_ERR_SOCKET'), 100)
  }, 502, 'reset']
]

t.test('after anything ambiguous, a read or delete is sent at most twice more; nobody knows then what became of the delete', async (t) => {
  for (const [what, script, status, outcome] of ambiguous) {
    for (const method of REPLAYABLE) {
      const bench = new LineBench(script)
      const run = bench.send(method)
      await bench.clock.advance(LONG_MS)
      t.same(bench.ends, [[status, 'attempts_spent', 3]], `${method} after ${what}`)
      t.equal(bench.outcomes, [outcome, outcome, outcome].join(' '))
      t.equal(run.header('governor-outcome'), method === 'DELETE' ? 'unknown' : undefined)
      await bench.isOver(t)
    }
  }
})

t.test('after anything ambiguous, a read or delete that then succeeds is a success', async (t) => {
  for (const [what, script] of ambiguous) {
    const bench = new LineBench([script, script, answers(200)])
    const run = bench.send('GET')
    await bench.clock.advance(LONG_MS)
    t.equal(run.status, 200, what)
    t.equal(run.header('governor-attempts'), '3')
    await bench.isOver(t)
  }
})

t.test('after anything ambiguous, a write is never sent again, and the answer says that its outcome is unknown', async (t) => {
  for (const [what, script, status, outcome] of ambiguous) {
    for (const method of WRITES) {
      const bench = new LineBench(script)
      const run = bench.send(method)
      await bench.clock.advance(LONG_MS)
      t.equal(bench.upstream.calls.length, 1, `${method} after ${what}`)
      t.equal(run.header('governor-outcome'), 'unknown')
      t.same(bench.ends, [[status, 'outcome_unknown', 1]])
      t.equal(bench.outcomes, outcome)
      if (outcome !== 'server_error') t.match(run.json(), { code: 20500, status, message: /may have processed the request/ })
      if (script !== ambiguous[4]?.[1] && script !== ambiguous[5]?.[1]) t.equal(run.header('twilio-request-id'), 'RQ5', 'the request id, if there was one')
      await bench.isOver(t)
    }
  }
})

t.test('an attempt that fails holds nothing, and teaches the limit nothing', async (t) => {
  const limit = new ScriptedLimit(1)
  const bench = new LineBench([answers(503), answers(200)], { limit })
  const [read, other] = [bench.send('GET'), bench.send('GET')]
  await bench.clock.advance(100)
  t.same(bench.stands, { inflight: 1, held: 0, waiting: 0 }, 'the slot goes to who waits')
  t.same([limit.admissions, limit.refusals], [[], []])
  await bench.clock.advance(LONG_MS)
  t.same([read.status, other.status], [200, 200])
  t.match(bench.eventsOf('retry'), [{ reason: 'server_error' }])
  await bench.isOver(t)
})

t.test('any other status from 500 on is an answer, and leaves a write unknown', async (t) => {
  for (const status of [501, 505, 507, 511, 520, 530, 599, 600, 700, 999]) {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE']) {
      const bench = new LineBench(answers(status))
      const run = bench.send(method)
      await bench.clock.advance(100)
      const isRead = method === 'GET' || method === 'HEAD'
      t.equal(run.header('governor-outcome'), isRead ? undefined : 'unknown', `${method} ${status}`)
      t.same(bench.ends, [[status, isRead ? 'server_error' : 'outcome_unknown', 1]])
      await bench.isOver(t)
    }
  }
})

t.test('the rest of a large answer that is not passed on is not read, and its connection let go', async (t) => {
  const bench = new LineBench([(call) => {
    call.start()
    call.head(503, { 'content-length': '200000' })
    call.data('<html>')
  }, answers(200)])
  const run = bench.send('GET')
  await bench.clock.advance(LONG_MS)
  t.equal(run.status, 200)
  t.ok(bench.upstream.calls[0]?.aborted)
  t.equal(bench.outcomes, 'server_error success')
  await bench.isOver(t)
})

t.test('the last request id that Twilio named is kept, for who must ask after it', async (t) => {
  const bench = new LineBench([answers(503, { 'twilio-request-id': 'RQ1' }), breaks('UND_ERR_SOCKET')])
  const run = bench.send('GET')
  await bench.clock.advance(LONG_MS)
  t.match(run.answer, { statusCode: 502, headers: { 'twilio-request-id': 'RQ1' } })
  t.match(bench.eventsOf('exchange'), [{ twilioRequestId: 'RQ1', errorCode: 'UND_ERR_SOCKET' }])
  await bench.isOver(t)
})

t.test('before a byte was sent, any method is tried again', async (t) => {
  for (const code of ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT', 'ECONNRESET', 'EPROTO']) {
    for (const method of ['GET', 'POST']) {
      const bench = new LineBench([unreachable(code), unreachable(code), answers(201)])
      const run = bench.send(method)
      await bench.clock.advance(LONG_MS)
      t.equal(run.status, 201, `${method} after ${code}`)
      t.equal(bench.outcomes, 'unsent unsent success')
      t.match(bench.eventsOf('retry'), [{ reason: 'unsent' }, { reason: 'unsent' }])
      await bench.isOver(t)
    }
  }
})

t.test('when no connection can be made, the answer says that nothing was sent', async (t) => {
  const bench = new LineBench(unreachable('ECONNREFUSED'))
  const run = bench.send()
  await bench.clock.advance(LONG_MS)
  t.equal(run.status, 502)
  t.equal(run.header('governor-outcome'), 'not_sent')
  t.match(run.json(), { code: 20503, status: 502, message: 'Could not connect to api.twilio.com (ECONNREFUSED). Nothing was sent to Twilio.' })
  t.same(bench.ends, [[502, 'unsent', 3]])
  t.match(bench.eventsOf('exchange'), [{ errorCode: 'ECONNREFUSED', upstreamMs: 0 }])
  await bench.isOver(t)
})

t.test('a certificate that does not fit is not tried again', async (t) => {
  for (const code of ['DEPTH_ZERO_SELF_SIGNED_CERT', 'ERR_TLS_CERT_ALTNAME_INVALID', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_HAS_EXPIRED', 'SELF_SIGNED_CERT_IN_CHAIN']) {
    const bench = new LineBench(unreachable(code))
    const run = bench.send('GET')
    await bench.clock.advance(10)
    t.equal(run.status, 502, code)
    t.equal(run.header('governor-outcome'), 'not_sent')
    t.same(bench.ends, [[502, 'unsent', 1]])
    await bench.isOver(t)
  }
})

t.test('retries that Twilio may have to work for are paid from the budget', async (t) => {
  const bench = new LineBench(answers(503), { budgetMin: 1 })
  bench.send('GET')
  await bench.clock.advance(LONG_MS)
  bench.send('GET')
  await bench.clock.advance(LONG_MS)
  t.same(bench.ends, [[503, 'budget_spent', 2], [503, 'budget_spent', 1]])
  await bench.isOver(t)
})

t.test('each kind of failure has attempts of its own', async (t) => {
  const bench = new LineBench([refuses(), unreachable('ECONNREFUSED'), answers(503), refuses(), unreachable('ECONNREFUSED'), answers(503), answers(200)])
  const run = bench.send('GET')
  await bench.clock.advance(LONG_MS)
  t.equal(run.status, 200)
  t.same(bench.ends, [[200, 'answered', 7]])
  t.same(bench.eventsOf('attempt').map(({ attempt }) => attempt), [1, 2, 3, 4, 5, 6, 7])
  await bench.isOver(t)
})

t.test('a code that may say something private is not repeated', async (t) => {
  const bench = new LineBench(unreachable('connect to +15550100 failed'), { retry: { unsentAttempts: 1 } })
  const run = bench.send()
  await bench.clock.advance(10)
  t.match(run.json(), { message: 'Could not connect to api.twilio.com (UNKNOWN). Nothing was sent to Twilio.' })
  await bench.isOver(t)
})

t.test('a refusal of ours after earlier attempts says what became of them', async (t) => {
  const cases: Array<[Script, RegExp]> = [
    [breaks('UND_ERR_SOCKET'), /deadline passed.* An earlier attempt reached Twilio, but no whole answer came back\.$/],
    [refuses(25021), /deadline passed.* Twilio processed none of its attempts\.$/],
    [unreachable('ECONNREFUSED'), /deadline passed.* Nothing was sent to Twilio\.$/]
  ]
  for (const [first, message] of cases) {
    const bench = new LineBench([first, hangs], { limit: new ScriptedLimit(1), retry: { backoffBaseMs: 1_000 } })
    const run = bench.send('DELETE')
    while (bench.eventsOf('retry').length === 0) await bench.clock.advance(1)
    // Whoever takes the slot meanwhile keeps it.
    bench.send('POST')
    await bench.clock.advance(20_000)
    t.equal(run.status, 429)
    t.match(run.json(), { message })
  }
})

t.test('when no connection can be made any more, the answer does not say that nothing was sent', async (t) => {
  const bench = new LineBench([breaks('UND_ERR_SOCKET'), unreachable('ECONNREFUSED')])
  const run = bench.send('DELETE')
  await bench.clock.advance(LONG_MS)
  t.equal(run.status, 502)
  t.match(run.json(), { message: /^Could not connect.* An earlier attempt reached Twilio, but no whole answer came back\.$/ })
  t.equal(run.header('governor-outcome'), 'unknown')
})

t.test('each exchange that goes to Twilio earns a part of a retry, and one given a shared answer earns none', async (t) => {
  const bench = new LineBench([answers(200), answers(200), answers(503), answers(200), answers(503)], { budgetMin: 0, budgetRatio: 0.5, coalesce: true, limit: new ScriptedLimit(9) })
  const send = async (path: string, times = 1): Promise<Array<number | undefined>> => {
    const runs = Array.from({ length: times }, () => bench.send('GET', { path }))
    await bench.clock.advance(1_000)
    return runs.map(({ status }) => status)
  }
  t.strictSame(await send('/a', 5), [200, 200, 200, 200, 200])
  t.equal(bench.line.budget.balance, 0.5)
  await send('/b')
  t.strictSame(await send('/c'), [200], 'two have earned one retry')
  t.equal(bench.line.budget.balance, 0)
  t.strictSame(await send('/d'), [503], 'half a retry is none')
  await bench.isOver(t)
})
