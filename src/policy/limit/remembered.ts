/** What a limit has learnt of an account, in a form that outlives the process, and how to start from it. */
import { confidenceIn, type CeilingBand } from './ceiling-view.ts'

export interface Learnt {
  /** Requests that may be in flight at once. */
  readonly slots: number
  /** False while the limit still grew fast. */
  readonly settled: boolean
  /** The level at which the limit takes the account to refuse; null when unknown. */
  readonly refusedAt: number | null
  readonly ceiling: CeilingBand
}

export interface Remembered extends Learnt {
  /** How long ago that was, milliseconds. */
  readonly agoMs: number
}

/** Where a limit starts that is not new to its account. */
export interface Start {
  /** Slots. */
  readonly initial: number
  readonly known: Known
}

export interface Known {
  readonly settled: boolean
  /** The level at which the account refuses, and whether that is exactly known; null when unknown. */
  readonly ceiling: number | null
  readonly exact: boolean
  /** What was taken off the remembered window, slots: to be won back first. */
  readonly step: number
}

/**
 * Part of the window that is given up at the restart: what was there may have changed, and all clients come at once.
 */
const GIVEN_UP = 0.1

export function resume (
  { slots, settled, refusedAt, ceiling }: Learnt,
  { min, max }: { readonly min: number, readonly max: number }
): Start {
  const initial = Math.min(max, Math.max(min, (1 - GIVEN_UP) * slots))
  const exact = refusedAt === ceiling.high && confidenceIn(ceiling, false) === 'high'
  return { initial, known: { settled, ceiling: refusedAt, exact, step: Math.max(1, GIVEN_UP * initial) } }
}
