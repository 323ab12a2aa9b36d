/** What is stopped: all that is named must hold. Where nothing is named, everything is. */
import type { Product } from '../../twilio/types.ts'

export interface KillSwitch {
  readonly name: string
  /** As the settings let accounts be named. */
  readonly account: string | null
  readonly product: Product | null
  /** A `*` at the end stands for anything. */
  readonly caller: string | null
  /** Reads are stopped as well. */
  readonly reads: boolean
  /** Shown to refused clients. */
  readonly reason: string | null
  /** Since 1970, milliseconds. */
  readonly thrownAtMs: number
  /** Since 1970, milliseconds; null for one that stays until it is released. */
  readonly untilMs: number | null
}
