import t from 'tap'
import { answers, breaks, hangs, refuses, unreachable } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { ALLOWED_MS, LineBench } from './exchange-fixture.ts'

const PACED = { name: 'slow', match: {}, pace: { perSecond: 0.1 }, per: {} }

t.test('waits between attempts and times at Twilio are summed over all attempts', async (t) => {
  const bench = new LineBench([refuses(), refuses(), answers(201)])
  bench.send()
  await bench.clock.advance(1_000)
  t.match(bench.eventsOf('exchange'), [{ attempts: 3, throttled: 2, backoffMs: 150, upstreamMs: 120, totalMs: 270 }])
  await bench.isOver(t)
})

t.test('so they are where the last attempt is left behind', async (t) => {
  const bench = new LineBench([refuses(), hangs])
  bench.send()
  await bench.clock.advance(ALLOWED_MS)
  t.match(bench.eventsOf('exchange'), [{ reason: 'outcome_unknown', backoffMs: 50, upstreamMs: 10 + ALLOWED_MS - 60 }])
  bench.upstream.calls[1]?.answer(201)
  await bench.isOver(t)
})

t.test('a write that is left behind holds up those who wait for five seconds, and not until it is answered', async (t) => {
  const bench = new LineBench([hangs, answers(201)], { limit: new ScriptedLimit(1) })
  const left = bench.send()
  const waiting = bench.send()
  await bench.clock.advance(0)
  left.exchange.interrupt('client_left')
  await bench.clock.advance(4_900)
  t.equal(bench.upstream.calls.length, 1)
  await bench.clock.advance(300)
  t.equal(waiting.status, 201)
  bench.upstream.calls[0]?.answer(201)
  await bench.isOver(t)
})

t.test('what Twilio says late of a credential counts', async (t) => {
  const bench = new LineBench([hangs, answers(201)])
  const over = { bearer: { credential: 'bad', address: '10.0.0.1' } }
  const left = bench.send('POST', over)
  await bench.clock.advance(0)
  left.exchange.interrupt('client_left')
  await bench.clock.advance(0)
  bench.upstream.calls[0]?.answer(401)
  await bench.clock.advance(0)
  const next = bench.send('POST', over)
  t.ok(next.exchange.isStranger)
  await bench.clock.advance(1_000)
  await bench.isOver(t)
})

t.test('a stop of the process is looked for before a connection is taken, and before an answer is judged', async (t) => {
  const bench = new LineBench([refuses(), answers(201)])
  const said: string[] = []
  const { upstreams } = bench.line
  Object.assign(bench.line, {
    awake: () => { said.push(`look after ${bench.eventsOf('attempt').length}`) },
    upstreams: {
      bodyTimeoutMs: upstreams.bodyTimeoutMs,
      for: (host: string) => {
        said.push('connection')
        return upstreams.for(host)
      }
    }
  })
  bench.send()
  await bench.clock.advance(1_000)
  t.same(said, ['look after 0', 'connection', 'look after 0', 'look after 1', 'connection', 'look after 1'])
  await bench.isOver(t)
})

t.test('between attempts none is on its way: a client that sends no more is judged by those that were sent', async (t) => {
  const bench = new LineBench([refuses(), unreachable('ECONNREFUSED'), answers(201)])
  const run = bench.send()
  await bench.clock.advance(75)
  t.same([run.exchange.attempts, run.exchange.unsent], [2, 1], 'it waits for the third')
  t.equal(run.exchange.attempt, undefined)
  t.ok(run.exchange.isSent)
  run.exchange.halfClose()
  await bench.clock.advance(1_000)
  t.equal(run.status, 201)
  await bench.isOver(t)
})

t.test('what has waited and is at Twilio now waits no more: a switch leaves it alone', async (t) => {
  const bench = new LineBench([refuses(), hangs])
  const run = bench.send()
  await bench.clock.advance(100)
  t.equal(run.exchange.leaveWait, undefined)
  const { refused } = await bench.line.guard.switches.turnOn({
    name: 'stop', account: null, product: null, caller: null, reads: true, reason: null, thrownAtMs: 0, untilMs: null
  })
  t.equal(refused, 0)
  bench.upstream.calls[1]?.answer(201)
  await run.done
  t.equal(run.status, 201)
  await bench.isOver(t)
})

t.test('a want of descriptors is told each time, and tried again more often than other failures', async (t) => {
  for (const code of ['EMFILE', 'ENFILE']) {
    const short = unreachable(code)
    const bench = new LineBench([short, short, short, short, short, answers(201)], { retry: { unsentAttempts: 3 } })
    const run = bench.send()
    await bench.clock.advance(5_000)
    t.equal(run.status, 201, code)
    t.equal(bench.outOfDescriptors, 5, code)
    await bench.isOver(t)
  }
})

t.test('a stranger neither spends the retries that others have earned, nor takes a turn of a pace', async (t) => {
  const broken = breaks('UND_ERR_SOCKET')
  const bench = new LineBench([answers(401), broken, broken, answers(200), answers(200)], { budgetMin: 1, pacing: [PACED] })
  const bad = { bearer: { credential: 'bad', address: '10.0.0.1' } }
  const good = { bearer: { credential: 'good', address: '10.0.0.2' }, class: 'critical' } as const
  const rejected = bench.send('POST', bad)
  await bench.clock.advance(15_000)
  t.equal(rejected.status, 401)
  const stranger = bench.send('GET', bad)
  await bench.clock.advance(1_000)
  t.same([stranger.status, stranger.exchange.attempts, stranger.exchange.paceMs], [502, 1, 0])
  const trusted = bench.send('GET', good)
  await bench.clock.advance(0)
  t.equal(bench.upstream.calls.length, 3, 'the turn is still there')
  await bench.clock.advance(9_000)
  t.same([trusted.exchange.failed, trusted.exchange.attempts > 0], [1, true])
})

t.test('who has waited for its pace goes before those of its class who wait for a slot', async (t) => {
  const bench = new LineBench(hangs, {
    limit: new ScriptedLimit(1),
    pacing: [{ name: 'messages', match: { routes: ['/2010-04-01/Accounts/{}/Messages.json'] }, pace: { perSecond: 4 }, per: {} }]
  })
  const other = { route: 'POST api/2010-04-01/Accounts/{}/Calls.json' }
  for (const [body, over] of [['first', {}], ['paced', {}], ['free', other], ['free', other]] as const) {
    bench.send('POST', over, undefined, Buffer.from(body))
    await bench.clock.advance(0)
  }
  await bench.clock.advance(1_000)
  bench.upstream.calls[0]?.answer(201)
  await bench.clock.advance(0)
  t.same(bench.upstream.calls[1]?.options.body, Buffer.from('paced'))
})

t.test('a client that has left before its turn asks no pace', async (t) => {
  const bench = new LineBench(answers(201), { pacing: [{ name: 'all', match: {}, pace: { perSecond: 0.5 }, per: {} }] })
  bench.send()
  const left = bench.send('POST', {}, 'client_left')
  await bench.clock.advance(0)
  t.ok(left.left)
  await bench.clock.advance(1_000)
  await bench.isOver(t)
})
