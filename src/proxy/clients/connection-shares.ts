/**
 * The connections of a server, bounded. Peers share them: one may have all while nobody else wants any, and when there
 * are as many as may be, the peer with most gives way to one with fewer. Who asks nothing gives way first, the longest
 * unused before all others; then who has not sent a whole request; then a request that waits.
 */
import type { EventEmitter } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { Shares } from '../../policy/counts/shares.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import { peerAddress } from './peer.ts'

export interface ConnectionOptions {
  /** Most at once. */
  readonly max: number
  /** A client that takes nothing of its answer for so long is cut off, milliseconds. */
  readonly unreadMs: number
}

/** Of a client, or the decrypted side of a tunnel. */
type Socket = Duplex & { readonly remoteAddress?: string | undefined }

interface Connection {
  readonly socket: Duplex
  peer: string
  /** Requests on it that are not answered whole. */
  requests: number
  /** Bytes of answers that are not yet taken, at the last look, and since when there are as many. */
  unread: number
  unreadSinceMs: number
}

/** Of one peer. */
interface Held {
  /** The longest unused first. */
  readonly idle: Set<Connection>
  /** Those whose request has not come whole, the oldest first. */
  readonly reading: Set<Connection>
}

const LOOK_MS = 5_000

export class ConnectionShares {
  readonly #options: ConnectionOptions
  readonly #clock: Clock
  readonly #shares = new Shares()
  readonly #held = new Map<string, Held>()
  /** By socket; a tunnel's decrypted side leads to the connection it came by. */
  readonly #bySocket = new Map<object, Connection>()
  #refuseOneOf: (peer: string) => boolean = () => false
  #timer: Timer | undefined

  constructor (options: ConnectionOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
  }

  get size (): number { return this.#shares.total }

  /** From now on, of all that are made at an HTTP server. */
  bound (server: EventEmitter): void {
    server.on('connection', (socket: Socket) => { this.#add(socket) })
    const begun = ({ socket }: IncomingMessage, response: ServerResponse): void => {
      this.#begin(socket)
      response.once('close', () => { this.#end(socket) })
    }
    server.prependListener('request', begun)
  }

  /** `refuseOneOf` answers a waiting request of a peer, and closes its connection; false when there is none. */
  onPressure (refuseOneOf: (peer: string) => boolean): void { this.#refuseOneOf = refuseOneOf }

  /** What comes out of a tunnel is no further connection. */
  within (inner: Duplex, outer: Duplex): void {
    const connection = this.#bySocket.get(outer)
    if (connection === undefined) return
    this.#bySocket.set(inner, connection)
    inner.once('close', () => { this.#bySocket.delete(inner) })
  }

  /** Whose it is, as far as its requests tell. */
  belongsTo (socket: object, peer: string): void {
    const connection = this.#find(socket)
    if (connection === undefined || connection.peer === peer) return
    this.#forget(connection)
    connection.peer = peer
    this.#keep(connection)
  }

  /** Its request is coming, or has come. */
  reads (socket: object, isReading: boolean): void {
    const connection = this.#find(socket)
    if (connection === undefined) return
    const { reading } = this.#of(connection.peer)
    if (isReading) reading.add(connection)
    else reading.delete(connection)
  }

  /** Descriptors are short: the longest unused of the greediest peer is closed. */
  relieve (): void {
    for (const peer of this.#shares.yielding('', 0)) if (this.#closeIdle(peer)) return
  }

  #add (socket: Socket): void {
    if (this.#bySocket.has(socket)) return
    const peer = peerAddress(socket.remoteAddress)
    if (this.size >= this.#options.max && !this.#makeRoom(peer)) {
      socket.destroy()
      return
    }
    const connection: Connection = { socket, peer, requests: 0, unread: 0, unreadSinceMs: 0 }
    this.#bySocket.set(socket, connection)
    this.#keep(connection)
    socket.once('close', () => {
      this.#bySocket.delete(socket)
      this.#forget(connection)
    })
    this.#timer ??= this.#clock.setTimer(this.#look, LOOK_MS)
  }

  #makeRoom (peer: string): boolean {
    for (const greedy of this.#shares.yielding(
      peer,
      1
    )) if (this.#closeIdle(greedy) || this.#closeReading(greedy) || this.#refuseOneOf(greedy)) return true
    return this.#closeIdle(peer)
  }

  #closeIdle (peer: string): boolean {
    const [longest] = this.#held.get(peer)?.idle ?? []
    return this.#close(longest)
  }

  #closeReading (peer: string): boolean {
    const youngest = [...this.#held.get(peer)?.reading ?? []].at(-1)
    return this.#close(youngest)
  }

  #close (connection: Connection | undefined): boolean {
    if (connection === undefined) return false
    // It counts no more from now on, and not only once the system has closed it.
    this.#bySocket.delete(connection.socket)
    this.#forget(connection)
    connection.socket.destroy()
    return true
  }

  #begin (socket: object): void {
    const connection = this.#find(socket)
    if (connection === undefined) return
    connection.requests++
    this.#of(connection.peer).idle.delete(connection)
  }

  #end (socket: object): void {
    const connection = this.#find(socket)
    if (connection === undefined || --connection.requests > 0) return
    const { idle, reading } = this.#of(connection.peer)
    reading.delete(connection)
    idle.add(connection)
  }

  #keep (connection: Connection): void {
    this.#shares.take(connection.peer, 1)
    if (connection.requests === 0) this.#of(connection.peer).idle.add(connection)
  }

  /** Does nothing for one that is forgotten. */
  #forget (connection: Connection): void {
    const { peer } = connection
    if (peer === GONE) return
    const held = this.#of(peer)
    held.idle.delete(connection)
    held.reading.delete(connection)
    this.#shares.give(peer, 1)
    if (this.#shares.of(peer) === 0) this.#held.delete(peer)
    connection.peer = GONE
  }

  #find (socket: object): Connection | undefined {
    const connection = this.#bySocket.get(socket)
    return connection?.peer === GONE ? undefined : connection
  }

  #of (peer: string): Held {
    let held = this.#held.get(peer)
    if (held === undefined) this.#held.set(peer, held = { idle: new Set(), reading: new Set() })
    return held
  }

  /** Who has not taken anything of its answer for long is cut off: what was written for it lies in memory. */
  readonly #look = (): void => {
    this.#timer = undefined
    const nowMs = this.#clock.nowMs()
    for (const [socket, connection] of this.#bySocket) {
      const { writableLength } = socket as Duplex
      if (writableLength === 0 || writableLength !== connection.unread) {
        connection.unread = writableLength
        connection.unreadSinceMs = nowMs
      } else if (nowMs - connection.unreadSinceMs >= this.#options.unreadMs) {
        connection.socket.destroy()
      }
    }
    if (this.#bySocket.size > 0) this.#timer = this.#clock.setTimer(this.#look, LOOK_MS)
  }
}

/** Whose connections count no more. */
const GONE = '\n'
