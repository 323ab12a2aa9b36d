/** Rules that are open only at certain hours. */
import { refuseIfOver } from './admit.ts'
import { pause } from './backoff.ts'
import type { Clock } from './clock.ts'
import type { Deferral } from './deferral.ts'
import { ShedError } from './errors.ts'
import type { Exchange } from './exchange-state.ts'
import type { PacingRule } from './pacing-rule.ts'
import { mayDefer } from './prefer.ts'
import type { Answer } from './reply.ts'
import type { Windows } from './windows.ts'

/** A rule that has windows. */
export type WindowedRule = PacingRule & { readonly windows: Windows }

export const isWindowed = (rule: PacingRule): rule is WindowedRule => rule.windows !== undefined

/** The rule that opens last of those that are closed; undefined when all are open. */
export function closedRule (rules: readonly WindowedRule[], epochMs: number): { readonly rule: WindowedRule, readonly opensInMs: number } | undefined {
  let last: { rule: WindowedRule, opensInMs: number } | undefined
  for (const rule of rules) {
    const opensInMs = rule.windows.opensInMs(epochMs)
    if (opensInMs > (last?.opensInMs ?? 0)) last = { rule, opensInMs }
  }
  return last
}

/** Those who wait for a window, which costs memory. */
export class WindowWait {
  readonly #most: number
  readonly #clock: Clock
  readonly #deferral: Deferral
  /** By the name of the rule. */
  readonly #waiting = new Map<string, number>()
  #total = 0

  constructor (most: number, clock: Clock, deferral: Deferral) {
    this.#most = most
    this.#clock = clock
    this.#deferral = deferral
  }

  /**
   * Waits until all rules are open, if that is before the latest start. If not, one that may be deferred is kept for later
   * where the rule says so, and has its answer; anything else is refused.
   */
  async pass (exchange: Exchange, rules: readonly WindowedRule[]): Promise<Answer | undefined> {
    for (;;) {
      const closed = closedRule(rules, this.#clock.epochMs())
      refuseIfOver(exchange)
      if (closed === undefined) return undefined
      const { rule, opensInMs } = closed
      if (this.#clock.nowMs() + opensInMs > exchange.expiresAtMs) {
        if (rule.defer && mayDefer(exchange)) {
          // Once it is kept it will be carried out, and its client is to know.
          exchange.isUnderway = true
          return await this.#deferral.accept(exchange, rule.name)
        }
        throw new ShedError('window_closed', opensInMs)
      }
      if (this.#total >= this.#most) throw new ShedError('queue_full', opensInMs)
      await this.#wait(exchange, rule.name, opensInMs)
    }
  }

  /** How many wait for the windows of a rule. */
  waitingFor (rule: string): number { return this.#waiting.get(rule) ?? 0 }

  async #wait (exchange: Exchange, rule: string, waitMs: number): Promise<void> {
    const sinceMs = this.#clock.nowMs()
    this.#count(rule, 1)
    try {
      await pause(exchange, waitMs, this.#clock)
    } finally {
      this.#count(rule, -1)
      exchange.paceMs += this.#clock.nowMs() - sinceMs
    }
  }

  #count (rule: string, change: 1 | -1): void {
    this.#total += change
    this.#waiting.set(rule, this.waitingFor(rule) + change)
  }
}
