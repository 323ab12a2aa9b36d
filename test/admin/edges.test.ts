/** What the admin server decides by itself: who may change, under which names it is called, and what an order may say. */
import t from 'tap'
import { methodsOf, refusalOf } from '../../src/admin/changes.ts'
import { standingOf } from '../../src/admin/hosts.ts'
import { EXPIRES_SOON_MS, unreadyReasons, warnings } from '../../src/admin/readiness.ts'
import { viewState } from '../../src/admin/state-view.ts'
import { readOrder, type OrderFault } from '../../src/admin/switch-order.ts'
import type { KillSwitch } from '../../src/proxy/guard/kill-switch.ts'
import { account, cap, killSwitch, proxyState, SID } from '../telemetry/fakes.ts'

const NOW_MS = Date.UTC(2026, 0, 1)
const YEAR_MS = 366 * 86_400_000
const NAMES = new Set(['governor.example'])

type Raw = Parameters<typeof refusalOf>[0]
const raw = (headers: Record<string, string>, remoteAddress = '127.0.0.1'): Raw => ({ headers, socket: { remoteAddress } }) as unknown as Raw

t.test('each path has its methods, with a slash at its end and a query as well', async (t) => {
  const reads = ['GET', 'HEAD']
  for (const path of ['/switches/x', '/switches/x/', '/switches/x?y=1']) {
    t.same(
      methodsOf(path), [...reads, 'PUT', 'DELETE'], path
    )
  }
  for (const path of ['/jobs/x', '/jobs/x/', '/jobs/x?y=/']) t.same(methodsOf(path), [...reads, 'DELETE'], path)
  for (const path of ['/switches', '/switches/x/y', '/jobs?x=/jobs/y', '/jobs/', '/']) t.same(methodsOf(path), reads, path)
})

t.test('a page may change something from the server\'s own origin alone', async (t) => {
  const host = 'Governor.Example:9090'
  t.equal(refusalOf(raw({ host }), false, NAMES), undefined, 'no page')
  t.equal(
    refusalOf(raw({ host, origin: 'http://governor.example:9090', 'sec-fetch-site': 'same-origin' }), false, NAMES),
    undefined
  )
  for (const site of ['same-site', 'cross-site']) {
    t.match(refusalOf(raw({ host, 'sec-fetch-site': site }), false, NAMES), /a page of another site/, site)
  }
  t.match(refusalOf(raw({ host, origin: 'http://governor.example:9091' }), false, NAMES), /names another server/)
  t.match(
    refusalOf(raw({ host: 'near', origin: 'http://near' }), false, NAMES),
    /names another server/,
    'a name that pages may have'
  )
})

t.test('other machines change something where that is allowed', async (t) => {
  t.match(refusalOf(raw({}, '10.0.0.9'), false, NAMES), /only from its own machine/)
  t.equal(refusalOf(raw({}, '10.0.0.9'), true, NAMES), undefined)
  t.equal(refusalOf(raw({}, '::ffff:127.0.0.1'), false, NAMES), undefined)
})

t.test('a name is our own, near, or foreign', async (t) => {
  const own = [
    'Governor.Example', 'governor.example.:9090', '127.0.0.1:9090', '[::1]:9090', 'localhost', 'a.localhost',
    '10.0.0.9'
  ]
  const near = [
    'governor', 'governor:9090', 'Host.Docker.Internal', 'governor.prod.svc', 'governor.prod.svc.cluster.local'
  ]
  const foreign = [
    'evil.example', 'governor.example.evil', 'printer.local', '0x7fff', '2130706433', 'a b', '', 'x..y', 'prod.svc'
  ]
  for (const name of own) t.equal(standingOf(name, NAMES), 'own', name)
  for (const name of near) t.equal(standingOf(name, NAMES), 'near', name)
  // Some numbers are addresses to us as well.
  for (const name of foreign) t.equal(standingOf(name, NAMES) === 'near', false, name)
  t.equal(standingOf('evil.example', NAMES), 'foreign')
})

t.test('a name has 255 characters at most', async (t) => {
  const under = (length: number): string => `${'a.'.repeat(200)}localhost`.slice(-length)
  t.equal(standingOf(under(255), NAMES), 'own')
  t.equal(standingOf(under(257), NAMES), 'foreign')
})

t.test('why no request should come: each reason that holds, and never that a draining proxy starts', async (t) => {
  const of = (ready: boolean, draining: boolean, wedged: boolean): readonly string[] =>
    unreadyReasons(ready, proxyState({ draining: () => draining, wedged: () => wedged }))
  t.same(of(true, false, false), [])
  t.same(of(false, false, true), ['starting', 'wedged'])
  t.same(of(false, true, false), ['draining'])
  t.same(of(true, true, true), ['draining', 'wedged'])
})

t.test('an authority is warned of within 30 days of its end, and at its end it has ended', async (t) => {
  const at = (leftMs: number): readonly string[] => warnings(NOW_MS + leftMs, NOW_MS, 0)
  t.equal(EXPIRES_SOON_MS, 30 * 86_400_000)
  t.same(
    [EXPIRES_SOON_MS, EXPIRES_SOON_MS - 1, 1, 0].map(at),
    [[], ['authority_expires'], ['authority_expires'], ['authority_expired']]
  )
  t.same(warnings(undefined, NOW_MS, 1), ['switch_on'])
})

