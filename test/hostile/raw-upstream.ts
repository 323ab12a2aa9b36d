/** An upstream that speaks TCP only, answers whatever is a request to the letter, and keeps every byte by its connection. */
import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'
import { parseStrictly } from './parsers/strict.ts'

export interface RawUpstream {
  readonly origin: string
  /** What came on each connection since it was last asked for, and could be answered or not. */
  readonly take: () => string[]
}

export const ANSWER = 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}'

export async function startRawUpstream (t: Test): Promise<RawUpstream> {
  const taken = new Map<Socket, { bytes: string, unread: string }>()
  const server = createServer((socket) => {
    const record = { bytes: '', unread: '' }
    taken.set(socket, record)
    socket.on('error', () => {}).on('data', (data: Buffer) => {
      const text = data.toString('latin1')
      record.bytes += text
      record.unread += text
      const { requests, rest, fault } = parseStrictly(record.unread)
      record.unread = rest
      for (const { method } of requests) socket.write(method === 'HEAD' ? ANSWER.slice(0, -2) : ANSWER)
      if (fault !== undefined) socket.end('HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    for (const socket of taken.keys()) socket.destroy()
    server.close()
  })
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take: () => {
      const all: string[] = []
      for (const record of taken.values()) {
        if (record.bytes !== '') all.push(record.bytes)
        record.bytes = ''
      }
      return all
    }
  }
}
