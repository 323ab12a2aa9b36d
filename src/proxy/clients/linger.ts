import type { Duplex } from 'node:stream'

/** How long what a client still sends is read and thrown away once it has its last answer, milliseconds. */
const LINGER_MS = 2_000

/**
 * Ends a connection so that the client gets to read what was written: a socket that is closed while bytes arrive resets
 * the connection, and takes the answer with it (RFC 9112, section 9.6). A client that never closes its side is cut.
 */
export function endSlowly (socket: Duplex, last?: string): void {
  if (last === undefined) socket.end()
  else socket.end(last)
  // An unread socket never learns that its client has closed.
  socket.resume()
  setTimeout(() => { socket.destroy() }, LINGER_MS).unref()
}
