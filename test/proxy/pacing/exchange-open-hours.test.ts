import t from 'tap'
import type { Deferral } from '../../../src/proxy/ports/deferral.ts'
import { ShedError } from '../../../src/proxy/errors.ts'
import type { PacingRule } from '../../../src/proxy/pacing/pacing-rule.ts'
import type { FakeClock } from '../../support/fake-clock.ts'
import type { Script } from '../../support/fake-dispatcher.ts'
import { ALLOWED_MS, LineBench, RESERVE_MS } from '../line/exchange-fixture.ts'

const HOUR_MS = 3_600_000
const deleted: Script = (call) => { call.answer(204) }
const ASYNC = ['Authorization', 'Basic c2VjcmV0', 'Prefer', 'wait=10, respond-async; x=1']

/** A rule for deletes that is open from one moment to another of the fake clock's. */
function nightly (between: () => readonly [fromMs: number, untilMs: number], clock: () => FakeClock, over: Partial<PacingRule> = {}): PacingRule {
  const left = (epochMs: number, toMs: number): number => Math.max(0, toMs - (clock().nowMs() + epochMs - clock().epochMs()))
  return {
    name: 'nightly',
    match: { methods: ['DELETE'] },
    pace: undefined,
    per: {},
    openHours: {
      opensInMs: (epochMs) => left(epochMs, between()[0]) || (left(epochMs, between()[1]) > 0 ? 0 : HOUR_MS),
      closesInMs: (epochMs) => left(epochMs, between()[1])
    },
    ...over
  }
}

/** The line before such a rule; `opensInMs` and `closesInMs` from the start. */
function bench (opensInMs: number, closesInMs = 24 * HOUR_MS, over: Partial<PacingRule> = {}, more: { script?: Script, deferral?: Deferral, maxWaiting?: number } = {}): LineBench {
  const at = { startMs: 0 }
  const { script = deleted, ...rest } = more
  const line: LineBench = new LineBench(script, {
    pacing: [nightly(() => [at.startMs + opensInMs, at.startMs + closesInMs], () => line.clock, over)], ...rest
  })
  at.startMs = line.clock.nowMs()
  return line
}

t.test('within the window a request goes on at once, and others know nothing of the rule', async (t) => {
  const line = bench(0)
  line.send('DELETE')
  line.send('POST')
  await line.clock.advance(0)
  t.same(line.ends, [[204, 'answered', 1], [204, 'answered', 1]])
  await line.isOver(t)
})

t.test('one that can wait for its window waits, without a slot', async (t) => {
  const line = bench(5_000)
  const run = line.send('DELETE')
  await line.clock.advance(4_999)
  t.equal(line.upstream.calls.length, 0)
  t.same(line.stands, { inflight: 0, held: 0, waiting: 0 })
  await line.clock.advance(1)
  t.equal(run.status, 204)
  t.equal(run.exchange.paceMs, 5_000)
  await line.isOver(t)
})

t.test('one that cannot is told when the window opens', async (t) => {
  const line = bench(HOUR_MS)
  const run = line.send('DELETE')
  await line.clock.advance(0)
  t.equal(run.status, 429)
  t.equal(run.header('retry-after'), '3600')
  t.equal(run.header('governor-shed'), 'outside_open_hours')
  t.match(run.json(), { code: 20429, message: /the open hours of its rule do not begin.*Nothing was sent to Twilio/ })
  t.match(line.eventsOf('shed'), [{ reason: 'outside_open_hours' }])
  await line.isOver(t)
})

t.test('the latest start decides: a window that opens after it is too late', async (t) => {
  const late = bench(ALLOWED_MS - RESERVE_MS + 1)
  const refused = late.send('DELETE')
  await late.clock.advance(0)
  t.equal(refused.status, 429)
  const last = bench(ALLOWED_MS - RESERVE_MS)
  const run = last.send('DELETE')
  await last.clock.advance(ALLOWED_MS - RESERVE_MS)
  t.equal(run.status, 204)
})

t.test('a client that leaves while it waits for the window is never sent for', async (t) => {
  const line = bench(5_000)
  const run = line.send('DELETE')
  await line.clock.advance(1_000)
  run.exchange.interrupt('client_left')
  await line.clock.advance(5_000)
  t.ok(run.left)
  t.equal(line.upstream.calls.length, 0)
  await line.isOver(t)
})

