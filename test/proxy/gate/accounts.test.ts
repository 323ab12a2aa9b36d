import t from 'tap'
import { createFixed } from '../../../src/policy/limit/fixed.ts'
import type { Remembered } from '../../../src/policy/limit/remembered.ts'
import { Accounts, type Account, type AccountsOptions, type LimitFactory, type Recall } from '../../../src/proxy/gate/accounts.ts'
import type { GovernorEvent } from '../../../src/proxy/events.ts'
import type { Permit } from '../../../src/proxy/gate/permit.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { NOTHING_SAID, Visitor } from './gate-fixture.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'

const sid = (prefix: string, digit: string): string => prefix + digit.repeat(32)
const OWN = sid('AC', '1')
const OTHER = sid('AC', '2')
const MAPPED = sid('AC', '3')
const KEY = sid('SK', '1')
const KNOWN_KEY = sid('SK', '2')

const basic = (name: string): string => `Basic ${Buffer.from(`${name}:hunter2secret`).toString('base64')}`
const jwt = (claims: object): string =>
  `Bearer ${['{"alg":"RS256"}', JSON.stringify(claims), 'sIgNaTuRe'].map((part) => Buffer.from(part).toString('base64url')).join('.')}`
const path = (account: string): string => `/2010-04-01/Accounts/${account}/Messages.json`

const NO_ACCOUNT = '/v2/Services'

function table (options: Partial<AccountsOptions> = {}, limit: LimitFactory = () => createFixed(1), recall?: Recall): { accounts: Accounts, clock: FakeClock, events: GovernorEvent[] } {
  const clock = new FakeClock()
  const events: GovernorEvent[] = []
  const accounts = new Accounts(
    { map: { [KNOWN_KEY]: MAPPED, OQclient: MAPPED, [OTHER]: MAPPED }, max: 100, idleMs: 60_000, ...options },
    { mode: 'enforce', maxWaiting: 10, weights: { critical: 8, standard: 4, read: 2, bulk: 1 }, ageingMs: 10_000, minShare: 0.02 },
    limit, clock, (event) => events.push(event), recall)
  return { accounts, clock, events }
}

function occupy ({ gate }: Account): Permit {
  const visitor = new Visitor(0, Infinity, {})
  visitor.ask(gate)
  if (visitor.permit === undefined) throw new Error('no room')
  return visitor.permit
}

t.test('whose request it is: the map, the user name, the path, then the key itself', async (t) => {
  const rows: Array<[string, string | undefined, string, string]> = [
    ['an account by its user name', basic(OWN), NO_ACCOUNT, OWN],
    ['a user name before the path', basic(OWN), path(sid('AC', '9')), OWN],
    ['a mapped account', basic(OTHER), path(OTHER), MAPPED],
    ['a mapped key before the path', basic(KNOWN_KEY), path(OWN), MAPPED],
    ['a key with a path', basic(KEY), path(OWN), OWN],
    ['a key with nothing known of it', basic(KEY), NO_ACCOUNT, KEY],
    ['a mapped client', basic('OQclient'), path(OWN), MAPPED],
    ['another user with a path', basic('alice'), path(OWN), OWN],
    ['a token whose subject is mapped', jwt({ client_id: 'OQclient', acc: OWN }), path(OWN), MAPPED],
    ['a token with a path', jwt({ acc: OTHER }), path(OWN), OWN],
    ['a token that names its account', jwt({ acc: OWN }), NO_ACCOUNT, OWN],
    ['a token that says nothing', 'Bearer opaque-token-text', NO_ACCOUNT, 'bearer'],
    ['nobody, with a path', undefined, path(OWN), OWN],
    ['nobody', undefined, NO_ACCOUNT, 'anonymous']
  ]
  for (const [what, authorization, url, key] of rows) t.equal(table().accounts.of(authorization, url, undefined).key, key, what)
})

