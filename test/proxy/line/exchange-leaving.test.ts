import t from 'tap'
import { Readable } from 'node:stream'
import { answers, connects, hangs, refuses } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { ALLOWED_MS, LineBench } from './exchange-fixture.ts'

t.test('a client that leaves while queued is dropped, unsent', async (t) => {
  const bench = new LineBench([hangs], { limit: new ScriptedLimit(1) })
  const hanging = bench.send('GET')
  const waiting = bench.send()
  await bench.clock.advance(40)
  waiting.exchange.interrupt('client_left')
  await waiting.done
  t.ok(waiting.left)
  t.same(bench.stands, { inflight: 1, held: 0, waiting: 0 })
  t.same(bench.ends, [[0, 'client_left', 0]])
  t.match(bench.eventsOf('exchange'), [{ clientLeft: true, queueMs: 40, totalMs: 40 }])
  t.same(bench.eventsOf('shed'), [])
  bench.upstream.calls[0]?.answer(200)
  await hanging.done
  t.equal(bench.upstream.calls.length, 1)
  await bench.isOver(t)
})

t.test('a client that leaves in the very turn in which it is admitted is dropped, unsent, and the next one served', async (t) => {
  const bench = new LineBench([hangs, answers(200)], { limit: new ScriptedLimit(1) })
  const hanging = bench.send('GET')
  const leaving = bench.send('POST')
  const next = bench.send('GET')
  await bench.clock.advance(1)
  const { refused } = leaving.exchange
  t.ok(refused, 'it waits')
  const { granted } = leaving.exchange
  leaving.exchange.granted = (permit) => {
    granted?.(permit)
    leaving.exchange.interrupt('client_left')
  }
  bench.upstream.calls[0]?.answer(200)
  await bench.clock.advance(100)
  t.same([hanging.status, leaving.left, next.status], [200, true, 200])
  t.same(bench.upstream.calls.map(({ options }) => options.method), ['GET', 'GET'])
  await bench.isOver(t)
})

t.test('a client that leaves during a backoff gives back its held slot at once', async (t) => {
  const bench = new LineBench([refuses(20429, { 'retry-after': '5' }), answers(200)], { limit: new ScriptedLimit(1) })
  const leaving = bench.send()
  const waiting = bench.send('GET')
  await bench.clock.advance(100)
  t.same(bench.stands, { inflight: 0, held: 1, waiting: 1 })
  leaving.exchange.interrupt('client_left')
  await leaving.done
  t.same(bench.stands, { inflight: 1, held: 0, waiting: 0 })
  await bench.clock.advance(100)
  t.same([leaving.left, waiting.status], [true, 200])
  t.match(bench.eventsOf('exchange')[0], { status: 0, reason: 'client_left', attempts: 1, backoffMs: 90 })
  await bench.isOver(t)
})

t.test('a client that leaves during a backoff that holds nothing leaves no timer', async (t) => {
  const bench = new LineBench(answers(503))
  const leaving = bench.send('GET')
  await bench.clock.advance(110)
  t.same(bench.stands, { inflight: 0, held: 0, waiting: 0 })
  leaving.exchange.interrupt('client_left')
  await leaving.done
  t.equal(bench.clock.liveTimers, 0)
  t.equal(bench.upstream.calls.length, 1)
  await bench.isOver(t)
})

t.test('a read in flight is cut when its client leaves', async (t) => {
  for (const method of ['GET', 'HEAD']) {
    const bench = new LineBench(hangs)
    const run = bench.send(method)
    await bench.clock.advance(50)
    run.exchange.interrupt('client_left')
    await run.done
    t.ok(run.left, method)
    t.ok(bench.upstream.calls[0]?.aborted)
    t.equal(bench.outcomes, 'abandoned')
    t.same(bench.ends, [[0, 'client_left', 1]])
    t.same(bench.eventsOf('late_outcome'), [])
    await bench.isOver(t)
  }
})

t.test('a write in flight is left to finish when its client leaves, with its permit, and its outcome is told', async (t) => {
  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
    const bench = new LineBench(hangs)
    const run = bench.send(method)
    await bench.clock.advance(50)
    run.exchange.interrupt('client_left')
    await run.done
    t.ok(run.left, method)
    t.notOk(bench.upstream.calls[0]?.aborted)
    t.same(bench.stands, { inflight: 1, held: 0, waiting: 0 })
    t.same(bench.ends, [[0, 'client_left', 1]])
    await bench.clock.advance(500)
    bench.upstream.calls[0]?.answer(201)
    await bench.clock.advance(1)
    t.match(bench.eventsOf('late_outcome'), [{ method, outcome: 'success', status: 201 }])
    await bench.isOver(t)
  }
})

t.test('a write that is still connecting is stopped when its client leaves', async (t) => {
  const bench = new LineBench(connects)
  const run = bench.send()
  await bench.clock.advance(50)
  run.exchange.interrupt('client_left')
  await run.done
  t.ok(run.left)
  t.equal(bench.outcomes, 'unsent')
  t.same(bench.eventsOf('late_outcome'), [])
  await bench.isOver(t)
})

