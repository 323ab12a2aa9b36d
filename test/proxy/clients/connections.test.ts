import type { ServerResponse } from 'node:http'
import { readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import t, { type Test } from 'tap'
import { initAuthority } from '../../../src/interception/authority.ts'
import { Connection } from '../../../src/proxy/clients/connections.ts'
import type { Exchange } from '../../../src/proxy/exchange-state.ts'
import { openTunnel, secure } from '../../interception/tunnel-client.ts'
import { AUTHORIZATION, MESSAGES, startApp, startUpstream, until, type Started, type Upstream } from '../../support/app.ts'
import { connectRaw, rawOver, statuses, type RawClient } from '../../support/raw-client.ts'

const head = (method: string, path: string, ...headers: string[]): string =>
  [`${method} ${path} HTTP/1.1`, 'Host: api.twilio.com', `Authorization: ${AUTHORIZATION}`, ...headers, '', ''].join('\r\n')
const post = (body = 'To=1', ...headers: string[]): string => head('POST', MESSAGES, `Content-Length: ${body.length}`, ...headers) + body
const get = (path = MESSAGES): string => head('GET', path)

interface Held { readonly upstream: Upstream, readonly started: Started, readonly held: ServerResponse[] }

/** An upstream that answers when the test says so. */
async function hold (t: Test, over: Parameters<typeof startApp>[2] = {}): Promise<Held> {
  const held: ServerResponse[] = []
  const upstream = await startUpstream(t, (_request, response) => { held.push(response) })
  return { upstream, started: await startApp(t, upstream.origin, over), held }
}

const refusals = ({ log }: Started): number => log().filter(({ msg }) => msg === 'refused').length

/** What is no request, or none that can be served on this connection. */
const FOLLOW_UPS: ReadonlyArray<readonly [string, string]> = [
  ['a byte too many', '!'],
  ['garbage', 'nonsense\r\n\r\n'],
  ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['an HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a request with a bad header', 'POST / HTTP/1.1\r\nHost : x\r\n\r\n'],
  ['a request with two lengths', 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
  ['headers that are too large', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
  ['a tunnel', 'CONNECT api.twilio.com:443 HTTP/1.1\r\nHost: api.twilio.com:443\r\n\r\n']
]

async function answersItself (t: Test, { upstream, started, held }: Held, client: RawClient, what: string, followUp: string): Promise<void> {
  const [before, refused] = [upstream.received.length, refusals(started)]
  await until(() => held.length === before + 1)
  client.write(followUp)
  await until(() => refusals(started) === refused + 1)
  t.equal(client.text(), '', `${what}: nothing is told while the write is at Twilio`)
  held.at(-1)?.writeHead(201, { 'content-type': 'application/json' }).end('{"sid":"SM1"}')
  await client.closed
  t.match(client.text(), /^HTTP\/1\.1 201 Created\r\n[^]*connection: close\r\n[^]*\{"sid":"SM1"\}$/i, what)
  t.strictSame(statuses(client.text()), [201], `${what}: and nothing else`)
  t.equal(upstream.received.length, before + 1)
}

t.test('a write at Twilio gets its own answer, whatever comes behind it on its connection', async (t) => {
  const bench = await hold(t)
  for (const [what, followUp] of FOLLOW_UPS) {
    const client = await connectRaw(t, bench.started.proxy, post())
    await answersItself(t, bench, client, what, followUp)
  }
  const last = await connectRaw(t, bench.started.proxy, post('To=1', 'Connection: close'))
  await answersItself(t, bench, last, 'a request behind the last', get())
})

t.test('so it does inside a tunnel', async (t) => {
  const caDir = t.testdir({})
  const { certificateFile } = await initAuthority(caDir, Date.now())
  const ca = readFileSync(certificateFile)
  const bench = await hold(t, { interception: { caDir } })
  for (const [what, followUp] of FOLLOW_UPS) {
    const { socket } = await openTunnel(t, bench.started.proxy, 'api.twilio.com:443')
    const client = rawOver(await secure(t, socket, { servername: 'api.twilio.com', ca }))
    client.write(post())
    await answersItself(t, bench, client, what, followUp)
  }
})

t.test('pipelined requests are answered in their order, and a bad one behind them ends the connection', async (t) => {
  const { upstream, started: { proxy }, held } = await hold(t)
  const client = await connectRaw(t, proxy, post('To=1') + head('GET', '/a', 'Governor-Class: urgent') + post('To=2') + 'nonsense\r\n\r\n' + post('To=3'))
  await until(() => held.length === 2)
  const [first, second] = upstream.received[0]?.body.toString() === 'To=1' ? [0, 1] : [1, 0]
  held[second]?.writeHead(202).end()
  held[first]?.writeHead(201).end()
  await client.closed
  t.strictSame(statuses(client.text()), [201, 400, 202])
  t.match(client.text(), /Governor-Class/, 'the 400 is of the second')
  t.equal(upstream.received.length, 2, 'what comes behind the bad one is never sent')
})

t.test('a pipelined upload that is framed wrongly is refused in its turn, and what was before it is answered', async (t) => {
  const { upstream, started, held } = await hold(t)
  const client = await connectRaw(t, started.proxy, post() + head('POST', MESSAGES, 'Transfer-Encoding: chunked') + '3\r\nabc\r\nzz\r\n')
  await until(() => held.length === 1 && refusals(started) >= 1)
  t.equal(client.text(), '')
  held[0]?.writeHead(201).end()
  await client.closed
  t.strictSame(statuses(client.text()), [201, 400])
  t.match(client.text(), /framing is not valid HTTP/)
  t.equal(upstream.received.length, 1)
  await until(() => started.app.state.waitingBodyBytes() === 0)
})

t.test('bytes that are no request are answered when nothing else is due, and the connection ends', async (t) => {
  const { started: { proxy } } = await hold(t)
  const client = await connectRaw(t, proxy, 'nonsense\r\n\r\nmore of it')
  await client.closed
  t.strictSame(statuses(client.text()), [400])
})

t.test('a half-closed client gets the answer to what is at Twilio: writes and reads, shared and streamed ones', async (t) => {
  const { started, upstream, held } = await hold(t)
  const large = 'x'.repeat(300_000)
  for (const [what, bytes, answer] of [['a write', post(), '{"sid":"SM1"}'], ['a read', get(), '{}'], ['a large answer', get('/large'), large]] as const) {
    const before = held.length
    const client = await connectRaw(t, started.proxy, bytes)
    await until(() => held.length === before + 1)
    client.end()
    held.at(-1)?.writeHead(200, { 'content-type': 'application/json' }).end(answer)
    await client.closed
    t.strictSame(statuses(client.text()), [200], what)
    // A streamed answer comes in chunks.
    t.ok(client.text().replace(/\r\n[0-9a-f]*\r\n/g, '').includes(answer), what)
  }
  const leader = await connectRaw(t, started.proxy, get('/shared'))
  await until(() => held.length === 4)
  const follower = await connectRaw(t, started.proxy, get('/shared'))
  follower.end()
  leader.end()
  // Both have been seen to end when a request that came later has been answered.
  const later = await connectRaw(t, started.proxy, get('/later'))
  await until(() => held.length === 5)
  held[4]?.end('{}')
  await until(() => later.text().includes('200 OK'))
  held[3]?.end('{"a":1}')
  await Promise.all([leader.closed, follower.closed])
  for (const client of [leader, follower]) t.match(client.text(), /^HTTP\/1\.1 200 [^]*\{"a":1\}$/)
  t.equal(upstream.received.length, 5)
})

t.test('a client that closes its sending side while its request waits is told that it was not sent', async (t) => {
  const { started, upstream, held } = await hold(t, { limit: { algorithm: 'fixed', fixed: 1 } })
  const first = await connectRaw(t, started.proxy, post('To=1'))
  await until(() => held.length === 1)
  const waiting = await connectRaw(t, started.proxy, post('To=2'))
  await until(() => started.app.state.waitingRequests() === 1)
  waiting.end()
  await waiting.closed
  t.match(waiting.text(), /^HTTP\/1\.1 400 [^]*connection: close[^]*closed its sending side[^]*Nothing was sent/i)
  t.equal(started.app.state.waitingRequests(), 0)
  t.match(started.log().find(({ reason }) => reason === 'client_left'), { status: 0, attempts: 0 })
  held[0]?.end('{}')
  await until(() => first.text().includes('200 OK'))
  t.equal(upstream.received.length, 1)
})

t.test('each of several pipelined requests is judged by itself when the client closes its sending side', async (t) => {
  const { started, upstream, held } = await hold(t, { limit: { algorithm: 'fixed', fixed: 1 } })
  const client = await connectRaw(t, started.proxy, post('To=1') + post('To=2') + get('/verify/v2/Services'))
  await until(() => held.length === 1 && started.app.state.waitingRequests() === 2)
  client.end()
  await until(() => started.app.state.waitingRequests() === 0)
  t.equal(client.text(), '')
  held[0]?.writeHead(201).end()
  await client.closed
  t.strictSame(statuses(client.text()), [201, 400, 400])
  t.equal(upstream.received.length, 1)
})

t.test('a pipelined request that was answered is not told of its client\'s end any more', async (t) => {
  const connection = new Connection(new Socket())
  const [first, second, third] = [1, 2, 3].map(() => Object.create(null) as Exchange) as [Exchange, Exchange, Exchange]
  for (const exchange of [first, second, third]) connection.opened(exchange)
  connection.over(second)
  const told: Exchange[] = []
  connection.halfClosed((exchange) => { told.push(exchange) })
  t.equal(told.length, 2)
  t.equal(told[0], first)
  t.equal(told[1], third)
})

t.test('a pipelined request whose client leaves is given up, in whatever place it stands', async (t) => {
  const { started, upstream, held } = await hold(t, { limit: { algorithm: 'fixed', fixed: 1 } })
  const client = await connectRaw(t, started.proxy, post('To=1') + post('To=2') + post('To=3'))
  await until(() => held.length === 1 && started.app.state.waitingRequests() === 2)
  client.reset()
  await until(() => started.app.state.waitingRequests() === 0 && started.app.state.waitingBodyBytes() === 0)
  held[0]?.end('{}')
  await started.app.drain()
  t.equal(upstream.received.length, 1)
})

t.test('an idle connection whose client closes its side is closed', async (t) => {
  const { started: { proxy }, held } = await hold(t)
  const client = await connectRaw(t, proxy, get())
  await until(() => held.length === 1)
  held[0]?.end('{}')
  await until(() => client.text().includes('{}'))
  client.end()
  await client.closed
  const silent = await connectRaw(t, proxy)
  silent.end()
  await silent.closed
  t.equal(silent.text(), '')
})
