/**
 * CONNECT. A tunnel to a Twilio API host ends here: the proxy shows a certificate of its own authority, and what comes
 * out of the tunnel takes the same way as every other request. A tunnel to anywhere else is refused, unless the
 * settings name its target: then bytes pass, unseen.
 */
import { constants } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createSecureContext, TLSSocket, type SecureContext } from 'node:tls'
import type { Listener } from '../proxy/events.ts'
import type { TunnelOutcome } from '../proxy/reasons.ts'
import { refuseCaller, refuseTunnel } from '../proxy/ingress/refuse.ts'
import type { KnownCaller } from '../proxy/ports/access.ts'
import type { Tunnels, TunnelsContext } from '../proxy/ports/tunnels.ts'
import { labelOfHost } from '../twilio/hosts.ts'
import { addLabel } from '../twilio/target.ts'
import { reach, type BlindTarget } from './blind.ts'
import type { Leaves } from './leaves.ts'
import { InternalAddressError } from './public-address.ts'

/** PHP's SDK takes no other answer: not another phrase, and no header. */
const ESTABLISHED = 'HTTP/1.1 200 Connection established\r\n\r\n'
const HANDSHAKE_MS = 10_000
/** Such as api.twilio.com; a host of an edge or a region has more. */
const LABELS_OF_A_PRODUCT = 3
/** Hosts with a context of their own; of more the one used longest ago is forgotten. */
const TERMS_MOST = 64
const AUTHORITY = /^([a-z0-9.-]{1,253}):([0-9]{1,5})$/i
/** How OpenSSL calls the alerts of a client that does not believe a certificate. */
const UNTRUSTED = /ALERT_(?:UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_UNKNOWN)$/

export interface TunnelOptions {
  /** Targets, `host:port` or `*:port`, that may be reached without being looked into. */
  readonly tunnels: readonly string[]
}

interface Tunnel {
  readonly host: string
  readonly client: string
  readonly caller: KnownCaller | undefined
  used: boolean
}

interface Terms {
  /** Shared by all tunnels to a host, and so are its TLS sessions. */
  readonly context: SecureContext
  readonly renewAtMs: number
}

export class Interception implements Tunnels {
  readonly #leaves: Leaves
  readonly #blind: ReadonlySet<string>
  readonly #context: TunnelsContext
  readonly #emit: Listener
  readonly #terms = new Map<string, Terms>()
  /** By the decrypted connection. */
  readonly #secured = new WeakMap<object, Tunnel>()
  readonly #open = new Set<Duplex>()

  constructor (leaves: Leaves, options: TunnelOptions, context: TunnelsContext) {
    this.#leaves = leaves
    this.#blind = new Set(options.tunnels.map((target) => target.toLowerCase()))
    this.#context = context
    this.#emit = context.emit
  }

