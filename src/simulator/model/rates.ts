import { createRateWindow, type RateWindow } from './rate-window.ts'
import type { RouteRate } from './settings.ts'
import { hits, type Addressed } from './target.ts'

/** How a rate stands, as the X-Rate-Limit headers tell it. */
export interface RateState {
  readonly rule: RouteRate
  /** Whole requests that would be let in now. */
  readonly remaining: number
}

/** One account's counts, one for each rule. */
export class Rates {
  readonly #windows = new WeakMap<RouteRate, RateWindow>()

  /** The first rule that fits and has nothing left; else the first that fits. Takes nothing. */
  check (
    rules: readonly RouteRate[],
    request: Addressed,
    nowMs: number
  ): { readonly refusing: boolean, readonly state: RateState | undefined } {
    let state: RateState | undefined
    for (const rule of rules) {
      if (!isAbout(rule, request)) continue
      const remaining = this.#windowOf(rule).remaining(nowMs)
      if (remaining < 1) return { refusing: true, state: { rule, remaining: 0 } }
      state ??= { rule, remaining }
    }
    return { refusing: false, state }
  }

  /** An admitted request is charged to every rule that fits. */
  take (rules: readonly RouteRate[], request: Addressed, nowMs: number): RateState | undefined {
    let state: RateState | undefined
    for (const rule of rules) {
      if (!isAbout(rule, request)) continue
      const window = this.#windowOf(rule)
      window.take(nowMs)
      state ??= { rule, remaining: window.remaining(nowMs) }
    }
    return state
  }

  #windowOf (rule: RouteRate): RateWindow {
    let window = this.#windows.get(rule)
    if (window === undefined) this.#windows.set(rule, window = createRateWindow(rule))
    return window
  }
}

function isAbout (rule: RouteRate, request: Addressed): boolean {
  if (!hits(rule, request)) return false
  const { parameter } = rule
  return parameter === undefined || (request.query ?? '').split('&').some((pair) => pair.split('=', 1)[0] === parameter)
}

/** Do answers of this kind name the rate in headers? Of Twilio's products, two do. */
export function announces ({ announce }: RouteRate, product: string, refusal: boolean): boolean {
  if (announce === undefined) return product === 'taskrouter' || product === 'intelligence'
  return announce === 'all' || (announce === 'admitted' && !refusal)
}
