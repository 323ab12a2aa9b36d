/** CONNECT through an egress proxy, RFC 9110, section 9.3.6. */
import { isIPv6, type Socket } from 'node:net'
import { ConnectError, ready } from './ready.ts'

/** An answer to CONNECT has no body; its head is smaller than this. */
const HEAD_MOST_BYTES = 16 * 1024
const HEAD_END = '\r\n\r\n'

export interface TunnelRequest {
  readonly host: string
  readonly port: number
  /** Name and value of further headers. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>
}

/**
 * Resolves when the bytes of the socket are those of `host:port`. Until then nothing of a request has left.
 * @throws ConnectError `PROXY_407` and so on where the proxy refuses, `PROXY_ANSWER` where it does not speak HTTP
 */
export async function tunnel (
  socket: Socket,
  { host, port, headers }: TunnelRequest,
  signal: AbortSignal
): Promise<void> {
  const target = `${isIPv6(host) ? `[${host}]` : host}:${port}`
  const lines = [
    `CONNECT ${target} HTTP/1.1`,
    `Host: ${target}`,
    ...headers.map(([name, value]) => `${name}: ${value}`)
  ]
  socket.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
  let head = ''
  await ready(socket, ['readable'], () => {
    for (let bytes = read(socket); bytes !== null; bytes = read(socket)) head += bytes.toString('latin1')
    const end = head.indexOf(HEAD_END)
    const status = end === -1 ? undefined : statusOf(head)
    if (status === undefined && head.length <= HEAD_MOST_BYTES) return undefined
    if (status === undefined || status < 200) throw new ConnectError('PROXY_ANSWER')
    if (status > 299) throw new ConnectError(`PROXY_${status}`)
    // Twilio does not speak first, so nobody but the proxy can have said more.
    if (head.length > end + HEAD_END.length) throw new ConnectError('PROXY_ANSWER')
    return true
  }, signal)
}

const read = (socket: Socket): Buffer | null => socket.read() as Buffer | null

const statusOf = (head: string): number => Number(/^HTTP\/1\.[01] ([1-9]\d\d)(?: |\r\n)/.exec(head)?.[1] ?? 0)
