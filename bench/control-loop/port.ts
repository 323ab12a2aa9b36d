import { once } from 'node:events'
import { createServer, connect, type AddressInfo } from 'node:net'

/** A port that was free a moment ago, for programs that cannot choose one themselves. */
export async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

const PATIENCE_MS = 5000
const PAUSE_MS = 20

/** Resolves when somebody accepts connections there; rejects when nobody does for too long. */
export async function whenListening (port: number): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    try {
      await once(socket, 'connect')
      return
    } catch (error) {
      if (performance.now() > untilMs) throw error
      await new Promise((resolve) => { setTimeout(resolve, PAUSE_MS) })
    } finally {
      socket.destroy()
    }
  }
}
