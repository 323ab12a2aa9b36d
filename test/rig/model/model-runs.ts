import type { Limit } from '../../../src/policy/limit/limit.ts'
import { createModel, fixedAt, shipped, type Model, type ModelOptions } from './model.ts'
import { median, type Tally } from './model-tally.ts'
import { THOROUGH } from '../../support/thorough.ts'

/** One seed is quick, and fails where the decision is wrong; three tell a little worse from chance. */
export const SEEDS: readonly number[] = THOROUGH ? [1, 2, 3] : [1]

/** A model that ran its load until the given moment. */
export function ran (options: ModelOptions, load: (model: Model) => void, untilMs: number): Model {
  const model = createModel(options)
  load(model)
  model.timeline.runUntil(untilMs)
  return model
}

export interface Steady extends Omit<ModelOptions, 'seed' | 'ceiling'> {
  readonly ceilingSlots: number
  readonly workers: number
  readonly fromMs: number
  readonly toMs: number
}

/** What steady closed-loop traffic gets, run by run, as parts of what a limit gets that was told the ceiling. */
export interface Comparison {
  readonly goodput: readonly number[]
  readonly refusedShare: readonly number[]
  readonly p99: readonly number[]
  readonly failed: number
}

/** One sender with so many workers, under a ceiling that does not change. */
export function steadyTally ({ ceilingSlots, workers, toMs, fromMs: _, ...options }: Steady, seed: number, limit: () => Limit): Tally {
  return ran({ ...options, seed, limit, ceiling: () => ceilingSlots }, ({ senders: [sender] }) => sender.closedLoop(workers), toMs).senders[0].total
}

export function compared (steady: Steady): Comparison {
  const { fromMs, toMs } = steady
  const pairs = SEEDS.map((seed) => {
    const own = steadyTally(steady, seed, shipped)
    const told = steadyTally(steady, seed, fixedAt(steady.ceilingSlots))
    return {
      ...own.between(fromMs, toMs),
      goodput: own.between(fromMs, toMs).accepted / told.between(fromMs, toMs).accepted,
      p99: own.p99Ms(fromMs, toMs) / told.p99Ms(fromMs, toMs)
    }
  })
  return {
    goodput: pairs.map(({ goodput }) => goodput),
    refusedShare: pairs.map(({ refusedShare }) => refusedShare),
    p99: pairs.map(({ p99 }) => p99),
    failed: pairs.reduce((sum, { failed }) => sum + failed, 0)
  }
}

/** What a limit gets, per second, that was told this ceiling and stayed there. */
export function rateAt (ceilingSlots: number): number {
  const steady: Steady = { ceilingSlots, workers: 400, fromMs: 10_000, toMs: 40_000 }
  return median(SEEDS.map((seed) => steadyTally(steady, seed, fixedAt(ceilingSlots)).between(10_000, 40_000).acceptedPerSecond))
}

/** Milliseconds from `fromMs` to the middle of the first half second with at most 5 refusals per 100 successes. */
export function quietAfterMs (tally: Tally, fromMs: number, toMs: number): number {
  for (let atMs = fromMs; atMs + 500 <= toMs; atMs += 100) {
    if (tally.between(atMs, atMs + 500).refusedShare <= 0.05) return atMs + 250 - fromMs
  }
  return Infinity
}

type Verdict = readonly [holds: boolean, message: string]

const listed = (values: readonly number[]): string => values.map((value) => +value.toPrecision(4)).join(', ')

/** The median run meets the bar, and no run is worse than `worst`. */
export const atLeast = (what: string, values: readonly number[], bar: number, worst: number): Verdict =>
  [median(values) >= bar && Math.min(...values) >= worst, `${what}: ${listed(values)}; at least ${bar}, worst ${worst}`]

export const atMost = (what: string, values: readonly number[], bar: number, worst: number): Verdict =>
  [median(values) <= bar && Math.max(...values) <= worst, `${what}: ${listed(values)}; at most ${bar}, worst ${worst}`]
