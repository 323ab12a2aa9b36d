/**
 * Our connections to Twilio: one pool a host, kept alive and bounded, TLS always verified. The pools are
 * ours because an HTTP client that is configured from outside may be told not to verify, and then accepts
 * a self-signed upstream without a word.
 */
import { readFileSync } from 'node:fs'
import { createSecureContext, rootCertificates } from 'node:tls'
import { Pool, type buildConnector, type Dispatcher } from 'undici'
import type { Clock } from '../ports/clock.ts'
import { createConnector, type EgressProxy } from './connect/connector.ts'
import { finalAnswers } from './final-answers.ts'

export interface UpstreamOptions {
  /** One origin that stands in for every Twilio host; null for Twilio itself. */
  readonly origin: string | null
  readonly connectTimeoutMs: number
  /** From the request's last byte to the response headers, milliseconds. */
  readonly headersTimeoutMs: number
  /** Longest silence within a response body, milliseconds. */
  readonly bodyTimeoutMs: number
  /** Most time that an idle connection stays open, milliseconds, whatever the other side allows. */
  readonly keepAliveMs: number
  readonly maxConnectionsPerHost: number
  /** PEM file of certificate authorities to trust in addition to the system's. */
  readonly caFile: string | null
}

/** The egress proxy on the way to a host; undefined where there is none. */
export type Egress = (secure: boolean, host: string) => EgressProxy | undefined

/**
 * Most pools at once; a new one replaces the least recently used. There are some 45 products, in a handful of regions.
 */
const POOLS_MOST = 256
/** Timers that are this late say that the process or the machine stood still, milliseconds. */
const LATE_MS = 500

interface Entry {
  readonly pool: Pool
  usedAtMs: number
  /** The same by the wall clock, which goes on while a machine sleeps. */
  usedAtEpochMs: number
}

export class Upstreams {
  readonly #options: UpstreamOptions
  readonly #clock: Clock
  readonly #connect: buildConnector.connector
  readonly #pools = new Map<string, Entry>()
  /** Pools that take no more requests, and are gone with their last. */
  readonly #ending = new Set<Pool>()

  /** @param via what CONNECT tells an egress proxy of us */
  constructor (options: UpstreamOptions, clock: Clock, egress: Egress = () => undefined, via = '1.1 twilio-governor') {
    this.#options = options
    this.#clock = clock
    // One context for all connections: parsing some 150 authorities for each blocked the process for 20 ms.
    const context = createSecureContext(
      options.caFile === null ? {} : { ca: [...rootCertificates, readFileSync(options.caFile, 'utf8')] }
    )
    this.#connect = finalAnswers(createConnector({ timeoutMs: options.connectTimeoutMs, context, egress, via, clock }))
  }

  get origin (): string | null { return this.#options.origin }
  get bodyTimeoutMs (): number { return this.#options.bodyTimeoutMs }

  /** The pool for a Twilio host: `https://<host>`, or the origin that stands in for it. */
  for (host: string): Dispatcher {
    let entry = this.#pools.get(host)
    if (entry !== undefined && this.#isOverdue(entry)) {
      this.#pools.delete(host)
      this.#end(entry.pool)
      entry = undefined
    }
    if (entry === undefined) {
      if (this.#pools.size >= POOLS_MOST) this.#endLeastUsed()
      entry = { pool: this.#open(host), usedAtMs: 0, usedAtEpochMs: 0 }
      this.#pools.set(host, entry)
    }
    entry.usedAtMs = this.#clock.nowMs()
    entry.usedAtEpochMs = this.#clock.epochMs()
    return entry.pool
  }

  /**
   * New requests go over new connections from now on, what is in flight ends on the old ones. After a stop of this
   * process, an idle connection may have been closed at its other end: a write that is sent there is lost.
   */
  renew (): void {
    for (const { pool } of this.#pools.values()) this.#end(pool)
    this.#pools.clear()
  }

  /** Cuts every connection. */
  async close (): Promise<void> {
    const pools = [...this.#ending, ...[...this.#pools.values()].map(({ pool }) => pool)]
    await Promise.all(pools.map(async (pool) => { await pool.destroy() }))
    this.#pools.clear()
  }

  #open (host: string): Pool {
    const { origin, maxConnectionsPerHost, headersTimeoutMs, bodyTimeoutMs, keepAliveMs } = this.#options
    return new Pool(origin ?? `https://${host}`, {
      connect: this.#connect,
      connections: maxConnectionsPerHost,
      pipelining: 1,
      headersTimeout: headersTimeoutMs,
      bodyTimeout: bodyTimeoutMs,
      keepAliveTimeout: keepAliveMs,
      // What the other side's Keep-Alive header allows may be less, never more.
      keepAliveMaxTimeout: keepAliveMs
    })
  }

  /**
   * Should its idle connections be closed by now? If they are not, the timers did not run, and the other side may have
   * closed them meanwhile: a write that meets one of those is lost, or not, and nobody knows. A wall clock that is set
   * costs new connections, no more.
   */
  #isOverdue ({ usedAtMs, usedAtEpochMs }: Entry): boolean {
    const idleMs = Math.max(this.#clock.nowMs() - usedAtMs, this.#clock.epochMs() - usedAtEpochMs)
    return idleMs > this.#options.keepAliveMs + LATE_MS
  }

  #endLeastUsed (): void {
    let least: readonly [string, Entry] | undefined
    for (const named of this.#pools) if (least === undefined || named[1].usedAtMs < least[1].usedAtMs) least = named
    if (least === undefined) return
    this.#pools.delete(least[0])
    this.#end(least[1].pool)
  }

  /** What it has under way goes on to its end. */
  #end (pool: Pool): void {
    this.#ending.add(pool)
    void pool.close().finally(() => { this.#ending.delete(pool) })
  }
}
