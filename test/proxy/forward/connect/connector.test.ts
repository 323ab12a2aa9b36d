import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { createSecureContext, createServer as createTlsServer, type TLSSocket } from 'node:tls'
import t, { type Test } from 'tap'
import { createConnector, type ConnectorOptions } from '../../../../src/proxy/forward/connect/connector.ts'
import { until } from '../../../support/app.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

const file = (name: string): string =>
  readFileSync(new URL(`../../../support/certificates/${name}`, import.meta.url), 'utf8')

interface Opened { readonly error: (Error & { code?: string }) | null, readonly socket: Socket | null }

interface Bench {
  readonly clock: FakeClock
  /** Ports that were dialled, in turn. */
  readonly ports: number[]
  readonly open: (to?: { hostname?: string, protocol?: string, port?: string }) => Promise<Opened>
}

/** A connector by which every name and port leads to `port`. */
function bench (t: Test, port: number, over: Partial<ConnectorOptions> = {}): Bench {
  const [clock, ports] = [new FakeClock(), [] as number[]]
  const connector = createConnector({
    timeoutMs: 5_000,
    context: createSecureContext({ ca: file('authority.pem') }),
    egress: () => undefined,
    via: '1.1 us',
    clock,
    lookup: async () => [{ address: '127.0.0.1', family: 4 }],
    dial: (_address, dialled) => {
      ports.push(dialled)
      return connect(port, '127.0.0.1')
    },
    ...over
  })
  return {
    clock,
    ports,
    open: async ({ hostname = 'localhost', protocol = 'http:', port = '' } = {}) => {
      const opened = await new Promise<Opened>((resolve) => {
        connector({ hostname, host: hostname, protocol, port }, (...[error, socket]) => { resolve({ error, socket }) })
      })
      t.teardown(() => { opened.socket?.destroy() })
      return opened
    }
  }
}

async function listening (t: Test, server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, '127.0.0.1')
  t.teardown(() => { server.close() })
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

t.test('the time of a connection ends with it: no timer is left, be it open or failed', async (t) => {
  const accepting = await listening(t, createServer((socket) => { t.teardown(() => { socket.destroy() }) }))
  const good = bench(t, accepting)
  const { socket } = await good.open()
  t.equal(good.clock.liveTimers, 0)
  await good.clock.advance(10_000)
  t.notOk(socket?.destroyed)
  const bad = bench(t, accepting, { lookup: async () => { throw Object.assign(new Error(), { code: 'ENOTFOUND' }) } })
  t.match(await bad.open(), { error: { code: 'ENOTFOUND' }, socket: null })
  t.equal(bad.clock.liveTimers, 0)
})

t.test('a URL without a port means the port of its protocol', async (t) => {
  const port = await listening(t, createTlsServer({ key: file('good.key'), cert: file('good.pem') }))
  const { open, ports } = bench(t, port)
  await open()
  await open({ protocol: 'https:' })
  await open({ port: '8080' })
  t.same(ports, [80, 443, 8080])
})

t.test('a connection sends what it has at once, and is asked after a minute whether it is still there', async (t) => {
  const port = await listening(t, createServer((socket) => { t.teardown(() => { socket.destroy() }) }))
  const said: unknown[] = []
  const { open } = bench(t, port, {
    dial: () => {
      const socket = connect(port, '127.0.0.1')
      socket.setKeepAlive = (...how) => {
        said.push(how)
        return socket
      }
      socket.setNoDelay = (...how) => {
        said.push(how)
        return socket
      }
      return socket
    }
  })
  await open()
  t.same(said, [[true], [true, 60_000]])
})

t.test('TLS names the host, but no address', async (t) => {
  const names: unknown[] = []
  const server = createTlsServer({ key: file('good.key'), cert: file('good.pem') }, (socket: TLSSocket) => {
    names.push((socket as TLSSocket & { servername: unknown }).servername)
  })
  const { open } = bench(t, await listening(t, server))
  for (const hostname of ['localhost', '127.0.0.1']) {
    t.equal((await open({ hostname, protocol: 'https:' })).error, null)
    await until(() => names.length > 0 && (hostname === 'localhost' || names.length === 2))
  }
  t.same(names, ['localhost', false])
})

t.test('a TLS session is taken up again at its own port alone', async (t) => {
  const [one, other] = await Promise.all(['1', '2'].map(() => listening(t, createTlsServer({
    key: file('good.key'), cert: file('good.pem'), maxVersion: 'TLSv1.2', ticketKeys: Buffer.alloc(48, 1)
  }, (socket) => { socket.on('error', () => {}) }))))
  const { open } = bench(t, 0, { dial: (_address, port) => connect(port, '127.0.0.1') })
  const reused: boolean[] = []
  for (const port of [one, one, other, one]) {
    const { socket } = await open({ protocol: 'https:', port: String(port) })
    reused.push((socket as TLSSocket).isSessionReused())
  }
  t.same(reused, [false, true, false, true])
})

t.test('the certificate of an egress proxy has to name the proxy, not the host behind it', async (t) => {
  const server = createTlsServer({ key: file('good.key'), cert: file('good.pem') }, (socket) => {
    socket.on('error', () => {}).once('data', () => { socket.write('HTTP/1.1 200 OK\r\n\r\n') })
  })
  const { open, ports } = bench(t, await listening(t, server), { egress: () => ({ host: 'localhost', port: 3128, secure: true, headers: [] }) })
  t.equal((await open({ hostname: 'api.twilio.com' })).error, null)
  t.same(ports, [3128])
})

t.test('what fails on the way to the egress proxy is told as its failure, once', async (t) => {
  const port = await listening(t, createServer((socket) => { socket.end('HTTP/1.1 403 Forbidden\r\n\r\n') }))
  const egress = (): { host: string, port: number, secure: boolean, headers: [] } => ({ host: 'proxy', port: 3128, secure: false, headers: [] })
  t.equal((await bench(t, port, { egress }).open()).error?.code, 'PROXY_403')
  const lookup = async (): Promise<never> => { throw new Error('no code') }
  t.equal((await bench(t, port, { egress, lookup }).open()).error?.code, 'PROXY_UNKNOWN')
})
