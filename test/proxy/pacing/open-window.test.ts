import t from 'tap'
import type { Deferral } from '../../../src/proxy/ports/deferral.ts'
import { closedRule, hasOpenHours, type TimedRule } from '../../../src/proxy/pacing/open-hours-wait.ts'
import type { PacingRule } from '../../../src/proxy/pacing/pacing-rule.ts'
import type { Script } from '../../support/fake-dispatcher.ts'
import { ALLOWED_MS, LineBench } from '../line/exchange-fixture.ts'

const deleted: Script = (call) => { call.answer(204) }
const HOUR_MS = 3_600_000
const ASYNC = ['Authorization', 'Basic c2VjcmV0', 'Prefer', 'respond-async']

/** A rule for deletes that opens so long after the start of the fake calendar, and stays open. */
function opening (inMs: number, over: Partial<PacingRule> = {}): TimedRule {
  const atMs = Date.UTC(2026, 0, 1) + inMs
  return {
    name: `in ${inMs}`,
    match: { methods: ['DELETE'] },
    pace: undefined,
    per: {},
    openHours: {
      opensInMs: (epochMs) => Math.max(0, atMs - epochMs),
      closesInMs: (epochMs) => epochMs < atMs ? 0 : HOUR_MS
    },
    ...over
  } as TimedRule
}

const bench = (pacing: readonly PacingRule[], more: { deferral?: Deferral, maxWaiting?: number } = {}): LineBench =>
  new LineBench(deleted, { pacing, ...more })
const waiting = (line: LineBench): Array<[string, number]> =>
  line.line.pacing.rules.map(({ rule, waiting }) => [rule, waiting])

t.test('of several closed rules the one that opens last counts, wherever it stands', async (t) => {
  const [soon, late, open] = [opening(1_000), opening(3_000), opening(0)]
  const atMs = Date.UTC(2026, 0, 1)
  for (const rules of [[soon, late, open], [late, soon, open], [open, late, soon]]) {
    t.same(closedRule(rules, atMs), { rule: late, opensInMs: 3_000 })
  }
  t.same(closedRule([soon, late, open], atMs + 3_000), undefined)
  t.ok(hasOpenHours(soon))
  t.notOk(hasOpenHours({ ...soon, openHours: undefined }))
})

t.test('one that waits for several rules is counted for one of them, and goes when all are open', async (t) => {
  const line = bench([opening(2_000), opening(6_000)])
  const run = line.send('DELETE')
  await line.clock.advance(1_000)
  t.same(waiting(line), [['in 2000', 0], ['in 6000', 1]])
  await line.clock.advance(4_999)
  t.equal(run.status, undefined)
  await line.clock.advance(1)
  t.equal(run.status, 204)
  t.same(waiting(line), [['in 2000', 0], ['in 6000', 0]])
  await line.isOver(t)
})

t.test('a client that closes its sending side while its delete is being stored gets its answer', async (t) => {
  let stored = (): void => {}
  const deferral: Deferral = {
    accept: () => new Promise((resolve) => {
      stored = () => { resolve({ statusCode: 202, headers: {}, body: Buffer.from('{}') }) }
    })
  }
  const line = bench([opening(HOUR_MS, { defer: true })], { deferral })
  const run = line.send('DELETE', { rawHeaders: ASYNC })
  await line.clock.advance(0)
  run.exchange.halfClose()
  t.equal(run.exchange.interruption, undefined, 'it may wait for its answer')
  stored()
  await line.clock.advance(0)
  t.equal(run.status, 202)
  t.notOk(run.left)
  await line.isOver(t)
})

t.test('one for whom there is no place to wait is told when its window opens', async (t) => {
  const line = bench([opening(7_000)], { maxWaiting: 1 })
  const runs = [line.send('DELETE'), line.send('DELETE')]
  await line.clock.advance(0)
  t.same([runs[1]?.header('governor-shed'), runs[1]?.header('retry-after')], ['queue_full', '7'])
  await line.clock.advance(7_000)
  t.equal(runs[0]?.status, 204, 'whoever waits already has its place')
  const next = line.send('DELETE')
  await line.clock.advance(0)
  t.equal(next.status, 204)
  await line.isOver(t)
})

t.test('a calendar that is set back by a second was set; by less, it only drifts', async (t) => {
  for (const [backMs, status] of [[999, 429], [1_000, undefined]] as const) {
    // It opens just before the last moment for a start.
    const line = bench([opening(ALLOWED_MS - 1_000 - 500)])
    const run = line.send('DELETE')
    await line.clock.advance(1_000)
    line.clock.steppedMs -= backMs
    await line.clock.advance(4_000)
    t.equal(run.status, status, `back by ${backMs} ms`)
    await line.clock.advance(ALLOWED_MS)
    t.equal(run.status, 429)
    await line.isOver(t)
  }
})

t.test('what a request waits for its window is part of its pace, also when it is taken out early', async (t) => {
  const line = bench([opening(8_000)])
  const run = line.send('DELETE')
  await line.clock.advance(1_500)
  run.exchange.leaveWait?.(new Error('out'))
  await run.done
  t.equal(run.exchange.paceMs, 1_500)
  t.same(waiting(line), [['in 8000', 0]])
})
