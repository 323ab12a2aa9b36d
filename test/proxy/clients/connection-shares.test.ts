import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import t from 'tap'
import { ConnectionShares } from '../../../src/proxy/clients/connection-shares.ts'
import { descriptorShares } from '../../../src/proxy/clients/descriptors.ts'
import { FakeClock, promisesSettle } from '../../support/fake-clock.ts'

class Client extends PassThrough {
  readonly remoteAddress: string
  readonly #responses: EventEmitter[] = []
  readonly #server: EventEmitter

  constructor (server: EventEmitter, remoteAddress: string) {
    super()
    this.#server = server
    this.remoteAddress = remoteAddress
    server.emit('connection', this)
  }

  asks (): this {
    const response = new EventEmitter()
    this.#responses.push(response)
    this.#server.emit('request', { socket: this }, response)
    return this
  }

  isAnswered (): void { this.#responses.shift()?.emit('close') }
}

function bounded (max: number): { connections: ConnectionShares, clock: FakeClock, from: (address: string) => Client } {
  const clock = new FakeClock()
  const connections = new ConnectionShares({ max, unreadMs: 60_000 }, clock)
  const server = new EventEmitter()
  connections.bound(server)
  return { connections, clock, from: (address) => new Client(server, address) }
}

const standing = (clients: readonly Client[]): string => clients.map(({ destroyed }) => destroyed ? '-' : '+').join('')

t.test('one peer may have all connections; a newcomer takes the place of the one it has used least lately', async (t) => {
  const { connections, from } = bounded(3)
  const greedy = [from('a'), from('a'), from('a')]
  greedy[0]!.asks().isAnswered()
  const other = from('b')
  t.equal(standing([...greedy, other]), '+-++')
  t.equal(connections.size, 3)
  const second = from('a')
  t.equal(standing([...greedy, other, second]), '+--++', 'its own longest unused makes room for its own newcomer')
  for (const client of [...greedy, other, second]) client.destroy()
  await promisesSettle()
  t.equal(connections.size, 0)
})

t.test('a request in progress is not cut off for a peer that has as many', (t) => {
  const { from } = bounded(2)
  const [one, two] = [from('a').asks(), from('b').asks()]
  const newcomer = from('b')
  t.equal(standing([one, two, newcomer]), '++-')
  two.isAnswered()
  t.equal(standing([one, two, from('b')]), '+-+', 'once it is answered it makes room')
  t.end()
})

t.test('where all of the greediest are in use, an unfinished upload goes, and then a waiting request', (t) => {
  const { connections, from } = bounded(3)
  const asked: string[] = []
  connections.onPressure((peer) => asked.push(peer) > 0)
  const greedy = [from('a').asks(), from('a').asks(), from('a').asks()]
  connections.reads(greedy[1]!, true)
  const other = from('b')
  t.equal(standing([...greedy, other]), '+-++')
  t.same(asked, [])
  const third = from('c')
  t.equal(standing([...greedy, other, third]), '+-+++', 'a waiting request is answered first')
  t.same(asked, ['a'])
  t.end()
})

t.test('a connection belongs to the credential that was accepted on it', (t) => {
  const { connections, from } = bounded(3)
  const trusted = from('a').asks()
  connections.belongsTo(trusted, 'a good')
  trusted.isAnswered()
  const others = [from('a'), from('a')]
  const next = from('a')
  t.equal(standing([trusted, ...others, next]), '+-++', 'strangers at its address take none of its own')
  t.end()
})

t.test('what comes out of a tunnel is no further connection, and its requests keep the tunnel', (t) => {
  const { connections, from } = bounded(2)
  const outer = from('a')
  const inner = new Client(new EventEmitter(), 'a')
  connections.within(inner, outer)
  t.equal(connections.size, 1)
  t.end()
})

t.test('a client that takes nothing of its answer for long is cut off', async (t) => {
  const { clock, from } = bounded(2)
  const [slow, stuck] = [from('a').asks(), from('b').asks()]
  for (const client of [slow, stuck]) client.write('x'.repeat(100_000))
  for (let i = 0; i < 13; i++) {
    await clock.advance(5_000)
    slow.write('x')
  }
  t.equal(standing([slow, stuck]), '+-')
  slow.destroy()
  await clock.advance(5_000)
  t.equal(clock.liveTimers, 0)
})

t.test('a client that waits long for its answer is not cut off: nothing lies here for it', async (t) => {
  const { clock, from } = bounded(2)
  const [waiting, idle] = [from('a').asks(), from('b')]
  await clock.advance(600_000)
  t.equal(standing([waiting, idle]), '++')
  for (const client of [waiting, idle]) client.destroy()
  await clock.advance(5_000)
  t.equal(clock.liveTimers, 0)
})

t.test('where descriptors are short, the longest unused is closed', (t) => {
  const { connections, from } = bounded(10)
  const clients = [from('b'), from('a').asks(), from('a'), from('a')]
  connections.relieve()
  t.equal(standing(clients), '++-+')
  t.end()
})

t.test('descriptors are shared between clients, Twilio and the admin server', (t) => {
  for (const limit of [64, 256, 1_024, 4_096, 65_536, Infinity]) {
    const { clients, admin } = descriptorShares(limit)
    t.ok(admin >= 4 && clients >= 8)
    if (limit >= 128) t.ok(2 * clients + admin + 48 <= limit, String(limit))
  }
  t.same([0, 64, 256, 1_024, 4_096, 65_536, Infinity].map(descriptorShares), [
    { admin: 4, clients: 8 }, { admin: 4, clients: 8 }, { admin: 16, clients: 96 }, { admin: 64, clients: 456 },
    { admin: 64, clients: 1_992 }, { admin: 64, clients: 16_384 }, { admin: 64, clients: 16_384 }
  ])
  t.end()
})
