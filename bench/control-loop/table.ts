import { median } from '../scenario/measures.ts'
import type { Bar, Result } from './result.ts'
import type { Figures, Summary } from './summary.ts'

/** Lags beyond which a run says as much of the machine as of the proxy, milliseconds. */
const LOAD_LAG_MOST_MS = 25
const SIMULATOR_LAG_MOST_MS = 40

export const isStrained = ({ strain }: Figures): boolean => strain.loadLagMs > LOAD_LAG_MOST_MS || strain.simulatorLagMs > SIMULATOR_LAG_MOST_MS

export const HEAD = ['', 'goodput of the oracle\'s', '429 per 1,000', 'p50', 'p95', 'p99', 'Jain', 'no good answer', 'of them 429']

/** A contestant beside the oracle: medians, and in brackets the least and the most of several runs. */
export function row (summary: Summary, oracle: Summary): readonly string[] {
  const ratio = (pick: (figures: Figures) => number): readonly number[] => summary.runs.map((run, i) => {
    const other = oracle.runs[i] ?? oracle.runs[0]
    return other === undefined ? NaN : pick(run) / pick(other)
  })
  const { runs } = summary
  const several = (runs[0]?.jain ?? 1) < 1
  return [
    summary.contestant + (runs.some(isStrained) ? ' †' : ''),
    spread(ratio(({ goodput }) => goodput), 2),
    spread(runs.map(({ throttledPer1000 }) => throttledPer1000), 1),
    ...([({ p50Ms }) => p50Ms, ({ p95Ms }) => p95Ms, ({ p99Ms }) => p99Ms] satisfies Array<(figures: Figures) => number>)
      .map((pick) => spread(ratio(pick), 2)),
    several ? spread(runs.map(({ jain }) => jain), 3) : '',
    spread(runs.map(({ failures }) => failures), 0),
    spread(runs.map(({ seen429 }) => seen429), 0)
  ]
}

export function barRows (bars: readonly Bar[]): ReadonlyArray<readonly string[]> {
  return bars.map(({ text, values, met }) => [met ? 'met' : '**not met**', text, spread(values.map((value) => value ?? NaN), 3)])
}

export const met = ({ bars }: Result): string => `${bars.filter((bar) => bar.met).length} of ${bars.length}`

/** The first time to settle that a scenario asks for, seconds. */
export function settleText ({ bars }: Result): string {
  const bar = bars.find(({ what }) => what === 'settleS' || what === 'quietS' || what === 'drainS')
  return bar === undefined || bar.text.includes('÷ fixed in burst') ? '' : spread(bar.values.map((value) => value ?? NaN), 1)
}

function spread (values: readonly number[], digits: number): string {
  const text = (value: number): string => Number.isFinite(value) ? value.toLocaleString('en', { maximumFractionDigits: digits, useGrouping: true }) : '–'
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return values.length < 2 || text(least) === text(most) ? text(median(values)) : `${text(median(values))} (${text(least)}–${text(most)})`
}

export function markdown (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
