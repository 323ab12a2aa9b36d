/**
 * The least rate at which something has to come: a bucket of so many seconds' worth that leaks at the rate and that
 * what comes fills again. It starts full, so a pause of that many seconds is always allowed.
 */
export interface LeastRateOptions {
  /** Bytes per second. */
  readonly perSecond: number
  /** Longest pause, seconds. */
  readonly graceSeconds: number
}

export const fullAllowance = ({ perSecond, graceSeconds }: LeastRateOptions): number => perSecond * graceSeconds

/** What is left a second later, after so many bytes have come; below 0 it was too slow. */
export function allowanceAfter (allowance: number, arrived: number, options: LeastRateOptions): number {
  return Math.min(fullAllowance(options), allowance + arrived) - options.perSecond
}
