/**
 * Our connections to Twilio: one pool a host, kept alive and bounded, TLS always verified. The pools are
 * ours because an HTTP client that is configured from outside may be told not to verify, and then accepts
 * a self-signed upstream without a word.
 */
import { readFileSync } from 'node:fs'
import { createSecureContext, rootCertificates } from 'node:tls'
import { buildConnector, Pool, type Dispatcher } from 'undici'
import { finalAnswers } from './final-answers.ts'

export interface UpstreamOptions {
  /** One origin that stands in for every Twilio host; null for Twilio itself. */
  readonly origin: string | null
  readonly connectTimeoutMs: number
  /** From the request's last byte to the response headers, milliseconds. */
  readonly headersTimeoutMs: number
  /** Longest silence within a response body, milliseconds. */
  readonly bodyTimeoutMs: number
  /** How long an idle connection is kept, milliseconds. */
  readonly keepAliveMs: number
  readonly maxConnectionsPerHost: number
  /** PEM file of certificate authorities trusted besides the system's. */
  readonly caFile: string | null
}

/** Pools kept; the one unused for longest is closed for another. There are some 45 products, in a handful of regions. */
const POOLS_MOST = 256

export class Upstreams {
  readonly #options: UpstreamOptions
  readonly #connect: buildConnector.connector
  readonly #pools = new Map<string, Pool>()
  /** Those that take no more requests and still have some. */
  readonly #closing = new Set<Pool>()

  constructor (options: UpstreamOptions) {
    this.#options = options
    // One context for all connections: parsing some 150 authorities for each blocked the process for 20 ms.
    const trust = options.caFile === null ? {} : { secureContext: createSecureContext({ ca: [...rootCertificates, readFileSync(options.caFile, 'utf8')] }) }
    const connect = buildConnector({ timeout: options.connectTimeoutMs, allowH2: false, rejectUnauthorized: true, ...trust })
    // The certificate must name the host we connect to, whatever the Host header says.
    this.#connect = finalAnswers((target, callback) => {
      const { servername: _hostHeader, ...rest } = target
      connect(rest, callback)
    })
  }

  get origin (): string | null { return this.#options.origin }
  get bodyTimeoutMs (): number { return this.#options.bodyTimeoutMs }

  /** The pool for a Twilio host: `https://<host>`, or the origin that stands in for it. */
  for (host: string): Dispatcher {
    let pool = this.#pools.get(host)
    if (pool !== undefined) return pool
    if (this.#pools.size >= POOLS_MOST) this.#closeOldest()
    pool = new Pool(this.#options.origin ?? `https://${host}`, {
      connect: this.#connect,
      connections: this.#options.maxConnectionsPerHost,
      pipelining: 1,
      headersTimeout: this.#options.headersTimeoutMs,
      bodyTimeout: this.#options.bodyTimeoutMs,
      keepAliveTimeout: this.#options.keepAliveMs,
      keepAliveMaxTimeout: Math.max(600_000, this.#options.keepAliveMs)
    })
    this.#pools.set(host, pool)
    return pool
  }

  /**
   * New requests go over new connections from now on, what is in flight ends on the old ones. After a stop of this process, an
   * idle connection may have been closed at its other end: a write that is sent there is lost.
   */
  renew (): void {
    for (const pool of this.#pools.values()) this.#end(pool)
    this.#pools.clear()
  }

  /** Cuts every connection. */
  async close (): Promise<void> {
    await Promise.all([...this.#pools.values(), ...this.#closing].map(async (pool) => { await pool.destroy() }))
    this.#pools.clear()
  }

  #closeOldest (): void {
    const [oldest] = this.#pools
    if (oldest === undefined) return
    this.#pools.delete(oldest[0])
    this.#end(oldest[1])
  }

  #end (pool: Pool): void {
    this.#closing.add(pool)
    void pool.close().finally(() => { this.#closing.delete(pool) })
  }
}
