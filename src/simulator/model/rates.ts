import type { RouteRate } from './settings.ts'
import { hits, type Addressed } from './target.ts'

interface Bucket { tokens: number, atMs: number }

/** How a rate stands, as the X-Rate-Limit headers tell it. */
export interface RateState {
  readonly rule: RouteRate
  /** Whole requests that would be let in now. */
  readonly remaining: number
}

/** One account's token buckets, one for each rule. */
export class Rates {
  readonly #buckets = new WeakMap<RouteRate, Bucket>()

  /** The first rule that fits and has nothing left; else the first that fits. Takes nothing. */
  check (rules: readonly RouteRate[], request: Addressed, nowMs: number): { readonly refusing: boolean, readonly state: RateState | undefined } {
    let state: RateState | undefined
    for (const rule of rules) {
      if (!hits(rule, request)) continue
      const { tokens } = this.#filled(rule, nowMs)
      if (tokens < 1) return { refusing: true, state: { rule, remaining: 0 } }
      state ??= { rule, remaining: Math.floor(tokens) }
    }
    return { refusing: false, state }
  }

  /** An admitted request is charged to every rule that fits. */
  take (rules: readonly RouteRate[], request: Addressed, nowMs: number): RateState | undefined {
    let state: RateState | undefined
    for (const rule of rules) {
      if (!hits(rule, request)) continue
      const bucket = this.#filled(rule, nowMs)
      bucket.tokens -= 1
      state ??= { rule, remaining: Math.floor(bucket.tokens) }
    }
    return state
  }

  #filled (rule: RouteRate, nowMs: number): Bucket {
    const capacity = burstOf(rule)
    const bucket = this.#buckets.get(rule)
    if (bucket === undefined) {
      const full = { tokens: capacity, atMs: nowMs }
      this.#buckets.set(rule, full)
      return full
    }
    bucket.tokens = Math.min(capacity, bucket.tokens + (nowMs - bucket.atMs) / 1000 * rule.perSecond)
    bucket.atMs = nowMs
    return bucket
  }
}

export const burstOf = (rule: RouteRate): number => rule.burst ?? Math.max(1, rule.perSecond)
