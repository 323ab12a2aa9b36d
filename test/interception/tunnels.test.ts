import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { initAuthority } from '../../src/interception/authority.ts'
import { ACCOUNT, AUTHORIZATION, createClient, MESSAGES, startApp, until } from '../support/app.ts'
import { HOST, start, tunnelLines } from './stage.ts'
import { ask, openInOne, openTunnel, secure } from './tunnel-client.ts'

t.test('what comes out of a tunnel takes the way of every other request, many of them on one connection', async (t) => {
  const { governor, upstream, ca } = await start(t)
  const { head, socket } = await openTunnel(t, governor.proxy, `${HOST}:443`, { 'user-agent': 'app/1.0 (of +15005550006)' })
  t.equal(head, 'HTTP/1.1 200 Connection established\r\n\r\n', 'exactly so')
  const inside = await secure(t, socket, { servername: HOST, ca, ALPNProtocols: ['h2', 'http/1.1'] })
  t.equal(inside.alpnProtocol, 'http/1.1')
  const headers = { authorization: AUTHORIZATION, 'content-type': 'application/x-www-form-urlencoded' }
  for (let i = 0; i < 3; i++) {
    const { status, body, headers: told } = await ask(inside, { method: 'POST', path: MESSAGES, headers, body: `Body=${i}` })
    t.equal(status, 201)
    t.equal(body, `{"got":"Body=${i}"}`)
    t.equal(told['governor-attempts'], '1')
  }
  t.same(upstream.received.map(({ url, headers: { host, authorization } }) => [url, host, authorization]),
    Array.from({ length: 3 }, () => [MESSAGES, HOST, AUTHORIZATION]))
  t.match(governor.app.state.accounts(), [{ account: ACCOUNT }])
  inside.destroy()
  await until(() => tunnelLines(governor).length > 0)
  t.same(tunnelLines(governor), [[HOST, 'intercepted', 'app/1.0']])
  const metrics = (await createClient(t)(`${governor.admin}/metrics`)).body.toString()
  t.match(metrics, 'twilio_governor_tunnels_total{outcome="intercepted"} 1')
  t.match(metrics, /^twilio_governor_authority_expiry_timestamp_seconds \d{10}$/m)
})

t.test('bytes that follow CONNECT without waiting are the beginning of the handshake', async (t) => {
  const { governor, ca } = await start(t)
  const inside = await secure(t, await openInOne(t, governor.proxy, `${HOST}:443`), { servername: HOST, ca })
  t.equal((await ask(inside, { path: MESSAGES, headers: { authorization: AUTHORIZATION } })).status, 201)
})

t.test('targets that are not port 443 of a Twilio API host are refused, and nothing is forwarded', async (t) => {
  const { governor, upstream } = await start(t)
  for (const target of ['example.com:443', '169.254.169.254:80', `${HOST}:22`, `${HOST}:80`, 'evil.twilio.com.example:443', 'twilio.com:443', '[::1]:443', `user:secret@${HOST}:443`, HOST, `${HOST}:99999`]) {
    const { head, socket } = await openTunnel(t, governor.proxy, target)
    t.match(head, /^HTTP\/1\.1 (403 Forbidden|400 Bad Request)\r\n/, target)
    t.notMatch(head, 'secret')
    await once(socket.resume(), 'close')
  }
  t.same(upstream.received, [])
  t.match(governor.log().filter(({ msg }) => msg === 'refused'), [{ level: 'warn', status: 403, reason: 'unknown_host' }])
})

t.test('a tunnel whose TLS names another host is closed, and the log says so', async (t) => {
  const { governor, ca, upstream } = await start(t)
  const { socket } = await openTunnel(t, governor.proxy, `${HOST}:443`)
  await t.rejects(secure(t, socket, { servername: 'verify.twilio.com', ca }))
  await until(() => tunnelLines(governor).length > 0)
  t.same(tunnelLines(governor), [[HOST, 'wrong_name', 'unnamed']])
  t.same(upstream.received, [])
})

t.test('a request inside that names another host is refused', async (t) => {
  const { governor, ca, upstream } = await start(t)
  const { socket } = await openTunnel(t, governor.proxy, `${HOST}:443`)
  const inside = await secure(t, socket, { servername: HOST, ca })
  for (const [host, path] of [['verify.twilio.com', '/v2/Services'], ['evil.example', '/'], ['127.0.0.1', '/verify/v2/Services'], [HOST, 'https://verify.twilio.com/v2/Services']] as const) {
    const { status, body } = await ask(inside, { host, path, headers: { authorization: AUTHORIZATION } })
    t.equal(status, 421, host)
    t.match(JSON.parse(body), { status: 421, message: String })
  }
  t.equal((await ask(inside, { host: `${HOST}:443`, path: MESSAGES, headers: { authorization: AUTHORIZATION } })).status, 201, 'its own, with the port')
  t.equal(upstream.received.length, 1)
})

