import t from 'tap'
import { ShedError } from '../../../src/proxy/errors.ts'
import { Exchange } from '../../../src/proxy/exchange-state.ts'
import type { PacingRule } from '../../../src/proxy/pacing/pacing-rule.ts'
import { refuseWaiting } from '../../../src/proxy/gate/refuse-waiting.ts'
import { answers, connects, hangs } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { LineBench, type Run } from '../line/exchange-fixture.ts'

const OTHER = { route: 'POST api/2010-04-01/Accounts/{}/Calls.json' }
const FORM = ['Content-Type', 'application/x-www-form-urlencoded']
const rule = (over: Partial<PacingRule> = {}): PacingRule =>
  ({ name: 'messages', match: { routes: ['/2010-04-01/Accounts/{}/Messages.json'] }, pace: { perSecond: 4 }, per: {}, ...over })
const bench = (pacing: readonly PacingRule[], limit = 100, maxWaiting = 100): LineBench =>
  new LineBench(answers(201), { limit: new ScriptedLimit(limit), pacing, maxWaiting })
const send = (line: LineBench, count: number, over: Parameters<LineBench['send']>[1] = {}): Run[] => Array.from({ length: count }, () => line.send('POST', over))
/** When each call went upstream, milliseconds after `sinceMs`. */
const sentAt = (line: LineBench, sinceMs: number): number[] => line.upstream.calls.map(({ atMs }) => Math.round(atMs - sinceMs))

t.test('what a rule is for starts at its pace, and what no rule is for at once', async (t) => {
  const line = bench([rule()])
  const sinceMs = line.clock.nowMs()
  const paced = send(line, 4)
  const free = send(line, 4, OTHER)
  await line.clock.advance(101)
  t.same(free.map(({ status }) => status), [201, 201, 201, 201])
  t.equal(paced.filter(({ status }) => status === 201).length, 1)
  await line.clock.advance(2_000)
  t.same(sentAt(line, sinceMs), [0, 0, 0, 0, 0, 254, 508, 761])
  t.same(paced.map((run) => run.header('governor-pace-ms')), [undefined, '253.8', '507.5', '761.3'])
  t.equal(free[0]?.header('governor-pace-ms'), undefined)
  t.same(line.eventsOf('paced').map(({ rule: name, waitMs }) => [name, Math.round(waitMs)]), [0, 254, 508, 761].map((waitMs) => ['messages', waitMs]))
  t.match(line.eventsOf('exchange').at(-1), { queueMs: 0, attempts: 1 })
  await line.isOver(t)
})

t.test('who waits is served by class, and those of a class in their order', async (t) => {
  const line = bench([rule()])
  const runs = [send(line, 1), send(line, 3, { class: 'bulk' }), send(line, 3, { class: 'critical' })].flat()
  await line.clock.advance(3_000)
  const order = runs.map((run, i) => ({ i, ms: run.exchange.paceMs })).sort((a, b) => a.ms - b.ms).map(({ i }) => i)
  t.same(order.slice(0, 4), [0, 4, 1, 5], 'each class that comes has its turn; from then on critical weighs eight times as much')
  await line.isOver(t)
})

t.test('accounts, services, callers and values of a field are counted apart where a rule says so', async (t) => {
  const cases: Array<[PacingRule['per'], Parameters<LineBench['send']>[1], Buffer]> = [
    [{ caller: true }, { caller: 'other' }, Buffer.from('From=%2B1')],
    [{ field: 'From' }, { rawHeaders: FORM }, Buffer.from('From=%2B2')],
    [{ segments: 2 }, { path: '/2010-04-02/Accounts' }, Buffer.from('From=%2B1')],
    [{ route: true }, { route: 'PUT api/2010-04-01/Accounts/{}/Messages.json' }, Buffer.from('From=%2B1')]
  ]
  for (const [per, other, body] of cases) {
    const line = bench([rule({ per })])
    const first = line.send('POST', { rawHeaders: FORM }, undefined, Buffer.from('From=%2B1'))
    const apart = line.send('POST', other, undefined, body)
    const same = line.send('POST', { rawHeaders: FORM }, undefined, Buffer.from('From=%2B1'))
    await line.clock.advance(101)
    t.same([first, apart, same].map(({ status }) => status), [201, 201, undefined], JSON.stringify(per))
    t.match(line.line.pacing.rules, [{ rule: 'messages', keys: 2, waiting: 1 }])
    await line.clock.advance(1_000)
    await line.isOver(t)
  }
})

