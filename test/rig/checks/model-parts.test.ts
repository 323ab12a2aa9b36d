/** What the scenarios ask of the model beyond a hard ceiling: services, slowness, mixtures, and the ways of other clients to retry. */
import t from 'tap'
import type { PeerLimit } from '../peers/peer.ts'
import { createFixed } from '../../../src/policy/limit/fixed.ts'
import { createModel, fixedAt, type ModelOptions } from '../model/model.ts'
import type { Route } from '../model/model-sender.ts'
import type { Stretch } from '../model/model-tally.ts'

const MINUTE_MS = 60_000

function minute (options: Partial<ModelOptions>, route: Route = 'free', workers = 50): (of: string) => Stretch {
  const { timeline, senders: [sender] } = createModel({ seed: 1, limit: fixedAt(1_000), ...options })
  sender.closedLoop(workers, route)
  timeline.runUntil(MINUTE_MS)
  return (of) => sender.of(of).between(0, MINUTE_MS)
}
const accepted = (options: Partial<ModelOptions>, route?: Route): number => minute(options, route)('free').accepted

t.test('an account that is twice as slow serves half as much, wire aside', async (t) => {
  const wire = { wireMs: 0, wireJitterMs: 0 }
  const ratio = accepted({ ...wire, slowness: () => 2 }) / accepted(wire)
  t.ok(Math.abs(ratio - 0.5) < 0.03, `${ratio}`)
  const loaded = accepted({ ...wire, slowness: (_nowMs, present) => present > 25 ? 2 : 1 }) / accepted(wire)
  t.ok(loaded < 0.6, `${loaded} when only the crowd is slow`)
  const late = accepted({ ...wire, slowness: (nowMs) => nowMs > MINUTE_MS / 2 ? 2 : 1 }) / accepted(wire)
  t.ok(Math.abs(late - 0.75) < 0.03, `${late} when half of the time is`)
})

t.test('routes are drawn by their parts, each with a service time of its own', async (t) => {
  const of = minute({ service: { quick: { medianMs: 10, p99Ms: 20 } } }, { quick: 0.75, free: 0.25 })
  const part = of('quick').accepted / (of('quick').accepted + of('free').accepted)
  t.ok(Math.abs(part - 0.75) < 0.02, `${part}`)
  t.ok(of('quick').accepted + of('free').accepted > 2 * accepted({}), 'most of it is quick')
})

t.test('a soft ceiling refuses below it, the more the fuller it is', async (t) => {
  const refused = (workers: number): number =>
    minute({ ceiling: () => 60, softness: (filled) => filled > 0.5 ? 0.2 : 0 }, 'free', workers)('free').refused
  t.equal(refused(20), 0)
  t.ok(refused(50) > 100)
})

t.test('refusals without a cause may come and go', async (t) => {
  const { timeline, senders: [sender] } = createModel({ seed: 1, limit: fixedAt(100), randomRefusals: { free: (nowMs) => nowMs < 10_000 ? 0.5 : 0 } })
  sender.closedLoop(20)
  timeline.runUntil(20_000)
  t.ok(sender.total.between(0, 10_000).refused > 100)
  t.equal(sender.total.between(10_200, 20_000).refused, 0)
})

t.test('a retry rule of its own ends in failure after the last retry', async (t) => {
  const { timeline, senders: [sender] } = createModel({ seed: 1, ceiling: () => 0, retry: { most: 3, delayMs: () => 100 } })
  let endedAtMs = NaN
  sender.call('free', () => { endedAtMs = timeline.nowMs })
  timeline.runUntil(10_000)
  const { started, refused, failed } = sender.total.between(0, 10_000)
  t.same([started, refused, failed], [4, 4, 1])
  t.ok(endedAtMs > 300 && endedAtMs < 700, `${endedAtMs}`)
})

t.test('a request that is turned away is not sent, and comes again', async (t) => {
  let asked = 0
  const limit = (): PeerLimit => ({ ...createFixed(10), turnsAway: () => ++asked <= 2 })
  const { timeline, senders: [sender] } = createModel({ seed: 1, limit })
  sender.call('free', () => {})
  timeline.runUntil(10_000)
  const { started, refused, accepted: done } = sender.total.between(0, 10_000)
  t.same([asked, started, refused, done], [3, 1, 0, 1])
})

t.test('load ends when it is told to', async (t) => {
  const { timeline, senders: [sender] } = createModel({ seed: 1 })
  sender.closedLoop(10, 'free', 0, 5_000)
  sender.openLoop(50, 'free', 0, 5_000)
  timeline.runUntil(30_000)
  t.ok(sender.total.between(0, 5_000).started > 200)
  t.equal(sender.total.between(5_000, 30_000).started, 0)
  t.equal(sender.busy, 0)
})
