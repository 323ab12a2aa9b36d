import t from 'tap'
import type { PacedRoute, Refusal, Ticket } from '../../../src/policy/limit/limit.ts'
import { AccountLimit, type LeftBehind } from '../../../src/proxy/gate/account-limit.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'

const ROUTE = 'POST free'
const SILENT = { concurrency: undefined, durationMs: undefined }
const said = (concurrency: number): { concurrency: number, durationMs: undefined } =>
  ({ concurrency, durationMs: undefined })

class Scene {
  readonly script: ScriptedLimit
  readonly clock = new FakeClock()
  readonly changes: Array<[string, number]> = []
  readonly limit: AccountLimit

  constructor (slots = 2) {
    this.script = new ScriptedLimit(slots)
    this.limit = new AccountLimit(this.script, this.clock, (...change) => this.changes.push(change))
  }

  /** A request that is answered after so long, and has left. */
  answer (ms: number, route = ROUTE): void {
    const ticket = this.limit.start(route)
    this.clock.pass(ms)
    this.limit.admitted(ticket, SILENT)
    this.limit.free(true)
  }

  /** What is in flight is left behind; it notes when it is written off. */
  leave ({ sentAtMs }: Ticket, log: string[] = []): LeftBehind {
    const left: LeftBehind = {
      sentAtMs,
      writeOff: () => {
        log.push(`written off ${sentAtMs}`)
        this.limit.writeOff(left)
      }
    }
    this.limit.leaveBehind(left)
    return left
  }
}

t.test('the first answers count alike for the typical time, later ones a twentieth each', async (t) => {
  const scene = new Scene()
  t.equal(scene.limit.typicalMs, 0)
  scene.answer(100)
  t.equal(scene.limit.typicalMs, 100, 'the first is all that is known')
  scene.answer(200)
  t.equal(scene.limit.typicalMs, 150)
  for (let i = 0; i < 98; i++) scene.answer(150)
  scene.answer(350)
  t.equal(Math.round(scene.limit.typicalMs), 160, 'a twentieth of 200 more')
})

t.test('the drain rate is known from the twentieth answer on, and is never endless', async (t) => {
  const scene = new Scene(2)
  for (let i = 0; i < 19; i++) scene.answer(100)
  t.equal(scene.limit.drainPerSecond(), undefined)
  scene.answer(100)
  t.equal(Math.round(scene.limit.drainPerSecond() ?? 0), 20)
  const quick = new Scene(2)
  for (let i = 0; i < 20; i++) quick.answer(0)
  t.equal(quick.limit.drainPerSecond(), 2_000)
})

t.test('what is busy: in flight, held, or written off and not over', async (t) => {
  const { limit, leave } = ((scene: Scene) => ({ limit: scene.limit, leave: scene.leave.bind(scene) }))(new Scene(3))
  t.notOk(limit.busy)
  const ticket = limit.start(ROUTE)
  t.ok(limit.busy)
  limit.hold()
  t.ok(limit.busy, 'held')
  t.match(limit.snapshot(), { inflight: 0, held: 1 })
  limit.unhold()
  t.notOk(limit.busy)
  limit.start(ROUTE)
  const left = leave(ticket)
  limit.writeOff(left)
  t.match(limit.snapshot(), { inflight: 0, held: 0 })
  t.ok(limit.busy, 'written off: its answer may still come')
  limit.catchUp(left)
  t.notOk(limit.busy)
})

t.test('a slot is taken by one in flight and by one held; the last free one is room', async (t) => {
  const { limit } = new Scene(2)
  limit.start(ROUTE)
  t.ok(limit.hasRoom)
  limit.start(ROUTE)
  t.notOk(limit.hasRoom)
  limit.hold()
  t.notOk(limit.hasRoom, 'held is taken')
  limit.unhold()
  t.ok(limit.hasRoom)
})

t.test('while all that is taken was left behind another is tried, after five quiet seconds', async (t) => {
  const scene = new Scene(2)
  const { limit, clock } = scene
  t.equal(limit.triesAtMs, Infinity, 'nothing is taken')
  const [first, second] = [limit.start(ROUTE), limit.start(ROUTE)]
  scene.leave(first)
  t.equal(limit.triesAtMs, Infinity, 'one is waited for')
  t.notOk(limit.hasRoom)
  clock.pass(1_000)
  const late = scene.leave(second)
  t.equal(limit.triesAtMs, clock.nowMs() + 5_000)
  clock.pass(4_999)
  t.notOk(limit.hasRoom)
  clock.pass(1)
  t.ok(limit.hasRoom, 'at the moment itself')
  const third = limit.start(ROUTE)
  t.notOk(limit.hasRoom)
  scene.leave(third)
  t.equal(limit.triesAtMs, clock.nowMs() + 5_000, 'counted from the start that was tried')
  limit.free(false)
  limit.catchUp(late)
  t.equal(limit.triesAtMs, clock.nowMs() + 5_000, 'two are left, and both were left behind')
})

t.test('a held slot is somebody\'s: while there is one, nothing is tried past what was left behind', async (t) => {
  const scene = new Scene(2)
  const { limit } = scene
  const first = limit.start(ROUTE)
  limit.start(ROUTE)
  limit.hold()
  scene.leave(first)
  t.equal(limit.triesAtMs, Infinity)
})

