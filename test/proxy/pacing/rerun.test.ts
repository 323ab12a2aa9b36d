import t from 'tap'
import type { Account, Accounts } from '../../../src/proxy/gate/accounts.ts'
import { Credentials } from '../../../src/proxy/gate/credentials.ts'
import { Exchange, type Identity } from '../../../src/proxy/exchange-state.ts'
import { fromStore, toStore } from '../../../src/proxy/pacing/rerun.ts'

t.test('what runs later gives way to everything else, whatever class it came with, and is due by the times of its run', async (t) => {
  const account = { key: 'AC1', gate: undefined } as unknown as Account
  const accounts = { of: () => account } as unknown as Accounts
  for (const name of ['critical', 'standard', 'read', 'bulk'] as const) {
    const first = new Exchange({
      order: 1,
      method: 'DELETE',
      upstream: { host: 'api.twilio.com', product: 'api', region: undefined },
      path: '/2010-04-01/a?b=c',
      route: 'DELETE api/a',
      class: name,
      account,
      caller: 'cleanup',
      authorization: 'Basic eA==',
      allowsDuplicate: true,
      pageBase: undefined,
      deadlineMs: 5,
      latestStartMs: 4,
      rawHeaders: ['Host', 'localhost', 'Prefer', 'respond-async', 'Governor-Class', name, 'X-Own', '1']
    } satisfies Identity)
    const stored = toStore(first)
    t.same(stored.rawHeaders.filter((header) => /prefer|respond-async|governor/i.test(header)), [])
    const { identity, class: asClass } = fromStore(stored, 9, 100, { startMs: 20, endMs: 30 }, accounts, new Credentials())
    t.match([identity.class, asClass], ['bulk', 'bulk'], name)
    t.match(identity, { order: 9, method: 'DELETE', path: '/2010-04-01/a?b=c', caller: 'cleanup', latestStartMs: 120, deadlineMs: 130, allowsDuplicate: false })
    t.match(identity.rawHeaders.slice(-2), ['X-Own', '1'])
  }
})

t.test('what runs later counts for the account of its region, and for no address', async (t) => {
  const asked: unknown[] = []
  const account = { key: 'AC1@ie1', gate: undefined } as unknown as Account
  const accounts = {
    of: (...args: unknown[]) => {
      asked.push(args)
      return account
    }
  } as unknown as Accounts
  const credentials = new Credentials()
  const request = {
    method: 'DELETE',
    upstream: { host: 'api.ie1.twilio.com', product: 'api', region: 'ie1' },
    path: '/2010-04-01/a',
    route: 'DELETE api/2010-04-01/a',
    caller: 'cleanup',
    authorization: 'Basic eA==',
    rawHeaders: []
  }
  const exchange = fromStore(request, 1, 0, { startMs: 1, endMs: 2 }, accounts, credentials)
  t.same(asked, [['Basic eA==', '/2010-04-01/a', 'ie1']])
  t.equal(exchange.identity.account, account)
  t.same(exchange.identity.bearer, { credential: credentials.nameOf('Basic eA==', 'AC1@ie1'), address: 'stored' })
  t.equal(exchange.caller, 'cleanup')
  t.equal(exchange.identity.pageBase, undefined)
})

t.test('what asks to be deferred is not stored, in any spelling: whoever runs it waits for its answer', async (t) => {
  const identity = {
    method: 'DELETE',
    upstream: { host: 'api.twilio.com', product: 'api', region: undefined },
    path: '/',
    route: 'DELETE api/',
    caller: 'cleanup',
    authorization: 'Basic eA==',
    rawHeaders: ['PREFER', 'respond-async', 'prefer', 'wait=1', 'Preferred', 'x', 'Accept', 'prefer']
  }
  const { rawHeaders } = toStore({ identity } as unknown as Exchange)
  t.same(rawHeaders.filter((text) => /prefer|respond|wait/i.test(text)), ['Preferred', 'prefer'])
})