const read = (body: unknown): KillSwitch | readonly OrderFault[] => readOrder('x', body, {
  epochMs: NOW_MS, account: (named) => named === 'shop' ? SID : undefined, products: new Set(['api'])
})
const keysOf = (body: unknown): readonly string[] => {
  const order = read(body)
  return 'name' in order ? [] : order.map(({ key }) => key)
}

t.test('an order is for a second at least and a year at most, or until a moment within a year', async (t) => {
  const until = (order: object): unknown => {
    const read_ = read({ all: true, ...order })
    return 'name' in read_ ? read_.untilMs : undefined
  }
  t.equal(until({ forMs: 1_000 }), NOW_MS + 1_000)
  t.equal(until({ forMs: YEAR_MS }), NOW_MS + YEAR_MS)
  t.equal(until({ untilMs: NOW_MS + 1 }), NOW_MS + 1)
  t.equal(until({ untilMs: NOW_MS + YEAR_MS }), NOW_MS + YEAR_MS)
  t.equal(until({}), null)
  for (const forMs of [999, YEAR_MS + 1, 1_000.5, '1000']) t.same(keysOf({ all: true, forMs }), ['forMs'], `${forMs}`)
  for (const untilMs of [NOW_MS, NOW_MS + YEAR_MS + 1]) {
    t.same(
      keysOf({ all: true, untilMs }), ['untilMs'], `${untilMs}`
    )
  }
  t.same(keysOf({ all: true, forMs: 1_000, untilMs: NOW_MS + 1 }), ['untilMs'])
})

t.test('everything is stopped by all alone, and by nothing else', async (t) => {
  t.same(keysOf({}), ['all'])
  t.same(keysOf({ all: false }), ['all'])
  t.same(keysOf({ account: null, reads: true }), ['all'])
  for (const order of [{ account: 'shop' }, { product: 'api' }, { caller: 'x*' }]) {
    t.same(keysOf(order), [])
    t.same(keysOf({ ...order, all: false }), [])
    t.same(keysOf({ ...order, all: true }), ['all'])
  }
})

t.test('a fault names its key, what is accepted and the kind of what came, and repeats no text', async (t) => {
  const faults = read({ product: 'secret', caller: '', reads: 'yes', reason: 7, forMs: true, account: ['x'], untilMs: {}, ['k'.repeat(50)]: 1 }) as readonly OrderFault[]
  const told = Object.fromEntries(faults.map(({ key, message }) => [key, message]))
  t.match(told['k'.repeat(40)], /is unknown; accepted are account, product, caller, all, reads, reason, forMs, untilMs/)
  t.match(told['product'], /upstream\.hosts; found text of 6 characters/)
  t.match(told['caller'], /Governor-Caller.*found text of 0 characters/)
  t.match(told['reads'], 'must be true or false; found text of 3 characters')
  t.match(told['reason'], /1 to 200 printable characters; found the number 7/)
  t.match(told['forMs'], /found the boolean true/)
  t.match(told['account'], /found a list/)
  t.match(told['untilMs'], /found an object/)
  t.notMatch(JSON.stringify(faults), /secret/)
  t.same([1, 200].map((length) => keysOf({ all: true, reason: 'r'.repeat(length) })), [[], []])
  for (const reason of ['', 'r'.repeat(201), 'a\nb', 'a\u2028b']) t.same(keysOf({ all: true, reason }), ['reason'])
})

t.test('the view of the state has whole milliseconds, hundredths, and labels in place of keys', async (t) => {
  const state = proxyState({
    accounts: () => [
      account(
        {
          mode: 'enforce',
          inflight: 3,
          held: 5,
          idleMs: 1.6,
          lastChange: { reason: 'cut', agoMs: 2.7, limit: 4 },
          drainPerSecond: 1.239
        }
      ),
      account(
        {
          mode: 'shadow',
          inflight: 10,
          held: 20,
          lastChange: null,
          pacedRoutes: [{ route: '/x', perSecond: 0.126, source: 'announced' }]
        }
      )
    ],
    caps: () => [cap({ usedRatio: 0.9649, fullest: [{ account: SID, caller: 'c', prefix: '+44', used: 2 }] })],
    switches: () => [killSwitch()]
  })
  const of = { version: '1', state, labels: () => 'label', configuredMode: 'off' as const }
  const view = viewState(of, 1_499)
  t.equal(view.uptimeSeconds, 1)
  t.equal(view.mode, 'mixed')
  t.match(view.totals, { accounts: 2, inflight: 13, held: 25, queued: { critical: 2, standard: 40, read: 6, bulk: 0 } })
  t.match(view.accounts, [
    { account: 'label', idleMs: 2, lastChange: { agoMs: 3 }, drainPerSecond: 1.24 },
    { account: 'label', lastChange: null, pacedRoutes: [{ perSecond: 0.13 }] }
  ])
  t.match(view.spendCaps, [{ usedRatio: 0.96, fullest: [{ account: 'label', caller: 'c', prefix: '+44', used: 2 }] }])
  t.match(view.switches, [{ account: 'label' }])
  const names = { canonical: () => undefined, show: (named: string) => `shown ${named}` }
  const switches = { switches: { all: () => [], get: () => undefined } as never, names, products: new Set<string>() }
  t.match(
    viewState({ ...of, switches }, 0).switches, [{ account: `shown ${SID}` }], 'as it is kept, which may be a hash'
  )
  t.equal(viewState({ ...of, state: proxyState({ accounts: () => [account({ mode: 'shadow' })] }) }, 0).mode, 'shadow')
  t.equal(viewState({ ...of, state: proxyState({ accounts: () => [] }) }, 0).mode, 'off')
})
