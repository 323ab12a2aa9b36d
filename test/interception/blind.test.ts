/** Tunnels that are not looked into. */
import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { isPublicAddress, lookupPublic } from '../../src/interception/public-address.ts'
import { until } from '../support/app.ts'
import { start, tunnelLines } from './stage.ts'
import { openInOne, openTunnel } from './tunnel-client.ts'

/** A server that sends back what it gets, and keeps its connections. */
async function echo (t: Test): Promise<{ port: number, server: Server, sockets: Socket[] }> {
  const sockets: Socket[] = []
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket.on('error', () => {}))
    socket.pipe(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return { port: (server.address() as AddressInfo).port, server, sockets }
}

t.test('a * stands for hosts with public addresses: under no spelling does a tunnel lead to this machine', async (t) => {
  const { port, sockets } = await echo(t)
  const { governor } = await start(t, [`*:${port}`])
  for (const host of ['localhost', 'LOCALHOST', 'localhost.', '127.0.0.1', '127.1.2.3', '127.1', '0.0.0.0', '0', '2130706433', '0x7f000001', '10.0.0.1', '169.254.169.254', '192.168.1.1', '100.100.100.200', '224.0.0.1']) {
    const { head, socket } = await openTunnel(t, governor.proxy, `${host}:${port}`)
    t.match(head, /^HTTP\/1\.1 (403 Forbidden|502 Bad Gateway)\r\n/, host)
    await once(socket.resume(), 'close')
  }
  t.match((await openTunnel(t, governor.proxy, `localhost:${port}`)).head, /^HTTP\/1\.1 403/)
  t.same(sockets, [])
  t.same(tunnelLines(governor), [])
})

t.test('a target that is listed by its own name or address is reached wherever it is', async (t) => {
  const { port } = await echo(t)
  const { governor } = await start(t, [`*:${port}`, `localhost:${port}`, `127.0.0.1:${port}`])
  for (const host of ['localhost', '127.0.0.1']) t.match((await openTunnel(t, governor.proxy, `${host}:${port}`)).head, /^HTTP\/1\.1 200/, host)
})

t.test('public addresses are those that everybody can reach', async (t) => {
  for (const address of ['1.1.1.1', '8.8.8.8', '100.63.255.255', '100.128.0.0', '172.15.255.255', '172.32.0.0', '223.255.255.255', '126.255.255.255', '128.0.0.0', '168.63.129.17', '2606:4700::1111', '2a00:1450::1', '2001:4860::8888',
    '::ffff:8.8.8.8', '64:ff9b::8.8.8.8']) t.ok(isPublicAddress(address), address)
  for (const address of ['127.0.0.1', '127.255.255.255', '0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '172.16.0.1', '172.31.255.255', '192.168.0.1', '169.254.169.254', '100.64.0.1', '100.127.255.255', '192.0.0.192', '192.0.2.1',
    '192.88.99.1', '198.18.0.1', '198.19.255.255', '198.51.100.1', '203.0.113.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', '168.63.129.16', '::', '::1', 'fe80::1', 'fe80::1%eth0', 'fc00::1', 'fd00:ec2::254', 'ff02::1', 'fec0::1',
    '::ffff:127.0.0.1', '::ffff:7f00:1', '::ffff:169.254.169.254', '::127.0.0.1', '64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b:1::8.8.8.8', '2001::1', '2001:db8::1', '2002:7f00:1::', '3fff::1', '100::1', 'localhost', '', '127.1']) t.notOk(isPublicAddress(address), address)
})

t.test('a name is judged by what is connected to, all of it or one, and an unknown one has its own error', async (t) => {
  const ask = (host: string, all: boolean): Promise<[string | undefined, unknown]> => new Promise((resolve) => {
    lookupPublic(host, { all }, (error, address) => { resolve([error?.code, address]) })
  })
  for (const all of [true, false]) t.same(await ask('localhost', all), ['INTERNAL_ADDRESS', []])
  t.same(await ask('1.1.1.1', true), [undefined, [{ address: '1.1.1.1', family: 4 }]])
  t.same(await ask('1.1.1.1', false), [undefined, '1.1.1.1'])
  t.match(await ask('nowhere.invalid', true), [/^E/, []])
})

t.test('the far end is let go when the client resets, and the client when the far end does', async (t) => {
  const { port, sockets } = await echo(t)
  const { governor } = await start(t, [`localhost:${port}`])
  const { socket } = await openTunnel(t, governor.proxy, `localhost:${port}`)
  socket.write('here')
  await once(socket, 'data')
  socket.resetAndDestroy()
  await once(sockets[0]!.resume(), 'close')
  const other = await openTunnel(t, governor.proxy, `localhost:${port}`)
  await until(() => sockets.length > 1)
  sockets[1]!.resetAndDestroy()
  await once(other.socket.resume(), 'close')
})

t.test('bytes that follow CONNECT without waiting reach the far end', async (t) => {
  const { port } = await echo(t)
  const { governor } = await start(t, [`localhost:${port}`])
  const stream = await openInOne(t, governor.proxy, `localhost:${port}`)
  stream.write('early')
  t.equal(String((await once(stream, 'data'))[0]), 'early')
})

t.test('a listed target is the same in any case', async (t) => {
  const { port } = await echo(t)
  const { governor } = await start(t, [`LocalHost:${port}`])
  for (const host of ['localhost', 'LOCALHOST']) t.match((await openTunnel(t, governor.proxy, `${host}:${port}`)).head, /^HTTP\/1\.1 200/, host)
})
