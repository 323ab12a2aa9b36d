/** A client that goes through CONNECT, byte by byte. */
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { connect as connectTls, type ConnectionOptions, type TLSSocket } from 'node:tls'
import type { Test } from 'tap'

export interface Connected {
  readonly head: string
  readonly socket: Socket
}

/** Sends CONNECT and resolves with the head of the answer, whatever it says. */
export async function openTunnel (t: Test, proxy: string, target: string, headers: Readonly<Record<string, string>> = {}): Promise<Connected> {
  const { hostname, port } = new URL(proxy)
  const socket = connect(Number(port), hostname)
  t.teardown(() => socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  const lines = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  let head = ''
  while (!head.includes('\r\n\r\n')) {
    const [chunk] = await once(socket, 'data') as [Buffer]
    head += chunk.toString('latin1')
  }
  return { head, socket }
}

/** The TLS inside a tunnel. */
export async function secure (t: Test, socket: Duplex, options: ConnectionOptions): Promise<TLSSocket> {
  const inside = connectTls({ socket, ...options })
  t.teardown(() => inside.destroy())
  await new Promise<void>((resolve, reject) => {
    inside.once('secureConnect', resolve)
    inside.on('error', reject)
    inside.once('close', () => { reject(new Error('closed during the handshake')) })
  })
  return inside
}

/** CONNECT and what follows it in one packet: the stream of what comes after the answer's head. */
export async function openInOne (t: Test, proxy: string, target: string): Promise<Duplex> {
  const { hostname, port } = new URL(proxy)
  const socket = connect(Number(port), hostname)
  t.teardown(() => socket.destroy())
  await once(socket, 'connect')
  let before: string | undefined = `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`
  let head: Buffer | undefined = Buffer.alloc(0)
  const stream = new Duplex({
    read: () => {},
    write: (chunk: Buffer, _encoding, done) => {
      socket.write(before === undefined ? chunk : Buffer.concat([Buffer.from(before), chunk]), () => { done() })
      before = undefined
    }
  })
  socket.on('data', (chunk: Buffer) => {
    if (head === undefined) {
      stream.push(chunk)
      return
    }
    head = Buffer.concat([head, chunk])
    const end = head.indexOf('\r\n\r\n')
    if (end < 0) return
    stream.push(head.subarray(end + 4))
    head = undefined
  })
  return stream
}

export interface Told { readonly status: number, readonly headers: NodeJS.Dict<string | string[]>, readonly body: string }

/** One request on a connection that is kept. */
export async function ask (inside: Socket, { method = 'GET', path = '/', host = 'api.twilio.com', headers = {}, body = '' }: {
  method?: string, path?: string, host?: string, headers?: Record<string, string>, body?: string
}): Promise<Told> {
  const request = httpRequest({ createConnection: () => inside, method, path, headers: { host, connection: 'keep-alive', ...headers } })
  request.end(body)
  const [response] = await once(request, 'response') as [IncomingMessage]
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk as string
  return { status: response.statusCode ?? 0, headers: response.headers, body: text }
}