t.test('users and clients without an account are told apart by a hash, never by their name or a token\'s text', async (t) => {
  const { accounts } = table()
  const key = (authorization: string): string => accounts.of(authorization, NO_ACCOUNT, undefined).key
  t.match(key(basic('alice@example.com')), /^user:[0-9a-f]{16}$/)
  t.match(key(jwt({ sub: 'alice@example.com' })), /^client:[0-9a-f]{16}$/)
  t.not(key(basic('alice@example.com')), key(basic('bob@example.com')))
  t.equal(key(jwt({ sub: 'alice', iat: 1 })), key(jwt({ sub: 'alice', iat: 2 })), 'a token that rotates stays the same account')
  key('Bearer some-opaque-token')
  t.notMatch(JSON.stringify(accounts.states()), /alice|bob|hunter2|sIgNaTuRe|opaque/)
})

t.test('a region has a gate of its own; us1 is where hosts without a region are', async (t) => {
  const { accounts } = table()
  const home = accounts.of(basic(OWN), NO_ACCOUNT, undefined)
  t.equal(accounts.of(basic(OWN), NO_ACCOUNT, 'us1'), home)
  t.equal(accounts.of(basic(OWN), NO_ACCOUNT, 'ie1').key, `${OWN}@ie1`)
  t.not(accounts.of(basic(OWN), NO_ACCOUNT, 'ie1').gate, home.gate)
  t.equal(accounts.size, 2)
})

t.test('an API key that Twilio accepted for an account\'s path belongs to it from then on', async (t) => {
  const { accounts } = table()
  const key = (): string => accounts.of(basic(KEY), NO_ACCOUNT, undefined).key
  accounts.learn(basic(KEY), NO_ACCOUNT)
  t.equal(key(), KEY)
  accounts.learn(basic(KEY), path(OWN))
  t.equal(key(), OWN)
  accounts.learn(basic(KEY), path(OWN))
  t.equal(key(), OWN)
})

t.test('an API key that is accepted for several accounts belongs to none', async (t) => {
  const { accounts } = table()
  for (const account of [OWN, OTHER, OWN]) accounts.learn(basic(KEY), path(account))
  t.equal(accounts.of(basic(KEY), NO_ACCOUNT, undefined).key, KEY)
  t.equal(accounts.of(basic(KEY), path(OWN), undefined).key, OWN, 'its paths still say')
})

t.test('nothing is learnt from other credentials', async (t) => {
  const { accounts } = table()
  for (const authorization of [basic('alice'), basic(OTHER), jwt({ sub: 'alice' }), undefined]) {
    const before = accounts.of(authorization, NO_ACCOUNT, undefined).key
    accounts.learn(authorization, path(OWN))
    t.equal(accounts.of(authorization, NO_ACCOUNT, undefined).key, before)
  }
})

t.test('what is learnt is bounded', async (t) => {
  const { accounts } = table({ max: 2 })
  const keys = ['4', '5', '6'].map((digit) => sid('SK', digit))
  for (const key of keys) accounts.learn(basic(key), path(OWN))
  t.same(keys.map((key) => accounts.of(basic(key), NO_ACCOUNT, undefined).key), [keys[0], keys[1], OWN])
})

t.test('the table is bounded: the account unused for longest gives way', async (t) => {
  const { accounts } = table({ max: 3 })
  const first = accounts.of(basic(sid('AC', 'a')), NO_ACCOUNT, undefined)
  const second = accounts.of(basic(sid('AC', 'b')), NO_ACCOUNT, undefined)
  accounts.of(basic(sid('AC', 'c')), NO_ACCOUNT, undefined)
  t.equal(accounts.of(basic(first.key), NO_ACCOUNT, undefined), first, 'used again')
  accounts.of(basic(sid('AC', 'd')), NO_ACCOUNT, undefined)
  t.same([...accounts.all()].map(({ key }) => key), [sid('AC', 'c'), first.key, sid('AC', 'd')])
  t.not(accounts.of(basic(second.key), NO_ACCOUNT, undefined), second)
})

t.test('a busy account is never given up; who comes when all are busy shares one gate', async (t) => {
  const { accounts } = table({ max: 2 })
  const busy = ['a', 'b'].map((digit) => accounts.of(basic(sid('AC', digit)), NO_ACCOUNT, undefined))
  const permits = busy.map(occupy)
  permits[1]?.hold()
  const shared = ['c', 'd', 'e'].map((digit) => accounts.of(basic(sid('AC', digit)), NO_ACCOUNT, undefined))
  t.same(shared.map(({ key }) => key), ['overflow', 'overflow', 'overflow'])
  t.same(new Set(shared).size, 1)
  t.equal(accounts.size, 3)
  t.equal(accounts.of(basic(sid('AC', 'a')), NO_ACCOUNT, undefined), busy[0])
  permits[0]?.end()
  permits[1]?.unhold(true)
  t.equal(accounts.of(basic(sid('AC', 'c')), NO_ACCOUNT, undefined).key, sid('AC', 'c'), 'once somebody is idle there is room again')
  t.ok(accounts.size <= 3)
})

