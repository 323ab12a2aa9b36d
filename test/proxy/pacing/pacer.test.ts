import t from 'tap'
import { ClientLeftError, ShedError } from '../../../src/proxy/errors.ts'
import { Exchange, type Identity } from '../../../src/proxy/exchange-state.ts'
import { LocalPacer } from '../../../src/proxy/pacing/pacer.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const QUEUE = { maxWaiting: 3, weights: { critical: 8, standard: 4, read: 2, bulk: 1 }, ageingMs: 10_000, minShare: 0.02 }

/** One a second unless it is told otherwise, and what became of each who asked, in order. */
class Bench {
  readonly clock: FakeClock
  readonly pacer: LocalPacer
  readonly log: string[] = []
  #order = 0

  constructor (clock = new FakeClock(), pacer = new LocalPacer({ pace: { starts: 1, intervalMs: 1_000 }, queue: QUEUE, clock })) {
    this.clock = clock
    this.pacer = pacer
  }

  ask (name: string, { again = false, withinMs = 60_000, caller = 'tests' } = {}): Exchange {
    const nowMs = this.clock.nowMs()
    const limit = { expected: () => ({ typicalMs: 0, mostWithinMs: undefined }) }
    const exchange = new Exchange({
      order: this.#order++,
      method: 'POST',
      upstream: { host: 'api.twilio.com', product: 'api', region: undefined },
      path: '/',
      route: 'POST api/',
      class: 'standard',
      account: { gate: { limit } } as unknown as Identity['account'],
      caller,
      authorization: undefined,
      allowsDuplicate: false,
      rawHeaders: [],
      pageBase: undefined,
      deadlineMs: nowMs + withinMs + 1_000,
      latestStartMs: nowMs + withinMs
    })
    try {
      const given = this.pacer.permission(exchange, again)
      if (given === undefined) this.log.push(`${name} at once`)
      else given.then(() => { this.log.push(name) }, (error: unknown) => { this.log.push(`${name} ${error instanceof ShedError ? error.reason : error instanceof ClientLeftError ? 'left' : 'broke'}`) })
    } catch (error) {
      this.log.push(`${name} ${error instanceof ShedError ? error.reason : 'broke'}`)
    }
    return exchange
  }
}

t.test('a retry goes before those of its class, and no queue is too long for it', async (t) => {
  const bench = new Bench()
  for (const name of ['first', 'second', 'third', 'fourth']) bench.ask(name)
  bench.ask('retry', { again: true })
  bench.ask('one too many')
  await bench.clock.advance(4_100)
  t.same(bench.log, ['first at once', 'one too many queue_full', 'retry', 'second', 'third', 'fourth'])
  t.equal(bench.clock.liveTimers, 0)
})

t.test('with somebody waiting it is not idle, however long that takes; with nobody it is since the last came', async (t) => {
  const bench = new Bench()
  t.equal(bench.pacer.idleMs(bench.clock.nowMs() + 500), 500)
  bench.ask('first')
  bench.ask('second')
  t.equal(bench.pacer.idleMs(bench.clock.nowMs() + 500_000), 0)
  t.equal(bench.pacer.waiting, 1)
  await bench.clock.advance(1_010)
  await bench.clock.advance(700)
  t.equal(bench.pacer.idleMs(bench.clock.nowMs()), 700)
})

t.test('who leaves is no longer waited for: no timer is left, and its turn is another\'s', async (t) => {
  const bench = new Bench()
  bench.ask('first')
  const [second, third] = [bench.ask('second'), bench.ask('third')]
  second.interrupt('client_left')
  await bench.clock.advance(1_010)
  t.same(bench.log, ['first at once', 'second left', 'third'])
  t.equal(third.leaveWait, undefined, 'nothing can take out who has its turn')
  const fourth = bench.ask('fourth')
  fourth.interrupt('deadline')
  await bench.clock.advance(0)
  t.equal(bench.log.at(-1), 'fourth deadline')
  t.equal(bench.clock.liveTimers, 0)
  t.equal(bench.pacer.waiting, 0)
})

t.test('whose time is up before its turn is told so then; whose turn cannot come in time, at once', async (t) => {
  const bench = new Bench()
  bench.ask('first')
  bench.ask('hopeful', { withinMs: 900 })
  bench.ask('hopeless', { withinMs: 300 })
  bench.ask('past', { withinMs: 0 })
  await bench.clock.advance(0)
  t.same(bench.log, ['first at once', 'hopeless deadline_unreachable', 'past deadline'])
  await bench.clock.advance(899)
  t.equal(bench.log.length, 3)
  await bench.clock.advance(1)
  t.equal(bench.log.at(-1), 'hopeful deadline')
  t.equal(bench.clock.liveTimers, 0)
})

t.test('a newcomer does not slip in before those who wait, though its moment has come', async (t) => {
  const bench = new Bench()
  bench.ask('first')
  bench.ask('second')
  bench.clock.pass(1_010)
  bench.ask('third')
  await bench.clock.advance(0)
  t.same(bench.log, ['first at once', 'second'])
})

t.test('a full queue makes room for a caller that has less in it', async (t) => {
  const bench = new Bench()
  bench.ask('first')
  for (const name of ['a', 'b', 'c']) bench.ask(name, { caller: 'greedy' })
  bench.ask('d', { caller: 'modest' })
  await bench.clock.advance(0)
  t.same(bench.log, ['first at once', 'c queue_full'])
  t.equal(bench.pacer.waiting, 3)
})

t.test('when a newcomer could expect its turn: a second at least, an hour at most', async (t) => {
  const bench = new Bench()
  t.equal(bench.pacer.retryAfterMs(), 1_000)
  for (const name of ['first', 'second', 'third', 'fourth']) bench.ask(name)
  t.equal(bench.pacer.retryAfterMs(), 4_010)
  const slow = new LocalPacer({ pace: { starts: 1, intervalMs: 86_400_000 }, queue: QUEUE, clock: bench.clock })
  slow.started()
  t.equal(slow.restMs(), 86_400_010)
})

t.test('a timer that fires late costs no rate: all who were due by then go at once', async (t) => {
  const clock = new FakeClock()
  const bench = new Bench(clock, new LocalPacer({ pace: { perSecond: 10 }, queue: QUEUE, clock }))
  for (const name of ['first', 'second', 'third', 'fourth']) bench.ask(name)
  await clock.stall(210)
  t.same(bench.log, ['first at once', 'second', 'third'])
})
