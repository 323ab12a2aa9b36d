import t from 'tap'
import { createFixed } from '../../../src/policy/limit/fixed.ts'
import { Accounts, type Account, type AccountsOptions, type Recall } from '../../../src/proxy/gate/accounts.ts'
import type { GovernorEvent } from '../../../src/proxy/events.ts'
import type { Gate, GateOptions } from '../../../src/proxy/gate/gate.ts'
import type { Permit } from '../../../src/proxy/gate/permit.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { Visitor } from './gate-fixture.ts'

const NO_ACCOUNT = '/v2/Services'
const WEIGHTS = { critical: 8, standard: 4, read: 2, bulk: 1 }
const GATE: GateOptions = { mode: 'enforce', maxWaiting: 10, weights: WEIGHTS, ageingMs: 10_000, minShare: 0.02 }
const numbered = (i: number): string => `AC${i.toString(16).padStart(32, '0')}`
const basic = (name: string): string => `Basic ${Buffer.from(`${name}:secret`).toString('base64')}`

class Table {
  readonly clock = new FakeClock()
  readonly events: GovernorEvent[] = []
  readonly accounts: Accounts

  constructor (options: Partial<AccountsOptions> = {}, gate: Partial<GateOptions> = {}, recall?: Recall) {
    this.accounts = new Accounts(
      { map: {}, max: 400, idleMs: 600_000, ...options }, { ...GATE, ...gate }, () => createFixed(1), this.clock,
      (event) => this.events.push(event), recall)
  }

  name (i: number, address = 'a'): Account {
    return this.accounts.of(basic(numbered(i)), NO_ACCOUNT, undefined, address)
  }

  /** The numbers of the accounts in the table, in its order. */
  get numbers (): number[] { return [...this.accounts.all()].map(({ key }) => parseInt(key.slice(2), 16)) }
}

function occupy (gate: Gate): Permit {
  const visitor = new Visitor(0, Infinity, {})
  visitor.ask(gate)
  if (visitor.permit === undefined) throw new Error('no room')
  return visitor.permit
}

t.test('an account is in use while one of its strangers is, or waits', async (t) => {
  const table = new Table({ max: 1, idleMs: 1_000 })
  const account = table.name(1)
  const permits = Array.from({ length: 4 }, () => occupy(table.accounts.strangersOf(account)))
  t.ok(account.gate.idle)
  t.match(table.accounts.states(), [{ idleMs: 0 }])
  t.equal(table.name(2).key, 'overflow', 'it does not give way')
  await table.clock.advance(3_000)
  t.same([...table.accounts.all()], [account], 'nor is it given up')
  for (const permit of permits) permit.end()
  t.match(table.accounts.states(), [{ idleMs: 3_000 }])
  t.equal(table.name(2).key, numbered(2))
  t.same(table.numbers, [2])
})

t.test('strangers of an account share one small gate: four at once, and a thousand wait at most', async (t) => {
  for (const [maxWaiting, most] of [[3, 3], [5_000, 1_000]] as const) {
    const table = new Table({}, { maxWaiting })
    const account = table.name(1)
    t.equal(account.strangers, undefined, 'none before there are strangers')
    const gate = table.accounts.strangersOf(account)
    t.equal(table.accounts.strangersOf(account), gate)
    t.not(table.accounts.strangersOf(table.name(2)), gate)
    const visitors = Array.from({ length: 4 + most + 1 }, (_, i) => new Visitor(i, Infinity, {}))
    for (const visitor of visitors) visitor.ask(gate)
    const count = (wanted: string): number => visitors.filter(({ state }) => state === wanted).length
    t.same([count('granted'), count('waiting'), count('queue_full')], [4, most, 1], `${maxWaiting} anywhere`)
  }
})

t.test('the map knows names and accounts in any spelling', async (t) => {
  const [key, account] = [`SK${'a'.repeat(32)}`, `AC${'b'.repeat(32)}`]
  const table = new Table({ map: { [key.toUpperCase()]: account.toUpperCase() } })
  t.equal(table.accounts.of(basic(key), NO_ACCOUNT, undefined).key, account)
})

t.test('shadow tells of whom the limit would have made wait: its account and class', async (t) => {
  const table = new Table({}, { mode: 'shadow' })
  const { gate, key } = table.name(1)
  for (const name of ['standard', 'bulk'] as const) new Visitor(0, Infinity, { name }).ask(gate)
  t.strictSame(table.events, [{ type: 'shadow', account: key, class: 'bulk' }])
})