t.test('a newcomer looks at a few accounts, not at all: one idle behind many busy ones is found by one of the next', async (t) => {
  const { accounts } = table({ max: 100 })
  const all = Array.from({ length: 100 }, (_, i) => accounts.of(basic(`AC${String(i).padStart(32, '0')}`), NO_ACCOUNT, undefined))
  const idle = all[50]
  for (const account of all) if (account !== idle) occupy(account)
  const newcomers = Array.from({ length: 4 }, (_, i) => accounts.of(basic(`ACf${String(i).padStart(31, '0')}`), NO_ACCOUNT, undefined))
  t.same(newcomers.map(({ key }) => key === 'overflow'), [true, true, true, false])
  t.notOk([...accounts.all()].includes(idle as Account))
  t.equal(accounts.size, 101)
})

t.test('the table stays bounded while ever more accounts are busy', async (t) => {
  const { accounts } = table({ max: 2 }, () => createFixed(1_000))
  for (let i = 0; i < 50; i++) {
    const account = accounts.of(basic(`AC${String(i).padStart(32, '0')}`), NO_ACCOUNT, undefined)
    if (i % 2 === 0) occupy(account)
  }
  t.equal(accounts.size, 3, 'two, and the one that the others share')
})

t.test('an account that has been idle for long is given up, a busy one is not, and the last takes the timer with it', async (t) => {
  const { accounts, clock } = table({ idleMs: 1_000 })
  accounts.of(basic(OWN), NO_ACCOUNT, undefined)
  const busy = accounts.of(basic(sid('AC', 'b')), NO_ACCOUNT, undefined)
  const permit = occupy(busy)
  await clock.advance(600)
  const fresh = accounts.of(basic(sid('AC', 'c')), NO_ACCOUNT, undefined)
  await clock.advance(400)
  t.same([...accounts.all()], [busy, fresh])
  t.equal(clock.liveTimers, 1, 'one timer for all accounts')
  await clock.advance(1_000)
  t.same([...accounts.all()], [busy])
  permit.end()
  await clock.advance(1_000)
  t.equal(accounts.size, 0)
  t.equal(clock.liveTimers, 0)
})

t.test('a table that is closed leaves no timer', async (t) => {
  const { accounts, clock } = table()
  accounts.of(basic(OWN), NO_ACCOUNT, undefined)
  t.equal(clock.liveTimers, 1)
  accounts.close()
  t.equal(clock.liveTimers, 0)
})

t.test('an account shows its gate, and how long it has been idle', async (t) => {
  const { accounts, clock } = table()
  const account = accounts.of(basic(OWN), NO_ACCOUNT, undefined)
  const permit = occupy(account)
  await clock.advance(500)
  t.match(accounts.states(), [{ account: OWN, inflight: 1, limit: 1, mode: 'enforce', idleMs: 0 }])
  permit.end()
  await clock.advance(500)
  t.match(accounts.states(), [{ account: OWN, inflight: 0, idleMs: 1_000 }])
})

t.test('what is remembered of an account is where its limit starts, each time that it comes', async (t) => {
  const remembered: Remembered = { slots: 40, settled: true, refusedAt: 41, ceiling: { estimate: 40, low: 40, high: 41, basis: 'reported' }, agoMs: 5_000 }
  const started: Array<Remembered | undefined> = []
  const asked: string[] = []
  const { accounts, clock } = table({ idleMs: 1_000 }, (from) => {
    started.push(from)
    return createFixed(from?.slots ?? 1)
  }, (account) => {
    asked.push(account)
    return account === OWN ? remembered : undefined
  })
  accounts.of(basic(OWN), NO_ACCOUNT, undefined)
  accounts.of(basic(sid('AC', 'b')), NO_ACCOUNT, undefined)
  accounts.of(basic(OWN), NO_ACCOUNT, undefined)
  await clock.advance(1_000)
  t.equal(accounts.size, 0)
  accounts.of(basic(OWN), NO_ACCOUNT, undefined)
  t.same(asked, [OWN, sid('AC', 'b'), OWN])
  t.strictSame(started, [remembered, undefined, remembered])
  t.match(accounts.states(), [{ limit: 40, ceiling: { estimate: 40, low: 40, high: 41, confidence: 'remembered' } }])
})

