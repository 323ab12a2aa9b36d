import t from 'tap'
import type { PacingRule } from '../../../src/proxy/pacing/pacing-rule.ts'
import { answers, refuses, type Script } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { ALLOWED_MS, LineBench } from './exchange-fixture.ts'

const SLOW_MS = 3_000

/** A line that knows from twenty answers that this route takes three seconds; then `next` is what its upstream does. */
async function slowRoute (next: Script, slots: number, pacing: readonly PacingRule[] = []): Promise<LineBench> {
  let script: Script = answers(201, {}, '{}', SLOW_MS)
  const line = new LineBench((call, clock) => { script(call, clock) }, { limit: new ScriptedLimit(slots), pacing })
  for (let i = 0; i < 20; i++) line.send()
  await line.clock.advance(20 * SLOW_MS)
  script = next
  return line
}
/** What was in the air at its arrival is all that a queue knows: as it was before the route became slow. */
const unaware = (line: LineBench): { deadlineMs: number, latestStartMs: number } =>
  ({ deadlineMs: line.clock.nowMs() + ALLOWED_MS, latestStartMs: line.clock.nowMs() + ALLOWED_MS - 1_000 })

t.test('who gets its slot too late to be answered, as the route has become, is refused and not sent', async (t) => {
  const line = await slowRoute(answers(201, {}, '{}', 8_000), 20)
  const sent = line.upstream.calls.length
  for (let i = 0; i < 20; i++) line.send()
  const late = line.send('POST', unaware(line))
  await line.clock.advance(8_000)
  t.equal(late.header('governor-shed'), 'deadline')
  t.equal(line.upstream.calls.length, sent + 20)
  t.match(line.gate.snapshot(), { inflight: 0 }, 'its slot is free')
  await line.isOver(t)
})

t.test('who has had its turn of a pace and gets its slot too late leaves the slot to others', async (t) => {
  const pacing: PacingRule[] = [{ name: 'many', match: { callers: ['paced'] }, pace: { perSecond: 100 }, per: {} }]
  const line = await slowRoute(answers(201, {}, '{}', 8_000), 20, pacing)
  for (let i = 0; i < 20; i++) line.send()
  const late = line.send('POST', { ...unaware(line), caller: 'paced' })
  await line.clock.advance(8_000)
  t.equal(late.header('governor-shed'), 'deadline')
  t.match(line.gate.snapshot(), { inflight: 0 }, 'its slot is free')
  await line.isOver(t)
})

t.test('a turn of a pace that comes too late for one is given to the next', async (t) => {
  const pacing: PacingRule[] = [{ name: 'few', match: { callers: ['paced'] }, pace: { starts: 1, intervalMs: 8_000 }, per: {} }]
  const line = await slowRoute(answers(201), 100, pacing)
  line.send('POST', { caller: 'paced' })
  const late = line.send('POST', { ...unaware(line), caller: 'paced' })
  await line.clock.advance(2_000)
  const next = line.send('POST', { caller: 'paced', deadlineMs: line.clock.nowMs() + 20_000, latestStartMs: line.clock.nowMs() + 15_000 })
  await line.clock.advance(6_200)
  t.equal(late.header('governor-shed'), 'deadline')
  t.equal(next.status, 201)
  await line.isOver(t)
})

t.test('a retry that could not be answered in time is not waited for', async (t) => {
  const line = await slowRoute(refuses(20429, { 'retry-after': '8' }), 20)
  const run = line.send('POST', unaware(line))
  await line.clock.advance(100)
  t.equal(run.status, 429)
  t.match(line.eventsOf('exchange').at(-1), { attempts: 1, reason: 'deadline' })
  await line.isOver(t)
})

t.test('a read that was cut counts as one that takes longer', async (t) => {
  const line = new LineBench(answers(200, {}, '{}', 60_000), { limit: new ScriptedLimit(100) })
  for (let i = 0; i < 20; i++) line.send('GET', { deadlineMs: line.clock.nowMs() + 2_000, latestStartMs: line.clock.nowMs() + 1_800 })
  await line.clock.advance(2_100)
  t.equal(line.gate.limit.expected('GET api/2010-04-01/Accounts/{}/Messages.json').mostWithinMs, 2_000)
})
