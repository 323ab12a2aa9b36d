/** The model of an account, with routes that announce limits of their own: nobody has configured them. */
import t from 'tap'
import type { AnnouncedRate } from '../../rig/model/model-account.ts'
import { createModel, type ModelOptions } from '../../rig/model/model.ts'
import type { ModelSender } from '../../rig/model/model-sender.ts'
import { atLeast, atMost, SEEDS } from '../../rig/model/model-runs.ts'
import { median, type Stretch } from '../../rig/model/model-tally.ts'
import { THOROUGH } from '../../support/thorough.ts'

const FROM_MS = 5_000
const TO_MS = 65_000

interface Run {
  readonly sender: ModelSender
  readonly of: (route: string) => Stretch
  readonly window: number
}

/** Workers by route, all of them from the first moment on. */
function played (options: ModelOptions, workers: Readonly<Record<string, number>>, toMs = TO_MS): Run {
  const { timeline, senders: [sender] } = createModel(options)
  for (const [route, count] of Object.entries(workers)) sender.closedLoop(count, route)
  const window: number[] = []
  for (let atMs = FROM_MS; atMs <= toMs; atMs += 1_000) {
    timeline.runUntil(atMs)
    window.push(sender.limit.slots())
  }
  return { sender, window: median(window), of: (route) => sender.of(route).between(FROM_MS, toMs) }
}

const alone = SEEDS.map((seed) => played({ seed }, { free: 60 }))

for (const perSecond of THOROUGH ? [3, 10, 50] : [10]) {
  for (const window of THOROUGH ? ['fixed', 'sliding', 'bucket'] as const : ['fixed', 'bucket'] as const) {
    for (const announce of THOROUGH ? ['all', 'admitted'] as const : ['all'] as const) {
      for (const retryAfterMs of THOROUGH ? [undefined, 1_000] : [1_000]) {
        const asks = retryAfterMs === undefined ? '' : ', with Retry-After'
        t.test(`${perSecond} a second, ${window}, told on ${announce} answers${asks}: used, and next to nothing refused from the fifth second on`, async (t) => {
          const rate: AnnouncedRate = { perSecond, window, announce, ...retryAfterMs === undefined ? {} : { retryAfterMs } }
          const runs = SEEDS.map((seed) => played({ seed, announced: { limited: rate } }, { limited: 40, free: 60 }))
          const limited = runs.map(({ of }) => of('limited'))
          t.ok(...atMost('refused per success', limited.map(({ refusedShare }) => refusedShare), 0.01, 0.01))
          t.ok(...atLeast('part of the limit used', limited.map(({ acceptedPerSecond }) => acceptedPerSecond / perSecond), 0.95, 0.94))
          t.ok(...atLeast('free traffic, part of that alone', runs.map(({ of }, i) => of('free').accepted / alone[i]!.of('free').accepted), 0.97, 0.95))
        })
      }
    }
  }
}

const limited: AnnouncedRate = { perSecond: 10, window: 'sliding', announce: 'all' }

t.test('beside traffic that saturates the account its window and its refusals are as without the route', async (t) => {
  for (const announce of THOROUGH ? ['all', 'admitted'] as const : ['admitted'] as const) {
    const runs = SEEDS.map((seed) => played({ seed, announced: { limited: { ...limited, announce } } }, { limited: 40, free: 300 }))
    const without = SEEDS.map((seed) => played({ seed }, { free: 300 }))
    t.ok(...atLeast('window', runs.map(({ window }, i) => window / without[i]!.window), 0.95, 0.9))
    t.ok(...atLeast('free traffic: the others use some 2 % of the account', runs.map(({ of }, i) => of('free').accepted / without[i]!.of('free').accepted), 0.96, 0.94))
    t.ok(...atMost('refusals of free traffic', runs.map(({ of }) => of('free').refusedShare), 0.01, 0.02))
    t.ok(...atLeast('part of the limit used', runs.map(({ of }) => of('limited').acceptedPerSecond / 10), 0.85, 0.8))
    t.ok(...atMost('refused of it: the account refuses it as it does the others', runs.map(({ of }) => of('limited').refusedShare), 0.03, 0.05))
  }
})

for (const reporting of ['exact', 'none'] as const) {
  t.test(`a route that announces more than the account takes: its refusals are the account's (level reported: ${reporting})`, async (t) => {
    const ceiling = (): number => 5
    const wide: AnnouncedRate = { ...limited, perSecond: 90 }
    const runs = SEEDS.map((seed) => played({ seed, ceiling, reporting, announced: { limited: wide } }, { limited: 40 }))
    const without = SEEDS.map((seed) => played({ seed, ceiling, reporting }, { limited: 40 }))
    t.ok(...atLeast('accepted', runs.map(({ of }, i) => of('limited').accepted / without[i]!.of('limited').accepted), 0.97, 0.95))
    t.ok(...atMost('refused per success', runs.map(({ of }) => of('limited').refusedShare), 0.01, 0.02))
    t.ok(...atMost('window', runs.map(({ window }) => window), 9, 9))
    t.ok(runs.every(({ sender }) => sender.limit.pacedRoutes().every(({ source }) => source === 'announced')))
  })
}

t.test('a limit that is lower than announced is found from refusals, and costs few of them from then on', async (t) => {
  const runs = SEEDS.map((seed) => played({ seed, announced: { limited: { ...limited, saysPerSecond: 20 } } }, { limited: 40, free: 60 }, 305_000))
  t.ok(...atMost('refused per success', runs.map(({ of }) => of('limited').refusedShare), 0.01, 0.01))
  t.ok(...atLeast('part of the limit used', runs.map(({ of }) => of('limited').acceptedPerSecond / 10), 0.85, 0.8))
})

t.test('two proxies that share an announced limit find their parts of it', async (t) => {
  const runs = SEEDS.map((seed) => {
    const { timeline, senders } = createModel({ seed, senders: 2, announced: { limited } })
    for (const sender of senders) {
      sender.closedLoop(20, 'limited')
      sender.closedLoop(30, 'free')
    }
    timeline.runUntil(305_000)
    const [one, other] = senders.map((sender) => sender.of('limited').between(FROM_MS, 305_000))
    return { perSecond: one!.acceptedPerSecond + other!.acceptedPerSecond, refusedShare: (one!.refused + other!.refused) / (one!.accepted + other!.accepted) }
  })
  t.ok(...atMost('refused per success', runs.map(({ refusedShare }) => refusedShare), 0.02, 0.03))
  t.ok(...atLeast('part of the limit used', runs.map(({ perSecond }) => perSecond / 10), 0.8, 0.7))
})
