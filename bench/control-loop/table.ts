import { median } from '../../test/rig/scenario/measures.ts'
import { isStrained } from '../../test/rig/scenario/watch.ts'
import type { Bar, Result } from './result.ts'
import type { Figures, Summary } from './summary.ts'

export const HEAD = ['', 'goodput', '429 per 1,000', 'p50', 'p95', 'p99', 'Jain', 'no good answer', 'of them 429']

/** A contestant beside the yardstick, whose goodput and latencies are 1: medians, and in brackets the least and the most of several runs. */
export function row (summary: Summary, yardstick: Summary): readonly string[] {
  const ratio = (pick: (figures: Figures) => number): readonly number[] => summary.runs.map((run, i) => {
    const other = yardstick.runs[i] ?? yardstick.runs[0]
    return other === undefined ? NaN : pick(run) / pick(other)
  })
  const { runs } = summary
  const several = (runs[0]?.jain ?? 1) < 1
  return [
    summary.contestant + (runs.some(({ strain }) => isStrained(strain)) ? ' †' : ''),
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
  const bar = bars.find(({ what }) => what === 'settleS' || what === 'quietS')
  return bar === undefined ? '' : spread(bar.values.map((value) => value ?? NaN), 1)
}

function spread (values: readonly number[], digits: number): string {
  const text = (value: number): string => Number.isFinite(value) ? value.toLocaleString('en', { maximumFractionDigits: digits, useGrouping: true }) : '–'
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return values.length < 2 || text(least) === text(most) ? text(median(values)) : `${text(median(values))} (${text(least)}–${text(most)})`
}

export function markdown (head: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
