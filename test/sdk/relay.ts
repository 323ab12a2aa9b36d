import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

/** A proxy before the proxy, which gives an answer of its own to CONNECT. Resolves with its base URL. */
export async function startRelay (t: Test, proxy: string, answer: string): Promise<string> {
  const { hostname, port } = new URL(proxy)
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const onward = connect(Number(port), hostname)
    for (const [socket, other] of [[client, onward], [onward, client]] as const) {
      open.add(socket)
      socket.on('error', () => { socket.destroy() }).once('close', () => { other.destroy() })
    }
    // The head of a request is one packet on this machine, and so is the answer to it.
    client.once('data', (head) => {
      client.pause()
      onward.write(head)
      onward.once('data', () => {
        client.write(answer)
        client.pipe(onward).pipe(client)
      })
    })
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.teardown(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
