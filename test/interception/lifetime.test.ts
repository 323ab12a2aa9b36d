/** What a tunnel takes is given back, and what it is made of is renewed. */
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { connect as connectSocket, createServer as createSocketServer, Socket, type AddressInfo } from 'node:net'
import { Duplex } from 'node:stream'
import { connect as connectTls, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { initAuthority } from '../../src/interception/authority.ts'
import { reach } from '../../src/interception/blind.ts'
import { Leaves, type Leaf } from '../../src/interception/leaves.ts'
import { KNOWN_HOSTS } from '../../src/twilio/hosts.ts'
import { Interception } from '../../src/interception/tunnels.ts'
import type { GovernorEvent } from '../../src/proxy/events.ts'
import { until } from '../support/app.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { HOST } from './stage.ts'
import { openTunnel, secure } from './tunnel-client.ts'

const DAY_MS = 86_400_000

interface Bench { readonly url: string, readonly ca: string, readonly clock: FakeClock, readonly leaves: Leaves, readonly tunnels: Interception, readonly events: GovernorEvent[], readonly accepted: Duplex[], draining: boolean }

/** Tunnels without the proxy behind them, on a clock of the test's own. */
async function set (t: Test, listed: readonly string[] = []): Promise<Bench> {
  const authority = await initAuthority(t.testdir({}), Date.now())
  const clock = new FakeClock()
  const leaves = new Leaves(authority, { nowMs: () => clock.nowMs(), epochMs: () => Date.now() + clock.nowMs(), setTimer: () => ({}), clearTimer: () => {}, afterInput: () => {} })
  const events: GovernorEvent[] = []
  const accepted: Duplex[] = []
  const state = { draining: false }
  const tunnels = new Interception(leaves, { tunnels: listed }, {
    hosts: KNOWN_HOSTS,
    clock,
    accept: (connection) => {
      accepted.push(connection)
      connection.pipe(connection)
    },
    draining: () => state.draining,
    blindNeedsCaller: false,

    emit: (event) => { events.push(event) }
  })
  const server = createServer().on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => { tunnels.open(request, socket, head) })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    tunnels.close()
    server.close()
  })
  return Object.assign(state, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ca: authority.certificate, clock, leaves, tunnels, events, accepted })
}

t.test('a tunnel that is secured lives on after the time for its handshake, and one that is not ends then', async (t) => {
  const bench = await set(t)
  const { socket } = await openTunnel(t, bench.url, `${HOST}:443`)
  const inside = await secure(t, socket, { servername: HOST, ca: bench.ca })
  await until(() => bench.accepted.length === 1)
  t.equal(bench.clock.liveTimers, 0, 'no timer is left')
  inside.write('still here')
  t.equal(String((await once(inside, 'data'))[0]), 'still here')
  const silent = await openTunnel(t, bench.url, `${HOST}:443`)
  const closed = once(silent.socket.resume(), 'close')
  await until(() => bench.clock.liveTimers > 0)
  await bench.clock.advance(10_000)
  await closed
  t.match(bench.events, [{ type: 'tunnel', outcome: 'tls_failed' }])
  const gone = await openTunnel(t, bench.url, `${HOST}:443`)
  gone.socket.destroy()
  await until(() => bench.events.length > 1)
  t.equal(bench.clock.liveTimers, 0, 'the timer of one that left is cleared as well')
})

t.test('tunnels to a host share their terms until its leaf is renewed', async (t) => {
  const bench = await set(t)
  const print = async (): Promise<string> => {
    const { socket } = await openTunnel(t, bench.url, `${HOST}:443`)
    const inside = await secure(t, socket, { servername: HOST, rejectUnauthorized: false })
    return inside.getPeerCertificate().fingerprint256
  }
  const first = await print()
  t.equal(await print(), first)
  await bench.clock.advance(5 * DAY_MS)
  t.equal(await print(), first)
  await bench.clock.advance(1.5 * DAY_MS)
  const renewed = await print()
  t.not(renewed, first)
  t.equal(await print(), renewed)
})

