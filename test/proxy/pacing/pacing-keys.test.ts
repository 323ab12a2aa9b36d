import t from 'tap'
import type { GovernorEvent } from '../../../src/proxy/events.ts'
import { Exchange, type Identity } from '../../../src/proxy/exchange-state.ts'
import { Pacing } from '../../../src/proxy/pacing/pacing.ts'
import type { PacingRule } from '../../../src/proxy/pacing/pacing-rule.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const WEIGHTS = { critical: 8, standard: 4, read: 2, bulk: 1 }
const QUEUE = { maxWaiting: 10, weights: WEIGHTS, ageingMs: 10_000, minShare: 0.02 }
const MINUTE_MS = 60_000
const rule = (over: Partial<PacingRule> = {}): PacingRule =>
  ({ name: 'calls', match: {}, pace: { starts: 1, intervalMs: 1_000 }, per: { caller: true }, ...over })

/** Pacing on a clock of its own, without a line around it. */
class Bench {
  readonly clock = new FakeClock()
  readonly events: GovernorEvent[] = []
  readonly pacing: Pacing
  #order = 0

  constructor (rules: readonly PacingRule[]) {
    const nothingDeferred = { accept: () => Promise.reject(new Error('nothing is deferred here')) }
    this.pacing = new Pacing(rules, QUEUE, this.clock, (event) => this.events.push(event), nothingDeferred)
  }

  exchange (over: Partial<Identity> = {}, account = 'AC1'): Exchange {
    const limit = { expected: () => ({ typicalMs: 0, mostWithinMs: undefined }) }
    const gate = { limit, retryAfterMs: () => 1_000 }
    const nowMs = this.clock.nowMs()
    return new Exchange({
      order: this.#order++,
      method: 'POST',
      upstream: { host: 'api.twilio.com', product: 'api', region: undefined },
      path: '/v1/Services/IS1/Documents',
      route: 'POST api/v1/Services/{}/Documents',
      class: 'standard',
      account: { key: account, gate } as unknown as Identity['account'],
      caller: 'one',
      authorization: undefined,
      allowsDuplicate: false,
      rawHeaders: [],
      pageBase: undefined,
      deadlineMs: nowMs + 31_000,
      latestStartMs: nowMs + 30_000,
      ...over
    })
  }

  /** Asks for permission; 'waits' when it is not given in this turn. */
  async ask (exchange: Exchange): Promise<string> {
    let came = 'waits'
    void this.pacing.of(exchange)?.permission(false).then(() => { came = 'at once' }, () => { came = 'refused' })
    await this.clock.advance(0)
    return came
  }

  get keys (): Array<[keys: number, waiting: number]> {
    return this.pacing.rules.map(({ keys, waiting }) => [keys, waiting])
  }
}

t.test('rules of one name are one to people: their keys and those who wait are added up', async (t) => {
  const bench = new Bench([
    rule({ match: { methods: ['POST'] } }),
    rule({ match: { methods: ['GET'] } }),
    rule({ name: 'other', match: { methods: ['DELETE'] } })
  ])
  for (const method of ['POST', 'POST', 'POST', 'GET', 'GET', 'DELETE']) {
    await bench.ask(bench.exchange({ method, route: `${method} api/v1/Services/{}/Documents` }))
  }
  t.same(bench.pacing.rules, [{ rule: 'calls', keys: 2, waiting: 3 }, { rule: 'other', keys: 1, waiting: 0 }])
})

t.test('a key that nobody has used for a minute is forgotten, and with the last of them the timer', async (t) => {
  const bench = new Bench([rule({ pace: { perSecond: 1 } })])
  t.equal(bench.clock.liveTimers, 0, 'without keys nobody looks')
  await bench.ask(bench.exchange({ caller: 'one' }))
  t.equal(bench.clock.liveTimers, 1)
  await bench.clock.advance(30_000)
  await bench.ask(bench.exchange({ caller: 'two' }))
  t.equal(bench.clock.liveTimers, 1, 'one look serves all keys')
  await bench.clock.advance(30_000)
  t.same(bench.keys, [[1, 0]], 'the first is gone, the second is still known')
  t.equal(bench.clock.liveTimers, 1)
  await bench.clock.advance(MINUTE_MS)
  t.same(bench.keys, [[0, 0]])
  t.equal(bench.clock.liveTimers, 0)
  await bench.ask(bench.exchange({ caller: 'three' }))
  t.equal(bench.clock.liveTimers, 1, 'a new key is looked at again')
  await bench.clock.advance(MINUTE_MS)
  t.same(bench.keys, [[0, 0]])
})

