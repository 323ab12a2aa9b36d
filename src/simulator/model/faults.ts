import type { Random } from './random.ts'
import type { FaultRule } from './settings.ts'
import { hits, type Addressed } from './target.ts'

/** Before the request is looked at, so it is never carried out; or after it has been carried out. */
export type Phase = 'before' | 'after'

export function phaseOf (rule: FaultRule): Phase {
  switch (rule.kind) {
    case 'reset_before': return 'before'
    case 'hang': case 'html_503': case 'json_500': return rule.processed === true ? 'after' : 'before'
    default: return 'after'
  }
}

/** Decides which request meets which fault, by chance or by count. */
export class Faults {
  readonly #random: Random
  readonly #left = new WeakMap<FaultRule, number>()

  constructor (random: Random) {
    this.#random = random
  }

  /** The first rule that strikes this request at this moment of its life. */
  draw (rules: readonly FaultRule[], phase: Phase, request: Addressed): FaultRule | undefined {
    return rules.find((rule) => phaseOf(rule) === phase && hits(rule, request) && this.#strikes(rule))
  }

  #strikes (rule: FaultRule): boolean {
    const left = this.#left.get(rule) ?? rule.next ?? Infinity
    if (left <= 0) return false
    const { probability = 1 } = rule
    if (probability < 1 && !this.#random.chance(probability)) return false
    this.#left.set(rule, left - 1)
    return true
  }
}
