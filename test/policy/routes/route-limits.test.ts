import t from 'tap'
import { createAimd } from '../../../src/policy/limit/aimd.ts'
import { createCeiling } from '../../../src/policy/limit/ceiling.ts'
import { createFixed } from '../../../src/policy/limit/fixed.ts'
import type { Feedback, Refusal, RouteLimit, Ticket } from '../../../src/policy/limit/limit.ts'
import { withRouteLimits } from '../../../src/policy/routes/route-limits.ts'
import { ceilingOptions, Drive } from '../limit/drive.ts'

const ROUTE = 'GET taskrouter/v1/Workspaces/{}/Tasks'

/** Plays one route, whose answers announce what they are told to. */
class Scene extends Drive {
  said: RouteLimit | undefined

  constructor (said?: Partial<RouteLimit>, limit = createCeiling({ ...ceilingOptions, initial: 100 })) {
    super(withRouteLimits(limit))
    this.say(said)
  }

  say (said: Partial<RouteLimit> | undefined): void {
    this.said = said === undefined ? undefined : { limit: 10, remaining: undefined, intervalMs: undefined, ...said }
  }

  get perSecond (): number { return this.limit.pacePerSecond(ROUTE) }
  get readyInMs (): number { return Math.max(0, this.limit.readyAtMs(ROUTE) - this.nowMs) }
  get sources (): string[] { return this.limit.pacedRoutes(this.nowMs).map(({ source }) => source) }

  go (): Ticket { return this.send({ route: ROUTE, inflight: 2 }) }
  yes (ticket: Ticket, more: Partial<Feedback> = {}): void {
    this.limit.admitted(ticket, { concurrency: undefined, durationMs: undefined, routeLimit: this.said, ...more }, this.nowMs)
  }

  no (ticket: Ticket, more: Partial<Feedback> = {}): Refusal {
    return this.limit.refused(ticket, { concurrency: undefined, durationMs: undefined, ...more }, this.nowMs)
  }

  /** As soon as the route is ready: a start, and 50 ms later its success. */
  turn (more: Partial<Feedback> = {}): void {
    this.wait(this.readyInMs)
    const ticket = this.go()
    this.wait(50)
    this.yes(ticket, more)
  }

  /** As soon as the route is ready: a start, and 5 ms later its refusal, which says that nothing is left. */
  refusedTurn (more: Partial<Feedback> = { routeLimit: { limit: 10, remaining: 0, intervalMs: undefined } }): Refusal {
    this.wait(this.readyInMs)
    const ticket = this.go()
    this.wait(5)
    return this.no(ticket, more)
  }

  /** How many start in so many milliseconds when somebody always waits. */
  starts (ms: number): number {
    const untilMs = this.nowMs + ms
    let count = 0
    this.wait(this.readyInMs)
    while (this.nowMs < untilMs) {
      this.yes(this.go())
      count++
      this.wait(this.readyInMs)
    }
    return count
  }
}

const about = (value: number, wanted: number): boolean => Math.abs(value / wanted - 1) < 0.001

t.test('the first announcement sets the pace, a little under the limit', async (t) => {
  for (const [said, perSecond] of [
    [{ limit: 3 }, 3 / 1.045],
    [{ limit: 50 }, 50 / 1.045],
    [{ limit: 60, intervalMs: 60_000 }, 60 / 60.045],
    [{ limit: 5, intervalMs: 100 }, 5 / 0.11],
    [{ limit: 0.5 }, 0.5 / 1.045]
  ] as const) {
    const scene = new Scene(said)
    t.equal(scene.perSecond, 0)
    scene.turn()
    t.ok(about(scene.perSecond, perSecond), `${JSON.stringify(said)}: ${scene.perSecond}`)
    t.match(scene.limit.pacedRoutes(), [{ route: ROUTE, source: 'announced' }])
  }
})

t.test('an announcement slower than a start in five seconds is left to refusals', async (t) => {
  const scene = new Scene({ limit: 1, intervalMs: 60_000 })
  scene.turn()
  t.same([scene.perSecond, scene.readyInMs, scene.sources], [0, 0, []])
})

t.test('no second holds more starts than announced, however late some of them are', async (t) => {
  const scene = new Scene({ limit: 10 })
  scene.turn()
  const startedAtMs: number[] = []
  for (let i = 0; i < 200; i++) {
    scene.wait(scene.readyInMs + [0, 3, 90, 0, 0, 40][i % 6]!)
    startedAtMs.push(scene.nowMs)
    scene.yes(scene.go())
  }
  for (let i = 10; i < 200; i++) t.ok(startedAtMs[i]! - startedAtMs[i - 10]! >= 1_035, `start ${i}`)
  const perSecond = 199_000 / (startedAtMs[199]! - startedAtMs[0]!)
  t.ok(perSecond > 8.8, `${perSecond} a second: most of what came late was made up for, it would be 8 else`)
})

