/** Tokens of callers that come by CONNECT. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { makeToken } from '../../src/commands/token/token.ts'
import { initAuthority } from '../../src/interception/authority.ts'
import { openTunnel, secure } from '../interception/tunnel-client.ts'
import { ACCOUNT, MESSAGES, startApp, startUpstream, type Started, type Upstream } from '../support/app.ts'

const HOST = 'api.twilio.com'
const KEY = `SK${'b'.repeat(32)}:secret`
const basic = (pair: string): string => `Basic ${Buffer.from(pair).toString('base64')}`

async function stage (t: Test, tunnels: readonly string[] = []): Promise<Started & { upstream: Upstream, token: string, ca: string }> {
  const folder = t.testdir({ secret: KEY, ca: {} })
  const { certificateFile } = await initAuthority(join(folder, 'ca'), Date.now())
  const upstream = await startUpstream(t, (_request, response) => { response.writeHead(201, { 'content-type': 'application/json' }).end('{}') })
  const tokensFile = join(folder, 'tokens.json')
  const { token } = await makeToken(tokensFile, 'signup', undefined, new Date())
  const started = await startApp(t, upstream.origin, {
    access: { tokensFile, required: true, credentials: { shop: { account: ACCOUNT, file: join(folder, 'secret') } } },
    interception: { caDir: join(folder, 'ca'), tunnels }
  })
  return { ...started, upstream, token, ca: readFileSync(certificateFile, 'utf8') }
}

async function ask (t: Test, { proxy, ca }: { proxy: string, ca: string }, connect: Readonly<Record<string, string>>, headers: readonly string[]): Promise<string> {
  const { socket, head } = await openTunnel(t, proxy, `${HOST}:443`, connect)
  if (!head.startsWith('HTTP/1.1 200')) return head
  const inside = await secure(t, socket, { servername: HOST, ca })
  inside.write([`POST ${MESSAGES} HTTP/1.1`, `Host: ${HOST}`, 'Content-Type: application/x-www-form-urlencoded', 'Content-Length: 4', ...headers, '', 'To=1'].join('\r\n'))
  return String((await once(inside, 'data'))[0])
}

t.test('a token in the request within, or with CONNECT, is enough; none is not, and a wrong one opens no tunnel', async (t) => {
  const bench = await stage(t)
  t.match(await ask(t, bench, {}, [`Authorization: ${basic(`${ACCOUNT}:${bench.token}`)}`]), /^HTTP\/1\.1 201 /)
  t.match(await ask(t, bench, { 'Proxy-Authorization': basic(`x:${bench.token}`) }, []), /^HTTP\/1\.1 201 /)
  t.match(await ask(t, bench, { 'Proxy-Authorization': `Bearer ${bench.token}` }, [`Authorization: ${basic(`${ACCOUNT}:own`)}`]), /^HTTP\/1\.1 201 /)
  t.same(bench.upstream.received.map(({ headers }) => headers.authorization), [basic(KEY), basic(KEY), basic(KEY)])
  t.match(await ask(t, bench, {}, [`Authorization: ${basic(`${ACCOUNT}:own`)}`]), /^HTTP\/1\.1 401 [^]*needs a token/)
  t.match(await ask(t, bench, { 'Proxy-Authorization': `Bearer ${bench.token}A` }, []), /^HTTP\/1\.1 407 [^]*Proxy-Authenticate: Basic/)
  t.equal(bench.upstream.received.length, 3)
})

t.test('a tunnel that is not looked into needs a token where tokens are required', async (t) => {
  const target = createServer((socket) => { socket.on('error', () => {}).pipe(socket) }).listen(0, '127.0.0.1')
  await once(target, 'listening')
  t.teardown(() => target.close())
  const name = `127.0.0.1:${(target.address() as AddressInfo).port}`
  const { proxy, token } = await stage(t, [name])
  t.match((await openTunnel(t, proxy, name)).head, /^HTTP\/1\.1 407 /)
  t.match((await openTunnel(t, proxy, name, { 'Proxy-Authorization': basic(`x:${token}`) })).head, /^HTTP\/1\.1 200 /)
})
