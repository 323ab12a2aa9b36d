import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { createFixed } from '../../../src/policy/limit/fixed.ts'
import { Accounts } from '../../../src/proxy/gate/accounts.ts'
import { BodyMemory } from '../../../src/proxy/ingress/body-memory.ts'
import { systemClock } from '../../../src/system-clock.ts'
import { ConnectionShares } from '../../../src/proxy/clients/connection-shares.ts'
import { Credentials } from '../../../src/proxy/gate/credentials.ts'
import { createIngress } from '../../../src/proxy/ingress/ingress.ts'
import type { Answer } from '../../../src/proxy/reply/answers.ts'
import { KNOWN_HOSTS } from '../../../src/twilio/hosts.ts'
import { AUTHORIZATION, MESSAGES } from '../../support/app.ts'

/** What a client gets for an answer of the line that cannot be written, or for a fault of the line. */
async function told (t: Test, method: string, attempts: number, answer: () => Promise<Answer>): Promise<{ status: number | undefined, outcome: unknown, encoding: unknown, body: string }> {
  const { app } = await createIngress({
    identifier: {
      accounts: new Accounts({ map: {}, max: 10, idleMs: 1_000 }, { mode: 'enforce', maxWaiting: 10, weights: { critical: 8, standard: 4, read: 2, bulk: 1 }, ageingMs: 10_000, minShare: 0.02 }, () => createFixed(10), systemClock, () => {}),
      credentials: new Credentials(),
      classes: undefined,
      deadline: { defaultMs: 25_000, maxMs: 120_000, sdkMarginMs: 2_000 },
      rewritePageUrls: false,
      names: new Set(),
      rules: undefined,
      hosts: KNOWN_HOSTS,
      trusts: () => false,
      origins: new Set()
    },
    bodies: new BodyMemory({ maxBytes: 1000, maxWaitingBytes: 1000, minBytesPerSecond: 0 }, { clock: systemClock, refuseOneOf: () => false }),
    shares: new ConnectionShares({ max: 10, unreadMs: 1_000 }, systemClock),
    headersTimeoutMs: 10_000,
    clock: systemClock,
    emit: () => {},
    halfClosed: () => {},
    letGo: () => {},
    via: 'tests',
    run: (exchange) => {
      exchange.attempts = attempts
      return answer()
    },
    nextOrder: () => 1,
    draining: () => false,
    open: new Set(),
    createTunnels: undefined
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  t.teardown(async () => { await app.close() })
  const { port } = app.server.address() as AddressInfo
  return await new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', method, path: MESSAGES, headers: { authorization: AUTHORIZATION, host: 'localhost' } }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => { body += text }).on('end', () => {
        resolve({ status: response.statusCode, outcome: response.headers['governor-outcome'], encoding: response.headers['content-encoding'], body })
      })
    }).on('error', reject).end()
  })
}

t.test('an answer that cannot be written leaves a write that was sent unknown', async (t) => {
  const whole: Answer = { statusCode: 201, headers: { 'content-type': 'text/plain', 'content-encoding': 'gzip' }, body: Buffer.from('x') }
  const faults: Array<[string, () => Promise<Answer>]> = [
    ['a name that Node refuses', async () => ({ ...whole, headers: { ...whole.headers, 'x one': 'a' } })],
    ['a status that Node refuses', async () => ({ ...whole, statusCode: 1000 })],
    ['a fault of the line', async () => await Promise.reject(new Error('secret detail'))]
  ]
  for (const [what, answer] of faults) {
    for (const [method, attempts, outcome] of [['POST', 1, 'unknown'], ['DELETE', 1, 'unknown'], ['GET', 1, undefined], ['POST', 0, 'not_sent']] as const) {
      const got = await told(t, method, attempts, answer)
      t.match(got, { status: 500, outcome, encoding: undefined, body: /"code":20500/ }, `${what}: ${method} after ${attempts}`)
      t.notMatch(got.body, /secret detail/)
    }
  }
})

t.test('a status above 599 is passed on as it came, with the outcome that the line has given it', async (t) => {
  for (const statusCode of [599, 600, 666, 700, 999]) {
    const headers = { 'content-type': 'text/plain', 'governor-outcome': 'unknown' }
    const got = await told(t, 'POST', 1, async () => ({ statusCode, headers, body: Buffer.from('no such status') }))
    t.match(got, { status: statusCode, outcome: 'unknown', body: 'no such status' })
  }
})
