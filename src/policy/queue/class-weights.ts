/**
 * What a class weighs: as configured, at least a share of the whole, and more for one that has waited long.
 *
 * Ageing is a rule among the lighter classes. One that has waited `n` times `ageingMs` weighs 2^n times as much, up to
 * the weight of the next heavier class; then all the lighter ones that wait are scaled back to what they weigh together
 * when nobody has aged. So the heaviest class keeps its share whatever the others have waited, and no class ever comes
 * to weigh more than one that is heavier by configuration.
 */

export interface ShareOptions {
  /** A class weighs twice as much for each time that its next waiter has waited so long, milliseconds; 0 for never. */
  readonly ageingMs: number
  /** Least part of the starts for each class that waits: from 0 to 1 / number of classes. */
  readonly minShare: number
}

/** Stands for the age of a class that nobody waits in. */
export const NOBODY = -1

/** What sums of fractions may err by, as a part of the whole. */
const EPSILON = 1e-9

export class ClassWeights {
  readonly #usual: readonly number[]
  /** The weight of the next heavier class. */
  readonly #most: readonly number[]
  readonly #heaviest: number
  readonly #least: number
  readonly #ageingMs: number

  /** `weights` as configured: more than 0 each. */
  constructor (weights: readonly number[], { ageingMs, minShare }: ShareOptions) {
    const total = sum(weights)
    this.#least = minShare * total
    const usual = this.#usual = sharedOut(total, weights, this.#least)
    this.#heaviest = Math.max(...usual)
    this.#most = usual.map((own) => Math.min(this.#heaviest, ...usual.filter((other) => other > own)))
    this.#ageingMs = ageingMs
  }

  /** Weights of all classes while the next waiter of each has waited so long, milliseconds, or NOBODY. */
  at (ages: readonly number[]): readonly number[] {
    if (!this.#hasAged(ages)) return this.#usual
    const waiting = this.#usual.map((_, i) => i).filter((i) => this.#ages(i) && ages[i] !== NOBODY)
    const aged = waiting.map(
      (i) => Math.min(this.#most[i] ?? 0, (this.#usual[i] ?? 0) * 2 ** Math.floor((ages[i] ?? 0) / this.#ageingMs))
    )
    const shared = sharedOut(sum(waiting.map((i) => this.#usual[i] ?? 0)), aged, this.#least)
    const weights = [...this.#usual]
    for (const [k, i] of waiting.entries()) weights[i] = shared[k] ?? 0
    return weights
  }

  #hasAged (ages: readonly number[]): boolean {
    if (this.#ageingMs === 0) return false
    for (let i = 0; i < ages.length; i++) if ((ages[i] ?? NOBODY) >= this.#ageingMs && this.#ages(i)) return true
    return false
  }

  #ages (index: number): boolean { return (this.#usual[index] ?? 0) < this.#heaviest }
}

/** Parts of `total` in proportion to the weights, none below `least`, which all of them together can have. */
export function sharedOut (total: number, weights: readonly number[], least: number): number[] {
  const raised = new Set<number>()
  for (;;) {
    const factor = (total - raised.size * least) / sum(weights.filter((_, i) => !raised.has(i)))
    const low = weights.findIndex((weight, i) => !raised.has(i) && weight * factor < least - EPSILON * total)
    if (low < 0 || raised.size === weights.length - 1) {
      return weights.map((weight, i) => raised.has(i) ? least : weight * factor)
    }
    raised.add(low)
  }
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
