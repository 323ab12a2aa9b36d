import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import t, { type Test } from 'tap'
import { tunnel, type TunnelRequest } from '../../../../src/proxy/forward/connect/tunnel.ts'
import { promisesSettle } from '../../../support/fake-clock.ts'

const TARGET: TunnelRequest = { host: 'api.twilio.com', port: 443, headers: [['Via', '1.1 us'], ['Proxy-Authorization', 'Basic \xe4']] }

/** A socket to a proxy that answers so, in one piece, and what the proxy was asked. */
async function through (t: Test, answer: string, request = TARGET): Promise<{ asked: () => string, opened: Promise<void>, socket: Socket }> {
  let asked = ''
  const server = createServer((socket) => {
    t.teardown(() => { socket.destroy() })
    socket.on('error', () => {}).on('data', (data) => {
      asked += data.toString('latin1')
      socket.write(answer, 'latin1')
    })
  })
  server.listen(0, '127.0.0.1')
  t.teardown(() => { server.close() })
  await once(server, 'listening')
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  t.teardown(() => { socket.destroy() })
  await once(socket, 'connect')
  return { asked: () => asked, opened: tunnel(socket, request, new AbortController().signal), socket }
}

t.test('a proxy is asked for the host and port, an IPv6 address in brackets, with the headers byte for byte', async (t) => {
  const named = await through(t, 'HTTP/1.1 200 OK\r\n\r\n')
  await named.opened
  t.equal(named.asked(),
    'CONNECT api.twilio.com:443 HTTP/1.1\r\nHost: api.twilio.com:443\r\nVia: 1.1 us\r\nProxy-Authorization: Basic \xe4\r\n\r\n')
  const numbered = await through(t, 'HTTP/1.1 200 OK\r\n\r\n', { host: '::1', port: 8443, headers: [] })
  await numbered.opened
  t.equal(numbered.asked(), 'CONNECT [::1]:8443 HTTP/1.1\r\nHost: [::1]:8443\r\n\r\n')
})

t.test('any 2xx opens the tunnel, and what is none does not', async (t) => {
  for (const [line, code] of [
    ['HTTP/1.1 200 Connection established', undefined],
    ['HTTP/1.0 200', undefined],
    ['HTTP/1.1 299 Whatever', undefined],
    ['HTTP/1.1 300 Elsewhere', 'PROXY_300'],
    ['HTTP/1.1 429 Later', 'PROXY_429'],
    ['HTTP/1.1 199 Early', 'PROXY_ANSWER'],
    ['HTTP/1.1 100 Continue', 'PROXY_ANSWER'],
    ['HTTP/2 200', 'PROXY_ANSWER']
  ] as const) {
    const { opened, socket } = await through(t, `${line}\r\n\r\n`)
    if (code === undefined) await t.resolves(opened, line)
    else await t.rejects(opened, { code }, line)
    t.equal(socket.destroyed, code !== undefined, line)
  }
})

t.test('a head of 16 KiB is waited for, and no larger one', async (t) => {
  for (const [bytes, rest] of [[16 * 1024, '\r\n\r\n'], [16 * 1024 + 1, '']] as const) {
    const socket = new Duplex({ read: () => {}, write: (_chunk, _encoding, done) => { done() } })
    const opened = tunnel(socket as unknown as Socket, TARGET, new AbortController().signal)
    opened.catch(() => {})
    socket.push('HTTP/1.1 200 OK\r\nX: '.padEnd(bytes, 'x'))
    await promisesSettle()
    t.equal(socket.destroyed, rest === '')
    if (rest === '') await t.rejects(opened, { code: 'PROXY_ANSWER' })
    else {
      socket.push(rest)
      await t.resolves(opened)
    }
  }
})

t.test('a proxy that says more than its head is none', async (t) => {
  await t.rejects((await through(t, 'HTTP/1.1 200 OK\r\n\r\n!')).opened, { code: 'PROXY_ANSWER' })
})
