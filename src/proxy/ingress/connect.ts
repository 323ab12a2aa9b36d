/** Requests for a tunnel: CONNECT. */
import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { connectionOf } from '../clients/connections.ts'
import { RefusalError } from '../errors.ts'
import type { Listener } from '../events.ts'
import type { Callers, KnownCaller } from '../ports/access.ts'
import type { Tunnels } from '../ports/tunnels.ts'
import { framingRefusal } from './framing.ts'
import { framingOf } from './refuse-framing.ts'
import { refuseAnyTunnel, refuseCaller, refuseTunnel } from './refuse.ts'

export interface ConnectContext {
  /** Undefined where CONNECT is not offered. */
  readonly tunnels: Tunnels | undefined
  /** How our own CONNECT is known that comes back to us. */
  readonly via: string
  /** Absent where callers need no token. */
  readonly callers: Callers | undefined
  readonly emit: Listener
}

/** Opens a tunnel, or says why not. */
export function openTunnel (
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  { tunnels, via, callers, emit }: ConnectContext
): void {
  if (!connectionOf(socket).becomesTunnel()) {
    emit({ type: 'refused', status: 405, reason: 'bad_request' })
    return
  }
  const refusal = framingRefusal(framingOf(request, request.url ?? ''))
  if (refusal !== undefined) refuseOne(socket, refusal.status, `${refusal.sentence} Nothing was forwarded.`, emit)
  else if (request.headers.via?.includes(via) === true) {
    refuseOne(
      socket,
      508,
      'The egress proxy of upstream.proxy leads back to this proxy. Nothing was forwarded.',
      emit
    )
  } else if (tunnels === undefined) refuseAnyTunnel(socket, emit)
  else {
    let caller: KnownCaller | undefined
    try {
      // The requests that come out of it may have tokens of their own.
      const { 'proxy-authorization': shown } = request.headers
      if (shown !== undefined) caller = callers?.identify({ headers: { 'proxy-authorization': shown } })
    } catch (error) {
      socket.on('error', () => { socket.destroy() })
      refuseCaller(socket, error instanceof RefusalError ? error.message : 'The proxy failed.', emit)
      return
    }
    tunnels.open(request, socket, head, caller)
  }
}

function refuseOne (socket: Socket, status: number, message: string, emit: Listener): void {
  socket.on('error', () => { socket.destroy() })
  refuseTunnel(socket, status, STATUS_CODES[status] ?? '', 'bad_request', message, emit)
}
