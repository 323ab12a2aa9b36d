import type { Limit } from '../../../src/policy/limit/limit.ts'

/** A limit that may also refuse for itself. */
export interface PeerLimit extends Limit {
  /**
   * Asked before every start: true sends nothing, and the request waits as after a refusal. `chance` is in [0, 1).
   */
  readonly turnsAway?: (nowMs: number, chance: number) => boolean
}

/** What becomes of a refused request. */
export interface RetryRule {
  /** Retries after the first attempt; the request fails with the refusal after those. */
  readonly most: number
  /** Wait before the next attempt, milliseconds. `failures` counts from 0, `chance` is in [0, 1). */
  readonly delayMs: (failures: number, chance: number) => number
}

/** A known way to keep within a limit, to be measured beside ours. */
export interface Peer {
  readonly name: string
  /**
   * `ceilingSlots` is what the account allows: only limits that are told it look at it. `seed` sets the chance of
   * those that draw lots: one for each client, or all draw the same.
   */
  readonly createLimit: (ceilingSlots: number, seed?: number) => PeerLimit
  /** The part of the ceiling that it is told and stays at; absent where it finds its own. */
  readonly ofCeiling?: number
  /** Its own retry rule; absent: the proxy's. */
  readonly retry?: RetryRule
}