t.test('a tunnel within a tunnel is refused', async (t) => {
  const { governor, ca } = await start(t)
  const { socket } = await openTunnel(t, governor.proxy, `${HOST}:443`)
  const inside = await secure(t, socket, { servername: HOST, ca })
  inside.write('CONNECT verify.twilio.com:443 HTTP/1.1\r\nHost: verify.twilio.com:443\r\n\r\n')
  t.match(String((await once(inside, 'data'))[0]), /^HTTP\/1\.1 403 /)
})

t.test('what is no TLS is closed, and the log says so', async (t) => {
  const { governor, upstream } = await start(t)
  const { socket } = await openTunnel(t, governor.proxy, `${HOST}:443`)
  socket.write('GET / HTTP/1.1\r\nHost: api.twilio.com\r\n\r\n')
  await once(socket.resume(), 'close')
  await until(() => tunnelLines(governor).length > 0)
  t.same(tunnelLines(governor), [[HOST, 'tls_failed', 'unnamed']])
  t.same(upstream.received, [])
})

t.test('a client that does not trust the authority has its own TLS error, and the log says what to set', async (t) => {
  const { governor } = await start(t)
  const { socket } = await openTunnel(t, governor.proxy, `${HOST}:443`, { 'user-agent': 'twilio-node/6.2.0' })
  await t.rejects(secure(t, socket, { servername: HOST }), { code: /SELF_SIGNED|UNABLE_TO/ })
  socket.destroy()
  await until(() => tunnelLines(governor).length > 0)
  t.match(governor.log().filter(({ msg }) => msg === 'tunnel'), [{ level: 'warn', host: HOST, client: 'twilio-node/6.2.0', outcome: /untrusted|unused/, advice: /NODE_EXTRA_CA_CERTS/ }])
})

t.test('a target that the settings list is reached unseen', async (t) => {
  const echo = createServer((socket) => { socket.pipe(socket) })
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  t.teardown(() => echo.close())
  const { port } = echo.address() as AddressInfo
  const { governor } = await start(t, [`localhost:${port}`])
  const { head, socket } = await openTunnel(t, governor.proxy, `localhost:${port}`)
  t.equal(head, 'HTTP/1.1 200 Connection established\r\n\r\n')
  socket.write('unseen')
  t.equal(String((await once(socket, 'data'))[0]), 'unseen')
  t.same(tunnelLines(governor), [[`localhost:${port}`, 'blind', 'unnamed']])
  t.match((await openTunnel(t, governor.proxy, `127.0.0.1:${port}`)).head, /^HTTP\/1\.1 403 /, 'another name for it is not listed')
})

t.test('an authority that ends soon is warned of at the start', async (t) => {
  const caDir = t.testdir({})
  const { certificateFile } = await initAuthority(caDir, Date.now() - 710 * 86_400_000)
  const { log } = await startApp(t, 'http://127.0.0.1:1', { interception: { caDir } })
  t.match(log().filter(({ msg }) => msg === 'authority expires'), [{ level: 'warn', file: certificateFile, expires: /^20/ }])
})

t.test('a drain ends with tunnels open: idle ones are closed', async (t) => {
  const { governor, ca } = await start(t)
  const handshaking = await openTunnel(t, governor.proxy, `${HOST}:443`)
  const { socket } = await openTunnel(t, governor.proxy, `${HOST}:443`)
  const inside = await secure(t, socket, { servername: HOST, ca })
  t.equal((await ask(inside, { path: MESSAGES, headers: { authorization: AUTHORIZATION } })).status, 201)
  const closed = [once(handshaking.socket.resume(), 'close'), once(inside.resume(), 'close')]
  await governor.app.drain()
  await Promise.all(closed)
})

t.test('no client negotiates its TLS anew', async (t) => {
  const { governor, ca } = await start(t)
  for (let i = 0; i < 5; i++) {
    const { socket } = await openTunnel(t, governor.proxy, `${HOST}:443`)
    const inside = await secure(t, socket, { servername: HOST, ca, maxVersion: 'TLSv1.2' })
    t.equal((await ask(inside, { path: MESSAGES, headers: { authorization: AUTHORIZATION } })).status, 201)
    const refused = await new Promise((resolve) => {
      inside.on('error', () => { resolve(true) }).once('close', () => { resolve(true) })
      inside.renegotiate({}, (error) => { resolve(error !== null) })
    })
    t.ok(refused)
  }
})