t.test('spellings of one thing share a pace, and so do all that name several', async (t) => {
  const cases: Array<[PacingRule['per'], Parameters<LineBench['send']>[1], string, string]> = [
    [{ route: true }, { route: 'POST api/2010-04-01/Accounts/{}/Messages' }, 'From=%2B1', 'From=%2B1'],
    [{ segments: 2 }, { path: '/2010-04-01/ACCOUNTS/x' }, 'From=%2B1', 'From=%2B1'],
    [{ segments: 2 }, { path: '/2010-04-01/%41ccounts/x' }, 'From=%2B1', 'From=%2B1'],
    [{ field: 'From' }, {}, 'From=%2B1&From=%2B2', 'From=%2B3&From=%2B4']
  ]
  for (const [per, other, first, second] of cases) {
    const line = bench([rule({ per })])
    const runs = [line.send('POST', { rawHeaders: FORM }, undefined, Buffer.from(first)), line.send('POST', { rawHeaders: FORM, ...other }, undefined, Buffer.from(second))]
    await line.clock.advance(101)
    t.same(runs.map(({ status }) => status), [201, undefined], JSON.stringify([per, other]))
    t.match(line.line.pacing.rules, [{ keys: 1, waiting: 1 }])
    await line.clock.advance(1_000)
    await line.isOver(t)
  }
})

t.test('a request that several rules are for waits for each', async (t) => {
  const line = bench([rule(), rule({ name: 'few', pace: { starts: 2, intervalMs: 3_000 } })])
  const sinceMs = line.clock.nowMs()
  send(line, 3)
  await line.clock.advance(4_000)
  t.same(sentAt(line, sinceMs), [0, 254, 3_010])
  await line.isOver(t)
})

t.test('an attempt after a refusal waits for its pace again, and holds no place meanwhile', async (t) => {
  const limit = new ScriptedLimit(1)
  const line = new LineBench([answers(429), answers(201)], { limit, pacing: [rule({ pace: { perSecond: 1 } })] })
  const run = line.send()
  await line.clock.advance(400)
  t.same(line.stands, { inflight: 0, held: 0, waiting: 0 })
  await line.clock.advance(1_000)
  t.equal(run.status, 201)
  t.match(line.eventsOf('exchange')[0], { attempts: 2 })
  await line.isOver(t)
})

t.test('a paced request that Twilio refuses leaves its slot to others during its backoff', async (t) => {
  const pacing = [rule({ pace: { perSecond: 1 } })]
  const line = new LineBench([answers(429), answers(201)], { limit: new ScriptedLimit(1), pacing })
  const paced = line.send()
  await line.clock.advance(10)
  const other = line.send('POST', OTHER)
  await line.clock.advance(90)
  t.same(line.stands, { inflight: 1, held: 0, waiting: 0 })
  await line.clock.advance(2_000)
  t.same([paced.status, other.status], [201, 201])
  await line.isOver(t)
})

t.test('who leaves or is too late leaves the line, and takes nobody\'s turn', async (t) => {
  const line = bench([rule({ pace: { perSecond: 1 } })])
  const sinceMs = line.clock.nowMs()
  const [, leaver] = send(line, 3)
  leaver?.exchange.interrupt('client_left')
  const hurried = line.send('POST', { latestStartMs: sinceMs + 1_700 })
  await line.clock.advance(2_600)
  t.ok(leaver?.left)
  t.equal(hurried.status, 429)
  t.same(line.ends.filter(([status]) => status === 429), [[429, 'deadline', 0]])
  t.same(sentAt(line, sinceMs), [0, 1_015])
  await line.isOver(t)
})

t.test('who cannot come in time is told at once, with the time when it could', async (t) => {
  const line = bench([rule({ pace: { starts: 1, intervalMs: 60_000 } })])
  send(line, 1)
  const [late] = send(line, 1)
  await line.clock.advance(101)
  t.equal(late?.status, 429)
  t.equal(late?.header('governor-shed'), 'deadline_unreachable')
  t.equal(late?.header('retry-after'), '61')
  await line.isOver(t)
})

