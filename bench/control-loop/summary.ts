/** What runs come to, as plain data: it is what result files hold, and what tables and charts are made of. */
import { ceilingAt } from '../../test/rig/scenario/capacity.ts'
import type { Scenario } from '../../test/rig/scenario/format.ts'
import type { Outcome } from '../../test/rig/scenario/load.ts'
import { spanOf } from '../../test/rig/scenario/judge.ts'
import { goodIn, goodput, isGood, jain, latencyMs, lost, outcomesOf, refusals, shares, type Span } from '../../test/rig/scenario/measures.ts'
import type { Run } from '../../test/rig/scenario/run.ts'
import type { Strain } from '../../test/rig/scenario/watch.ts'

/** One run of one contestant, in the window that the tables show. */
export interface Figures {
  /** Good answers per second; of a burst, until its last answer. */
  readonly goodput: number
  readonly throttledPer1000: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
  readonly jain: number
  /** Requests of the whole run that got no good answer, and those of them that were answered 429. */
  readonly failures: number
  readonly seen429: number
  readonly lost: number
  readonly doubled: number
  readonly strain: Strain
}

/** A line of a chart: seconds from the start, value; null is a gap. */
export type Points = ReadonlyArray<readonly [atS: number, value: number | null]>

/** One run over time. */
export interface Series {
  readonly ceiling: Points
  /** One for each proxy. */
  readonly limits: readonly Points[]
  /** Per second. */
  readonly goodput: Points
  readonly throttled: Points
  readonly p50Ms: Points
  readonly p99Ms: Points
}

export interface Summary {
  readonly contestant: string
  readonly runs: readonly Figures[]
  /** Of the first run. */
  readonly series: Series
}

/** The first window of a scenario is the one that tables show. */
export const tableSpan = (scenario: Scenario): Span => spanOf(scenario, Object.keys(scenario.windows)[0])

export function figuresOf (run: Run): Figures {
  const { scenario, tenths, strain, stats } = run
  const span = tableSpan(scenario)
  const outcomes = outcomesOf(run)
  const shown = outcomesOf(run, scenario.shows)
  const all = { fromMs: 0, toMs: 1000 * scenario.lengthS }
  const failed = outcomes.filter((outcome) => !isGood(outcome))
  return {
    goodput: burstGoodput(run) ?? goodput(shown, span),
    throttledPer1000: 1000 * refusals(tenths, span) / Math.max(1, goodIn(outcomes, span).length),
    p50Ms: latencyMs(shown, span, 0.5),
    p95Ms: latencyMs(shown, span, 0.95),
    p99Ms: latencyMs(shown, span, 0.99),
    jain: jain(shares(outcomes, span, scenario.proxies.count)),
    failures: failed.filter(({ sentMs }) => sentMs < all.toMs).length,
    seen429: failed.filter(({ status }) => status === 429).length,
    lost: lost(run),
    doubled: stats.duplicates,
    strain
  }
}

function burstGoodput ({ streams, outcomes }: Run): number | undefined {
  const [name, stream] = Object.entries(streams).find(([, { burst }]) => burst !== undefined) ?? []
  if (name === undefined) return undefined
  const good = (outcomes.get(name) ?? []).filter(isGood)
  return 1000 * good.length / (good.reduce((last, { endMs }) => Math.max(last, endMs), 0) - 1000 * (stream?.fromS ?? 0))
}

const BIN_S = 0.5

export function seriesOf (run: Run): Series {
  const { scenario, samples, tenths } = run
  const good = outcomesOf(run, scenario.shows).filter(isGood).sort((a, b) => a.endMs - b.endMs)
  const bins = Array.from({ length: Math.ceil(scenario.lengthS / BIN_S) }, (_, i) => i * BIN_S)
  const perBin = binned(good, bins.length)
  const middle = (atS: number): number => rounded(atS + BIN_S / 2)
  return {
    ceiling: [0, ...scenario.simulator.timeline.map(({ atMs }) => atMs), 1000 * scenario.lengthS]
      .filter((atMs) => atMs <= 1000 * scenario.lengthS).map((atMs) => [atMs / 1000, ceilingAt(scenario.simulator, atMs)]),
    limits: Array.from({ length: scenario.proxies.count }, (_, proxy) =>
      samples.filter((sample) => sample.proxy === proxy).map(({ atMs, limit }) => [rounded(atMs / 1000), limit])),
    goodput: bins.map((atS, i) => [middle(atS), (perBin[i]?.length ?? 0) / BIN_S]),
    throttled: bins.map((atS) => [middle(atS), refusals(tenths, { fromMs: 1000 * atS, toMs: 1000 * (atS + BIN_S) }) / BIN_S]),
    p50Ms: bins.map((atS, i) => [middle(atS), quantile(perBin[i] ?? [], 0.5)]),
    p99Ms: bins.map((atS, i) => [middle(atS), quantile(perBin[i] ?? [], 0.99)])
  }
}

function binned (outcomes: readonly Outcome[], count: number): ReadonlyArray<readonly number[]> {
  const bins: number[][] = Array.from({ length: count }, () => [])
  for (const { sentMs, endMs } of outcomes) bins[Math.floor(endMs / 1000 / BIN_S)]?.push(endMs - sentMs)
  return bins
}

function quantile (values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  const found = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
  return found === undefined ? null : Math.round(found)
}

const rounded = (value: number): number => Math.round(100 * value) / 100