t.test('a tunnel that is over is forgotten, whoever ended it', async (t) => {
  const far: Socket[] = []
  const target = createSocketServer((socket) => { far.push(socket.on('error', () => {}).resume()) }).listen(0, '127.0.0.1')
  await once(target, 'listening')
  t.teardown(() => target.close())
  const { port } = target.address() as AddressInfo
  const bench = await set(t, [`127.0.0.1:${port}`])
  const ends: Array<(near: Socket, away: Socket) => void> = [(near) => near.destroy(), (near) => near.resetAndDestroy(), (near) => near.end(), (_near, away) => away.destroy(), (_near, away) => away.resetAndDestroy(), (_near, away) => away.end()]
  for (const end of ends) {
    const count = far.length
    const { socket } = await openTunnel(t, bench.url, `127.0.0.1:${port}`)
    await until(() => far.length > count)
    t.equal(bench.tunnels.openConnections, 2, 'both ends')
    const closed = Promise.all([once(far[count]!, 'close'), once(socket.resume(), 'close')])
    end(socket, far[count]!)
    await closed
    await until(() => bench.tunnels.openConnections === 0)
  }
  const { socket } = await openTunnel(t, bench.url, `${HOST}:443`)
  const inside = await secure(t, socket, { servername: HOST, ca: bench.ca })
  t.equal(bench.tunnels.openConnections, 1)
  inside.end()
  inside.resume()
  await until(() => bench.tunnels.openConnections === 0)
  for (const refused of ['example.com:443', '127.0.0.1:1']) {
    await once((await openTunnel(t, bench.url, refused)).socket.resume(), 'close')
    await until(() => bench.tunnels.openConnections === 0)
  }
})

t.test('the time for connecting is over once the far end is connected: a silent tunnel stays', async (t) => {
  const far: Socket[] = []
  const target = createSocketServer((socket) => { far.push(socket.on('error', () => {}).pipe(socket)) }).listen(0, '127.0.0.1')
  await once(target, 'listening')
  t.teardown(() => target.close())
  const { port } = target.address() as AddressInfo
  const bench = await set(t, [`127.0.0.1:${port}`])
  const { socket } = await openTunnel(t, bench.url, `127.0.0.1:${port}`)
  t.equal(bench.clock.liveTimers, 0)
  await bench.clock.advance(3_600_000)
  socket.write('still here')
  t.equal(String((await once(socket, 'data'))[0]), 'still here')
})

t.test('a far end that does not answer within ten seconds cannot be reached, nor one whose client leaves, and each is let go', async (t) => {
  const clock = new FakeClock()
  const target = { host: '127.0.0.1', port: 1, anywhere: true }
  const dialled: Socket[] = []
  const dial = (): Socket => {
    const silent = new Socket()
    dialled.push(silent)
    return silent
  }
  const late = t.rejects(reach(target, clock, new AbortController().signal, dial), { message: 'no connection in time' })
  await clock.advance(9_999)
  t.notOk(dialled[0]?.destroyed)
  await clock.advance(1)
  await late
  const leaving = new AbortController()
  const left = t.rejects(reach(target, clock, leaving.signal, dial), { message: 'the client left' })
  await clock.advance(1)
  leaving.abort(new Error('the client left'))
  await left
  t.same(dialled.map(({ destroyed }) => destroyed), [true, true])
  t.equal(clock.liveTimers, 0)
})

t.test('close cuts every end of every tunnel', async (t) => {
  const far: Socket[] = []
  const target = createSocketServer((socket) => { far.push(socket.on('error', () => {}).resume()) }).listen(0, '127.0.0.1')
  await once(target, 'listening')
  t.teardown(() => target.close())
  const bench = await set(t, [`127.0.0.1:${(target.address() as AddressInfo).port}`])
  const { socket } = await openTunnel(t, bench.url, `127.0.0.1:${(target.address() as AddressInfo).port}`)
  const within = await openTunnel(t, bench.url, `${HOST}:443`)
  await until(() => far.length > 0)
  const closed = [socket, within.socket, far[0]!].map((end) => once(end.resume(), 'close'))
  bench.tunnels.close()
  await Promise.all(closed)
})