t.test('no more wait than the queue may hold', async (t) => {
  const line = bench([rule()], 100, 2)
  const runs = send(line, 4)
  await line.clock.advance(1)
  t.equal(runs[3]?.header('governor-shed'), 'queue_full')
  await line.clock.advance(1_000)
  await line.isOver(t)
})

t.test('everybody who waits is refused when the proxy ends', async (t) => {
  const line = bench([rule()])
  const runs = send(line, 3)
  await line.clock.advance(1)
  t.equal(refuseWaiting(line.line.running, () => new ShedError('draining', 1_000)), 2)
  await line.clock.advance(101)
  t.same(runs.map(({ status }) => status), [201, 429, 429])
  await line.isOver(t)
})

t.test('what the gate delays does not come out in a bunch', async (t) => {
  const line = new LineBench([hangs, answers(201)], { limit: new ScriptedLimit(1), pacing: [rule()] })
  line.send('POST', OTHER)
  const sinceMs = line.clock.nowMs()
  send(line, 6)
  await line.clock.advance(1_400)
  line.upstream.calls[0]?.answer(201)
  await line.clock.advance(3_000)
  const at = sentAt(line, sinceMs).slice(1)
  t.equal(at.length, 6)
  for (const ms of at) t.ok(at.filter((other) => other >= ms && other < ms + 1_000).length <= 4, at.join(' '))
  await line.isOver(t)
})

t.test('a kill switch takes out who waits for a pace', async (t) => {
  const line = bench([rule()])
  const runs = send(line, 3)
  await line.clock.advance(101)
  await line.line.guard.switches.turnOn({ name: 'stop', account: null, product: 'api', caller: null, reads: false, reason: null, thrownAtMs: line.clock.epochMs(), untilMs: null })
  await line.clock.advance(1)
  t.same(runs.map(({ status }) => status), [201, 403, 403])
  await line.isOver(t)
})

t.test('who takes long to connect counts from when it goes out', async (t) => {
  const line = new LineBench([connects, answers(201)], { limit: new ScriptedLimit(100), pacing: [rule()] })
  const sinceMs = line.clock.nowMs()
  send(line, 6)
  await line.clock.advance(200)
  line.upstream.calls[0]?.start()
  line.upstream.calls[0]?.answer(201)
  await line.clock.advance(2_000)
  t.same(sentAt(line, sinceMs).slice(1), [254, 508, 761, 1_210, 1_269], 'the fifth a second after the first went out')
  await line.isOver(t)
})

t.test('a pace remembers its starts for all of a long interval, however quiet it is meanwhile', async (t) => {
  const line = bench([rule({ pace: { starts: 1, intervalMs: 600_000 } })])
  const [first] = send(line, 1)
  await line.clock.advance(300_000)
  const [tooEarly] = send(line, 1)
  await line.clock.advance(400_000)
  const [next] = send(line, 1)
  await line.clock.advance(1_000)
  t.same([first?.status, tooEarly?.status, next?.status], [201, 429, 201])
  t.equal(tooEarly?.header('governor-shed'), 'deadline_unreachable')
  await line.isOver(t)
})

t.test('a client is told how long all its rules together held its request back', async (t) => {
  const line = bench([rule(), rule({ name: 'few', pace: { starts: 2, intervalMs: 3_000 } })])
  const runs = send(line, 3)
  await line.clock.advance(4_000)
  t.same(runs.map((run) => Math.round(Number(run.header('governor-pace-ms') ?? 0))), [0, 254, 3_010])
  await line.isOver(t)
})

t.test('of more keys than a rule keeps a pace for, those that come later share one', async (t) => {
  const line = bench([rule({ per: { caller: true }, pace: { perSecond: 1 } })])
  const { identity } = line.send().exchange
  for (let i = 1; i < 10_000; i++) line.line.pacing.of(new Exchange({ ...identity, caller: `caller ${i}` }))
  t.match(line.line.pacing.rules, [{ keys: 10_000 }])
  const late = [line.send('POST', { caller: 'one too many' }), line.send('POST', { caller: 'one more' })]
  await line.clock.advance(101)
  t.same(late.map(({ status }) => status), [201, undefined])
  t.match(line.line.pacing.rules, [{ keys: 10_001, waiting: 1 }])
  await line.clock.advance(2_000)
  await line.isOver(t)
})
