import type { ServerResponse } from 'node:http'
import { readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { initAuthority } from '../../src/interception/authority.ts'
import { openTunnel, secure } from '../interception/tunnel-client.ts'
import { AUTHORIZATION, MESSAGES, startApp, startUpstream, until, type Started, type Upstream } from '../support/app.ts'
import { connectRaw, rawOver, statuses, type RawClient } from '../support/raw-client.ts'

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