t.test('a flood before the first announcement is over before the pace begins, and its refusals are nobody\'s fault', async (t) => {
  const scene = new Scene({ limit: 10, remaining: 0 })
  const flood = Array.from({ length: 30 }, () => scene.go())
  scene.wait(50)
  scene.yes(flood[0]!)
  t.ok(scene.readyInMs >= 990, `${scene.readyInMs}`)
  t.same(scene.no(flood[1]!), { by: 'route', reason: 'route', holds: false })
  for (const ticket of flood.slice(2)) scene.no(ticket)
  t.same([scene.slots, scene.sources], [100, ['announced']])
})

t.test('a route that is used little is not held up by its first announcement', async (t) => {
  const scene = new Scene({ limit: 50, remaining: 49 })
  scene.turn()
  t.ok(scene.readyInMs < 50)
})

t.test('a pace is never grown past its announcement', async (t) => {
  const scene = new Scene({ limit: 10 })
  scene.turn()
  const { perSecond } = scene
  scene.starts(300_000)
  t.equal(scene.perSecond, perSecond)
})

t.test('a larger announcement raises the pace at once, a smaller one lowers it at once', async (t) => {
  const scene = new Scene({ limit: 10 })
  scene.turn()
  scene.wait(20_000)
  for (const limit of [50, 5]) {
    scene.say({ limit })
    scene.turn()
    t.ok(about(scene.perSecond, limit / 1.045), `${limit}`)
    scene.wait(20_000)
  }
})

t.test('of an interval of which a part is used, what is left is spread over it', async (t) => {
  for (const [name, remaining] of [['as told', 87], ['as remembered', undefined]] as const) {
    const scene = new Scene({ limit: 180, intervalMs: 60_000 })
    for (const untilMs = scene.nowMs + 12_000; scene.nowMs < untilMs;) scene.turn()
    scene.say({ limit: 120, intervalMs: 60_000, remaining })
    scene.turn()
    t.ok(scene.readyInMs < 1_000, `${name}: the next waits ${scene.readyInMs} ms, not until all that was used is over`)
    const started = scene.starts(60_000)
    t.ok(started >= 82 && started <= 87, `${name}: ${started} in the next minute`)
    t.ok(Math.abs(scene.starts(60_000) - 120) <= 1, 'and all that is announced in the one after')
  }
})

t.test('where nothing is left of the interval it begins with the next', async (t) => {
  const scene = new Scene({ limit: 60, intervalMs: 60_000, remaining: 0 })
  scene.turn()
  t.ok(scene.readyInMs > 59_000 && scene.readyInMs < 60_100, `${scene.readyInMs}`)
})

t.test('what was sent earlier and answered later does not take an announcement back', async (t) => {
  const scene = new Scene({ limit: 10 })
  const slow = scene.go()
  scene.wait(1_500)
  scene.turn()
  scene.say({ limit: 3 })
  scene.yes(slow)
  t.ok(about(scene.perSecond, 10 / 1.045))
})

t.test('of two limits announced in turn the smaller counts, until it has not been heard of for a while', async (t) => {
  const scene = new Scene()
  const heard: number[] = []
  for (let i = 0; i < 40; i++) {
    scene.say({ limit: i % 2 === 0 ? 50 : 3 })
    scene.turn()
    heard.push(Math.round(scene.perSecond * 1.045))
  }
  t.ok(heard.slice(4).every((limit) => limit === 3), heard.join())
  scene.say({ limit: 50 })
  for (let i = 0; i < 40; i++) scene.turn()
  t.ok(about(scene.perSecond, 50 / 1.045))
})

t.test('answers that announce nothing any more let the pace go after a minute, silence does not', async (t) => {
  const scene = new Scene({ limit: 10 })
  scene.turn()
  scene.wait(600_000)
  t.ok(scene.perSecond > 0)
  scene.say(undefined)
  scene.turn()
  t.same([scene.perSecond, scene.sources], [0, []])
})

t.test('nothing left: held for an interval if our own starts do not explain it, not held if they do, and not believed for ever', async (t) => {
  const scene = new Scene({ limit: 10 })
  scene.turn()
  scene.wait(5_000)
  const holds: number[] = []
  for (let i = 0; i < 5; i++) {
    scene.say({ limit: 10, remaining: 0 })
    scene.turn()
    holds.push(Math.round(scene.readyInMs))
    scene.wait(5_000)
  }
  t.same(holds.map((ms) => ms > 900), [true, true, true, false, false], holds.join())
  scene.say({ limit: 10, remaining: 5 })
  scene.turn()
  scene.say({ limit: 10, remaining: 0 })
  for (let i = 0; i < 20; i++) scene.turn()
  t.ok(scene.readyInMs < 105)
})

