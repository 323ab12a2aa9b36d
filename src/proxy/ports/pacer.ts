/** Permission to start at the pace of a rule, for one key of it. */
import type { Rate, Reservoir } from '../../policy/counts/pace-schedule.ts'
import type { Exchange } from '../exchange-state.ts'

export interface Pacer {
  readonly waiting: number
  /** Nobody waits, and nobody came for so long, milliseconds. */
  readonly idleMs: (nowMs: number) => number
  /**
   * Permission to start: at once (undefined), or in a while. Throws (or rejects with) a ShedError when too many wait,
   * or when the turn will not come in time. `again`: after a 429 of Twilio; it comes before those of its class.
   */
  readonly permission: (exchange: Exchange, again: boolean) => Promise<void> | undefined
  /** How long one with permission must still wait, since others started late, milliseconds; 0 for not at all. */
  readonly restMs: () => number
  /** It starts now. Returns what is to be called when its first byte goes out. */
  readonly started: () => () => void
}

/** Makes the pacer of a key of a rule. Keys hold nothing personal. */
export type CreatePacer = (of: PacedKey) => Pacer

export interface PacedKey {
  readonly rule: string
  readonly key: string
  readonly pace: Rate | Reservoir
}
