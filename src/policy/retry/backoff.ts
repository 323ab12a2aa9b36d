export interface BackoffOptions {
  /** Upper bound of the first wait, milliseconds. */
  readonly backoffBaseMs: number
  /** No wait is longer, milliseconds. */
  readonly backoffMaxMs: number
}

/**
 * Full jitter: uniform in [0, min(max, base × 2^failures)), milliseconds. `failures` counts from 0,
 * `chance` is in [0, 1). The wait must grow, or an outage at a limit of 1 becomes thousands of
 * attempts. The jitter must be full, or a flight that was throttled together comes back together.
 * Source: Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
 */
export function backoffMs (options: BackoffOptions, failures: number, chance: number): number {
  return chance * Math.min(options.backoffMaxMs, options.backoffBaseMs * 2 ** Math.min(failures, 30))
}