t.test('a client that left before its body was whole is never sent', async (t) => {
  const bench = new LineBench(answers(201))
  const run = bench.send('POST', {}, 'client_left')
  await run.done
  t.ok(run.left)
  t.equal(bench.upstream.calls.length, 0)
  t.same(bench.ends, [[0, 'client_left', 0]])
  await bench.isOver(t)
})

t.test('a client that leaves as its refusal arrives is not sent again', async (t) => {
  const bench = new LineBench(hangs)
  const run = bench.send()
  await bench.clock.advance(10)
  bench.upstream.calls[0]?.answer(429, {}, '{"code":20429}')
  run.exchange.interrupt('client_left')
  await run.done
  t.ok(run.left)
  t.equal(bench.outcomes, 'throttled_account')
  t.same(bench.eventsOf('retry'), [])
  await bench.isOver(t)
})

t.test('a streamed answer whose client left in the same turn is thrown away, and its connection let go', async (t) => {
  const bench = new LineBench(hangs)
  const run = bench.send()
  await bench.clock.advance(10)
  bench.upstream.calls[0]?.head(200, { 'content-type': 'audio/mpeg' })
  run.exchange.interrupt('client_left')
  await run.done
  t.ok(run.left)
  t.ok(bench.upstream.calls[0]?.aborted)
  await bench.isOver(t)
})

t.test('a streamed answer keeps its permit until its body is done upstream', async (t) => {
  const bench = new LineBench(hangs)
  const run = bench.send('GET')
  await bench.clock.advance(10)
  const [call] = bench.upstream.calls
  call?.head(200, { 'content-type': 'audio/mpeg' })
  call?.data('one')
  await run.done
  t.equal(run.status, 200)
  t.same(bench.ends, [[200, 'answered', 1]])
  t.same(bench.stands, { inflight: 1, held: 0, waiting: 0 })
  call?.data('two')
  call?.end()
  await bench.clock.advance(0)
  t.same(bench.stands, { inflight: 0, held: 0, waiting: 0 })
  t.ok(run.answer?.body instanceof Readable)
  t.equal(Buffer.concat(await (run.answer?.body as Readable).toArray() as Buffer[]).toString(), 'onetwo')
  await bench.isOver(t)
})

t.test('a streamed answer gives back its permit when it breaks off, or its client goes away, and is never sent again', async (t) => {
  for (const breaksOff of [true, false]) {
    const bench = new LineBench(hangs)
    const run = bench.send('GET')
    await bench.clock.advance(10)
    const [call] = bench.upstream.calls
    call?.head(200, { 'content-length': '100000' })
    call?.data('one')
    await run.done
    const body = run.answer?.body as Readable
    const closed = new Promise((resolve) => { body.on('error', () => {}).on('close', resolve) })
    if (breaksOff) call?.fail('UND_ERR_SOCKET')
    else body.destroy()
    await closed
    t.equal(call?.aborted, !breaksOff)
    t.equal(bench.upstream.calls.length, 1)
    await bench.isOver(t)
  }
})

t.test('a write that is left behind: its time so far is told, and a stream that comes late is let go of', async (t) => {
  const bench = new LineBench((call, clock) => {
    call.start()
    clock.setTimer(() => {
      call.head(200, { 'content-type': 'audio/mpeg' })
      call.data('a part of it')
    }, ALLOWED_MS + 500)
  })
  const run = bench.send()
  await bench.clock.advance(ALLOWED_MS)
  t.equal(run.status, 504)
  t.equal(run.header('governor-upstream-ms'), String(ALLOWED_MS))
  await bench.clock.advance(500)
  t.ok(bench.upstream.calls[0]?.aborted)
  await bench.isOver(t)
})

t.test('a client that leaves is no shed request, wherever it waited', async (t) => {
  const openHours = { opensInMs: () => 5_000, closesInMs: () => 0 }
  const rule = { match: { callers: ['paced'] }, per: {} }
  const places: Array<[string, LineBench, string]> = [
    ['gate', new LineBench(hangs, { limit: new ScriptedLimit(1) }), 'tests'],
    ['pace', new LineBench(hangs, { pacing: [{ name: 'slow', pace: { starts: 1, intervalMs: 8_000 }, ...rule }] }), 'paced'],
    ['window', new LineBench(hangs, { pacing: [{ name: 'later', pace: undefined, openHours, ...rule }] }), 'paced'],
    ['backoff', new LineBench(refuses(), { limit: new ScriptedLimit(1) }), 'tests']
  ]
  for (const [place, line, caller] of places) {
    if (place !== 'backoff') line.send('POST', { caller: place === 'window' ? 'tests' : caller })
    const leaver = line.send('POST', { caller })
    await line.clock.advance(20)
    leaver.exchange.interrupt('client_left')
    await line.clock.advance(0)
    t.ok(leaver.left, place)
    t.same(line.eventsOf('shed'), [], place)
    t.same(line.ends.at(-1)?.slice(0, 2), [0, 'client_left'], place)
    for (const call of line.upstream.calls) call.answer(201)
    await line.clock.advance(0)
    await line.isOver(t)
  }
})
