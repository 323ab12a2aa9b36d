import { limitOf } from './algorithm.ts'
import type { Limit, Refusal } from './limit.ts'

const BY_ACCOUNT: Refusal = { by: 'account', reason: 'fixed', holds: true }

/** A limit that never moves: for a ceiling that is known, and as the yardstick of the others. `slots` is 1 or more. */
export const createFixed = (slots: number): Limit => limitOf({
  algorithm: 'fixed',
  slots: () => slots,
  admitted: () => 'fixed',
  refused: () => BY_ACCOUNT
})
