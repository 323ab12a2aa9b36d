import type { Test } from 'tap'
import { createFixed } from '../../../src/policy/limit/fixed.ts'
import { Accounts } from '../../../src/proxy/gate/accounts.ts'
import { BodyMemory } from '../../../src/proxy/ingress/body-memory.ts'
import { systemClock } from '../../../src/system-clock.ts'
import { ConnectionShares } from '../../../src/proxy/clients/connection-shares.ts'
import { Credentials } from '../../../src/proxy/gate/credentials.ts'
import { createIngress, type IngressOptions } from '../../../src/proxy/ingress/ingress.ts'
import { KNOWN_HOSTS } from '../../../src/twilio/hosts.ts'

const GATE = { mode: 'off', maxWaiting: 1, weights: { critical: 8, standard: 4, read: 2, bulk: 1 }, ageingMs: 10_000, minShare: 0.02 } as const

/** A listener with no line behind it but what the test says, for bodies of 10 bytes at most. Returns where it listens. */
export async function startIngress (t: Test, over: Pick<IngressOptions, 'run'> & Partial<IngressOptions>): Promise<string> {
  const { app } = await createIngress({
    identifier: {
      accounts: new Accounts({ map: {}, max: 10, idleMs: 1_000 }, GATE, () => createFixed(1), systemClock, () => {}),
      credentials: new Credentials(),
      classes: undefined,
      rules: undefined,
      hosts: KNOWN_HOSTS,
      trusts: () => false,
      origins: new Set(),
      deadline: { defaultMs: 25_000, maxMs: 120_000, sdkMarginMs: 2_000 },
      rewritePageUrls: false,
      names: new Set()
    },
    bodies: new BodyMemory({ maxBytes: 10, maxWaitingBytes: 10, minBytesPerSecond: 0 }, { clock: systemClock, refuseOneOf: () => false }),
    shares: new ConnectionShares({ max: 10, unreadMs: 1_000 }, systemClock),
    headersTimeoutMs: 10_000,
    clock: systemClock,
    emit: () => {},
    nextOrder: () => 1,
    draining: () => false,
    open: new Set(),
    createTunnels: undefined,
    halfClosed: () => {},
    letGo: () => {},
    via: '',
    ...over
  })
  t.teardown(async () => { await app.close() })
  return app.listen({ port: 0, host: '127.0.0.1' })
}