t.test('an account that is only known by its name is not an accepted one', async (t) => {
  const { accounts } = new Table()
  const account = accounts.of(basic(numbered(1)), NO_ACCOUNT, undefined)
  account.doubts = 3
  t.notOk(accounts.isAccepted(account.key))
  t.notOk(accounts.isAccepted(numbered(2)))
  accounts.accepted(account)
  t.ok(accounts.isAccepted(account.key))
})

t.test('of accounts that Twilio does not know, the one unused for longest gives way', async (t) => {
  const table = new Table()
  for (let i = 0; i < 100; i++) table.name(i)
  table.name(0)
  table.name(200)
  t.same(table.numbers.slice(-2), [0, 200], 'used again, it is young again')
  t.notOk(table.numbers.includes(1))
  t.equal(table.accounts.size, 100)
})

t.test('of any accounts too, also of one that was used just before another came', async (t) => {
  const table = new Table({ max: 2 })
  for (const i of [1, 1, 2, 1, 3]) table.accounts.accepted(table.name(i))
  t.same(table.numbers, [1, 3])
})

t.test('while few are unknown they give way before all that Twilio has accepted', async (t) => {
  const table = new Table({ max: 3 })
  for (const i of [1, 2]) table.accounts.accepted(table.name(i))
  table.name(3)
  table.name(4)
  t.same(table.numbers, [1, 2, 4])
})

t.test('accounts that nobody has accepted have a quarter of the table, from a hundred to a thousand', async (t) => {
  for (const [max, most] of [[200, 100], [800, 200], [100_000, 1_000]] as const) {
    const table = new Table({ max })
    for (let i = 0; i < most; i++) occupy(table.name(i).gate)
    t.equal(table.name(5_000).key, 'overflow', `one more than ${most} of ${max}`)
    t.equal(table.accounts.size, most + 1)
  }
})

t.test('one that is remembered from before is not unknown, and stays as long as any', async (t) => {
  const ceiling = { estimate: null, low: 0, high: null, basis: 'own' } as const
  const learnt = { slots: 4, settled: true, refusedAt: null, agoMs: 0, ceiling }
  const table = new Table({}, {}, (account) => account === numbered(1_000) ? learnt : undefined)
  table.name(1_000)
  await table.clock.advance(300_000)
  t.same(table.numbers, [1_000])
  for (let i = 0; i < 100; i++) occupy(table.name(i).gate)
  t.equal(table.accounts.size, 101)
  await table.clock.advance(600_000)
  t.notOk(table.numbers.includes(1_000))
})

t.test('the account that newcomers share is nobody\'s: it stays as long as any', async (t) => {
  const table = new Table()
  const permits = Array.from({ length: 100 }, (_, i) => occupy(table.name(i).gate))
  t.equal(table.name(200).key, 'overflow')
  for (const permit of permits) permit.end()
  await table.clock.advance(120_000)
  t.same([...table.accounts.all()].map(({ key }) => key), ['overflow'])
  await table.clock.advance(600_000)
  t.equal(table.accounts.size, 0)
  t.equal(table.clock.liveTimers, 0)
})

t.test('what was given up, or accepted, counts no more for who named it', async (t) => {
  for (const how of ['given up', 'accepted']) {
    const table = new Table()
    for (let i = 0; i < 60; i++) {
      const account = table.name(1_000 + i, 'a')
      if (how === 'accepted') table.accounts.accepted(account)
    }
    if (how === 'given up') await table.clock.advance(60_000)
    for (let i = 0; i < 50; i++) occupy(table.name(i, 'a').gate)
    for (let i = 50; i < 100; i++) occupy(table.name(i, 'b').gate)
    t.equal(table.name(200, 'b').key, 'overflow', `${how}: each has named fifty that are in use`)
    t.equal(table.name(201, 'c').key, numbered(201), 'who has named none gets one')
  }
})

t.test('what is worth keeping of an account in use is of now', async (t) => {
  const ceiling = { estimate: 8, low: 8, high: 9, basis: 'reported' } as const
  const learnt = { slots: 4, settled: true, refusedAt: 9, agoMs: 0, ceiling }
  const table = new Table({}, {}, () => learnt)
  const permit = occupy(table.name(1).gate)
  await table.clock.advance(700)
  t.match([...table.accounts.learnt()], [{ account: numbered(1), idleMs: 0 }])
  permit.end()
  t.match([...table.accounts.learnt()], [{ account: numbered(1), idleMs: 700 }])
})
