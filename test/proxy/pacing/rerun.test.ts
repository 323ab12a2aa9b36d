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
