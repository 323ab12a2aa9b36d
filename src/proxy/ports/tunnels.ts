/** What the listener needs of the module that handles CONNECT. */
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Hosts } from '../../twilio/hosts.ts'
import type { Listener } from '../events.ts'
import type { KnownCaller } from './access.ts'
import type { Clock } from './clock.ts'

export interface Tunnels {
  /** `caller`: who its token says asks for it. */
  readonly open: (request: IncomingMessage, socket: Socket, head: Buffer, caller?: KnownCaller) => void
  /** The host that the tunnel was opened for through which a connection came; undefined for one that came directly. */
  readonly hostOf: (socket: object) => string | undefined
  /** The caller of the tunnel through which a connection came, where its CONNECT had a token. */
  readonly callerOf: (socket: object) => KnownCaller | undefined
  /** Cuts every tunnel. */
  readonly close: () => void
}

export interface TunnelsContext {
  /** Takes a decrypted connection as one of the listener's own; `outer` is what it came by. */
  readonly accept: (connection: Duplex, outer: Duplex) => void
  readonly draining: () => boolean
  /** What is not looked into goes on only for a caller with a token. */
  readonly blindNeedsCaller: boolean
  readonly hosts: Hosts
  readonly clock: Clock
  readonly emit: Listener
}

export type CreateTunnels = (context: TunnelsContext) => Tunnels