t.test('an answer or a refusal of what was sent over five seconds later writes off what was left behind', async (t) => {
  for (const how of ['admitted', 'refused'] as const) {
    const scene = new Scene(4)
    const { limit, clock } = scene
    const log: string[] = []
    const start = (): Ticket => limit.start(ROUTE)
    const tickets = [start()]
    clock.pass(1)
    tickets.push(start())
    for (const ticket of tickets) scene.leave(ticket, log)
    clock.pass(4_999)
    limit[how](start(), SILENT)
    t.same(log, [], 'exactly five seconds are not more')
    clock.pass(1)
    limit[how](start(), SILENT)
    t.same(log, ['written off 1000'], how)
    clock.pass(1)
    limit[how](tickets[0]!, SILENT)
    t.same(log, ['written off 1000'], 'an old answer says nothing of the other')
  }
})

t.test('what was in flight while the process was stopped says nothing of its route, answered or not', async (t) => {
  const scene = new Scene(50)
  const { limit, clock } = scene
  for (let i = 0; i < 19; i++) scene.answer(100)
  const tickets = [limit.start(ROUTE), limit.start(ROUTE)]
  clock.pass(60_000)
  limit.woke()
  limit.unanswered(tickets[0]!)
  limit.admitted(tickets[1]!, SILENT)
  t.equal(limit.expected(ROUTE).mostWithinMs, undefined, 'no twentieth answer')
  clock.pass(1)
  const next = limit.start(ROUTE)
  clock.pass(700)
  limit.unanswered(next)
  t.same(limit.expected(ROUTE).mostWithinMs, 700, 'a wait that was given up afterwards counts')
  t.equal(limit.typicalMs, 100, 'but not for the typical time')
})

t.test('the concurrency that Twilio reported last stays, whoever told it, until it tells another', async (t) => {
  const { limit } = new Scene(10)
  const reported = (): number | null => limit.snapshot().reportedConcurrency
  t.equal(reported(), null)
  limit.admitted(limit.start(ROUTE), said(7))
  t.equal(reported(), 7)
  limit.admitted(limit.start(ROUTE), SILENT)
  t.equal(reported(), 7)
  limit.refused(limit.start(ROUTE), said(9))
  t.equal(reported(), 9)
  limit.refused(limit.start(ROUTE), SILENT)
  t.equal(reported(), 9)
})

t.test('a busy period begins when the first starts after a rest: silence counts from then', async (t) => {
  const scene = new Scene(4)
  const { limit, clock } = scene
  scene.answer(100)
  clock.pass(50_000)
  t.equal(limit.drainMs(0), 0, 'nobody could leave')
  limit.start(ROUTE)
  clock.pass(300)
  limit.start(ROUTE)
  t.equal(limit.drainMs(0), 300, 'a second start begins nothing')
  limit.free(false)
  clock.pass(100)
  t.equal(limit.drainMs(0), 400, 'one that comes back has not left')
  limit.free(true)
  clock.pass(100)
  t.equal(limit.drainMs(0), 0, 'and nobody is there any more')
  limit.start(ROUTE)
  clock.pass(100)
  t.equal(limit.drainMs(0), 100)
  t.ok(limit.drainMs(10) > 100, 'before anybody has left, by the typical time')
})

t.test('a change of the limit is told once, with the reason of the answer that made it', async (t) => {
  const scene = new Scene(4)
  const { script, limit, clock } = scene
  script.moves.push(4, 5, 3)
  limit.admitted(limit.start(ROUTE), SILENT)
  t.same(scene.changes, [], 'not moved')
  limit.admitted(limit.start(ROUTE), SILENT)
  limit.refused(limit.start(ROUTE), SILENT)
  t.same(scene.changes, [['probe', 5], ['cut', 3]])
  clock.pass(250)
  t.same(limit.snapshot().lastChange, { reason: 'cut', agoMs: 250, limit: 3 })
  Object.assign(script, {
    routeRefused: (): Refusal => {
      Object.assign(script, { slots: () => 9 })
      return { by: 'route', reason: 'pace', holds: false }
    }
  })
  limit.routeRefused(limit.start(ROUTE), SILENT)
  t.same(scene.changes.at(-1), ['pace', 9])
  t.equal(limit.slots, 9)
})

t.test('the state shows routes as they are now: the limit is asked with the time', async (t) => {
  const { script, limit, clock } = new Scene()
  const asked: Array<number | undefined> = []
  Object.assign(script, {
    pacedRoutes: (nowMs?: number): PacedRoute[] => {
      asked.push(nowMs)
      return [{ route: ROUTE, perSecond: 3, source: 'announced' }]
    }
  })
  t.match(limit.snapshot().pacedRoutes, [{ route: ROUTE, perSecond: 3 }])
  t.same(asked, [clock.nowMs()])
})

t.test('what was remembered is as old as it is said to be', async (t) => {
  const remembered = {
    slots: 40,
    settled: true,
    refusedAt: 100,
    agoMs: 1_800_000,
    ceiling: { estimate: 99, low: 99, high: 100, basis: 'reported' }
  } as const
  const aged = new AccountLimit(new ScriptedLimit(40), new FakeClock(), () => {}, remembered)
  const { low, high } = aged.snapshot().ceiling
  t.ok(low < 60 && (high ?? 0) > 150, `half an hour has widened the band: ${low} to ${high}`)
  const fresh = new AccountLimit(new ScriptedLimit(40), new FakeClock(), () => {}, { ...remembered, agoMs: 0 })
  t.match(fresh.snapshot().ceiling, { low: 99, high: 100, confidence: 'remembered' })
  t.match(aged.learnt(), { slots: 40, refusedAt: null }, 'a ceiling that is known is worth keeping, without any change')
})
