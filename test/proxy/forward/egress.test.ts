import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { AUTHORIZATION, createClient, listen, MESSAGES, startApp, startUpstream, until } from '../../support/app.ts'

const path = (name: string): string => new URL(`../../support/certificates/${name}`, import.meta.url).pathname
const pair = (name: string): { key: string, cert: string } => ({ key: readFileSync(path(`${name}.key`), 'utf8'), cert: readFileSync(path(`${name}.pem`), 'utf8') })
const CREDENTIALS = 'clerk:s3cr3t p@ss'
const REQUEST = { method: 'POST', headers: { authorization: AUTHORIZATION }, body: 'To=1' }

interface Egress { readonly authority: string, readonly seen: IncomingMessage[] }

/** A proxy that answers CONNECT as the test says; by itself it opens the tunnel. */
async function startEgress (t: Test, answer?: (socket: Socket, request: IncomingMessage) => void, tls?: { key: string, cert: string }): Promise<Egress> {
  const seen: IncomingMessage[] = []
  const server = tls === undefined ? createServer() : createTlsServer(tls)
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    seen.push(request)
    socket.on('error', () => {})
    t.teardown(() => { socket.destroy() })
    if (answer !== undefined) {
      answer(socket, request)
      return
    }
    const [host = '', port] = request.url!.split(':')
    const onward = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    onward.on('error', () => { socket.destroy() })
    socket.on('close', () => { onward.destroy() })
  })
  return { authority: await listen(t, server), seen }
}

t.test('requests go through the proxy over kept connections, verified to the far end, and the password only to the proxy', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'), pair('good'))
  const egress = await startEgress(t)
  const proxyCredentialsFile = t.testdir({ file: `${CREDENTIALS}\n` }) + '/file'
  for (const upstreamOptions of [{ proxy: `http://clerk:s3cr3t%20p%40ss@${egress.authority}` }, { proxy: `http://${egress.authority}`, proxyCredentialsFile }]) {
    egress.seen.length = 0
    const { proxy, log, admin } = await startApp(t, upstream.origin, { upstream: { ...upstreamOptions, caFile: path('authority.pem') } })
    const client = createClient(t)
    for (let i = 0; i < 3; i++) t.equal((await client(proxy + MESSAGES, { ...REQUEST, body: `To=${i}` })).status, 200)
    t.equal(egress.seen.length, 1, 'one tunnel for three requests')
    t.match(egress.seen[0], { url: upstream.origin.slice('https://'.length), headers: { 'proxy-authorization': `Basic ${Buffer.from(CREDENTIALS).toString('base64')}`, via: /^1\.1 twilio-governor-[0-9a-f]{16}$/ } })
    t.equal(upstream.received.at(-1)!.headers['proxy-authorization'], undefined)
    const told = JSON.stringify(log()) + (await client(`${admin}/state`)).body.toString() + (await client(`${admin}/metrics`)).body.toString()
    t.notMatch(told, /s3cr3t|clerk|Y2xlcms6/)
  }
})

t.test('the certificate at the far end of the tunnel is verified', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'), pair('wrong'))
  const egress = await startEgress(t)
  const { proxy } = await startApp(t, upstream.origin, { upstream: { proxy: `http://${egress.authority}`, caFile: path('authority.pem') } })
  const answer = await createClient(t)(proxy + MESSAGES, REQUEST)
  t.match(answer.json(), { message: /ERR_TLS_CERT_ALTNAME_INVALID/ })
  t.equal(upstream.received.length, 0)
})

t.test('a proxy that speaks TLS is verified, too', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'), pair('good'))
  for (const [name, status] of [['good', 200], ['wrong', 502]] as const) {
    const egress = await startEgress(t, undefined, pair(name))
    const { proxy } = await startApp(t, upstream.origin, { upstream: { proxy: `https://${egress.authority}`, caFile: path('authority.pem') } })
    const answer = await createClient(t)(proxy + MESSAGES, REQUEST)
    t.equal(answer.status, status)
    t.equal(egress.seen.length, status === 200 ? 1 : 0)
  }
})

t.test('whatever goes wrong with the proxy, nothing was sent, and the answer says so', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'))
  const cases: ReadonlyArray<readonly [string, (socket: Socket) => void, string, string]> = [
    ['asks for other credentials', (socket) => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nno'), 'PROXY_407', '1'],
    ['forbids', (socket) => socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'), 'PROXY_403', '1'],
    ['cannot reach Twilio', (socket) => socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n'), 'PROXY_502', '2'],
    ['closes', (socket) => socket.destroy(), 'PROXY_ECONNRESET', '2'],
    ['ends in the middle', (socket) => socket.end('HTTP/1.1 200 Conn'), 'PROXY_ECONNRESET', '2'],
    ['does not speak HTTP', (socket) => socket.end('SSH-2.0-OpenSSH\r\n\r\n'), 'PROXY_ANSWER', '2'],
    ['never ends its head', (socket) => socket.write(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}`), 'PROXY_ANSWER', '2'],
    ['says more than that it is open', (socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 201 Created\r\n\r\n'), 'PROXY_ANSWER', '2'],
    ['is silent', () => {}, 'PROXY_UND_ERR_CONNECT_TIMEOUT', '2']
  ]
  for (const [what, say, code, attempts] of cases) {
    const egress = await startEgress(t, say)
    const { proxy } = await startApp(t, upstream.origin, {
      upstream: { proxy: `http://clerk:s3cr3t@${egress.authority}`, connectTimeoutMs: 150 }, retry: { unsentAttempts: 2, backoffBaseMs: 1 }
    })
    const answer = await createClient(t)(proxy + MESSAGES, REQUEST)
    t.equal(answer.status, 502, what)
    t.match(answer.json(), { message: new RegExp(`through the egress proxy of upstream\\.proxy \\(${code}\\)\\. Nothing was sent`) }, what)
    t.match(answer.headers, { 'governor-outcome': 'not_sent', 'governor-attempts': attempts }, what)
    t.notMatch(answer.body.toString(), /clerk|s3cr3t/)
  }
  t.equal(upstream.received.length, 0)
})

t.test('a proxy that cannot be reached is told apart from Twilio', async (t) => {
  const gone = createServer().listen(0, '127.0.0.1')
  await once(gone, 'listening')
  const { port } = gone.address() as { port: number }
  await new Promise((resolve) => { gone.close(resolve) })
  const { proxy } = await startApp(t, 'http://127.0.0.1:9', { upstream: { proxy: `http://127.0.0.1:${port}` }, retry: { unsentAttempts: 1 } })
  t.match((await createClient(t)(proxy + MESSAGES, REQUEST)).json(), { message: /PROXY_ECONNREFUSED/ })
})

t.test('a tunnel that leads back to us by another name ends there', async (t) => {
  // The egress proxy hands its CONNECT on to the governor that asked.
  let governor = ''
  const egress = await startEgress(t, (socket, request) => {
    const onward = connect(Number(new URL(governor).port), '127.0.0.1', () => {
      onward.write(`CONNECT ${request.url!} HTTP/1.1\r\nHost: ${request.url!}\r\nVia: ${request.headers.via!}, 1.1 egress\r\n\r\n`)
      onward.pipe(socket)
    })
  })
  const { proxy } = await startApp(t, 'http://127.0.0.1:9', { upstream: { proxy: `http://${egress.authority}` }, retry: { unsentAttempts: 1 } })
  governor = proxy
  t.match((await createClient(t)(proxy + MESSAGES, REQUEST)).json(), { message: /PROXY_508/ })
  await until(() => egress.seen.length === 1)
})
