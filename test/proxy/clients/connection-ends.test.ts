import { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import t from 'tap'
import { Connection } from '../../../src/proxy/clients/connections.ts'
import type { Exchange } from '../../../src/proxy/exchange-state.ts'
import { promisesSettle } from '../../support/fake-clock.ts'

/** A socket whose own `destroySoon` would close it at once. */
class FakeSocket extends PassThrough {
  constructor () { super({ autoDestroy: false }) }
  destroySoon (): void { this.destroy() }
}

class FakeAnswer extends EventEmitter {
  headersSent = false
  readonly headers: Record<string, string> = {}
  setHeader (name: string, value: string): void { this.headers[name] = value }
}

interface Bench {
  readonly socket: FakeSocket
  readonly connection: Connection
  /** A request whose body has come whole, or not. */
  readonly asks: (complete?: boolean) => FakeAnswer
  readonly accepts: () => boolean
}

function open (): Bench {
  const socket = new FakeSocket()
  const connection = new Connection(socket as unknown as Socket)
  const take = (answer: FakeAnswer, complete: boolean): boolean =>
    connection.accepts({ complete } as unknown as IncomingMessage, answer as unknown as ServerResponse)
  return {
    socket,
    connection,
    asks: (complete = true) => {
      const answer = new FakeAnswer()
      take(answer, complete)
      return answer
    },
    accepts: () => take(new FakeAnswer(), true)
  }
}

t.test('a connection that closes ends with the last answer that is due, and not before', async (t) => {
  const { socket, connection, asks, accepts } = open()
  const [first, last] = [asks(), asks()]
  connection.closeAfterAnswers()
  t.same([first.headers, last.headers], [{}, { connection: 'close' }], 'the last answer says so')
  t.notOk(accepts(), 'what comes after is ignored')
  connection.answered()
  t.notOk(socket.writableEnded)
  connection.answered()
  t.ok(socket.writableEnded)
  t.notOk(socket.destroyed, 'its client gets to read the answer')
})

t.test('the end of an answer closes no connection that is to stay', async (t) => {
  const { socket, connection, asks, accepts } = open()
  asks()
  connection.answered()
  t.notOk(socket.writableEnded)
  t.ok(accepts())
})

t.test('an answer whose head is out gets no further header', async (t) => {
  const { connection, asks } = open()
  const answer = asks()
  answer.headersSent = true
  connection.closeAfterAnswers()
  t.same(answer.headers, {})
})

t.test('what the server would close at once goes slowly once the connection closes', async (t) => {
  const { socket, connection, asks } = open()
  asks()
  connection.closeAfterAnswers()
  socket.pause()
  socket.destroySoon()
  await promisesSettle()
  t.notOk(socket.destroyed)
  t.ok(socket.writableEnded)
  t.notOk(socket.isPaused(), 'what its client still sends is read')
})

t.test('a fault is answered where nothing is due, told where something is, and each once', async (t) => {
  const idle = open()
  t.equal(idle.connection.spoil(), 'answer')
  t.equal(idle.connection.spoil(), 'nothing')
  t.notOk(idle.accepts(), 'what follows garbage is no request')
  const busy = open()
  busy.asks()
  t.equal(busy.connection.spoil(), 'tell')
  t.equal(busy.connection.spoil(), 'nothing')
  t.notOk(busy.socket.writableEnded, 'its answer is still to come')
})

t.test('a fault in a body whose request is answered is told, and the connection ends', async (t) => {
  const { socket, connection, asks } = open()
  asks(false)
  connection.answered()
  t.equal(connection.spoil(), 'tell', 'an answer would be taken for that of another request')
  t.ok(socket.writableEnded)
})

t.test('a fault in a body that is being read refuses its request, also where the connection closes already', async (t) => {
  for (const closes of [false, true]) {
    const { socket, connection, asks } = open()
    let broken = 0
    asks(false)
    connection.breakOff = () => { broken++ }
    if (closes) connection.closeAfterAnswers()
    t.equal(connection.spoil(), 'nothing')
    t.equal(broken, 1)
    t.notOk(socket.writableEnded, 'the refusal is to be written')
  }
})

t.test('a fault behind a request refuses no body of before', async (t) => {
  const { connection, asks } = open()
  let broken = 0
  asks()
  connection.breakOff = () => { broken++ }
  t.equal(connection.spoil(), 'tell')
  t.equal(broken, 0)
})

t.test('a tunnel is opened where no answer is due, and else the connection ends with the answers', async (t) => {
  t.ok(open().connection.becomesTunnel())
  const { socket, connection, asks } = open()
  const answer = asks()
  let drained = 0
  answer.on('drain', () => { drained++ })
  t.notOk(connection.becomesTunnel())
  socket.emit('drain')
  t.equal(drained, 1, 'the answer that is being written goes on')
  connection.answered()
  t.ok(socket.writableEnded)
  t.notOk(connection.becomesTunnel(), 'nor does one that closes become a tunnel')
  socket.emit('error', new Error('reset'))
  t.ok(socket.destroyed, 'a client that leaves then ends no process')
})

t.test('a client that sends no more is told its answers, and nothing is closed where none is due', async (t) => {
  const idle = open()
  idle.connection.halfClosed(() => {})
  t.ok(idle.accepts())
  const busy = open()
  busy.asks()
  busy.connection.halfClosed(() => {})
  t.notOk(busy.accepts())
  busy.connection.answered()
  t.ok(busy.socket.writableEnded)
})

t.test('whoever is open on a connection hears of its end, each once, and who is over does not', async (t) => {
  const { connection } = open()
  const closed: string[] = []
  const exchanges = ['a', 'b', 'c', 'd'].map((name) => ({ onClosed: () => { closed.push(name) } }) as unknown as Exchange)
  for (const exchange of exchanges) connection.opened(exchange)
  connection.over(exchanges[0] as Exchange)
  connection.over(exchanges[2] as Exchange)
  connection.closed()
  t.same(closed, ['b', 'd'])
})
