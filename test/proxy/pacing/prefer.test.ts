import t from 'tap'
import { Exchange, type Identity } from '../../../src/proxy/exchange-state.ts'
import { mayDefer } from '../../../src/proxy/pacing/prefer.ts'

/** Whether a delete with these headers may be deferred, unless something else of it is said. */
function may (rawHeaders: readonly string[], over: Partial<Identity> = {}, body: Buffer | null = null): boolean {
  const exchange = new Exchange({
    order: 0,
    method: 'DELETE',
    upstream: { host: 'api.twilio.com', product: 'api', region: undefined },
    path: '/',
    route: 'DELETE api/',
    class: 'standard',
    account: { key: 'AC1', gate: undefined } as unknown as Identity['account'],
    caller: 'tests',
    authorization: 'Basic eA==',
    allowsDuplicate: false,
    rawHeaders,
    pageBase: undefined,
    deadlineMs: 0,
    latestStartMs: 0,
    ...over
  })
  exchange.body = body
  return mayDefer(exchange)
}

t.test('a client asks for it in any spelling of Prefer, among others, in any of several headers', async (t) => {
  const values = ['respond-async', 'Respond-Async', 'wait=10, respond-async', 'respond-async, wait=10']
  for (const value of [...values, 'respond-async;x=1', 'respond-async \t; x=1']) {
    t.ok(may(['Prefer', value]), value)
  }
  for (const name of ['prefer', 'PREFER']) t.ok(may([name, 'respond-async']), name)
  t.ok(may(['Prefer', 'wait=10', 'prefer', 'respond-async']))
})

t.test('nothing that only looks like it counts', async (t) => {
  const values = ['', 'respond-async-not', 'xrespond-async', 'respond-async=1', 'wait=respond-async', 'respond async']
  for (const value of values) {
    t.notOk(may(['Prefer', value]), value)
  }
  t.notOk(may([]))
  t.notOk(may(['X-Note', 'Prefer', 'respond-async', 'x']), 'a value is no name')
  t.notOk(may(['Preference', 'respond-async']))
  t.notOk(may(['Prefer']), 'a name without a value')
})

t.test('only a delete with a credential, without a body and without a signature may be deferred', async (t) => {
  const asks = ['Prefer', 'respond-async']
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'HEAD']) t.notOk(may(asks, { method }), method)
  t.notOk(may(asks, { authorization: undefined }))
  t.notOk(may(asks, {}, Buffer.from('x')))
  t.notOk(may([...asks, 'twilio-Client-VALIDATION', 'eyJ']))
})