t.test('what is worth keeping is told of accounts that have learnt something, and never of the one that newcomers share', async (t) => {
  const limits: ScriptedLimit[] = []
  const { accounts, clock } = table({ max: 2 }, () => {
    limits.push(new ScriptedLimit(5))
    return limits.at(-1)!
  })
  const permits = ['a', 'b', 'c'].map((digit) => occupy(accounts.of(basic(sid('AC', digit)), NO_ACCOUNT, undefined)))
  t.same([...accounts.learnt()], [], 'nothing was learnt yet')
  for (const at of [0, 2]) {
    limits[at]!.moves.push(4)
    permits[at]!.refused({ concurrency: 9, durationMs: 1 })
    permits[at]!.end()
  }
  await clock.advance(300)
  t.strictSame([...accounts.learnt()], [{
    account: sid('AC', 'a'), idleMs: 300, slots: 4, settled: true, refusedAt: null, ceiling: { estimate: 8, low: 0, high: 9, basis: 'reported' }
  }])
})

t.test('what moves an account\'s limit is told with its name', async (t) => {
  const limit = new ScriptedLimit(1)
  const { accounts, events } = table({}, () => limit)
  const permit = occupy(accounts.of(basic(OWN), NO_ACCOUNT, 'ie1'))
  limit.moves.push(2)
  permit.admitted(NOTHING_SAID)
  t.strictSame(events, [{ type: 'limit', account: `${OWN}@ie1`, reason: 'probe', limit: 2 }])
})

const numbered = (i: number): string => `AC${i.toString(16).padStart(32, '0')}`

t.test('invented accounts that are idle give way to each other, and soon go', async (t) => {
  const { accounts, clock } = table({ max: 1_000, idleMs: 600_000 })
  accounts.accepted(accounts.of(basic(OWN), NO_ACCOUNT, undefined, 'a'))
  for (let i = 0; i < 1_000; i++) accounts.of(basic(numbered(i)), NO_ACCOUNT, undefined, 'b')
  t.equal(accounts.size, 251, 'a quarter of the table and the one that Twilio knows')
  await clock.advance(60_000)
  t.strictSame(accounts.states().map(({ account }) => account), [OWN])
  t.ok(accounts.isAccepted(OWN))
  await clock.advance(600_000)
  t.equal(accounts.size, 0)
})

t.test('of those who name invented accounts that are in use, who names most shares one for all others', async (t) => {
  const { accounts } = table({ max: 400 })
  const permits = Array.from({ length: 100 }, (_, i) => occupy(accounts.of(basic(numbered(i)), NO_ACCOUNT, undefined, 'a')))
  t.equal(accounts.of(basic(numbered(200)), NO_ACCOUNT, undefined, 'a').key, 'overflow')
  const other = accounts.of(basic(OWN), NO_ACCOUNT, undefined, 'b')
  t.equal(other.key, OWN, 'another gets its own')
  accounts.accepted(other)
  for (const permit of permits) permit.end()
  t.equal(accounts.of(basic(numbered(200)), NO_ACCOUNT, undefined, 'a').key, numbered(200))
  t.equal(accounts.of(basic(OWN), NO_ACCOUNT, undefined, 'b'), other)
})

t.test('an account that Twilio knows is idle longer than one that it does not before it gives way', async (t) => {
  const { accounts } = table({ max: 101 })
  accounts.accepted(accounts.of(basic(OWN), NO_ACCOUNT, undefined, 'a'))
  for (let i = 0; i < 300; i++) accounts.of(basic(numbered(i)), NO_ACCOUNT, undefined, `peer ${i}`)
  t.ok(accounts.isAccepted(OWN))
  t.ok(accounts.size <= 101)
})
