import { scaleLinear } from 'd3-scale'
import { curveStepAfter, line } from 'd3-shape'
import { CEILING, document, FAINT, GRID, label, ORACLE, OURS, OURS_PALE, REFUSED, rule, trace } from './chart-style.ts'
import type { Result } from './result.ts'
import type { Points } from './summary.ts'

interface Trace {
  readonly name: string
  readonly points: Points
  readonly stroke: string
  readonly width?: number
  readonly dashes?: string
  readonly steps?: boolean
}

interface Panel {
  readonly title: string
  readonly traces: readonly Trace[]
}

const [WIDTH, HEIGHT] = [920, 560]
const [PANEL_WIDTH, PANEL_HEIGHT] = [390, 176]
const LEFT = [58, 508] as const
const TOP = [92, 352] as const

/** One run over time: the limit beside the ceiling that it looks for, goodput, refusals, latency. */
export function timeChart ({ scenario, about, lengthS, ours: { series }, fixed: { series: oracle } }: Result): string {
  const limits = series.limits.map((points, i): Trace => ({
    name: i === 0 ? 'limit' : '', points, stroke: series.limits.length === 1 ? OURS : i === 0 ? OURS : OURS_PALE, steps: true
  }))
  const several: Trace[] = series.limits.length > 1 ? [{ name: 'all limits together', points: together(series.limits), stroke: OURS, width: 2.5, steps: true }] : []
  const panels: readonly Panel[] = [
    {
      title: 'requests in flight allowed',
      traces: [
        ...several.length > 0 ? limits.map((trace, i) => ({ ...trace, name: i === 0 ? 'limit of each proxy' : '', stroke: OURS_PALE, width: 1 })) : limits,
        ...several,
        { name: 'hidden ceiling', points: series.ceiling, stroke: CEILING, width: 1.5, dashes: '5 4', steps: true }
      ]
    },
    {
      title: 'good answers per second',
      traces: [{ name: 'told the ceiling', points: oracle.goodput, stroke: ORACLE, width: 1.25 }, { name: 'twilio-governor', points: series.goodput, stroke: OURS }]
    },
    { title: 'refusals (429) by Twilio per second', traces: [{ name: 'twilio-governor', points: series.throttled, stroke: REFUSED }] },
    {
      title: 'milliseconds from request to answer',
      traces: [
        { name: 'p99, told the ceiling', points: oracle.p99Ms, stroke: ORACLE, width: 1.25 },
        { name: 'p99', points: series.p99Ms, stroke: OURS },
        { name: 'p50', points: series.p50Ms, stroke: OURS_PALE }
      ]
    }
  ]
  return document(WIDTH, HEIGHT, `${scenario}: ${about}`, [
    label(20, 32, scenario, { size: 17, weight: 600 }),
    label(20, 52, about, { fill: FAINT }),
    ...panels.map((panel, i) => drawn(panel, LEFT[i % 2 === 0 ? 0 : 1], TOP[i < 2 ? 0 : 1], lengthS))
  ])
}

/** The sum of the latest values of all, at the moments of any. */
function together (all: readonly Points[]): Points {
  const events = all.flatMap((points, i) => points.map(([atS, value]) => ({ atS, value: value ?? 0, i }))).sort((a, b) => a.atS - b.atS)
  const latest = all.map(() => 0)
  return events.map(({ atS, value, i }) => {
    latest[i] = value
    return [atS, latest.reduce((a, b) => a + b, 0)] as const
  })
}

function drawn ({ title, traces }: Panel, left: number, top: number, lengthS: number): string {
  const most = traces.flatMap(({ points }) => points).reduce((max, [, value]) => Math.max(max, value ?? 0), 0)
  const x = scaleLinear([0, lengthS], [left, left + PANEL_WIDTH])
  const y = scaleLinear([0, most === 0 ? 1 : most * 1.05], [top + PANEL_HEIGHT, top]).nice(4)
  const grid = y.ticks(4).map((value) =>
    rule(left, y(value), left + PANEL_WIDTH, y(value), GRID) + label(left - 8, y(value) + 4, value.toLocaleString('en'), { size: 11, fill: FAINT, anchor: 'end' }))
  const seconds = x.ticks(6).map((value) => label(x(value), top + PANEL_HEIGHT + 17, `${value}${value === 0 ? ' s' : ''}`, { size: 11, fill: FAINT, anchor: 'middle' }))
  const paths = traces.map(({ points, stroke, width, dashes, steps }) => {
    const path = line<readonly [number, number | null]>().defined(([, value]) => value !== null).x(([atS]) => x(Math.min(atS, lengthS))).y(([, value]) => y(value ?? 0))
    return trace((steps === true ? path.curve(curveStepAfter) : path)([...points]), stroke, width, dashes)
  })
  return [...grid, ...seconds, ...paths, label(left, top - 12, title, { weight: 600, size: 12.5 }), legend(traces, left + PANEL_WIDTH, top - 12)].join('\n')
}

/** Widths of letters differ; this is a little more than the average at size 11. */
const LETTER = 5.9

/** Names to the right, each after a dash of its colour. */
function legend (traces: readonly Trace[], right: number, y: number): string {
  let x = right
  return traces.filter(({ name }) => name !== '').toReversed().map(({ name, stroke, width = 1.75, dashes }) => {
    const start = x - name.length * LETTER
    x = start - 34
    return label(start, y, name, { size: 11, fill: FAINT }) + rule(start - 20, y - 4, start - 5, y - 4, stroke, width + 0.5, dashes)
  }).join('')
}