t.test('no tunnel is opened while the proxy drains', async (t) => {
  const bench = await set(t, ['127.0.0.1:1'])
  bench.draining = true
  for (const target of [`${HOST}:443`, '127.0.0.1:1']) t.match((await openTunnel(t, bench.url, target)).head, /^HTTP\/1\.1 429 /)
})

t.test('who has said all may still hear the answer', async (t) => {
  const bench = await set(t)
  const { socket } = await openTunnel(t, bench.url, `${HOST}:443`)
  const inside = await secure(t, socket, { servername: HOST, ca: bench.ca })
  await until(() => bench.accepted.length === 1)
  const [near] = bench.accepted as [Duplex]
  near.unpipe().resume()
  const over = once(near, 'end')
  inside.end('the last of it')
  await over
  if (!t.notOk(near.destroyed)) return
  near.end('answer')
  t.equal(String((await once(inside, 'data'))[0]), 'answer')
})

t.test('a client that leaves while its certificate is made is forgotten, and nothing is told of it', async (t) => {
  const bench = await set(t)
  const leaf = await bench.leaves.for(HOST)
  let make: (leaf: Leaf) => void = () => {}
  const made = new Promise<Leaf>((resolve) => { make = resolve })
  bench.leaves.for = () => made
  const { hostname, port } = new URL(bench.url)
  const gone = connectSocket(Number(port), hostname)
  gone.on('error', () => {})
  await once(gone, 'connect')
  gone.write(`CONNECT ${HOST}:443 HTTP/1.1\r\nHost: ${HOST}:443\r\n\r\n`)
  await until(() => bench.tunnels.openConnections === 1)
  gone.resetAndDestroy()
  await until(() => bench.tunnels.openConnections === 0)
  make(leaf)
  const { socket } = await openTunnel(t, bench.url, `${HOST}:443`)
  await secure(t, socket, { servername: HOST, ca: bench.ca })
  await until(() => bench.accepted.length === 1)
  t.equal(bench.clock.liveTimers, 0, 'nobody waits for its handshake')
  t.same(bench.events, [])
})

t.test('where no certificate can be made the tunnel is refused, and the next one is tried anew', async (t) => {
  const bench = await set(t)
  const real = bench.leaves.for.bind(bench.leaves)
  bench.leaves.for = () => Promise.reject(new Error('no entropy'))
  const { head, socket } = await openTunnel(t, bench.url, `${HOST}:443`)
  t.match(head, /^HTTP\/1\.1 500 /)
  await once(socket.resume(), 'close')
  bench.leaves.for = real
  t.match((await openTunnel(t, bench.url, `${HOST}:443`)).head, /^HTTP\/1\.1 200 /)
})

t.test('a certificate for a host of an edge is made for a handshake, not for CONNECT', async (t) => {
  const bench = await set(t)
  const made: string[] = []
  const real = bench.leaves.for.bind(bench.leaves)
  bench.leaves.for = (host) => {
    made.push(host)
    return real(host)
  }
  const edge = 'api.invented.ie1.twilio.com'
  const silent = await openTunnel(t, bench.url, `${edge}:443`)
  const closed = once(silent.socket.resume(), 'close')
  await until(() => bench.clock.liveTimers > 0)
  await bench.clock.advance(10_000)
  await closed
  const leaving = await openTunnel(t, bench.url, `${edge}:443`)
  leaving.socket.end()
  await until(() => bench.events.length === 2)
  t.match(bench.events, [{ outcome: 'tls_failed' }, { outcome: 'unused' }])
  const resetting = await openTunnel(t, bench.url, `${edge}:443`)
  resetting.socket.resetAndDestroy()
  await until(() => bench.tunnels.openConnections === 0)
  t.equal(bench.clock.liveTimers, 0, 'nobody waits for the first bytes of one that is gone')
  t.same(made, [])
  const { socket } = await openTunnel(t, bench.url, `${edge}:443`)
  const inside = await secure(t, socket, { servername: edge, ca: bench.ca })
  inside.write('here')
  t.equal(String((await once(inside, 'data'))[0]), 'here')
  t.same(made, [edge])
  t.equal(bench.clock.liveTimers, 0, 'no timer is left')
  bench.leaves.for = () => Promise.reject(new Error('no entropy'))
  const broken = await openTunnel(t, bench.url, `${edge}:443`)
  broken.socket.write('the beginning of a handshake')
  await once(broken.socket.resume(), 'close')
  t.match(bench.events.at(-1), { outcome: 'tls_failed' })
})

