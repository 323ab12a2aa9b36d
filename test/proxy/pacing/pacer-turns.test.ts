import t from 'tap'
import { ShedError } from '../../../src/proxy/errors.ts'
import { Exchange, type Identity } from '../../../src/proxy/exchange-state.ts'
import type { Rate, Reservoir } from '../../../src/policy/counts/pace-schedule.ts'
import type { Expected } from '../../../src/policy/retry/latest-start.ts'
import { LocalPacer } from '../../../src/proxy/pacing/pacer.ts'
import { FakeClock, promisesSettle } from '../../support/fake-clock.ts'

const WEIGHTS = { critical: 8, standard: 4, read: 2, bulk: 1 }
const QUEUE = { maxWaiting: 3, weights: WEIGHTS, ageingMs: 10_000, minShare: 0.02 }
const SECOND: Reservoir = { starts: 1, intervalMs: 1_000 }
const DAY: Reservoir = { starts: 1, intervalMs: 86_400_000 }

interface Manner {
  readonly withinMs?: number
  readonly caller?: string
  readonly again?: boolean
  readonly class?: Identity['class']
}

/** A pace, and what became of each who asked, with the time since the start. */
class Bench {
  readonly clock = new FakeClock()
  readonly pacer: LocalPacer
  readonly log: string[] = []
  readonly errors: unknown[] = []
  /** What is known of the time that an attempt takes. */
  expected: Expected = { typicalMs: 0, mostWithinMs: undefined }
  #order = 0

  constructor (pace: Rate | Reservoir = SECOND, over: Partial<typeof QUEUE> = {}) {
    this.pacer = new LocalPacer({ pace, queue: { ...QUEUE, ...over }, clock: this.clock })
  }

  ask (
    name: string,
    { withinMs = 60_000, caller = 'tests', again = false, class: of = 'standard' }: Manner = {}
  ): Exchange {
    const nowMs = this.clock.nowMs()
    const exchange = new Exchange({
      order: this.#order++,
      method: 'POST',
      upstream: { host: 'api.twilio.com', product: 'api', region: undefined },
      path: '/',
      route: 'POST api/',
      class: of,
      account: { gate: { limit: { expected: () => this.expected } } } as unknown as Identity['account'],
      caller,
      authorization: undefined,
      allowsDuplicate: false,
      rawHeaders: [],
      pageBase: undefined,
      deadlineMs: nowMs + withinMs + 1_000,
      latestStartMs: nowMs + withinMs
    })
    exchange.startedAtMs = nowMs
    const told = (what: string): void => { this.log.push(`${name} ${what} ${this.clock.nowMs() - 1_000}`) }
    const failed = (error: unknown): void => {
      this.errors.push(error)
      told(error instanceof ShedError ? error.reason : 'broke')
    }
    try {
      const given = this.pacer.permission(exchange, again)
      if (given === undefined) told('at once')
      else given.then(() => { told('in turn') }, failed)
    } catch (error) {
      failed(error)
    }
    return exchange
  }
}

t.test('one that came at once was the last to come: the pace is idle since then', async (t) => {
  const bench = new Bench()
  bench.clock.pass(5_000)
  bench.ask('first')
  t.equal(bench.pacer.idleMs(bench.clock.nowMs() + 300), 300)
})

t.test('one that is let through after a wait was the last to be served: the pace is idle since then', async (t) => {
  const bench = new Bench()
  bench.ask('first')
  bench.ask('second')
  await bench.clock.advance(1_010)
  t.equal(bench.pacer.idleMs(bench.clock.nowMs() + 300), 300)
})

t.test('a newcomer that finds nobody waiting makes up for no time that was not used', async (t) => {
  const bench = new Bench({ perSecond: 10 })
  bench.ask('first')
  bench.clock.pass(200)
  bench.ask('second')
  bench.clock.pass(10)
  bench.ask('third')
  await bench.clock.advance(200)
  t.match(bench.log, ['first at once 0', 'second at once 200', /^third in turn 301.5/])
})

t.test('the Retry-After of a pace is never more than an hour', async (t) => {
  const bench = new Bench(DAY)
  bench.ask('first')
  t.equal(bench.pacer.retryAfterMs(), 3_600_000)
  bench.ask('second', { withinMs: 30_000 })
  t.match(bench.errors, [{ reason: 'deadline_unreachable', retryAfterMs: 3_600_000 }])
})

t.test('who has left in one way cannot be taken out in another', async (t) => {
  const bench = new Bench()
  bench.ask('first')
  const second = bench.ask('second')
  t.type(second.leaveWait, 'function')
  second.interrupt('deadline')
  t.equal(second.leaveWait, undefined)
  const third = bench.ask('third')
  third.leaveWait?.(new ShedError('draining', 1_000))
  t.equal(third.leaveWait, undefined)
  await promisesSettle()
  t.same(bench.log, ['first at once 0', 'second deadline 0', 'third draining 0'])
  t.equal(bench.pacer.waiting, 0)
  t.equal(bench.clock.liveTimers, 0)
})

