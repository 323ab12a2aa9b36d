import type { Socket } from 'node:net'
import type { buildConnector } from 'undici'
import { InterimHeads } from './interim-heads.ts'

/** A connector whose connections show final answers only. */
export function finalAnswers (connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) => {
    connect(options, (...result) => {
      if (result[0] === null) showFinal(result[1])
      callback(...result)
    })
  }
}

/** The client library writes a request's bytes at once, has one request in flight, and takes what comes by `read`. */
function showFinal (socket: Socket): void {
  const heads = new InterimHeads()
  const read = socket.read.bind(socket)
  const write = socket.write.bind(socket) as (...sent: unknown[]) => boolean
  socket.read = (size?: number) => {
    for (;;) {
      const chunk: unknown = read(size)
      if (!Buffer.isBuffer(chunk)) return chunk
      try {
        const rest = heads.rest(chunk)
        if (rest.length > 0) return rest
      } catch (error) {
        socket.destroy(error as Error)
        return null
      }
    }
  }
  socket.write = (...sent: unknown[]): boolean => {
    heads.expectAnswer()
    return write(...sent)
  }
}
