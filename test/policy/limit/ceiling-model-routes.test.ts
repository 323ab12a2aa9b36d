/** The same model, where refusals come that are not about the account's concurrency. */
import t from 'tap'
import { createModel, type ModelOptions } from '../../rig/model/model.ts'
import type { ModelSender } from '../../rig/model/model-sender.ts'
import type { Stretch } from '../../rig/model/model-tally.ts'
import { atLeast, atMost, ran, SEEDS } from '../../rig/model/model-runs.ts'
import { median } from '../../rig/model/model-tally.ts'
import { THOROUGH } from '../../support/thorough.ts'

const FROM_MS = 10_000

interface Run {
  readonly sender: ModelSender
  readonly of: (route: string) => Stretch
  readonly total: Stretch
  /** The window, every second. */
  readonly window: readonly number[]
}

/** Workers by route. */
function watched (options: ModelOptions, workers: Readonly<Record<string, number>>, toMs: number): Run {
  const { timeline, senders: [sender] } = createModel(options)
  for (const [route, count] of Object.entries(workers)) sender.closedLoop(count, route)
  const window: number[] = []
  for (let atMs = FROM_MS; atMs <= toMs; atMs += 1_000) {
    timeline.runUntil(atMs)
    window.push(sender.limit.slots())
  }
  return { sender, window, of: (route) => sender.of(route).between(FROM_MS, toMs), total: sender.total.between(FROM_MS, toMs) }
}

const routesPerSecond = { slow: 20, crawl: 1 }

t.test('routes of 20 and of 1 a second beside free traffic that saturates the account do not move its window', async (t) => {
  const runs = SEEDS.map((seed) => ({
    beside: watched({ seed, routesPerSecond }, { free: 300, slow: 40, crawl: 10 }, 100_000),
    without: watched({ seed }, { free: 300 }, 100_000)
  }))
  const free = runs.map(({ beside, without }) => beside.of('free').accepted / without.of('free').accepted)
  t.ok(...atLeast('window, part of that without them', runs.map(({ beside, without }) => median(beside.window) / median(without.window)), 0.95, 0.9))
  t.ok(...atLeast('all traffic', runs.map(({ beside, without }) => beside.total.accepted / without.total.accepted), 0.97, 0.95))
  t.ok(...atLeast('free traffic: the others use some 4 % of the account', free, 0.94, 0.92))
  t.ok(...atLeast('20 a second', runs.map(({ beside }) => beside.of('slow').acceptedPerSecond), 18, 16))
  t.ok(...atMost('refusals per success', runs.map(({ beside }) => beside.total.refusedShare), 0.01, 0.02))
  t.ok(runs.every(({ beside }) => beside.sender.limit.pacedRoutes().length === 2))
})

if (THOROUGH) {
  t.test('beside light traffic the same routes get what they may, and free traffic does not notice', async (t) => {
    const runs = SEEDS.map((seed) => ({
      beside: watched({ seed, routesPerSecond }, { free: 60, slow: 40, crawl: 10 }, 250_000),
      without: watched({ seed }, { free: 60 }, 250_000)
    }))
    t.ok(...atLeast('free traffic', runs.map(({ beside, without }) => beside.of('free').accepted / without.of('free').accepted), 0.97, 0.95))
    t.ok(...atLeast('20 a second', runs.map(({ beside }) => beside.of('slow').acceptedPerSecond), 18, 16))
    t.ok(...atLeast('1 a second', runs.map(({ beside }) => beside.of('crawl').acceptedPerSecond), 0.6, 0.4))
    t.ok(...atMost('refusals per success', runs.map(({ beside }) => beside.total.refusedShare), 0.01, 0.02))
  })
}

t.test('a route of 20 a second that is the only traffic gets its 20', async (t) => {
  const runs = SEEDS.map((seed) => watched({ seed, routesPerSecond }, { slow: 40 }, 70_000).total)
  t.ok(...atLeast('accepted a second', runs.map(({ acceptedPerSecond }) => acceptedPerSecond), 18, 16))
  t.ok(...atMost('refusals per success', runs.map(({ refusedShare }) => refusedShare), 0.1, 0.2))
})

t.test('refusals at random, of 2 % of a fifth of the traffic, cost the rest next to nothing', async (t) => {
  const free = (seed: number, odd: number): number => watched({ seed, randomRefusals: { odd } }, { free: 240, odd: 60 }, 70_000).of('free').accepted
  t.ok(...atLeast('free traffic', SEEDS.map((seed) => free(seed, 0.02) / free(seed, 0)), 0.95, 0.9))
})

if (THOROUGH) {
  t.test('a limit that many routes pass through runs for an hour without drifting', async (t) => {
    const { senders: [sender] } = ran({ seed: 1, ceiling: () => 5 }, ({ senders: [only] }) => {
      for (let i = 0; i < 300; i++) only.openLoop(0.9 * 23.5 / 300, `route ${i}`)
    }, 3_600_000)
    const [early, late] = [sender.total.between(100_000, 1_800_000), sender.total.between(1_800_000, 3_500_000)]
    t.ok(Math.abs(late.acceptedPerSecond / early.acceptedPerSecond - 1) < 0.05, `${late.acceptedPerSecond} after ${early.acceptedPerSecond} a second`)
    t.ok(sender.limit.slots() >= 1 && sender.limit.slots() <= 15, `${sender.limit.slots()} slots`)
    t.ok(late.refusedShare < 0.01, `${late.refusedShare} refusals per success`)
    t.same(sender.limit.pacedRoutes(), [])
  })
}

for (const [reporting, part] of [['none', 0.02], ['none', 0.1], ['exact', 0.1]] as const) {
  t.test(`refusals at random, of ${100 * part} % of a fifth of the traffic, are not taken for the account's (reported: ${reporting})`, async (t) => {
    const accepted = (seed: number, odd: number): number => watched({ seed, reporting, randomRefusals: { odd } }, { free: 240, odd: 60 }, 70_000).total.accepted
    t.ok(...atLeast('all traffic', SEEDS.map((seed) => accepted(seed, part) / accepted(seed, 0)), 0.9, 0.75))
  })
}
