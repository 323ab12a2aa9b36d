import type { ServerResponse } from 'node:http'

const CHUNK = Buffer.alloc(65536, 'simulated recording ')

/** Streams so many bytes from one buffer, as fast as the reader takes them. */
export function streamMedia (response: ServerResponse, bytes: number): void {
  let left = bytes
  const pump = (): void => {
    while (left > 0 && !response.destroyed) {
      const part = left < CHUNK.length ? CHUNK.subarray(0, left) : CHUNK
      left -= part.length
      if (!response.write(part)) {
        response.once('drain', pump)
        return
      }
    }
    if (!response.destroyed) response.end()
  }
  pump()
}
