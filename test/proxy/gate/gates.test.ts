import t from 'tap'
import { OtherGateError } from '../../../src/proxy/errors.ts'
import { Exchange, type Identity } from '../../../src/proxy/exchange-state.ts'
import type { Account } from '../../../src/proxy/gate/accounts.ts'
import { Credentials, type Bearer } from '../../../src/proxy/gate/credentials.ts'
import type { Gate } from '../../../src/proxy/gate/gate.ts'
import { Gates } from '../../../src/proxy/gate/gates.ts'

/** Gates of one account, and what became of exchanges that waited at them. */
class Bench {
  readonly log: string[] = []
  readonly account: Account
  readonly strangers: Gate
  readonly running = new Set<Exchange>()
  readonly gates: Gates
  readonly credentials = new Credentials()
  #order = 0

  constructor () {
    const gate = (name: string): Gate => ({
      leave: ({ order }: Exchange, error: Error) => {
        this.log.push(`${order} leaves ${name}${error instanceof OtherGateError ? '' : ' for no other'}`)
      }
    }) as unknown as Gate
    this.strangers = gate('strangers')
    this.account = { key: 'AC1', gate: gate('account'), doubts: 0, peer: '', usedAtMs: 0 }
    this.gates = new Gates(this.credentials, {
      strangersOf: () => this.strangers,
      accepted: (account) => {
        account.doubts = -Infinity
        this.log.push('accepted')
      }
    }, this.running)
  }

  exchange (
    credential: string | undefined,
    address = '10.0.0.1',
    over: { waits?: boolean, asks?: boolean } = {}
  ): Exchange {
    const bearer: Bearer | undefined = credential === undefined ? undefined : { credential, address }
    const exchange = new Exchange({
      order: this.#order++,
      method: 'POST',
      upstream: { host: 'api.twilio.com', product: 'api', region: undefined },
      path: '/',
      route: 'POST api/',
      class: 'standard',
      account: this.account,
      caller: 'billing',
      authorization: credential,
      ...bearer && { bearer },
      allowsDuplicate: false,
      rawHeaders: [],
      pageBase: undefined,
      deadlineMs: 0,
      latestStartMs: 0
    } satisfies Identity)
    exchange.asksForPermit = over.asks !== false
    if (over.waits !== false) exchange.refused = () => {}
    this.gates.place(exchange)
    this.running.add(exchange)
    return exchange
  }

  place (exchange: Exchange): [stranger: boolean, atStrangers: boolean, caller: string] {
    this.gates.place(exchange)
    return [exchange.isStranger, exchange.gate === this.strangers, exchange.caller]
  }
}

const KNOWN = [false, false, 'billing']
const STRANGER = [true, true, '10.0.0.1']

t.test('until the account has had eight 401s a new credential is trusted, and then no more', async (t) => {
  const bench = new Bench()
  const fresh = bench.exchange('fresh')
  t.same(bench.place(fresh), KNOWN)
  for (let i = 0; i < 7; i++) bench.gates.heard(bench.exchange(`wrong ${i}`), 401)
  t.same(bench.place(fresh), KNOWN, 'seven are not enough')
  bench.gates.heard(bench.exchange('wrong 7'), 401)
  t.same(bench.place(fresh), STRANGER)
  bench.gates.heard(fresh, 201)
  t.same(bench.place(fresh), KNOWN, 'Twilio has accepted it')
  t.same(bench.place(bench.exchange('another')), STRANGER, 'and any other has to be accepted first')
})

t.test('what says nothing of the credential moves nobody, and is no doubt', async (t) => {
  const bench = new Bench()
  const exchange = bench.exchange('one')
  for (const status of [429, 404, 500, 503, 100]) bench.gates.heard(exchange, status)
  t.equal(bench.account.doubts, 0)
  t.equal(bench.credentials.standing('one'), 'untried')
  t.same(bench.log, [])
})

t.test('what the proxy sends by itself has no credential to judge, and waits with the account', async (t) => {
  const bench = new Bench()
  bench.account.doubts = -Infinity
  const own = bench.exchange(undefined)
  t.same(bench.place(own), KNOWN)
  bench.gates.heard(own, 401)
  bench.gates.heard(own, 200)
  t.same(bench.log, [])
})

t.test('when a credential is rejected, those who wait with it are sent on, and nobody else', async (t) => {
  const bench = new Bench()
  const first = bench.exchange('bad', '10.0.0.1', { waits: false })
  bench.exchange('bad')
  bench.exchange('bad', '10.0.0.2')
  bench.exchange('good')
  bench.exchange('bad', '10.0.0.1', { asks: false })
  bench.exchange(undefined)
  bench.gates.heard(first, 401)
  t.same(bench.log, ['1 leaves account', '2 leaves account'])
  bench.gates.heard(first, 401)
  t.equal(bench.log.length, 2, 'known already')
})

t.test('who is at the right gate already is left alone when its credential is accepted', async (t) => {
  const bench = new Bench()
  const first = bench.exchange('good', '10.0.0.1', { waits: false })
  bench.exchange('good')
  bench.gates.heard(first, 200)
  t.same(bench.log, ['accepted'])
})

t.test('when a stranger\'s credential is accepted, those who wait with it go back to the account', async (t) => {
  const bench = new Bench()
  bench.account.doubts = -Infinity
  const first = bench.exchange('new', '10.0.0.1', { waits: false })
  bench.exchange('new')
  bench.exchange('other')
  bench.gates.heard(first, 201)
  t.same(bench.log, ['accepted', '1 leaves strangers'])
})

t.test('a charge is given back once where the request turns out to be a stranger\'s', async (t) => {
  const bench = new Bench()
  const exchange = bench.exchange('one')
  let ended = 0
  exchange.charge = { end: () => { ended++ } } as unknown as NonNullable<Exchange['charge']>
  exchange.isCharged = true
  t.same(bench.place(exchange), KNOWN)
  t.equal(ended, 0, 'as long as it is trusted it is charged')
  bench.gates.heard(exchange, 401)
  t.same(bench.place(exchange), STRANGER)
  t.same([ended, exchange.charge, exchange.isCharged], [1, undefined, false])
  bench.place(exchange)
  t.equal(ended, 1)
  const free = bench.exchange('one')
  free.isCharged = true
  bench.place(free)
  t.equal(free.isCharged, false, 'also of one that caps have found nothing to count of')
})