t.test('whoever waits for a window is counted, and a kill switch takes it out at once', async (t) => {
  const line = bench(5_000)
  const runs = [line.send('DELETE'), line.send('DELETE', { caller: 'stopped' })]
  await line.clock.advance(1_000)
  t.same(line.line.pacing.rules, [{ rule: 'nightly', keys: 0, waiting: 2 }])
  t.match(await line.line.guard.switches.turnOn({ name: 'stop', account: null, product: null, caller: 'stopped', reads: false, reason: null, thrownAtMs: 0, untilMs: null }), { refused: 1 })
  await line.clock.advance(0)
  t.match(runs[1]!.json(), { status: 403, message: /Nothing was sent/ })
  t.same(line.line.pacing.rules, [{ rule: 'nightly', keys: 0, waiting: 1 }])
  await line.clock.advance(4_000)
  t.same(runs.map(({ status }) => status), [204, 403])
  t.same(line.line.pacing.rules, [{ rule: 'nightly', keys: 0, waiting: 0 }])
  await line.isOver(t)
})

t.test('no more wait for a window than may wait for anything else', async (t) => {
  const line = bench(5_000, 24 * HOUR_MS, {}, { maxWaiting: 2 })
  const runs = [line.send('DELETE'), line.send('DELETE'), line.send('DELETE')]
  await line.clock.advance(0)
  t.equal(runs[2]!.header('governor-shed'), 'queue_full')
  await line.clock.advance(5_000)
  t.same(runs.map(({ status }) => status), [204, 204, 429])
  await line.isOver(t)
})

t.test('whose window closes while it waits for its turn is refused, and its slot is free', async (t) => {
  const line = bench(0, 1_500, { pace: { perSecond: 1 } })
  const runs = [line.send('DELETE'), line.send('DELETE'), line.send('DELETE')]
  await line.clock.advance(4_000)
  t.same(runs.map(({ status }) => status), [204, 204, 429])
  t.equal(runs[2]!.header('governor-shed'), 'outside_open_hours')
  await line.isOver(t)
})

t.test('a window alone is no pace: a refusal by the account keeps its slot', async (t) => {
  let calls = 0
  const line = bench(0, 24 * HOUR_MS, {}, { script: (call) => { call.answer(++calls === 1 ? 429 : 204, {}, '{"code":20429}') } })
  line.send('DELETE')
  await line.clock.advance(10)
  t.equal(line.stands.held, 1)
  await line.clock.advance(5_000)
  t.same(line.ends, [[204, 'answered', 2]])
  await line.isOver(t)
})