t.test('a host in use keeps its TLS sessions, however many others are asked for', async (t) => {
  const bench = await set(t)
  const secured = async (session?: Buffer): Promise<TLSSocket> => {
    const { socket } = await openTunnel(t, bench.url, `${HOST}:443`)
    return secure(t, socket, { servername: HOST, ca: bench.ca, maxVersion: 'TLSv1.2', ...session === undefined ? {} : { session } })
  }
  const session = (await secured()).getSession()
  for (let i = 0; i < 70; i++) {
    (await openTunnel(t, bench.url, `api.edge${i}.us1.twilio.com:443`)).socket.destroy()
    if (i % 30 === 0) (await openTunnel(t, bench.url, `${HOST}:443`)).socket.destroy()
  }
  t.ok((await secured(session)).isSessionReused())
})

t.test('64 hosts have a certificate; of one more, that of the host used longest ago is forgotten', async (t) => {
  const { leaves } = await set(t)
  const others = async (from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i++) await leaves.for(`api.edge${i}.us1.twilio.com`)
  }
  const leaf = await leaves.for(HOST)
  await others(0, 63)
  t.equal(await leaves.for(HOST), leaf)
  await others(63, 127)
  t.not(await leaves.for(HOST), leaf)
})

t.test('64 hosts have a TLS context; of one more, that of the host used longest ago is forgotten', async (t) => {
  const bench = await set(t)
  const leaf = await bench.leaves.for(HOST)
  bench.leaves.for = () => Promise.resolve(leaf)
  const secured = async (servername: string, session?: Buffer): Promise<TLSSocket> => {
    const { socket } = await openTunnel(t, bench.url, `${servername}:443`)
    const resumed = session === undefined ? {} : { session }
    return secure(t, socket, { servername, rejectUnauthorized: false, maxVersion: 'TLSv1.2', ...resumed })
  }
  const others = async (from: number, to: number): Promise<void> => {
    for (let i = from; i < to; i++) (await secured(`api.edge${i}.us1.twilio.com`)).destroy()
  }
  const session = (await secured(HOST)).getSession()
  await others(0, 63)
  t.ok((await secured(HOST, session)).isSessionReused())
  await others(63, 127)
  t.notOk((await secured(HOST, session)).isSessionReused())
})

t.test('names are alike in any case, in CONNECT and in the handshake', async (t) => {
  const bench = await set(t)
  const { head, socket } = await openTunnel(t, bench.url, 'API.Twilio.COM:443')
  t.match(head, /^HTTP\/1\.1 200 /)
  await secure(t, socket, { servername: 'API.twilio.com', ca: bench.ca })
})

t.test('of a client\'s programs three are told', async (t) => {
  const bench = await set(t)
  const { socket } = await openTunnel(t, bench.url, `${HOST}:443`, { 'user-agent': 'one/1 two/2 three/3 four/4' })
  socket.destroy()
  await until(() => bench.events.length > 0)
  t.same(bench.events, [{ type: 'tunnel', host: HOST, client: 'one/1 two/2 three/3', outcome: 'unused' }])
})

t.test('a client that says it does not know the authority is told of as untrusting', async (t) => {
  const bench = await set(t)
  const { socket } = await openTunnel(t, bench.url, `${HOST}:443`)
  // Its hello goes out, and what comes back is answered with the alert, which is still plain in TLS 1.2.
  const hello = connectTls({ socket: new Duplex({ read: () => {}, write: (chunk, _encoding, done) => { socket.write(chunk, () => { done() }) } }), servername: HOST, maxVersion: 'TLSv1.2' })
  t.teardown(() => hello.destroy())
  hello.on('error', () => {})
  await once(socket, 'data')
  const FATAL_UNKNOWN_CA = Buffer.from([0x15, 3, 3, 0, 2, 2, 48])
  socket.write(FATAL_UNKNOWN_CA)
  await until(() => bench.events.length > 0)
  t.match(bench.events, [{ type: 'tunnel', outcome: 'untrusted' }])
})
