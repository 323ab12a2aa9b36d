import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import t from 'tap'
import type { Test } from 'tap'
import { ACCOUNT, AUTHORIZATION, createClient, MESSAGES, startApp, startUpstream, until } from '../../support/app.ts'

const ONE = MESSAGES.replace('.json', `/SM${'1'.repeat(32)}.json`)
const OTHER = `Basic ${Buffer.from(`${ACCOUNT}:other`).toString('base64')}`

/** How many requests servers of this process have begun with, the upstream's among them. */
function countRequests (t: Test): () => number {
  let count = 0
  const began = (): void => { count++ }
  subscribe('http.server.request.start', began)
  t.teardown(() => { unsubscribe('http.server.request.start', began) })
  return () => count
}

/** A service and its settings, which Twilio knows again by their ETag. */
const SERVICE = '/verify/v2/Services/VA1'
const CACHE = { services: { match: { products: ['verify'], routes: ['/v2/Services/{}'] }, ttlMs: 100 } }

t.test('over real connections: a thousand identical reads are one call, and each credential has its own', async (t) => {
  const held: Array<() => void> = []
  const upstream = await startUpstream(t, ({ headers }, response, number) => {
    held.push(() => response.writeHead(200, { 'content-type': 'application/json', 'twilio-request-id': `RQ${number}` }).end(JSON.stringify({ of: headers.authorization === AUTHORIZATION ? 'one' : 'other' })))
  })
  const { proxy, app, admin } = await startApp(t, upstream.origin)
  const client = createClient(t)
  const begun = countRequests(t)
  const ask = (authorization: string): ReturnType<typeof client> => client(proxy + ONE, { headers: { authorization } })
  const answers = Array.from({ length: 1000 }, (_, i) => ask(i % 10 === 0 ? OTHER : AUTHORIZATION))
  await until(() => begun() === 1000 + 2 && held.length === 2)
  for (const answer of held) answer()
  const told = await Promise.all(answers)
  t.equal(upstream.received.length, 2)
  t.same(new Set(told.map(({ status, body, headers }, i) => `${i % 10 === 0} ${status} ${body.toString()} ${String(headers['twilio-request-id'])}`)).size, 2)
  t.equal(told.filter(({ headers }) => headers['governor-cache'] === 'shared').length, 998)
  t.equal(app.state.accounts()[0]?.inflight, 0)
  const { body } = await client(`${admin}/metrics`)
  t.match(body.toString(), /twilio_governor_coalesced_total\{product="api"\} 998/)
  t.same(app.state.polledRoutes(), [], 'two calls are no polling, whoever shares them')
})

t.test('over real connections: answers are kept, asked about, and dropped by a write; nothing of them is told', async (t) => {
  let version = 1
  const upstream = await startUpstream(t, ({ method, headers }, response) => {
    const etag = `"v${version}"`
    if (method === 'POST') response.writeHead(200).end(`{"version":${++version}}`)
    else if (headers['if-none-match'] === etag) response.writeHead(304, { etag }).end()
    else response.writeHead(200, { 'content-type': 'application/json', etag }).end(`{"version":${version},"friendly_name":"of +15005550006"}`)
  })
  const { proxy, admin, app, log } = await startApp(t, upstream.origin, { coalesce: { cache: CACHE } })
  const client = createClient(t)
  const how = async (authorization = AUTHORIZATION): Promise<string> => {
    const { status, headers, body } = await client(proxy + SERVICE, { headers: { authorization } })
    return `${status} ${String(headers['governor-cache'])} ${String((JSON.parse(body.toString()) as { version: number }).version)}`
  }
  t.equal(await how(), '200 undefined 1')
  t.equal(await how(OTHER), '200 undefined 1', 'another credential asks for itself')
  // The clock is the real one: what is kept is given until it is asked about.
  let told = await how()
  while (told === '200 hit 1') told = await how()
  t.equal(told, '200 revalidated 1')
  t.equal((await client(proxy + SERVICE, { method: 'POST', headers: { authorization: OTHER }, body: 'FriendlyName=x' })).status, 200)
  t.equal(await how(), '200 undefined 2')
  const gets = upstream.received.filter(({ method }) => method === 'GET')
  t.same(gets.map(({ headers }) => headers['if-none-match']), [undefined, undefined, '"v1"', undefined])
  const { body } = await client(`${admin}/metrics`)
  t.match(body.toString(), /twilio_governor_cached_total\{product="verify",result="revalidated"\} 1\n/)
  t.match(body.toString(), /twilio_governor_cached_bytes [1-9]/)
  const { body: state } = await client(`${admin}/state`)
  await app.close()
  t.equal(log().filter(({ reason }) => reason === 'revalidated').length, 1)
  t.notMatch([body.toString(), state.toString(), JSON.stringify(log())].join('\n'), /15005550006|friendly_name|VA1|secret/)
})

t.test('over real connections: a thousand reads of what is kept are no call at all, and are equal to the byte', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ text: 'ä'.repeat(20_000) })))
  const { proxy, admin } = await startApp(t, upstream.origin, { coalesce: { inFlight: false, cache: { services: { ...CACHE.services, ttlMs: 300_000 } } } })
  const client = createClient(t)
  const ask = (authorization = AUTHORIZATION): ReturnType<typeof client> => client(proxy + SERVICE, { headers: { authorization } })
  const first = await ask()
  const answers = await Promise.all(Array.from({ length: 1000 }, () => ask()))
  t.equal(upstream.received.length, 1)
  t.ok(answers.every(({ status, body, headers }) => status === 200 && body.equals(first.body) && headers['governor-cache'] === 'hit'))
  await ask(OTHER)
  t.equal(upstream.received.length, 2)
  t.match((await client(`${admin}/metrics`)).body.toString(), /twilio_governor_cached_total\{product="verify",result="hit"\} 1000\n/)
})
