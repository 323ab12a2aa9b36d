/** Rules that are open only at certain hours. */
import { pause, refuseIfOver } from '../gate/waiting.ts'
import type { Clock } from '../ports/clock.ts'
import type { Deferral } from '../ports/deferral.ts'
import { ShedError } from '../errors.ts'
import type { Exchange } from '../exchange-state.ts'
import type { PacingRule } from './pacing-rule.ts'
import { mayDefer } from './prefer.ts'
import type { Answer } from '../reply/answers.ts'
import type { OpenHours } from '../ports/open-hours.ts'

/** Who waits for open hours looks at the calendar this often, as it may be set, milliseconds. */
const LOOK_EVERY_MS = 5_000
/** The calendar has been set back by more than a clock drifts, milliseconds. */
const SET_BACK_LEAST_MS = 1_000

/** A rule that has open hours. */
export type TimedRule = PacingRule & { readonly openHours: OpenHours }

export const hasOpenHours = (rule: PacingRule): rule is TimedRule => rule.openHours !== undefined

/** The rule that opens last of those that are closed; undefined when all are open. */
export function closedRule (
  rules: readonly TimedRule[],
  epochMs: number
): { readonly rule: TimedRule, readonly opensInMs: number } | undefined {
  let last: { rule: TimedRule, opensInMs: number } | undefined
  for (const rule of rules) {
    const opensInMs = rule.openHours.opensInMs(epochMs)
    if (opensInMs > (last?.opensInMs ?? 0)) last = { rule, opensInMs }
  }
  return last
}

/** Those who wait until a rule opens, which costs memory. */
export class OpenHoursWait {
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
   * Waits until all rules are open, if that is before the latest start. If not, one that may be deferred is stored
   * where the rule says so, and has its answer; anything else is refused. The calendar may be set meanwhile. One
   * that waits when it is set back is not refused for it while there is time: it may be set right again.
   */
  async pass (exchange: Exchange, rules: readonly TimedRule[]): Promise<Answer | undefined> {
    const calendarMs = this.#calendarMs()
    let waitsFor: string | undefined
    try {
      for (;;) {
        const closed = closedRule(rules, this.#clock.epochMs())
        refuseIfOver(exchange)
        if (closed === undefined) return undefined
        const { rule, opensInMs } = closed
        const leftMs = exchange.expiresAtMs - this.#clock.nowMs()
        if (opensInMs > leftMs) {
          if (rule.defer && mayDefer(exchange)) {
            // Once it is stored it will be carried out, and its client is to know.
            exchange.isUnderway = true
            return await this.#deferral.accept(exchange, rule.name)
          }
          const wasSetBack = waitsFor !== undefined && calendarMs - this.#calendarMs() >= SET_BACK_LEAST_MS
          if (leftMs <= 0 || !wasSetBack) throw new ShedError('outside_open_hours', opensInMs)
        }
        if (waitsFor === undefined && this.#total >= this.#most) throw new ShedError('queue_full', opensInMs)
        if (waitsFor !== undefined) this.#count(waitsFor, -1)
        this.#count(waitsFor = rule.name, 1)
        await this.#wait(exchange, Math.min(opensInMs, leftMs, LOOK_EVERY_MS))
      }
    } finally {
      if (waitsFor !== undefined) this.#count(waitsFor, -1)
    }
  }

  /** How many wait for the open hours of a rule. */
  waitingFor (rule: string): number { return this.#waiting.get(rule) ?? 0 }

  async #wait (exchange: Exchange, waitMs: number): Promise<void> {
    const sinceMs = this.#clock.nowMs()
    try {
      await pause(exchange, waitMs, this.#clock)
    } finally {
      exchange.paceMs += this.#clock.nowMs() - sinceMs
    }
  }

  /** From the monotonic clock to the calendar: moves only when the calendar is set. */
  #calendarMs (): number { return this.#clock.epochMs() - this.#clock.nowMs() }

  #count (rule: string, change: 1 | -1): void {
    this.#total += change
    this.#waiting.set(rule, this.waitingFor(rule) + change)
  }
}