t.test('a refusal at the announced pace that says it is the route\'s slows the route by a tenth, once a flight', async (t) => {
  const scene = new Scene({ limit: 10 })
  scene.turn()
  scene.wait(5_000)
  const { perSecond, slots } = scene
  const flight = [0, 1, 2].map(() => {
    scene.wait(scene.readyInMs)
    return scene.go()
  })
  const routeLimit = { limit: 10, remaining: 0, intervalMs: undefined }
  t.ok(flight.map((ticket) => scene.no(ticket, { routeLimit })).every(({ by, holds }) => by === 'route' && !holds))
  t.ok(about(scene.perSecond, 0.9 * perSecond))
  t.same([scene.slots, scene.sources], [slots, ['refusals']])
})

t.test('what it was slowed by comes back after a minute and 200 successes without a refusal', async (t) => {
  const scene = new Scene({ limit: 10 })
  scene.turn()
  scene.wait(5_000)
  const { perSecond } = scene
  scene.refusedTurn()
  scene.starts(55_000)
  t.ok(about(scene.perSecond, 0.9 * perSecond))
  scene.starts(10_000)
  t.equal(scene.perSecond, perSecond)
  t.same(scene.sources, ['announced'])
})

t.test('a refusal that is only judged to be the route\'s takes another within a minute to slow it', async (t) => {
  const scene = new Scene({ limit: 10 }, { ...createAimd({ initial: 100, min: 1, max: 1_000 }), refused: () => ({ by: 'route', reason: 'route', holds: false }) })
  scene.turn()
  scene.wait(5_000)
  const { perSecond } = scene
  scene.refusedTurn({})
  t.equal(scene.perSecond, perSecond)
  scene.wait(61_000)
  scene.refusedTurn({})
  t.equal(scene.perSecond, perSecond)
  scene.refusedTurn({})
  t.ok(about(scene.perSecond, 0.9 * perSecond))
})

t.test('a refusal is the account\'s to judge when some of the route is left, when its refusals use to say so, or at the ceiling', async (t) => {
  const left = new Scene({ limit: 10 })
  left.turn()
  left.wait(5_000)
  t.same(left.refusedTurn({ routeLimit: { limit: 10, remaining: 4, intervalMs: undefined } }), { by: 'account', reason: 'cut', holds: true })

  const told = new Scene({ limit: 10 })
  const flood = Array.from({ length: 30 }, () => told.go())
  told.wait(5)
  t.equal(told.no(flood[0]!, { routeLimit: { limit: 10, remaining: 0, intervalMs: undefined } }).by, 'route')
  t.equal(told.no(flood[1]!).by, 'account')

  const full = new Scene({ limit: 10 })
  full.turn()
  full.refused({ inflight: 60 }, 61)
  full.wait(5_000)
  t.equal(full.refusedTurn({ concurrency: 61, routeLimit: { limit: 10, remaining: 0, intervalMs: undefined } }).by, 'account')
})

t.test('Retry-After with a refusal of the route\'s own holds the route, at most ten seconds, and no other', async (t) => {
  for (const [retryAfterMs, heldMs] of [[2_000, 2_000], [600_000, 10_000]] as const) {
    const scene = new Scene()
    for (let i = 0; i < 4; i++) scene.no(scene.go(), { reachedRouteLimit: true, retryAfterMs })
    t.equal(scene.readyInMs, heldMs)
    t.equal(scene.limit.readyAtMs('GET other'), 0)
    t.same(scene.limit.pacedRoutes(scene.nowMs), [{ route: ROUTE, perSecond: 0, source: 'retry_after' }])
    scene.wait(heldMs)
    t.same([scene.readyInMs, scene.sources], [0, []])
  }
})

t.test('a lone refusal among successes holds the route for a second at most: it may be one phone number\'s', async (t) => {
  const scene = new Scene()
  for (let i = 0; i < 30; i++) scene.turn()
  scene.no(scene.go(), { reachedRouteLimit: true, retryAfterMs: 600_000 })
  t.equal(scene.readyInMs, 1_000)
})

t.test('Retry-After with a refusal of the account holds no route', async (t) => {
  const scene = new Scene()
  t.equal(scene.no(scene.go(), { retryAfterMs: 5_000 }).by, 'account')
  t.same([scene.readyInMs, scene.sources], [0, []])
})

t.test('a limit said to be reached on a success slows the route: a quarter of a second, once a second', async (t) => {
  const scene = new Scene()
  scene.turn({ reachedRouteLimit: true })
  t.equal(scene.readyInMs, 250)
  scene.wait(300)
  scene.turn({ reachedRouteLimit: true })
  t.equal(scene.readyInMs, 0)
})

