import type { webcrypto } from 'node:crypto'
import type { Clock } from '../proxy/ports/clock.ts'
import { EARLIER_MS, type Authority } from './authority.ts'

const DAY_MS = 86_400_000
const LIFE_MS = 7 * DAY_MS
/** Anybody can name edges of Twilio by the thousand; an application uses a handful. */
const LEAVES_MOST = 64
/** Renewed when less than this is left of a certificate's life. */
const RENEW_MS = DAY_MS

export interface Leaf {
  /** PEM texts. */
  readonly cert: string
  readonly key: string
  readonly renewAtMs: number
}

/**
 * The certificates that the proxy shows in place of Twilio's, by host: made when first asked for, and renewed in time.
 */
export class Leaves {
  readonly #authority: Authority
  readonly #clock: Clock
  readonly #leaves = new Map<string, Promise<Leaf>>()
  #keys: Promise<{ readonly publicKey: webcrypto.CryptoKey, readonly key: string }> | undefined

  constructor (authority: Authority, clock: Clock) {
    this.#authority = authority
    this.#clock = clock
  }

  /** Of more than so many the one used longest ago is forgotten. */
  async for (host: string): Promise<Leaf> {
    const known = this.#leaves.get(host)
    if (known !== undefined) this.#keep(host, known)
    if (known !== undefined && (await known).renewAtMs > this.#clock.epochMs()) return known
    const made = this.#make(host)
    this.#keep(host, made)
    made.catch(() => { this.#leaves.delete(host) })
    return made
  }

  #keep (host: string, leaf: Promise<Leaf>): void {
    this.#leaves.delete(host)
    this.#leaves.set(host, leaf)
    const [oldest] = this.#leaves.keys()
    if (this.#leaves.size > LEAVES_MOST && oldest !== undefined) this.#leaves.delete(oldest)
  }

  async #make (host: string): Promise<Leaf> {
    const { createLeaf, createLeafKeys } = await import('./certificates.ts')
    const { publicKey, key } = await (this.#keys ??= createLeafKeys())
    const nowMs = this.#clock.epochMs()
    const endMs = Math.min(nowMs + LIFE_MS, this.#authority.expiresAtMs)
    const cert = await createLeaf(
      host,
      publicKey,
      this.#authority,
      { notBefore: new Date(nowMs - EARLIER_MS), notAfter: new Date(endMs) }
    )
    return { cert, key, renewAtMs: Math.max(nowMs, endMs - RENEW_MS) }
  }
}
