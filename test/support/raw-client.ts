/** A client that speaks TCP only: bytes out, bytes in, its two sides closed one by one. */
import { once } from 'node:events'
import { connect, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Test } from 'tap'

export interface RawClient {
  /** All that came so far, a character a byte. */
  readonly text: () => string
  readonly write: (bytes: string | Buffer) => void
  /** Closes the sending side. */
  readonly end: () => void
  readonly destroy: () => void
  /** Leaves at once, with a reset; not one that has closed its sending side. */
  readonly reset: () => void
  /** The other side is closed. */
  readonly closed: Promise<void>
}

export async function connectRaw (t: Pick<Test, 'teardown'>, url: string, first?: string | Buffer): Promise<RawClient> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  socket.on('error', () => {})
  t.teardown(() => { socket.destroy() })
  await once(socket, 'connect')
  const client = rawOver(socket)
  if (first !== undefined) client.write(first)
  return client
}

/** The same over a connection that is there already, such as the TLS inside a tunnel. */
export function rawOver (socket: Duplex): RawClient {
  let text = ''
  socket.on('error', () => {}).on('data', (data: Buffer) => { text += data.toString('latin1') })
  const closed = new Promise<void>((resolve) => { socket.once('end', resolve).once('close', resolve) })
  return {
    text: () => text,
    write: (bytes) => { socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes) },
    end: () => { socket.end() },
    destroy: () => { socket.destroy() },
    reset: () => { if (socket instanceof Socket) socket.resetAndDestroy() },
    closed
  }
}

/** The status lines of all answers that came, 100 Continue included. */
export function statuses (text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}