  open (request: IncomingMessage, socket: Socket, head: Buffer, caller?: KnownCaller): void {
    // Whatever breaks from now on ends the connection, and with it all that there is to do.
    socket.on('error', () => { socket.destroy() })
    this.#open.add(socket)
    socket.once('close', () => { this.#open.delete(socket) })
    if (this.#context.draining()) {
      this.#refuse(socket, 429, 'Too Many Requests', 'draining', 'The proxy is shutting down.')
      return
    }
    if (this.#secured.has(socket)) {
      this.#refuse(socket, 403, 'Forbidden', 'bad_request', 'A tunnel cannot hold another tunnel.')
      return
    }
    const [, name = '', port = ''] = AUTHORITY.exec(request.url ?? '') ?? []
    const upstream = port === '443' ? this.#context.hosts.parse(name) : undefined
    if (upstream !== undefined) {
      this.#intercept({ host: upstream.host, client: clientOf(request), caller, used: false }, socket, head)
    } else if (this.#isBlind(name, port) && this.#context.blindNeedsCaller && caller === undefined) {
      refuseCaller(socket, 'This proxy needs a token for a tunnel that it does not look into. Nothing was forwarded.', this.#emit)
    } else if (this.#blind.has(`${name.toLowerCase()}:${port}`)) {
      this.#passBlindly({ host: name, port: Number(port), anywhere: true }, request, socket, head)
    } else if (this.#blind.has(`*:${port}`)) {
      this.#passBlindly({ host: name, port: Number(port), anywhere: false }, request, socket, head)
    } else {
      const target = name === '' ? 'This target' : `${name}:${port}`
      const label = port === '443' ? labelOfHost(name) : undefined
      this.#refuse(socket, 403, 'Forbidden', 'unknown_host', `${target} is not port 443 of a Twilio API host` +
        (label === undefined
          ? '. List other targets in interception.tunnels.'
          : ` that this version knows. ${addLabel(label)}`))
    }
  }

  #isBlind (name: string, port: string): boolean {
    return this.#blind.has(`${name.toLowerCase()}:${port}`) || this.#blind.has(`*:${port}`)
  }

  hostOf (socket: object): string | undefined {
    const tunnel = this.#secured.get(socket)
    if (tunnel === undefined) return undefined
    tunnel.used = true
    return tunnel.host
  }

  callerOf (socket: object): KnownCaller | undefined { return this.#secured.get(socket)?.caller }

  /** Sockets of tunnels that are not yet over: one for an intercepted one, two for one that is not looked into. */
  get openConnections (): number { return this.#open.size }

  close (): void {
    for (const socket of this.#open) socket.destroy()
  }

  #intercept (tunnel: Tunnel, socket: Socket, head: Buffer): void {
    // Anybody can name edges by the thousand, and a certificate takes some milliseconds of CPU: theirs is made for a
    // handshake.
    if (tunnel.host.split('.').length > LABELS_OF_A_PRODUCT) this.#afterFirstBytes(tunnel, socket, head)
    else {
      this.#termsFor(tunnel.host).then(({ context }) => {
        if (socket.destroyed) return
        socket.write(ESTABLISHED)
        if (head.length > 0) socket.unshift(head)
        this.#terminate(tunnel, socket, context)
      }, () => {
        this.#refuse(
          socket,
          500,
          'Internal Server Error',
          'internal',
          'The proxy could not make a certificate.'
        )
      })
    }
  }