t.test('a code that names a rule of the product obeys the same headers', async (t) => {
  const scene = new Scene()
  const ticket = scene.go()
  scene.limit.routeRefused(ticket, { concurrency: undefined, durationMs: undefined, retryAfterMs: 800, routeLimit: { limit: 10, remaining: 0, intervalMs: undefined } }, scene.nowMs)
  t.ok(scene.readyInMs >= 800)
  t.ok(scene.perSecond > 0)
})

t.test('starts that nobody holds back, as in shadow mode, are no evidence against the announcement', async (t) => {
  const scene = new Scene({ limit: 10 })
  scene.turn()
  const { perSecond } = scene
  for (let i = 0; i < 200; i++) {
    scene.wait(10)
    const ticket = scene.go()
    if (i % 2 === 0) scene.yes(ticket)
    else scene.no(ticket, { routeLimit: { limit: 10, remaining: 0, intervalMs: undefined } })
  }
  t.equal(scene.perSecond, perSecond)
  t.ok(scene.readyInMs <= 1_045, 'and the pace does not run ahead of them')
})

t.test('a paced answer grows no window, whatever the algorithm', async (t) => {
  const scene = new Scene({ limit: 10 }, createAimd({ initial: 2, min: 1, max: 100 }))
  scene.turn()
  const { slots } = scene
  scene.starts(20_000)
  t.equal(scene.slots, slots)
  t.same(scene.sources, ['announced'])
})

t.test('no more than 256 routes are remembered: the one unused for longest gives way', async (t) => {
  const scene = new Scene({ limit: 10 })
  scene.turn()
  for (let i = 0; i < 256; i++) {
    scene.wait(1)
    scene.yes(scene.send({ route: `route ${i}`, inflight: 2 }))
  }
  t.equal(scene.perSecond, 0)
  t.equal(scene.limit.pacedRoutes().length, 256)
})

t.test('a refusal that is the account\'s holds no route, whatever wait it asks for', async (t) => {
  const scene = new Scene(undefined, createFixed(100))
  t.equal(scene.no(scene.go(), { retryAfterMs: 5_000 }).by, 'account')
  t.same([scene.readyInMs, scene.sources], [0, []])
  scene.limit.routeRefused(scene.go(), { concurrency: undefined, durationMs: undefined, retryAfterMs: 5_000 }, scene.nowMs)
  t.same([scene.readyInMs, scene.sources], [5_000, ['retry_after']], 'the route\'s own does')
})

t.test('of an announced pace that refusals contradict and of the learnt one, the smaller counts', async (t) => {
  for (const learnt of [1, 3, 1_000]) {
    const scene = new Scene({ limit: 10 }, { ...createFixed(100), pacePerSecond: () => learnt })
    scene.turn()
    scene.wait(60_000)
    scene.refusedTurn()
    t.same(scene.sources, ['refusals'])
    t.ok(scene.perSecond <= Math.min(learnt, 10), `${learnt}: ${scene.perSecond}`)
    t.ok(scene.perSecond >= Math.min(learnt, 5), `${learnt}: ${scene.perSecond}`)
  }
})

t.test('nor is a route held whose slot is kept for a suspicion', async (t) => {
  const scene = new Scene(undefined, { ...createFixed(100), refused: () => ({ by: 'route', reason: 'route', holds: true }) })
  scene.no(scene.go(), { retryAfterMs: 5_000 })
  t.equal(scene.readyInMs, 0)
})

t.test('refusals of before are forgotten over successes: the next one is a lone one again', async (t) => {
  const scene = new Scene()
  const refuse = (): void => { scene.limit.routeRefused(scene.go(), { concurrency: undefined, durationMs: undefined, retryAfterMs: 5_000 }, scene.nowMs) }
  for (let i = 0; i < 20; i++) refuse()
  t.equal(scene.readyInMs, 5_000)
  for (let i = 0; i < 60; i++) {
    scene.wait(1_000)
    scene.yes(scene.go())
  }
  refuse()
  t.ok(scene.readyInMs <= 1_000, `${scene.readyInMs}`)
})

t.test('where a pace is announced the learnt one holds nothing back, unless refusals contradict', async (t) => {
  let learntAtMs = 0
  const scene = new Scene({ limit: 10 }, { ...createFixed(100), readyAtMs: () => learntAtMs })
  scene.turn()
  learntAtMs = scene.nowMs + 120_000
  t.ok(scene.readyInMs < 1_000)
  scene.wait(60_000)
  scene.refusedTurn()
  t.ok(scene.readyInMs > 10_000, `${scene.readyInMs}`)
})