t.test('the keys of every rule are looked at until the last of them is gone, also beside a rule that has none', async (t) => {
  const bench = new Bench([
    rule({ match: { methods: ['POST'] } }),
    rule({ name: 'unused', match: { methods: ['DELETE'] } })
  ])
  await bench.ask(bench.exchange())
  await bench.clock.advance(MINUTE_MS)
  t.same(bench.keys, [[1, 0], [0, 0]], 'its interval has been added to the minute')
  await bench.clock.advance(MINUTE_MS)
  t.same(bench.keys, [[0, 0], [0, 0]])
  t.equal(bench.clock.liveTimers, 0)
})

t.test('a key of a reservoir is remembered for its interval, and a minute more', async (t) => {
  const bench = new Bench([rule({ pace: { starts: 1, intervalMs: 2 * MINUTE_MS } })])
  await bench.ask(bench.exchange())
  await bench.clock.advance(2 * MINUTE_MS)
  t.same(bench.keys, [[1, 0]])
  await bench.clock.advance(MINUTE_MS)
  t.same(bench.keys, [[0, 0]])
  t.equal(bench.clock.liveTimers, 0)
})

t.test('a key that somebody waits for is never forgotten', async (t) => {
  const bench = new Bench([rule({ pace: { starts: 1, intervalMs: 1_000 } })])
  const long = { deadlineMs: 1e9, latestStartMs: 1e9 }
  for (let i = 0; i < 11; i++) await bench.ask(bench.exchange(long))
  bench.clock.pass(10 * MINUTE_MS)
  t.same(bench.keys, [[1, 10]])
  await bench.clock.advance(0)
  t.equal(bench.keys[0]?.[0], 1)
})

t.test('a proxy that ends looks at no key any more', async (t) => {
  const bench = new Bench([rule()])
  bench.pacing.close()
  await bench.ask(bench.exchange())
  bench.pacing.close()
  t.equal(bench.clock.liveTimers, 0)
})

t.test('what has a pace of its own: each account, host, service, route and value, and nothing finer', async (t) => {
  const rows: Array<[string, PacingRule['per'], Partial<Identity>, string, 'at once' | 'waits']> = [
    ['another account', {}, {}, 'AC2', 'at once'],
    ['another caller, without a word of it', {}, { caller: 'two' }, 'AC1', 'waits'],
    ['another caller', { caller: true }, { caller: 'two' }, 'AC1', 'at once'],
    ['another service', { segments: 3 }, { path: '/v1/Services/IS2/Documents' }, 'AC1', 'at once'],
    ['the same service', { segments: 3 }, { path: '/v1/Services/IS1/Maps' }, 'AC1', 'waits'],
    ['the same service, asked for in other words', { segments: 3 }, { path: '/v1/services/is1?x=1' }, 'AC1', 'waits'],
    ['a service of the same name at another host', { segments: 3 },
      { upstream: { host: 'sync.ie1.twilio.com', product: 'sync', region: 'ie1' } }, 'AC1', 'at once'],
    ['another route', { route: true }, { route: 'POST api/v1/Services/{}/Maps' }, 'AC1', 'at once'],
    ['another method of the route', { route: true }, { route: 'GET api/v1/Services/{}/Documents' }, 'AC1', 'at once']
  ]
  for (const [what, per, over, account, outcome] of rows) {
    const bench = new Bench([rule({ per })])
    t.equal(await bench.ask(bench.exchange()), 'at once')
    t.equal(await bench.ask(bench.exchange(over, account)), outcome, what)
  }
})

t.test('values of a field are told apart as numbers are; those that say nothing share a pace', async (t) => {
  const FORM = ['Content-Type', 'application/x-www-form-urlencoded']
  const send = (bench: Bench, body: string, rawHeaders = FORM): Promise<string> => {
    const exchange = bench.exchange({ rawHeaders })
    exchange.body = Buffer.from(body)
    return bench.ask(exchange)
  }
  const rows: Array<[string, string, string, 'at once' | 'waits']> = [
    ['two numbers', 'From=%2B15550001', 'From=%2B15550002', 'at once'],
    ['two spellings of one', 'From=%2B15550001', 'From=%2B1%20555%200001', 'waits'],
    ['nothing, twice', 'To=1', 'To=2', 'waits'],
    ['nothing, and a number', 'To=1', 'From=%2B15550001', 'at once'],
    ['several, and others', 'From=1&From=2', 'From=3&From=4', 'waits'],
    ['several, and one of them', 'From=%2B15550001&From=2', 'From=%2B15550001', 'at once'],
    ['several, and nothing', 'From=1&From=2', 'To=1', 'at once']
  ]
  for (const [what, first, second, outcome] of rows) {
    const bench = new Bench([rule({ per: { field: 'From' } })])
    t.equal(await send(bench, first), 'at once')
    t.equal(await send(bench, second), outcome, what)
  }
  const bench = new Bench([rule({ per: { field: 'From' } })])
  t.equal(await send(bench, 'From=1&From=2'), 'at once')
  t.equal(await send(bench, '\xff', ['Content-Type', 'text/plain']), 'waits', 'what nobody can read is one of several')
})