  #afterFirstBytes (tunnel: Tunnel, socket: Socket, head: Buffer): void {
    const end = (outcome: TunnelOutcome): void => {
      if (socket.destroyed) return
      socket.destroy()
      this.#tell(tunnel, outcome)
    }
    const { clock } = this.#context
    const late = clock.setTimer(() => { end('tls_failed') }, HANDSHAKE_MS)
    socket.once('close', () => { clock.clearTimer(late) })
    socket.once('readable', () => {
      clock.clearTimer(late)
      if (socket.readableLength === 0) end('unused')
      else {
        this.#termsFor(tunnel.host).then(
          ({ context }) => { if (!socket.destroyed) this.#terminate(tunnel, socket, context) },
          () => { end('tls_failed') }
        )
      }
    })
    socket.write(ESTABLISHED)
    if (head.length > 0) socket.unshift(head)
  }

  async #termsFor (host: string): Promise<Terms> {
    const { cert, key, renewAtMs } = await this.#leaves.for(host)
    let terms = this.#terms.get(host)
    if (terms?.renewAtMs !== renewAtMs) {
      terms = {
        renewAtMs,
        context: createSecureContext(
          { cert, key, minVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_RENEGOTIATION }
        )
      }
    }
    this.#terms.delete(host)
    this.#terms.set(host, terms)
    const [oldest] = this.#terms.keys()
    if (this.#terms.size > TERMS_MOST && oldest !== undefined) this.#terms.delete(oldest)
    return terms
  }

  #terminate (tunnel: Tunnel, socket: Socket, secureContext: SecureContext): void {
    const inside = new TLSSocket(socket, {
      isServer: true,
      secureContext,
      ALPNProtocols: ['http/1.1'],
      // The context is the host's. A client that names no host gets it, too.
      SNICallback: (name, done) => { done(name.toLowerCase() === tunnel.host ? null : new WrongNameError()) }
    })
    // A client may leave without a word when it does not like the certificate; Node does.
    let outcome: TunnelOutcome = 'unused'
    const { clock } = this.#context
    const late = clock.setTimer(() => {
      outcome = 'tls_failed'
      inside.destroy()
    }, HANDSHAKE_MS)
    inside.on('error', (error: Error & { code?: string }) => {
      outcome = outcomeOf(error)
      inside.destroy()
    })
    // The listener keeps connections half open; one that ends in its handshake is over.
    const left = (): void => { inside.destroy() }
    inside.once('end', left).resume()
    inside.once('secure', () => {
      clock.clearTimer(late)
      inside.off('end', left)
      this.#secured.set(inside, tunnel)
      this.#context.accept(inside, socket)
    })
    inside.once('close', () => {
      clock.clearTimer(late)
      socket.destroy()
      this.#tell(tunnel, tunnel.used ? 'intercepted' : outcome)
    })
  }

  #passBlindly (target: BlindTarget, request: IncomingMessage, socket: Socket, head: Buffer): void {
    const tunnel = { host: `${target.host}:${target.port}`, client: clientOf(request) }
    const ending = new AbortController()
    const left = (): void => { ending.abort(new Error('the client left')) }
    socket.once('close', left)
    reach(target, this.#context.clock, ending.signal).then((onward) => {
      socket.off('close', left).once('close', () => { onward.destroy() })
      onward.on('error', () => { onward.destroy() })
      this.#open.add(onward)
      onward.once('close', () => {
        this.#open.delete(onward)
        socket.destroy()
      })
      socket.write(ESTABLISHED)
      if (head.length > 0) onward.write(head)
      socket.pipe(onward).pipe(socket)
      this.#tell(tunnel, 'blind')
    }, (error: unknown) => {
      if (socket.destroyed) return
      if (error instanceof InternalAddressError) this.#refuseInternal(tunnel.host, socket)
      else this.#refuse(socket, 502, 'Bad Gateway', 'unknown_host', `${tunnel.host} cannot be reached.`)
    })
  }

  #refuseInternal (target: string, socket: Duplex): void {
    this.#refuse(socket, 403, 'Forbidden', 'unknown_host',
      `${target} leads to an address that is not public. List exactly this target in interception.tunnels, because * stands only for public addresses.`)
  }

  #refuse (
    socket: Duplex,
    status: number,
    phrase: string,
    reason: Parameters<typeof refuseTunnel>[3],
    message: string
  ): void {
    refuseTunnel(socket, status, phrase, reason, `${message} Nothing was forwarded.`, this.#emit)
  }

  #tell ({ host, client }: Pick<Tunnel, 'host' | 'client'>, outcome: TunnelOutcome): void {
    this.#emit({ type: 'tunnel', host, client, outcome })
  }
}

class WrongNameError extends Error {
  readonly code = 'WRONG_NAME'
}

function outcomeOf ({ code = '' }: { readonly code?: string }): TunnelOutcome {
  if (code === 'WRONG_NAME') return 'wrong_name'
  if (UNTRUSTED.test(code)) return 'untrusted'
  return code.startsWith('ERR_SSL') ? 'tls_failed' : 'unused'
}

/** Names of programs and their versions: nothing of a person is in them. */
function clientOf ({ headers }: IncomingMessage): string {
  const products = (headers['user-agent'] ?? '').match(/[A-Za-z][\w.-]{0,30}\/[\w.-]{1,20}/g) ?? []
  return products.slice(0, 3).join(' ') || 'unnamed'
}
