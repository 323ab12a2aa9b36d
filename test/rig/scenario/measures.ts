/** What a run comes to. All functions are pure; windows are in milliseconds from the start of the load. */
import type { TenthBucket } from '../../../src/simulator/model/statistics.ts'
import { creates } from './requests.ts'
import type { Outcome } from './load.ts'
import type { Run } from './run.ts'

export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

export const isGood = ({ status }: Outcome): boolean => status >= 200 && status < 300

/** Outcomes of one stream, or of all. */
export function outcomesOf ({ outcomes }: Pick<Run, 'outcomes'>, stream?: string): readonly Outcome[] {
  return stream === undefined ? [...outcomes.values()].flat() : outcomes.get(stream) ?? []
}

const ended = ({ fromMs, toMs }: Span) => ({ endMs }: Outcome): boolean => endMs >= fromMs && endMs < toMs

export const goodIn = (outcomes: readonly Outcome[], span: Span): readonly Outcome[] => outcomes.filter(ended(span)).filter(isGood)

/** Good answers per second. */
export const goodput = (outcomes: readonly Outcome[], span: Span): number => 1000 * goodIn(outcomes, span).length / (span.toMs - span.fromMs)

/** Of good answers, milliseconds; NaN when there are none. */
export function latencyMs (outcomes: readonly Outcome[], span: Span, share: number): number {
  const sorted = goodIn(outcomes, span).map(({ sentMs, endMs }) => endMs - sentMs).sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
}

/** When this share of the good answers was there, milliseconds; NaN when there are none. */
export function endOfMs (outcomes: readonly Outcome[], share: number): number {
  const ends = outcomes.filter(isGood).map(({ endMs }) => endMs).sort((a, b) => a - b)
  return ends[Math.max(0, Math.ceil(share * ends.length) - 1)] ?? NaN
}

const inside = ({ fromMs, toMs }: Span) => ({ tenth }: TenthBucket): boolean => 100 * tenth >= fromMs && 100 * tenth < toMs

/** Refusals by the simulator. */
export const refusals = (tenths: readonly TenthBucket[], span: Span): number =>
  tenths.filter(inside(span)).reduce((sum, { account, route, random }) => sum + account + route + random, 0)

export const attempts = (tenths: readonly TenthBucket[], span: Span): number =>
  refusals(tenths, span) + tenths.filter(inside(span)).reduce((sum, { admitted }) => sum + admitted, 0)

/** Attempts beyond the first of what ended in the window: refusals, as far as nothing else is retried. */
export const repeats = (outcomes: readonly Outcome[], span: Span): number =>
  outcomes.filter(ended(span)).reduce((sum, { attempts }) => sum + Math.max(0, attempts - 1), 0)

const HALF_SECOND_MS = 500
const STEP_MS = 100
/** A half second with more refusals than so many per good answer is not settled. */
const QUIET = 0.05

/**
 * Seconds from the start of the window to the middle of the first half second in which goodput is at least 95 % of
 * the target and there are at most 5 refusals per 100 good answers; Infinity when there is none. Target 0: quiet alone.
 */
export function settleS (outcomes: readonly Outcome[], tenths: readonly TenthBucket[], { fromMs, toMs }: Span, targetPerSecond: number): number {
  const good = bins(goodIn(outcomes, { fromMs, toMs }).map(({ endMs }) => endMs))
  const refused = new Map(tenths.map(({ tenth, account, route, random }) => [tenth, account + route + random]))
  const sum = (counts: ReadonlyMap<number, number>, atMs: number): number =>
    [0, 1, 2, 3, 4].reduce((total, i) => total + (counts.get(Math.round(atMs / STEP_MS) + i) ?? 0), 0)
  for (let atMs = fromMs; atMs + HALF_SECOND_MS <= toMs; atMs += STEP_MS) {
    const answers = sum(good, atMs)
    const enough = answers * 1000 / HALF_SECOND_MS >= 0.95 * targetPerSecond
    if (enough && sum(refused, atMs) <= QUIET * answers) return (atMs + HALF_SECOND_MS / 2 - fromMs) / 1000
  }
  return Infinity
}

function bins (momentsMs: readonly number[]): ReadonlyMap<number, number> {
  const counts = new Map<number, number>()
  for (const atMs of momentsMs) counts.set(Math.floor(atMs / STEP_MS), (counts.get(Math.floor(atMs / STEP_MS)) ?? 0) + 1)
  return counts
}

/** Jain's index: (Σx)² ÷ (n × Σx²). 1 when all have the same, 1/n when one has everything. */
export function jain (shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0)
  const squares = shares.reduce((total, share) => total + share * share, 0)
  return squares === 0 ? NaN : sum * sum / (shares.length * squares)
}

/** Good answers of each proxy in the window. */
export function shares (outcomes: readonly Outcome[], span: Span, proxies: number): readonly number[] {
  const counts = Array.from({ length: proxies }, () => 0)
  for (const { proxy } of goodIn(outcomes, span)) counts[proxy] = (counts[proxy] ?? 0) + 1
  return counts
}

/** Good answers to creates beyond what was carried out at all. */
export function lost ({ outcomes, streams, stats }: Pick<Run, 'outcomes' | 'streams' | 'stats'>): number {
  const acknowledged = [...outcomes].filter(([name]) => creates(streams[name]?.request)).flatMap(([, of]) => of).filter(isGood).length
  return Math.max(0, acknowledged - (stats.creates.total - stats.duplicates))
}

export function median (values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)] ?? NaN : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
}