t.test('who was let through is not refused when its time is up', async (t) => {
  const bench = new Bench()
  bench.ask('first')
  bench.ask('second', { withinMs: 1_500 })
  bench.ask('third', { withinMs: 5_000 })
  await bench.clock.advance(1_600)
  t.same(bench.log, ['first at once 0', 'second in turn 1010'])
  t.equal(bench.pacer.waiting, 1)
  await bench.clock.advance(1_000)
  t.equal(bench.log.at(-1), 'third in turn 2020')
  t.equal(bench.clock.liveTimers, 0, 'nor is a timer left')
})

t.test('one that leaves keeps no moment of its own: whoever waits longer is refused at theirs', async (t) => {
  const bench = new Bench({ starts: 2, intervalMs: 10_000 })
  for (const name of ['first', 'second']) bench.ask(name)
  const hurried = bench.ask('hurried', { withinMs: 9_000 })
  bench.ask('patient', { withinMs: 9_500 })
  hurried.interrupt('client_left')
  await bench.clock.advance(9_400)
  t.same(bench.log, ['first at once 0', 'second at once 0', 'hurried broke 0'])
  await bench.clock.advance(100)
  t.equal(bench.log.at(-1), 'patient deadline 9500')
  t.equal(bench.clock.liveTimers, 0)
})

t.test('one timer serves all who wait, however many come', async (t) => {
  const bench = new Bench(SECOND, { maxWaiting: 20 })
  bench.ask('first')
  bench.ask('a')
  const set = bench.clock.timersSet
  for (const name of ['b', 'c', 'd', 'e']) bench.ask(name)
  t.equal(bench.clock.timersSet, set, 'the first that waits has set it')
  t.equal(bench.clock.liveTimers, 2, 'one for the next turn, one for the deadlines')
})

t.test('after the last has left the next that waits is served as if nobody had been there', async (t) => {
  const bench = new Bench()
  bench.ask('first')
  bench.ask('second').interrupt('deadline')
  bench.ask('third')
  await bench.clock.advance(1_010)
  t.same(bench.log, ['first at once 0', 'second deadline 0', 'third in turn 1010'])
})

t.test('whose route has turned out slower is refused at its turn, and the turn is the next one\'s', async (t) => {
  const bench = new Bench()
  bench.ask('first')
  bench.ask('second', { withinMs: 1_500 })
  bench.ask('third', { withinMs: 10_000 })
  // 1,500 of the 2,500 ms are needed now: it had to start after 1,000 ms.
  bench.expected = { typicalMs: 1_500, mostWithinMs: 1_500 }
  await bench.clock.advance(1_010)
  t.same(bench.log, ['first at once 0', 'second deadline 1010', 'third in turn 1010'])
  t.equal(bench.clock.liveTimers, 0)
})

t.test('one whose turn comes at its very last moment goes', async (t) => {
  const bench = new Bench()
  bench.ask('first')
  bench.ask('second', { withinMs: 1_500 })
  bench.expected = { typicalMs: 1_490, mostWithinMs: 1_490 }
  await bench.clock.advance(1_010)
  t.same(bench.log, ['first at once 0', 'second in turn 1010'])
})

t.test('a turn that looks a quarter too late is still waited for', async (t) => {
  const rows = [[808, 'waits'], [807, 'deadline_unreachable']] as const
  for (const [withinMs, outcome] of rows) {
    const bench = new Bench()
    bench.ask('first')
    bench.ask('second', { withinMs })
    await promisesSettle()
    t.equal(bench.log.length === 1 ? 'waits' : bench.log[1]?.split(' ')[1], outcome, `${withinMs} ms left of 1,010`)
  }
})

t.test('only those ahead of it count for whether one can come in time, not all who wait', async (t) => {
  const bench = new Bench()
  bench.ask('first')
  for (const name of ['a', 'b']) bench.ask(name, { class: 'bulk' })
  bench.ask('urgent', { class: 'critical', withinMs: 2_000 })
  await promisesSettle()
  t.same(bench.log, ['first at once 0'])
})

t.test('one whose time is up already is refused for its deadline, not for the pace', async (t) => {
  const bench = new Bench()
  bench.ask('first')
  bench.ask('late', { withinMs: 0 })
  bench.ask('later', { withinMs: -1 })
  t.same(bench.log, ['first at once 0', 'late deadline 0', 'later deadline 0'])
})

t.test('who has to make room is told that the queue is full, and when to come again', async (t) => {
  const bench = new Bench()
  bench.ask('first')
  for (const name of ['a', 'b', 'c']) bench.ask(name, { caller: 'greedy' })
  bench.ask('d', { caller: 'modest' })
  await promisesSettle()
  t.same(bench.log, ['first at once 0', 'c queue_full 0'])
  t.match(bench.errors, [{ reason: 'queue_full', retryAfterMs: 4_010 }])
})

t.test('what has permission waits while others started late; a start counts from when it went out', async (t) => {
  const bench = new Bench()
  t.equal(bench.pacer.restMs(), 0)
  bench.ask('first')
  t.equal(bench.pacer.restMs(), 0, 'permission alone is no start')
  const sent = bench.pacer.started()
  t.equal(bench.pacer.restMs(), 1_010)
  bench.clock.pass(400)
  t.equal(bench.pacer.restMs(), 610)
  sent()
  t.equal(bench.pacer.restMs(), 1_010)
  bench.clock.pass(2_000)
  t.equal(bench.pacer.restMs(), 0)
})
