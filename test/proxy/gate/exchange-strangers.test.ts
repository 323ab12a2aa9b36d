import t from 'tap'
import { answers, type Script } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { LineBench, type Run } from '../line/exchange-fixture.ts'

/** Twilio: it knows one credential, or those that are added. */
class Twilio {
  readonly knows = new Set(['good'])
  readonly script: Script = (call, clock) => {
    const headers = call.options.headers as string[]
    answers(this.knows.has(headers[headers.indexOf('Authorization') + 1] ?? '') ? 201 : 401)(call, clock)
  }
}

const NOBODY = { rawHeaders: ['Host', 'localhost:8080'] }

function send (bench: LineBench, credential: string, address = '10.0.0.1', over: object = {}): Run {
  return bench.send('POST', { bearer: { credential, address }, authorization: credential, rawHeaders: ['Host', 'localhost:8080', 'Content-Type', 'application/x-www-form-urlencoded', 'Authorization', credential], ...over })
}

t.test('at the start all are trusted: no request waits for the first answer', async (t) => {
  const bench = new LineBench(new Twilio().script, { limit: new ScriptedLimit(5) })
  for (let i = 0; i < 5; i++) send(bench, 'good')
  await bench.clock.advance(0)
  t.same(bench.stands, { inflight: 5, held: 0, waiting: 0 })
  await bench.clock.advance(1_000)
  await bench.isOver(t)
})

t.test('a credential that got 401 waits at a gate of its own, with those of it that wait already, until Twilio accepts it', async (t) => {
  const twilio = new Twilio()
  const bench = new LineBench(twilio.script, { limit: new ScriptedLimit(2) })
  const rejected = Array.from({ length: 6 }, () => send(bench, 'bad'))
  const good = send(bench, 'good', '10.0.0.2')
  await bench.clock.advance(0)
  t.same(bench.stands, { inflight: 2, held: 0, waiting: 5 })
  await bench.clock.advance(100)
  t.equal(bench.gate.waiting, 0, 'those that wait have moved')
  t.equal(bench.strangers.waiting, 3)
  t.same(bench.stands, { inflight: 1, held: 0, waiting: 3 }, 'the slots of the account are for others')
  await bench.clock.advance(100)
  t.equal(good.status, 201)
  twilio.knows.add('bad')
  await bench.clock.advance(100)
  t.equal(bench.strangers.waiting, 1)
  await bench.clock.advance(100)
  t.equal(bench.strangers.waiting, 0, 'accepted: they are back')
  await bench.clock.advance(200)
  t.same(rejected.map(({ status }) => status), [401, 401, 401, 401, 201, 201])
  await bench.isOver(t)
})

t.test('where Twilio has accepted somebody, a credential that is new has to be accepted first', async (t) => {
  const bench = new LineBench(new Twilio().script, { limit: new ScriptedLimit(2) })
  send(bench, 'good', '10.0.0.2')
  await bench.clock.advance(100)
  for (let i = 0; i < 20; i++) send(bench, `invented ${i}`, '10.0.0.1', { caller: `name ${i}`, class: 'critical' })
  const [one, two] = [send(bench, 'good', '10.0.0.2'), send(bench, 'good', '10.0.0.2')]
  await bench.clock.advance(0)
  t.same(bench.stands, { inflight: 2, held: 0, waiting: 19 })
  t.equal(bench.gate.waiting, 0)
  t.equal(bench.strangers.snapshot().waitingCallers, 1, 'the names that strangers give are no proof')
  await bench.clock.advance(100)
  t.same([one.status, two.status], [201, 201])
  await bench.clock.advance(5_000)
  await bench.isOver(t)
})

t.test('where Twilio has refused many, a new credential has to be accepted first, and takes turns with other addresses', async (t) => {
  const bench = new LineBench(new Twilio().script, { limit: new ScriptedLimit(20) })
  for (let i = 0; i < 8; i++) send(bench, `invented ${i}`)
  await bench.clock.advance(100)
  for (let i = 10; i < 20; i++) send(bench, `invented ${i}`)
  const good = [send(bench, 'good', '10.0.0.2'), send(bench, 'good', '10.0.0.2')]
  await bench.clock.advance(0)
  t.equal(bench.strangers.waiting, 11)
  await bench.clock.advance(400)
  t.same(good.map(({ status }) => status), [201, 201])
  await bench.clock.advance(2_000)
  await bench.isOver(t)
})

t.test('nobody without a credential takes a slot of an account that is known', async (t) => {
  const bench = new LineBench(new Twilio().script, { limit: new ScriptedLimit(2) })
  send(bench, 'good')
  await bench.clock.advance(100)
  for (let i = 0; i < 4; i++) send(bench, 'nobody', '10.0.0.1', NOBODY)
  await bench.clock.advance(0)
  t.same(bench.stands, { inflight: 0, held: 0, waiting: 3 })
  await bench.clock.advance(1_000)
  await bench.isOver(t)
})

t.test('a single 401 moves no credential that Twilio has accepted', async (t) => {
  const bench = new LineBench([answers(201), answers(401), answers(201)], { limit: new ScriptedLimit(1) })
  for (let i = 0; i < 3; i++) {
    send(bench, 'good')
    await bench.clock.advance(0)
    t.equal(bench.stands.inflight, 1)
    await bench.clock.advance(100)
  }
  await bench.isOver(t)
})

t.test('what strangers send earns no retry for others', async (t) => {
  const bench = new LineBench(new Twilio().script, { limit: new ScriptedLimit(2), budgetRatio: 0.5, budgetMin: 0 })
  send(bench, 'good', '10.0.0.2')
  await bench.clock.advance(100)
  t.equal(bench.line.budget.balance, 0.5)
  const strangers = Array.from({ length: 4 }, (_, i) => send(bench, `invented ${i}`))
  await bench.clock.advance(1_000)
  t.same(strangers.map(({ status }) => status), [401, 401, 401, 401])
  t.equal(bench.line.budget.balance, 0.5)
  await bench.isOver(t)
})

t.test('what strangers send is counted by caps only when it is about to go', async (t) => {
  const twilio = new Twilio()
  const bench = new LineBench(twilio.script, { limit: new ScriptedLimit(2), caps: { daily: { max: 4, intervalMs: 60_000, mode: 'refuse' } } })
  const early = Array.from({ length: 4 }, () => send(bench, 'bad'))
  await bench.clock.advance(100)
  const good = Array.from({ length: 3 }, () => send(bench, 'good', '10.0.0.2'))
  await bench.clock.advance(500)
  t.same(good.map(({ status }) => status), [201, 201, 201])
  t.same(early.map(({ status }) => status), [401, 401, 401, 401])
  twilio.knows.add('bad')
  const late = [send(bench, 'bad'), send(bench, 'bad')]
  await bench.clock.advance(500)
  t.same(late.map(({ status }) => status), [201, 403], 'what Twilio accepts at last counts')
  await bench.isOver(t)
})

t.test('who waits for its next attempt, and not at a gate, is not disturbed when its credential is rejected', async (t) => {
  const bench = new LineBench([answers(429), answers(401), answers(401)], { limit: new ScriptedLimit(2) })
  const runs = [send(bench, 'bad'), send(bench, 'bad')]
  await bench.clock.advance(101)
  t.same(runs.map(({ status }) => status), [undefined, 401])
  await bench.clock.advance(1_000)
  t.same(runs.map(({ status }) => status), [401, 401])
  await bench.isOver(t)
})
