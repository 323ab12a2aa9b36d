import { EventEmitter } from 'node:events'
import { PassThrough } from 'node:stream'
import t from 'tap'
import { ConnectionShares } from '../../../src/proxy/clients/connection-shares.ts'
import { FakeClock, promisesSettle } from '../../support/fake-clock.ts'

class Client extends PassThrough {
  readonly remoteAddress: string
  readonly #server: EventEmitter
  #response: EventEmitter | undefined

  constructor (server: EventEmitter, remoteAddress: string) {
    super()
    this.#server = server
    this.remoteAddress = remoteAddress
    server.emit('connection', this)
  }

  asks (): this {
    this.#response = new EventEmitter()
    this.#server.emit('request', { socket: this }, this.#response)
    return this
  }

  isAnswered (): this {
    this.#response?.emit('close')
    return this
  }
}

interface Bench {
  readonly connections: ConnectionShares
  readonly clock: FakeClock
  readonly server: EventEmitter
  /** Peers of whom a waiting request was to be refused. */
  readonly asked: string[]
  readonly from: (address: string) => Client
}

function bounded (max: number, server = new EventEmitter()): Bench {
  const clock = new FakeClock()
  const connections = new ConnectionShares({ max, unreadMs: 60_000 }, clock)
  connections.bound(server)
  const asked: string[] = []
  connections.onPressure((peer) => {
    asked.push(peer)
    return false
  })
  return { connections, clock, server, asked, from: (address) => new Client(server, address) }
}

const standing = (clients: readonly Client[]): string => clients.map(({ destroyed }) => destroyed ? '-' : '+').join('')

t.test('an upload that was refused is over with its answer: its next request is not closed as unfinished', async (t) => {
  const { connections, asked, from } = bounded(2)
  const greedy = [from('a').asks(), from('a').asks()] as const
  connections.reads(greedy[0], true)
  greedy[0].isAnswered().asks()
  const other = from('b')
  t.equal(standing([...greedy, other]), '++-')
  t.same(asked, ['a'])
})

t.test('of several unfinished uploads the youngest gives way', async (t) => {
  const { connections, from } = bounded(3)
  const greedy = [from('a').asks(), from('a').asks(), from('a').asks()] as const
  for (const client of [greedy[1], greedy[0], greedy[2]]) connections.reads(client, true)
  t.equal(standing([...greedy, from('b')]), '++-+')
})

t.test('what is idle gives way before what is being uploaded', async (t) => {
  const { connections, from } = bounded(2)
  const [uploading, idle] = [from('a').asks(), from('a')]
  connections.reads(uploading, true)
  t.equal(standing([uploading, idle, from('b')]), '+-+')
})

t.test('a peer cuts off no upload of its own for a newcomer of its own', async (t) => {
  const { connections, from } = bounded(2)
  const uploading = [from('a').asks(), from('a').asks()]
  for (const client of uploading) connections.reads(client, true)
  t.equal(standing([...uploading, from('a')]), '++-')
})

t.test('an upload whose client has left makes no room a second time', async (t) => {
  const { connections, asked, from } = bounded(3)
  const greedy = [from('a').asks(), from('a').asks(), from('a').asks()] as const
  connections.reads(greedy[0], true)
  greedy[0].destroy()
  await promisesSettle()
  const fourth = from('a').asks()
  t.equal(standing([greedy[1], greedy[2], fourth, from('b')]), '+++-')
  t.same(asked, ['a'])
  t.equal(connections.size, 3)
})

t.test('a connection in use is not idle for the peer that it turns out to belong to', async (t) => {
  const { connections, from } = bounded(2)
  const trusted = [from('a').asks(), from('a').asks()]
  for (const client of trusted) connections.belongsTo(client, 'a good')
  t.equal(standing([...trusted, from('b')]), '++-')
})

t.test('a pipelined request keeps its connection in use until all are answered', async (t) => {
  const { server, from } = bounded(2)
  const [client, other] = [from('a'), from('a').asks()]
  const responses = [new EventEmitter(), new EventEmitter()] as const
  for (const response of responses) server.emit('request', { socket: client }, response)
  responses[0].emit('close')
  t.equal(standing([client, other, from('b')]), '++-')
  responses[1].emit('close')
  t.equal(standing([client, other, from('b')]), '-++')
})

t.test('a request is in use before anybody else has seen it', async (t) => {
  const server = new EventEmitter()
  const newcomers: Client[] = []
  server.on('request', () => { newcomers.push(new Client(server, 'b')) })
  const { from } = bounded(2, server)
  const [busy, idle] = [from('a'), from('a')]
  busy.asks()
  t.equal(standing([busy, idle, ...newcomers]), '+-+')
})

t.test('a tunnel and what comes out of it are forgotten with their end, and nothing is looked after then', async (t) => {
  const { connections, clock, from } = bounded(2)
  const outer = from('a')
  const inner = new Client(new EventEmitter(), 'a')
  connections.within(inner, outer)
  outer.destroy()
  inner.destroy()
  await promisesSettle()
  await clock.advance(10_000)
  t.equal(clock.liveTimers, 0)
})

t.test('a request that comes out of a tunnel keeps the tunnel from being closed as idle', async (t) => {
  const { connections, server, from } = bounded(2)
  const [outer, other] = [from('a'), from('a').asks()]
  const inner = new PassThrough()
  connections.within(inner, outer)
  server.emit('request', { socket: inner }, new EventEmitter())
  t.equal(standing([outer, other, from('b')]), '++-')
})

t.test('a client that took something, and then nothing, has its whole time again', async (t) => {
  const { clock, from } = bounded(1)
  const client = from('a').asks()
  client.write('x'.repeat(100_000))
  await clock.advance(40_000)
  client.write('x')
  await clock.advance(60_000)
  t.equal(standing([client]), '+')
  await clock.advance(5_000)
  t.equal(standing([client]), '-')
})

t.test('clients are looked after again after a time without any', async (t) => {
  const { clock, from } = bounded(1)
  from('a').destroy()
  await clock.advance(5_000)
  t.equal(clock.liveTimers, 0)
  const stuck = from('a').asks()
  stuck.write('x'.repeat(100_000))
  await clock.advance(65_000)
  t.equal(standing([stuck]), '-')
})
