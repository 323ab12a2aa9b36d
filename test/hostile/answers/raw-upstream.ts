/** An upstream that answers with the bytes of a table, whatever they are. */
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { Bytes, Case } from './table.ts'

export interface RawUpstream {
  readonly origin: string
  /** How often requests with that account came. */
  readonly count: (account: string) => number
}

/** `caseOf`: what is to be answered to a request with that account in its path. */
export async function startRawUpstream (t: Test, caseOf: (account: string) => Case): Promise<RawUpstream> {
  const counts = new Map<string, number>()
  const sockets = new Set<Socket>()
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => { sockets.delete(socket) })
    let received = ''
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      const end = received.indexOf('\r\n\r\n') + 4
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(received)?.[1] ?? 0)
      if (end < 4 || received.length < end + length) return
      const account = /\/Accounts\/(AC[0-9a-f]{32})/.exec(received)?.[1] ?? ''
      received = received.slice(end + length)
      const number = (counts.get(account) ?? 0) + 1
      counts.set(account, number)
      void write(socket, caseOf(account), number)
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, count: (account) => counts.get(account) ?? 0 }
}

async function write (socket: Socket, { answers, then }: Case, number: number): Promise<void> {
  for (const piece of piecesOf(answers[Math.min(number, answers.length) - 1] ?? '')) {
    if (socket.destroyed) return
    await new Promise<void>((resolve) => { socket.write(piece, 'latin1', () => resolve()) })
  }
  if (then === 'end') socket.end()
  else if (then === 'reset') socket.resetAndDestroy()
}

function piecesOf (bytes: Bytes): ReadonlyArray<string | Buffer> {
  return typeof bytes === 'string' || Buffer.isBuffer(bytes) ? [bytes] : bytes
}
