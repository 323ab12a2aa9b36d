import type { webcrypto } from 'node:crypto'
import type { Clock } from '../proxy/clock.ts'
import { EARLIER_MS, type Authority } from './authority.ts'

const DAY_MS = 86_400_000
const LIFE_MS = 7 * DAY_MS
/** Renewed when less than this is left of a certificate's life. */
const RENEW_MS = DAY_MS

export interface Leaf {
  /** PEM texts. */
  readonly cert: string
  readonly key: string
  readonly renewAtMs: number
}

/** The certificates that the proxy shows in place of Twilio's, by host: made when first asked for, and renewed in time. */
export class Leaves {
  readonly #authority: Authority
  readonly #clock: Clock
  readonly #leaves = new Map<string, Promise<Leaf>>()
  #keys: Promise<{ readonly publicKey: webcrypto.CryptoKey, readonly key: string }> | undefined

  constructor (authority: Authority, clock: Clock) {
    this.#authority = authority
    this.#clock = clock
  }

  /** Hosts are Twilio's, so there is a bound to how many there are. */
  async for (host: string): Promise<Leaf> {
    const known = this.#leaves.get(host)
    if (known !== undefined && (await known).renewAtMs > this.#clock.epochMs()) return known
    const made = this.#make(host)
    this.#leaves.set(host, made)
    made.catch(() => { this.#leaves.delete(host) })
    return made
  }

  async #make (host: string): Promise<Leaf> {
    const { createLeaf, createLeafKeys } = await import('./certificates.ts')
    const { publicKey, key } = await (this.#keys ??= createLeafKeys())
    const nowMs = this.#clock.epochMs()
    const endMs = Math.min(nowMs + LIFE_MS, this.#authority.expiresAtMs)
    const cert = await createLeaf(host, publicKey, this.#authority, { notBefore: new Date(nowMs - EARLIER_MS), notAfter: new Date(endMs) })
    return { cert, key, renewAtMs: Math.max(nowMs, endMs - RENEW_MS) }
  }
}