t.test('a delete whose client would rather not wait is kept for later, where the rule says so', async (t) => {
  const kept: string[] = []
  const deferral: Deferral = {
    accept: async ({ identity: { path } }, rule) => {
      kept.push(`${rule} ${path}`)
      return { statusCode: 202, headers: { location: 'http://admin/jobs/1', 'preference-applied': 'respond-async' }, body: Buffer.from('{}') }
    }
  }
  const line = bench(HOUR_MS, 24 * HOUR_MS, { defer: true }, { deferral })
  const run = line.send('DELETE', { rawHeaders: ASYNC })
  await line.clock.advance(0)
  t.equal(run.status, 202)
  t.equal(run.header('location'), 'http://admin/jobs/1')
  t.equal(kept.length, 1)
  t.match(kept[0], /^nightly \/2010-04-01\//)
  t.same(line.ends, [[202, 'deferred', 0]])
  t.equal(line.upstream.calls.length, 0)
  await line.isOver(t)
})

t.test('nothing else is ever deferred', async (t) => {
  const match = {}
  const cases = [
    ['a delete that does not ask for it', 'DELETE', { rawHeaders: ['Authorization', 'Basic c2VjcmV0'] }, null, true],
    ['one that asks for something else', 'DELETE', { rawHeaders: ['Prefer', 'respond-async-not, return=minimal'] }, null, true],
    ['a create', 'POST', { rawHeaders: ASYNC }, Buffer.from('Body=hello'), true],
    ['a read', 'GET', { rawHeaders: ASYNC }, null, true],
    ['a delete that is signed', 'DELETE', { rawHeaders: [...ASYNC, 'Twilio-Client-Validation', 'eyJ'] }, null, true],
    ['a delete with a body', 'DELETE', { rawHeaders: ASYNC }, Buffer.from('x'), true],
    ['a delete without a credential', 'DELETE', { rawHeaders: ASYNC, authorization: undefined }, null, true],
    ['a delete under a rule that does not defer', 'DELETE', { rawHeaders: ASYNC }, null, false]
  ] as const
  for (const [name, method, over, body, defer] of cases) {
    // The bench fails whoever comes to be deferred.
    const line = bench(HOUR_MS, 24 * HOUR_MS, { match, defer })
    const run = line.send(method, over, undefined, body)
    await line.clock.advance(0)
    t.equal(run.header('governor-shed'), 'outside_open_hours', name)
  }
})

t.test('one that can wait for its window is not deferred', async (t) => {
  const line = bench(2_000, 24 * HOUR_MS, { defer: true })
  const run = line.send('DELETE', { rawHeaders: ASYNC })
  await line.clock.advance(2_000)
  t.equal(run.status, 204)
  await line.isOver(t)
})

t.test('when no more can be kept it is told to come when the window opens', async (t) => {
  const line = bench(HOUR_MS, 24 * HOUR_MS, { defer: true }, { deferral: { accept: () => Promise.reject(new ShedError('deferral_full', HOUR_MS)) } })
  const run = line.send('DELETE', { rawHeaders: ASYNC })
  await line.clock.advance(0)
  t.equal(run.status, 429)
  t.match([run.header('retry-after'), run.header('governor-shed')], ['3600', 'deferral_full'])
  await line.isOver(t)
})

/** A rule that opens at a moment of the calendar. */
const byTheCalendar = (opensAtMs: () => number): Partial<PacingRule> => ({
  openHours: { opensInMs: (epochMs) => Math.max(0, opensAtMs() - epochMs), closesInMs: (epochMs) => epochMs < opensAtMs() ? 0 : HOUR_MS }
})

t.test('one that waits sees within five seconds that the calendar was set forward', async (t) => {
  const line: LineBench = bench(0, HOUR_MS, byTheCalendar(() => opensAtMs))
  const opensAtMs = line.clock.epochMs() + 8_000
  const run = line.send('DELETE')
  await line.clock.advance(1_000)
  line.clock.steppedMs += HOUR_MS
  await line.clock.advance(4_000)
  t.equal(run.status, 204)
  await line.isOver(t)
})

t.test('one that waits when the calendar is set back waits on, and goes when it is set right again in time', async (t) => {
  const line: LineBench = bench(0, HOUR_MS, byTheCalendar(() => opensAtMs))
  const opensAtMs = line.clock.epochMs() + 3_000
  const run = line.send('DELETE')
  await line.clock.advance(1_000)
  line.clock.steppedMs -= HOUR_MS
  await line.clock.advance(4_000)
  t.equal(line.send('DELETE').status, undefined)
  await line.clock.advance(0)
  t.same(line.ends, [[429, 'outside_open_hours', 0]], 'a newcomer is told at once')
  line.clock.steppedMs += HOUR_MS
  await line.clock.advance(3_000)
  t.equal(run.status, 204)
  t.match(line.line.pacing.rules, [{ waiting: 0 }])
  await line.isOver(t)
})

t.test('one that waits when the calendar is set back is refused when its time is up, or kept for later where it may be', async (t) => {
  const kept: string[] = []
  const deferral: Deferral = {
    accept: async (_exchange, rule) => {
      kept.push(rule)
      return { statusCode: 202, headers: {}, body: Buffer.alloc(0) }
    }
  }
  for (const defer of [false, true]) {
    const line: LineBench = bench(0, HOUR_MS, { ...byTheCalendar(() => opensAtMs), defer }, { deferral })
    const opensAtMs = line.clock.epochMs() + 8_000
    const run = line.send('DELETE', { rawHeaders: ASYNC })
    await line.clock.advance(1_000)
    line.clock.steppedMs -= HOUR_MS
    await line.clock.advance(defer ? 4_000 : ALLOWED_MS - RESERVE_MS - 1_000)
    t.equal(run.status, defer ? 202 : 429)
    await line.isOver(t)
  }
  t.same(kept, ['nightly'])
})
