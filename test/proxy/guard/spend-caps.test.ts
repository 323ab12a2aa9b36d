import t from 'tap'
import type { GovernorEvent } from '../../../src/proxy/events.ts'
import { GuardError } from '../../../src/proxy/errors.ts'
import type { Exchange, Identity } from '../../../src/proxy/exchange-state.ts'
import { SpendCaps, type Cap } from '../../../src/proxy/guard/spend-caps.ts'
import { answers } from '../../support/fake-dispatcher.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { LineBench } from '../line/exchange-fixture.ts'

const HOUR_MS = 3_600_000
const MESSAGES = 'api/2010-04-01/Accounts/{}/Messages.json'
const FORM = ['Content-Type', 'application/x-www-form-urlencoded']

interface Bench {
  readonly caps: SpendCaps
  readonly clock: FakeClock
  readonly events: Array<GovernorEvent & { type: 'spend_cap' }>
  /** Counts a send, and returns what refuses it. */
  readonly send: (to: string, over?: Partial<Identity>, body?: string) => GuardError | undefined
}

function benchOf (cap: Partial<Cap>): Bench {
  const [clock, events] = [new FakeClock(), [] as Bench['events']]
  const caps = new SpendCaps({ uk: { max: 1, intervalMs: HOUR_MS, ...cap } }, clock, (event) => {
    if (event.type === 'spend_cap') events.push(event)
  })
  const send: Bench['send'] = (to, over = {}, body = new URLSearchParams({ To: to }).toString()) => {
    try {
      const identity = {
        method: 'POST',
        route: `POST ${MESSAGES}`,
        path: '/2010-04-01/Accounts/AC1/Messages.json',
        upstream: { product: 'api' },
        account: { key: 'AC1' },
        caller: 'billing',
        class: 'standard',
        rawHeaders: FORM,
        ...over
      }
      caps.charge({ identity, body: Buffer.from(body) } as unknown as Exchange)
      return undefined
    } catch (error) {
      if (error instanceof GuardError) return error
      throw error
    }
  }
  return { caps, clock, events, send }
}

t.test('a cap is told of once in a minute, and from the last time it was told', async (t) => {
  const { clock, events, send } = benchOf({ max: 0 })
  for (const waitMs of [0, 30_000, 30_000, 59_999, 1]) {
    clock.pass(waitMs)
    send('+447700900123')
  }
  t.same(events.map(({ tell }) => tell), [true, false, true, false, true])
})

t.test('an event names the prefix of the settings, and none where they have none', async (t) => {
  for (const [prefixes, prefix] of [[undefined, undefined], [['+44'], '+44'], [['*'], '*']] as const) {
    const { events, send } = benchOf({ max: 0, ...prefixes === undefined ? {} : { prefixes } })
    send('+447700900123')
    t.same(events.map((event) => event.prefix), [prefix])
  }
})

t.test('recipients of one request that count together are added up', async (t) => {
  const over = { route: 'POST comms/v1/Messages', path: '/v1/Messages', upstream: { product: 'comms' }, rawHeaders: ['Content-Type', 'application/json'] } as unknown as Partial<Identity>
  const body = (count: number): string => JSON.stringify({ to: Array.from({ length: count }, (_, i) => ({ address: `+4477009001${i + 10}` })) })
  const { caps, send } = benchOf({ max: 5 })
  t.equal(send('', over, body(5)), undefined)
  t.match(caps.states(), [{ usedRatio: 1, fullest: [{ used: 5 }] }])
  t.match(benchOf({ max: 5 }).send('', over, body(6)), { message: /sends to 6 at once, but cap "uk" of this proxy allows 5 sends in 1 hour/ })
})

