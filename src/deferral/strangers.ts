/**
 * Jobs of credentials that Twilio has not accepted in this process. A job that was answered with 202 cannot make room
 * for another, so no address may take all the room: it may have as many as a multiple of what is then left free
 * (dynamic thresholds: Choudhury and Hahne, 1998).
 */
import { Shares } from '../policy/counts/shares.ts'
import type { Exchange } from '../proxy/exchange-state.ts'

/** Part of all jobs. */
const PART = 1 / 2
const LEAST = 10
/** One address alone gets four fifths of that part. */
const TIMES_WHAT_IS_FREE = 4

/** The address that an exchange's credential comes from; undefined for one that Twilio has accepted. */
export function strangerOf ({ identity: { bearer, peer } }: Exchange): string | undefined {
  return bearer !== undefined && peer === bearer.address ? bearer.address : undefined
}

export class StrangersJobs {
  readonly #most: number
  readonly #shares = new Shares()
  readonly #addresses = new Map<string, string>()

  constructor (max: number) { this.#most = Math.max(LEAST, max * PART) }

  mayAdd (address: string): boolean {
    return this.#shares.of(address) < TIMES_WHAT_IS_FREE * (this.#most - this.#shares.total)
  }

  add (job: string, address: string): void {
    this.#addresses.set(job, address)
    this.#shares.take(address, 1)
  }

  /** Does nothing for a job that is nobody's here. */
  end (job: string): void {
    const address = this.#addresses.get(job)
    if (address === undefined) return
    this.#addresses.delete(job)
    this.#shares.give(address, 1)
  }
}
