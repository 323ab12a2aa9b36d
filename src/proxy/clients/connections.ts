/**
 * What is open on each client's connection. Node tells at once of a fault in what follows a request, and of the end of
 * what the client sends. Here both wait for the answers that are due: a fault is never taken for the answer to a
 * request that is at Twilio, and a client that has closed its sending side is still told.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Exchange } from '../exchange-state.ts'
import { endSlowly } from './linger.ts'

export class Connection {
  readonly #socket: Socket
  /** The newest request; its body may still be on its way. */
  #newest: IncomingMessage | undefined
  #newestAnswer: ServerResponse | undefined
  #answersDue = 0
  /** As a rule there is one at most. */
  #exchange: Exchange | undefined
  #others: Set<Exchange> | undefined
  #closing = false
  /** Refuses the request whose body is being read, and emits the event. */
  breakOff: (() => void) | undefined

  constructor (socket: Socket) { this.#socket = socket }

  /** Takes a request in; false when the connection ends before it, and it is to be ignored. */
  accepts (request: IncomingMessage, answer: ServerResponse): boolean {
    if (this.#closing) return false
    this.#answersDue++
    this.#newest = request
    this.#newestAnswer = answer
    answer.on('close', onAnswered)
    return true
  }

  opened (exchange: Exchange): void {
    if (this.#exchange === undefined) this.#exchange = exchange
    else (this.#others ??= new Set()).add(exchange)
  }

  over (exchange: Exchange): void {
    if (this.#exchange === exchange) this.#exchange = undefined
    else this.#others?.delete(exchange)
  }

  answered (): void {
    if (--this.#answersDue === 0 && this.#closing) endSlowly(this.#socket)
  }

  /** The newest request is the last: the connection ends with its answer, and what comes after it is ignored. */
  closeAfterAnswers (): void {
    if (this.#closing) return
    this.#closing = true
    // Node's own would close at once, over the head of a client that still sends.
    this.#socket.destroySoon = () => { endSlowly(this.#socket) }
    if (this.#newestAnswer?.headersSent === false) this.#newestAnswer.setHeader('connection', 'close')
  }

  /**
   * What has come is no HTTP. Returns what is left to do about it: `answer`, or only `tell` where answers are due,
   * since whatever was written now would be taken for the first of them; `nothing` when that is done.
   */
  spoil (): 'answer' | 'tell' | 'nothing' {
    const isOfNewest = this.#newest?.complete === false
    const breakOff = isOfNewest ? this.breakOff : undefined
    if (this.#closing && breakOff === undefined) return 'nothing'
    const isAnswerable = this.#answersDue === 0 && !isOfNewest
    this.closeAfterAnswers()
    if (isAnswerable) return 'answer'
    if (this.#answersDue === 0) endSlowly(this.#socket)
    if (breakOff === undefined) return 'tell'
    breakOff()
    return 'nothing'
  }

  /**
   * The client wants a tunnel. False where answers are due: the connection ends with them. Node has let go of it by
   * then, and no longer tells the answer that is being written when there is room for more.
   */
  becomesTunnel (): boolean {
    if (!this.#closing && this.#answersDue === 0) return true
    this.closeAfterAnswers()
    this.#socket.on('error', () => { this.#socket.destroy() }).on(
      'drain',
      () => this.#newestAnswer?.emit('drain')
    ).resume()
    return false
  }

  /** The client sends no more; it may have left, or wait for its answers. */
  halfClosed (told: (exchange: Exchange) => void): void {
    if (this.#answersDue > 0) this.closeAfterAnswers()
    for (const exchange of this.#open()) told(exchange)
  }

  /** Node tells only the answer whose turn it is that its client is gone. */
  closed (): void {
    for (const exchange of this.#open()) exchange.onClosed?.()
  }

  #open (): Exchange[] {
    return [...this.#exchange === undefined ? [] : [this.#exchange], ...this.#others ?? []]
  }
}

const connections = new WeakMap<object, Connection>()

/** The connection that a request came through. */
export function connectionOf (socket: Socket): Connection {
  let connection = connections.get(socket)
  if (connection === undefined) connections.set(socket, connection = new Connection(socket))
  return connection
}

/** `halfClosed` is told each exchange that is open on a connection when its client sends no more. */
export function followConnections (server: Server, halfClosed: (exchange: Exchange) => void): void {
  // Node would end its own side, too, and no answer could be written.
  (server as Server & { httpAllowHalfOpen: boolean }).httpAllowHalfOpen = true
  function onEnd (this: Socket): void { connections.get(this)?.halfClosed(halfClosed) }
  function onClose (this: Socket): void { connections.get(this)?.closed() }
  server.on('connection', (socket) => { socket.on('end', onEnd).on('close', onClose) })
}

function onAnswered (this: ServerResponse): void { connections.get(this.req.socket)?.answered() }