t.test('a body that nobody can read counts under every cap, in a count of its own', async (t) => {
  const packed = { rawHeaders: [...FORM, 'Content-Encoding', 'gzip'] }
  for (const per of [[], ['country'], ['prefix']] as const) {
    const { send } = benchOf({ prefixes: ['+1'], except: ['*'], per })
    t.equal(send('', packed, 'packed'), undefined)
    t.equal(send('', packed, 'packed')?.reason, 'spend_cap', String(per))
    t.equal(send('+12125550123')?.reason, per.length === 0 ? 'spend_cap' : undefined, String(per))
  }
  const shown = benchOf({ per: ['country', 'prefix'] })
  shown.send('', packed, 'packed')
  t.match(shown.caps.states()[0]?.fullest, [{ country: 'unreadable', prefix: 'unreadable', used: 1 }])
  for (const identity of [' identity ', 'Identity', '']) {
    const { send } = benchOf({ prefixes: ['+1'] })
    send('+44', { rawHeaders: [...FORM, 'Content-Encoding', identity] })
    t.equal(send('+12125550123'), undefined, 'what is not packed is read')
  }
})

t.test('what names nobody counts where a cap names its route, and nowhere else', async (t) => {
  const over = { route: 'POST conversations/v1/Conversations/{}/Messages', path: '/v1/Conversations/CH1/Messages', upstream: { product: 'conversations' } } as unknown as Partial<Identity>
  for (const [match, counts] of [
    [{}, false],
    [{ products: ['conversations'] }, false],
    [{ routes: ['/v1/Conversations/{}/Messages'] }, true]
  ] as const) {
    const { send } = benchOf({ match })
    send('', over, 'Body=hello')
    t.equal(send('', over, 'Body=hello') !== undefined, counts, JSON.stringify(match))
  }
})

t.test('the state shows the five fullest counts, and of no count its destination', async (t) => {
  const { caps, send } = benchOf({ max: 9, per: ['caller', 'destination', 'account'] })
  for (let i = 0; i < 7; i++) for (let n = 0; n <= i; n++) send('+447700900123', { caller: `caller ${i}` })
  const [state] = caps.states()
  t.same(state?.fullest, [6, 5, 4, 3, 2].map((i) => ({ caller: `caller ${i}`, account: 'AC1', used: i + 1 })))
  t.match(state, { counts: 7, usedRatio: 7 / 9, mode: 'refuse', max: 9, intervalMs: HOUR_MS })
})

t.test('a cap of nothing is not in use, and says so', async (t) => {
  const { caps, send } = benchOf({ max: 0, mode: 'count' })
  send('+447700900123')
  t.equal(caps.states()[0]?.usedRatio, 0)
  t.match(benchOf({ max: 0 }).send('+447700900123'), { message: /allows no such send \(guard\.caps\.uk\.max is 0\)/ })
})

t.test('an interval is told in its largest whole unit', async (t) => {
  for (const [intervalMs, told] of [
    [86_400_000, '1 day'], [172_800_000, '2 days'], [HOUR_MS, '1 hour'], [90 * 60_000, '90 minutes'], [60_000, '1 minute'],
    [1_000, '1 second'], [90_000, '90 seconds'], [1_500, '1500 ms'], [1, '1 ms']
  ] as const) {
    const { send } = benchOf({ intervalMs })
    send('+44')
    t.match(send('+44')?.message, new RegExp(`: 1 send in ${told} \\(`), told)
  }
})

t.test('invented credentials that wait use up no cap', async (t) => {
  const bench = new LineBench([answers(401), answers(201)], { caps: { all: { max: 3, intervalMs: HOUR_MS } } })
  const send = (credential: string): ReturnType<LineBench['send']> =>
    bench.send('POST', { bearer: { credential, address: '10.0.0.1' }, rawHeaders: FORM }, undefined, Buffer.from('To=%2B44'))
  send('bad')
  await bench.clock.advance(200)
  const strangers = Array.from({ length: 5 }, () => send('bad'))
  await bench.clock.advance(0)
  t.equal(bench.strangers.waiting, 4)
  t.match(bench.line.guard.caps.states(), [{ fullest: [{ used: 1 }] }], 'the one that is on its way')
  for (const { exchange } of strangers) exchange.interrupt('client_left')
  await bench.clock.advance(1_000)
})
