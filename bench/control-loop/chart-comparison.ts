import { scaleLinear, scaleSymlog } from 'd3-scale'
import { median } from '../../test/rig/scenario/measures.ts'
import { box, document, FAINT, GRID, label, OURS, OURS_PALE, REFUSED, rule } from './chart-style.ts'
import type { Result } from './result.ts'
import type { Figures, Summary } from './summary.ts'

const WIDTH = 920
const ROW = 26
const TOP = 106
const NAMES = 232
const COLUMN = 200
const GAP = 26

interface Column {
  readonly title: string
  readonly value: (summary: Summary) => number
  readonly text: (value: number) => string
  readonly fill: (ours: boolean) => string
  /** Wide range: 1, 10, 100 at equal distances. */
  readonly wide: boolean
  /** A line to compare with. */
  readonly mark?: number
}

const middle = ({ runs }: Summary, pick: (figures: Figures) => number): number => median(runs.map(pick))

/** All contestants of a scenario side by side: goodput, refusals, latency; and who lost requests for it. */
export function comparisonChart (result: Result): string {
  const { scenario, about, ours, yardstick, peers } = result
  const all = [ours, yardstick, ...peers]
  const ofOracle = (pick: (figures: Figures) => number) => (summary: Summary): number => middle(summary, pick) / middle(yardstick, pick)
  const blue = (own: boolean): string => own ? OURS : OURS_PALE
  const columns: readonly Column[] = [
    { title: `goodput, ${yardstick.contestant} = 1`, value: ofOracle(({ goodput }) => goodput), text: (value) => value.toFixed(2), fill: blue, wide: false, mark: 1 },
    { title: '429s per 1,000 answers', value: (summary) => middle(summary, ({ throttledPer1000 }) => throttledPer1000), text: short, fill: () => REFUSED, wide: true },
    { title: 'no good answer', value: (summary) => middle(summary, ({ failures }) => failures), text: short, fill: () => REFUSED, wide: true }
  ]
  const height = TOP + ROW * all.length + 18
  return document(WIDTH, height, `${scenario}: all compared`, [
    label(20, 32, `${scenario}, compared`, { size: 17, weight: 600 }),
    label(20, 52, about, { fill: FAINT }),
    ...all.map((summary, i) => label(20, TOP + ROW * i + 17, summary.contestant, { weight: summary === ours ? 700 : 400 })),
    ...columns.map((column, i) => drawn(column, all, NAMES + 20 + i * (COLUMN + GAP)))
  ])
}

function drawn ({ title, value, text, fill, wide, mark }: Column, all: readonly Summary[], left: number): string {
  const values = all.map(value)
  const most = values.filter(Number.isFinite).reduce((a, b) => Math.max(a, b), mark ?? 1)
  // Room for the number behind the longest bar.
  const range = [0, COLUMN - 52] as const
  const x = wide ? scaleSymlog([0, most], range) : scaleLinear([0, most], range)
  const bottom = TOP + ROW * all.length
  return [
    label(left, TOP - 16, title, { weight: 600, size: 12.5 }),
    rule(left, TOP - 4, left, bottom, GRID, 1),
    ...values.map((number, i) => {
      const y = TOP + ROW * i
      const length = Number.isFinite(number) ? x(number) : 0
      return box(left, y + 5, Math.max(length, 1), ROW - 10, fill(i === 0)) + label(left + length + 6, y + 17, Number.isFinite(number) ? text(number) : '–', { size: 11 })
    }),
    ...mark === undefined ? [] : [rule(left + x(mark), TOP - 4, left + x(mark), bottom, FAINT, 1, '3 3')]
  ].join('\n')
}

const short = (value: number): string => value >= 100 ? Math.round(value).toLocaleString('en') : String(Math.round(10 * value) / 10)
