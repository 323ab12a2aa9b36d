import type { IncomingMessage } from 'node:http'

const EMPTY = Buffer.alloc(0)

/**
 * Reads a body to its end; undefined when it is longer than allowed. Never calls back when the client leaves before.
 */
export function readBody (request: IncomingMessage, maxBytes: number, done: (body: Buffer | undefined) => void): void {
  const { headers } = request
  if (headers['content-length'] === undefined && headers['transfer-encoding'] === undefined) {
    request.resume()
    done(EMPTY)
    return
  }
  const chunks: Buffer[] = []
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= maxBytes) chunks.push(chunk)
    else chunks.length = 0
  })
  request.on('end', () => {
    const [first] = chunks
    done(bytes > maxBytes ? undefined : chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks))
  })
  request.on('error', () => { chunks.length = 0 })
}