t.test('how long each rule held a request back is told with account and product, also of one that left', async (t) => {
  const bench = new Bench([rule({ name: 'a' }), rule({ name: 'b', pace: { starts: 1, intervalMs: 3_000 } })])
  await bench.ask(bench.exchange())
  const second = bench.exchange({ upstream: { host: 'sync.twilio.com', product: 'sync', region: undefined } })
  await bench.ask(second)
  await bench.clock.advance(1_010)
  await bench.clock.advance(990)
  second.interrupt('client_left')
  await bench.clock.advance(0)
  t.same(bench.events, [
    { type: 'paced', account: 'AC1', product: 'api', rule: 'a', waitMs: 0 },
    { type: 'paced', account: 'AC1', product: 'api', rule: 'b', waitMs: 0 },
    { type: 'paced', account: 'AC1', product: 'sync', rule: 'a', waitMs: 1_010 },
    { type: 'paced', account: 'AC1', product: 'sync', rule: 'b', waitMs: 990 }
  ])
  t.equal(second.paceMs, 2_000, 'both together')
})

t.test('who has its permission hears no more of its pace', async (t) => {
  const bench = new Bench([rule()])
  await bench.ask(bench.exchange())
  const second = bench.exchange()
  await bench.ask(second)
  await bench.clock.advance(1_010)
  const outOfNextStage = (): void => {}
  second.leaveWait = outOfNextStage
  second.interrupt('deadline')
  t.equal(second.leaveWait, outOfNextStage)
})

t.test('one that was interrupted after its first rule asks no second', async (t) => {
  const bench = new Bench([rule({ name: 'a' }), rule({ name: 'b' })])
  const exchange = bench.exchange()
  exchange.interrupt('deadline')
  t.match(await bench.pacing.of(exchange)!.permission(false).catch((error: unknown) => error), { reason: 'deadline' })
  t.same(bench.events, [])
})

t.test('one that several rules pace rests for the slowest of them, and starts and goes out for all', async (t) => {
  const bench = new Bench([
    rule({ name: 'slow', pace: { starts: 1, intervalMs: 4_000 } }),
    rule({ name: 'quick', pace: { starts: 1, intervalMs: 1_000 } })
  ])
  const pace = bench.pacing.of(bench.exchange())!
  t.equal(pace.restMs, 0)
  pace.started()
  t.equal(pace.restMs, 4_010)
  bench.clock.pass(500)
  pace.sent()
  t.equal(pace.restMs, 4_010, 'it went out only now')
  const other = new Bench([
    rule({ name: 'quick', pace: { starts: 1, intervalMs: 1_000 } }),
    rule({ name: 'slow', pace: { starts: 1, intervalMs: 4_000 } })
  ])
  const turned = other.pacing.of(other.exchange())!
  turned.started()
  other.clock.pass(500)
  turned.sent()
  t.equal(turned.restMs, 4_010, 'whichever comes first')
})

t.test('hours alone are no pace, and a rule that is closed says when it opens', async (t) => {
  const openHours = { opensInMs: () => 7_000, closesInMs: () => 0 }
  const bench = new Bench([rule({ pace: undefined, openHours })])
  const pace = bench.pacing.of(bench.exchange())!
  t.notOk(pace.isPaced)
  t.ok(new Bench([rule({ openHours })]).pacing.of(bench.exchange())?.isPaced)
  const refused = t.throws(() => { pace.refuseIfClosed() })
  t.match(refused, { reason: 'outside_open_hours', retryAfterMs: 7_000 })
  t.equal(new Bench([rule({ pace: undefined })]).pacing.of(bench.exchange()), undefined, 'neither hours nor a pace')
})
