import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { connect, createServer, Socket, type AddressInfo } from 'node:net'
import { createSecureContext, createServer as createTlsServer, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import type { Clock } from '../../../src/proxy/ports/clock.ts'
import { systemClock } from '../../../src/system-clock.ts'
import { createConnector, type ConnectorOptions } from '../../../src/proxy/forward/connect/connector.ts'
import { interleaved, staggerMs, type Address } from '../../../src/proxy/forward/connect/race.ts'
import { Upstreams, type UpstreamOptions } from '../../../src/proxy/forward/upstreams.ts'
import { AUTHORIZATION, createClient, listen, MESSAGES, startApp, startUpstream, until } from '../../support/app.ts'
import { FakeClock, promisesSettle } from '../../support/fake-clock.ts'

const V4 = (address: string): Address => ({ address, family: 4 })
const V6 = (address: string): Address => ({ address, family: 6 })
const file = (name: string): string => readFileSync(new URL(`../../support/certificates/${name}`, import.meta.url), 'utf8')

interface Opened { readonly error: (Error & { code?: string }) | null, readonly socket: Socket | null }

/** A connector over addresses that connect when the test says so. */
function stage (addresses: readonly Address[], options: Partial<ConnectorOptions> & { readonly clock: Clock }) {
  const dialled = new Map<string, Socket>()
  const connector = createConnector({
    timeoutMs: 5000,
    context: createSecureContext(),
    egress: () => undefined,
    via: '1.1 governor',
    lookup: async () => addresses,
    dial: ({ address }) => {
      const socket = new Socket()
      dialled.set(address, socket)
      return socket
    },
    ...options
  })
  const open = async (host = 'api.twilio.com', protocol = 'http:', port = '80'): Promise<Opened> => await new Promise((resolve) => {
    connector({ hostname: host, host, protocol, port }, (...[error, socket]) => { resolve({ error, socket }) })
  })
  return { dialled, open }
}

async function accepting (t: Test): Promise<number> {
  const server = createServer((socket) => { t.teardown(() => { socket.destroy() }) })
  t.teardown(() => { server.close() })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

t.test('the families of addresses take turns, the resolver\'s first choice first, and none comes twice', async (t) => {
  t.strictSame(interleaved([V6('::1'), V6('::2'), V6('::1'), V4('1.1.1.1'), V4('2.2.2.2'), V4('3.3.3.3')]).map(({ address }) => address),
    ['::1', '1.1.1.1', '::2', '2.2.2.2', '3.3.3.3'])
  t.strictSame(interleaved([V4('1.1.1.1'), V6('::1'), V6('::2')]).map(({ address }) => address), ['1.1.1.1', '::1', '::2'])
  t.strictSame(interleaved([]), [])
})

t.test('every address has its turn within half of the time there is', async (t) => {
  t.equal(staggerMs(2, 5000), 250)
  t.equal(staggerMs(10, 1000), 50)
  t.equal(staggerMs(1000, 100), 10)
})

t.test('a good address far away behind a dead one connects, and no attempt is given up before', async (t) => {
  const clock = new FakeClock()
  const port = await accepting(t)
  const { dialled, open } = stage([V4('10.0.0.1'), V4('10.0.0.2')], { clock })
  const opened = open()
  await promisesSettle()
  t.strictSame([...dialled.keys()], ['10.0.0.1'])
  await clock.advance(249)
  t.equal(dialled.size, 1)
  await clock.advance(1)
  t.strictSame([...dialled.keys()], ['10.0.0.1', '10.0.0.2'])
  await clock.advance(4700)
  t.notOk(dialled.get('10.0.0.1')!.destroyed)
  dialled.get('10.0.0.2')!.connect(port, '127.0.0.1')
  const { socket } = await opened
  t.equal(socket, dialled.get('10.0.0.2'))
  t.ok(dialled.get('10.0.0.1')!.destroyed)
  await clock.advance(10_000)
  t.notOk(socket!.destroyed)
  socket!.destroy()
})

t.test('the first attempt may still win after the second began', async (t) => {
  const clock = new FakeClock()
  const port = await accepting(t)
  const { dialled, open } = stage([V6('fd00::1'), V4('10.0.0.2')], { clock })
  const opened = open()
  await promisesSettle()
  await clock.advance(350)
  dialled.get('fd00::1')!.connect(port, '127.0.0.1')
  t.equal((await opened).socket, dialled.get('fd00::1'))
  t.ok(dialled.get('10.0.0.2')!.destroyed)
  dialled.get('fd00::1')!.destroy()
})

t.test('an attempt that fails starts the next at once, and the failure that says most is told', async (t) => {
  const clock = new FakeClock()
  const { dialled, open } = stage([V6('fd00::1'), V4('10.0.0.2')], { clock })
  const opened = open()
  await promisesSettle()
  dialled.get('fd00::1')!.emit('error', Object.assign(new Error(), { code: 'ENETUNREACH' }))
  t.strictSame([...dialled.keys()], ['fd00::1', '10.0.0.2'])
  dialled.get('10.0.0.2')!.emit('error', Object.assign(new Error(), { code: 'ECONNREFUSED' }))
  t.equal((await opened).error!.code, 'ECONNREFUSED')
})

t.test('the timeout ends every attempt, and a name that is still looked up', async (t) => {
  const clock = new FakeClock()
  const { dialled, open } = stage([V4('10.0.0.1'), V4('10.0.0.2')], { clock, timeoutMs: 1000 })
  const opened = open()
  await promisesSettle()
  await clock.advance(999)
  t.notOk([...dialled.values()].some(({ destroyed }) => destroyed))
  await clock.advance(1)
  t.equal((await opened).error!.code, 'UND_ERR_CONNECT_TIMEOUT')
  t.ok([...dialled.values()].every(({ destroyed }) => destroyed))

  const silent = stage([], { clock, timeoutMs: 1000, lookup: async () => await new Promise(() => {}) })
  const waiting = silent.open()
  await clock.advance(1000)
  t.equal((await waiting).error!.code, 'UND_ERR_CONNECT_TIMEOUT')
})

t.test('the timeout holds for a peer that takes the connection and says nothing in TLS', async (t) => {
  const port = await accepting(t)
  const { open } = stage([V4('127.0.0.1')], { clock: systemClock, timeoutMs: 100, dial: ({ address }) => connect(port, address) })
  t.equal((await open('api.twilio.com', 'https:')).error!.code, 'UND_ERR_CONNECT_TIMEOUT')
})

t.test('connections that open together look their host up once', async (t) => {
  let lookups = 0
  const { open } = stage([], {
    clock: systemClock,
    lookup: async () => {
      lookups++
      throw Object.assign(new Error(), { code: 'ENOTFOUND' })
    }
  })
  const opened = await Promise.all(Array.from({ length: 50 }, () => open()))
  t.ok(opened.every(({ error }) => error?.code === 'ENOTFOUND'))
  t.equal(lookups, 1)
  await open()
  t.equal(lookups, 2)
})

t.test('a TLS session is taken up again, but never that of a host whose certificate names another', async (t) => {
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
    for (const [name, reused] of [['good', true], ['wrong', false]] as const) {
      const server = createTlsServer({ key: file(`${name}.key`), cert: file(`${name}.pem`), minVersion: version, maxVersion: version }, (socket) => { socket.on('error', () => {}).resume() })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const { port } = server.address() as AddressInfo
      const { open } = stage([V4('127.0.0.1')], {
        clock: systemClock, context: createSecureContext({ ca: file('authority.pem') }), dial: ({ address }) => connect(port, address)
      })
      for (const again of [false, true]) {
        const { error, socket } = await open('127.0.0.1', 'https:', String(port))
        if (reused) {
          if (!again && version === 'TLSv1.3') await once(socket!, 'session')
          t.equal((socket as TLSSocket).isSessionReused(), again, `${version} ${name}`)
          socket!.destroy()
        } else {
          t.equal(error!.code, 'ERR_TLS_CERT_ALTNAME_INVALID', `${version} ${name}`)
        }
      }
      server.close()
    }
  }
})

const OPTIONS: UpstreamOptions = {
  origin: null, connectTimeoutMs: 5000, headersTimeoutMs: 35_000, bodyTimeoutMs: 60_000, keepAliveMs: 4000, maxConnectionsPerHost: 16, caFile: null
}

t.test('the least used pool gives way, not the oldest', async (t) => {
  const clock = new FakeClock()
  const upstreams = new Upstreams({ ...OPTIONS, keepAliveMs: 600_000 }, clock)
  t.teardown(async () => { await upstreams.close() })
  const busy = upstreams.for('api.twilio.com')
  await clock.advance(1)
  const idle = upstreams.for('verify.twilio.com')
  for (let i = 0; i < 300; i++) {
    await clock.advance(1)
    upstreams.for(`api.edge${i}.us1.twilio.com`)
    t.equal(upstreams.for('api.twilio.com'), busy)
  }
  t.not(upstreams.for('verify.twilio.com'), idle)
})

t.test('after a standstill of the process or the machine no idle connection is used again', async (t) => {
  const clock = new FakeClock()
  let sleptMs = 0
  const upstreams = new Upstreams(OPTIONS, { nowMs: clock.nowMs, epochMs: () => clock.epochMs() + sleptMs, setTimer: clock.setTimer, clearTimer: clock.clearTimer, afterInput: clock.afterInput })
  t.teardown(async () => { await upstreams.close() })
  const first = upstreams.for('api.twilio.com')
  await clock.advance(4000)
  t.equal(upstreams.for('api.twilio.com'), first)
  await clock.advance(60_000)
  const second = upstreams.for('api.twilio.com')
  t.not(second, first)
  sleptMs = 60_000
  t.not(upstreams.for('api.twilio.com'), second, 'a sleep that only the wall clock has seen')
})

t.test('keepAliveMs is the most that a connection is kept, whatever the other side allows', async (t) => {
  let closed = 0
  const server = createHttpServer((request, response) => {
    response.socket!.once('close', () => { closed++ })
    request.resume()
    response.setHeader('keep-alive', 'timeout=60').end('{}')
  })
  // Node would close the connection itself after five seconds.
  server.keepAliveTimeout = 0
  const { proxy } = await startApp(t, `http://${await listen(t, server)}`, { upstream: { keepAliveMs: 50 } })
  t.equal((await createClient(t)(proxy + MESSAGES, { method: 'POST', headers: { authorization: AUTHORIZATION }, body: 'To=1' })).status, 200)
  await until(() => closed === 1)
})

t.test('a connection is kept for less where the other side says so', async (t) => {
  const ports = new Set<number>()
  const upstream = await startUpstream(t, (_request, response) => {
    ports.add(response.socket!.remotePort!)
    response.setHeader('keep-alive', 'timeout=1').end('{}')
  })
  const { proxy } = await startApp(t, upstream.origin, { upstream: { keepAliveMs: 600_000 } })
  const client = createClient(t)
  for (let i = 0; i < 3; i++) await client(proxy + MESSAGES, { method: 'POST', headers: { authorization: AUTHORIZATION }, body: `To=${i}` })
  t.equal(ports.size, 3)
})
