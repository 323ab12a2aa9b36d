/** Requests for a tunnel: CONNECT. */
import { STATUS_CODES, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { connectionOf } from '../clients/connections.ts'
import type { Listener } from '../events.ts'
import type { Tunnels } from '../ports/tunnels.ts'
import { framingRefusal } from './framing.ts'
import { framingOf } from './refuse-framing.ts'
import { refuseAnyTunnel, refuseTunnel } from './refuse.ts'

export interface ConnectContext {
  /** Undefined where CONNECT is not offered. */
  readonly tunnels: Tunnels | undefined
  /** How our own CONNECT is known that comes back to us. */
  readonly via: string
  readonly emit: Listener
}

/** Opens a tunnel, or says why not. */
export function openTunnel (
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  { tunnels, via, emit }: ConnectContext
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
  else tunnels.open(request, socket, head)
}

function refuseOne (socket: Socket, status: number, message: string, emit: Listener): void {
  socket.on('error', () => { socket.destroy() })
  refuseTunnel(socket, status, STATUS_CODES[status] ?? '', 'bad_request', message, emit)
}
