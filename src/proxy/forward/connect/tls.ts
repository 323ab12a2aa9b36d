/** TLS over an open connection: verified always, and with the sessions of earlier ones. */
import { isIP, type Socket } from 'node:net'
import { connect, type SecureContext } from 'node:tls'
import { TaggedLru } from '../../../policy/counts/tagged-lru.ts'
import { ready } from './ready.ts'

/** Sessions remembered, one for each host and port. One takes some 3 KB. */
const SESSIONS_MOST = 256

export class Tls {
  readonly #context: SecureContext
  readonly #sessions = new TaggedLru<Buffer>(SESSIONS_MOST)

  constructor (context: SecureContext) {
    this.#context = context
  }

  /** Resolves when the peer has shown a certificate that we trust and that names `host`. */
  async over (socket: Socket, host: string, port: number, signal: AbortSignal): Promise<Socket> {
    const key = `${host}:${port}`
    const session = this.#sessions.get(key)
    const secured = connect({
      socket,
      host,
      ...isIP(host) === 0 ? { servername: host } : {},
      ...session === undefined ? {} : { session },
      secureContext: this.#context,
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: true
    })
    // A resumed session does not check its name again, so only a session with the right name is remembered.
    let verified = false
    let early: Buffer | undefined
    secured.on('session', (fresh: Buffer) => {
      if (verified) this.#keep(key, fresh)
      else early = fresh
    })
    secured.once('secureConnect', () => { verified = true })
    try {
      await ready(secured, ['secureConnect'], () => verified ? true : undefined, signal)
    } catch (error) {
      socket.destroy()
      throw error
    }
    if (early !== undefined) this.#keep(key, early)
    return secured
  }

  #keep (key: string, session: Buffer): void { this.#sessions.set(key, session, 1, []) }
}
