import t from 'tap'
import { ACCOUNT, AUTHORIZATION, createClient, MESSAGES, startApp, startUpstream, until } from '../support/app.ts'

const ONE = MESSAGES.replace('.json', `/SM${'1'.repeat(32)}.json`)
const OTHER = `Basic ${Buffer.from(`${ACCOUNT}:other`).toString('base64')}`

t.test('over real connections: a thousand identical reads are one call, and each credential has its own', async (t) => {
  const held: Array<() => void> = []
  const upstream = await startUpstream(t, ({ headers }, response, number) => {
    held.push(() => response.writeHead(200, { 'content-type': 'application/json', 'twilio-request-id': `RQ${number}` }).end(JSON.stringify({ of: headers.authorization === AUTHORIZATION ? 'one' : 'other' })))
  })
  const { proxy, app, admin } = await startApp(t, upstream.origin, { coalesce: { inFlight: true } })
  const client = createClient(t)
  const ask = (authorization: string): ReturnType<typeof client> => client(proxy + ONE, { headers: { authorization } })
  const answers = Array.from({ length: 1000 }, (_, i) => ask(i % 10 === 0 ? OTHER : AUTHORIZATION))
  // From the fifth on a read of the same is a poll: so all have arrived.
  await until(() => app.state.polledRoutes()[0]?.polls === 996 && held.length === 2)
  for (const answer of held) answer()
  const told = await Promise.all(answers)
  t.equal(upstream.received.length, 2)
  t.same(new Set(told.map(({ status, body, headers }, i) => `${i % 10 === 0} ${status} ${body.toString()} ${String(headers['twilio-request-id'])}`)).size, 2)
  t.equal(told.filter(({ headers }) => headers['governor-cache'] === 'shared').length, 998)
  t.equal(app.state.accounts()[0]?.inflight, 0)
  const { body } = await client(`${admin}/metrics`)
  t.match(body.toString(), /twilio_governor_coalesced_total\{product="api"\} 998/)
})
