import { createServer } from 'node:http'
import { createServer as createSocketServer, type AddressInfo } from 'node:net'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { believes, get, openTunnel, whoAnswers } from '../../../src/commands/doctor/checks/probe.ts'
import type { Trust } from '../../../src/commands/doctor/facts.ts'
import { stackedRetries } from '../../../src/commands/doctor/checks/stacked.ts'
import { initAuthority } from '../../../src/interception/authority.ts'
import { listen, startApp, startUpstream, until, type Started, type Upstream } from '../../support/app.ts'

const DAY_MS = 86_400_000

interface Stage {
  readonly governor: Started
  readonly upstream: Upstream
  /** PEM of the authority. */
  readonly ca: string
}

/** The proxy with an authority that was made so long ago; those are good for two years. */
async function set (t: Test, agoMs = 0): Promise<Stage> {
  const caDir = t.testdir({})
  const { certificateFile } = await initAuthority(caDir, Date.now() - agoMs)
  const upstream = await startUpstream(t, (_request, response) => { response.end('{}') })
  return { upstream, governor: await startApp(t, upstream.origin, { interception: { caDir } }), ca: readFileSync(certificateFile, 'utf8') }
}

async function belief (origin: string, certificates: string): Promise<Trust | undefined> {
  const tunnel = await openTunnel(origin)
  return tunnel === undefined ? undefined : believes(tunnel, certificates)
}

t.test('the proxy is known by its answer, and nothing of the look goes on to Twilio', async (t) => {
  const { governor, upstream, ca } = await set(t)
  t.equal(await whoAnswers(governor.proxy), 'governor')
  t.equal(await belief(governor.proxy, ca), 'trusted')
  t.equal(upstream.received.length, 0)
  await until(() => governor.log().some(({ msg }) => msg === 'tunnel'))
  t.match(governor.log().filter(({ msg }) => msg === 'tunnel'), [{ outcome: 'unused', client: 'twilio-governor-doctor/1' }])
})

t.test('what is not the proxy is told from it: other servers, other proxies, other programs, nobody', async (t) => {
  const other = createServer((_request, response) => { response.writeHead(421, { 'content-type': 'application/json' }).end('{"code":20404}') })
  t.equal(await whoAnswers(`http://${await listen(t, other)}`), 'other')
  const closes = createSocketServer((socket) => { socket.resume().end('220 mail\r\n') })
  await new Promise<void>((resolve) => { closes.listen(0, '127.0.0.1', resolve) })
  const { port } = closes.address() as AddressInfo
  t.equal(await whoAnswers(`http://127.0.0.1:${port}`), 'other')
  await new Promise((resolve) => { closes.close(resolve) })
  t.equal(await whoAnswers(`http://127.0.0.1:${port}`), 'nothing')
  t.equal(await whoAnswers('http://api.twilio.com'), 'other', 'without a request')
  const { admin } = (await set(t)).governor
  t.equal(await whoAnswers(admin), 'other')
})

t.test('one that says nothing is given up', async (t) => {
  const silent = createServer(() => {})
  t.equal(await whoAnswers(`http://${await listen(t, silent)}`), 'nothing')
})

t.test('a proxy without an authority opens no tunnel', async (t) => {
  const { origin } = await startUpstream(t, () => {})
  const { proxy } = await startApp(t, origin)
  t.equal(await whoAnswers(proxy), 'governor')
  t.equal(await belief(proxy, ''), undefined)
})

t.test('a handshake says whether certificates are believed, and why not', async (t) => {
  const { governor: { proxy }, ca } = await set(t)
  const other = await initAuthority(join(t.testdir({}), 'other'), Date.now())
  t.equal(await belief(proxy, other.certificate), 'unknown_issuer')
  t.equal(await belief(proxy, `${other.certificate}\n${ca}`), 'trusted')
  t.not(await belief(proxy, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'), 'trusted')
})

t.test('an authority that is out of date is told from one that is unknown', async (t) => {
  const { governor: { proxy }, ca } = await set(t, 800 * DAY_MS)
  t.equal(await belief(proxy, ca), 'expired')
})

t.test('the proxy\'s metrics say which clients stack retries of their own', async (t) => {
  const { governor: { admin } } = await set(t)
  const { body } = await get(`${admin}/metrics`)
  t.same(stackedRetries(body), { node: 0, 'twilio-cli': 0, python: 0, java: 0, go: 0, php: 0, ruby: 0, csharp: 0 })
})
