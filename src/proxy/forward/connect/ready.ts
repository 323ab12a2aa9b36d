import type { Socket } from 'node:net'

/** A connection could not be opened. The code is for logs and answers; it names nobody. */
export class ConnectError extends Error {
  override readonly name = 'ConnectError'
  readonly code: string

  constructor (code: string) {
    super(code)
    this.code = code
  }
}

/** What a socket fails with that ends without a word. */
const CLOSED = 'ECONNRESET'

/**
 * Resolves when the socket is ready: `look` has a value. It looks again at each of the events. Whatever else happens
 * before, the signal included, destroys the socket and rejects.
 */
export async function ready<Value> (
  socket: Socket,
  events: readonly string[],
  look: () => Value | undefined,
  signal: AbortSignal
): Promise<Value> {
  return await new Promise<Value>((resolve, reject) => {
    const stop = (): void => {
      for (const event of events) socket.off(event, tryNow)
      socket.off('close', closed).off('end', closed).off('error', fail)
      signal.removeEventListener('abort', abort)
    }
    const fail = (error: Error): void => {
      stop()
      socket.destroy()
      reject(error)
    }
    const closed = (): void => { fail(new ConnectError(CLOSED)) }
    const abort = (): void => { fail(signal.reason as Error) }
    const tryNow = (): void => {
      try {
        const value = look()
        if (value === undefined) return
        stop()
        resolve(value)
      } catch (error) {
        fail(error as Error)
      }
    }
    // It stays, for what comes before somebody else listens.
    socket.on('error', () => {})
    if (signal.aborted) {
      abort()
      return
    }
    signal.addEventListener('abort', abort)
    socket.on('close', closed).on('end', closed).on('error', fail)
    for (const event of events) socket.on(event, tryNow)
    tryNow()
  })
}
