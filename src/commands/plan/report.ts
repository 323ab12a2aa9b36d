/** A plan in words: then, and with these settings. Lines fit a terminal of 80 columns. */
import type { Distribution } from './distribution.ts'
import { DIMENSIONS, type Dimension, type Figures, type Pair, type Side } from './figures.ts'
import type { Reading } from './recording/read-log.ts'
import type { CeilingGuess } from './recording/recorded-ceiling.ts'
import { amount, duration, span, wrap } from './wording.ts'

export interface PlannedAccount {
  /** As the log names it. */
  readonly account: string
  readonly guess: CeilingGuess
  /** What the plan let the account have at Twilio at once; undefined for no bound. */
  readonly assumed: number | undefined
  /** The most that it had there in the plan. */
  readonly peak: number
}

export interface Report {
  readonly reading: Reading
  /** Since 1970: the first arrival and the last answer. */
  readonly startMs: number
  readonly endMs: number
  readonly accounts: readonly PlannedAccount[]
  /** The ceiling was named, not read from the log. */
  readonly isCeilingGiven: boolean
  readonly figures: Figures
  readonly notes: readonly string[]
}

const WIDTH = 80
/** Rows of each table: what was waited for longest comes first. */
const ROWS = 5
const PERCENTILES = [['p50', 0.5], ['p95', 0.95], ['p99', 0.99]] as const
const COLUMNS = [12, 8, 8, 8, 8, 9, 9, 8] as const
const TITLES: Readonly<Record<Dimension, string>> = {
  class: 'By class',
  product: 'By product',
  caller: 'By caller',
  route: 'By route',
  account: 'By account'
}

export function describe (report: Report): string {
  const { figures, notes } = report
  const tables = DIMENSIONS.flatMap(
    (dimension) => table(TITLES[dimension], [...figures.groups(dimension)], dimension === 'class')
  )
  return [
    heading(report),
    ceilings(report).join('\n'),
    [head('All'), ...rows(figures.all), ...totals(figures)].join('\n'),
    ...tables,
    ...pacing(figures),
    [...LEGEND, ...notes].flatMap((note) => wrap(`- ${note}`, WIDTH, '  ')).join('\n')
  ].join('\n\n')
}

const LEGEND = [
  'then: as recorded. plan: the same requests through the proxy with these settings, simulated.',
  'p50 to max: waits at the gate, for a pace and between attempts, of requests that were not refused. 429s: calls that Twilio throttled. refused: requests that nobody processed, answered by an error of the proxy or a 429 handed on. saved: answered without a call of their own.'
]

function heading ({ reading: { exchanges, others, broken, firstBroken }, startMs, endMs }: Report): string {
  const skipped = [
    ...others > 0 ? [`${amount(others)} other lines`] : [],
    ...broken > 0 ? [`${amount(broken)} broken, the first is line ${amount(firstBroken)}`] : []
  ]
  return [
    `${amount(exchanges)} requests, ${span(startMs, endMs)} UTC (${duration(endMs - startMs)})`,
    ...skipped.length === 0 ? [] : [`skipped: ${skipped.join('; ')}`]
  ].join('\n')
}

function ceilings ({ accounts, isCeilingGiven }: Report): readonly string[] {
  const sorted = [...accounts].sort((a, b) => b.guess.highest - a.guess.highest)
  return [
    'Ceiling at Twilio: requests of the account at once, through this proxy',
    ...sorted.slice(0, ROWS).flatMap(
      (account) => wrap(`  ${account.account}  ${ceilingOf(account, isCeilingGiven)}`, WIDTH, '    ')
    ),
    ...more(sorted.length, 'accounts')
  ]
}

function ceilingOf ({ guess, assumed, peak }: PlannedAccount, isGiven: boolean): string {
  const { highest, refusals, median, ofRoutes, confidence } = guess
  const bound = isGiven
    ? `${amount(assumed ?? 0)}, as given`
    : assumed === undefined
      ? `unknown, at least ${amount(highest)}: no 429 of Twilio shows it, so the plan knows no ceiling`
      : `about ${amount(assumed)} (${confidence}: Twilio throttled ${amount(refusals)} requests, half of them beside ${amount(median)} or more)`
  const routes = ofRoutes === 0 ? '' : `; ${amount(ofRoutes)} throttled far below: limits of single routes`
  return `${bound}${routes}; at most ${amount(highest)} then, ${amount(peak)} in the plan`
}

function totals ({ all: { then, plan }, moved }: Figures): readonly string[] {
  const why = ({ refusals }: Side): string =>
    [...refusals].sort(([, a], [, b]) => b - a).map(([reason, count]) => `${reason} ${amount(count)}`).join(', ')
  const lines = [
    `calls to Twilio: ${amount(then.calls)} then, ${amount(plan.calls)} in the plan`,
    ...then.refused > 0 ? [`refused then: ${why(then)}`] : [],
    ...plan.refused > 0 ? [`refused in the plan: ${why(plan)}`] : [],
    ...moved.size > 0
      ? [`other classes: ${[...moved].map(([move, count]) => `${move} ${amount(count)}`).join(', ')}`]
      : []
  ]
  return lines.flatMap((line) => wrap(`  ${line}`, WIDTH, '    '))
}

/** Nothing for a table of one row, which would repeat the one above, unless it is wanted all the same. */
function table (title: string, groups: ReadonlyArray<readonly [string, Pair]>, always: boolean): readonly string[] {
  if (groups.length < 2 && !always) return []
  const sorted = [...groups].sort(([, a], [, b]) => badness(b) - badness(a))
  const lines = sorted.slice(0, ROWS).flatMap(([name, pair]) => [name, ...rows(pair)])
  return [[head(title), ...lines, ...more(sorted.length, 'more')].join('\n')]
}

function pacing ({ rules }: Figures): readonly string[] {
  if (rules.size === 0) return []
  const sorted = [...rules].sort(([, a], [, b]) => b.waits.size - a.waits.size)
  return [[
    row('Pacing', ['requests', 'p50', 'p95', 'p99', 'max', 'held']),
    ...sorted.flatMap(
      ([name, { asked, waits }]) => [name, row('  plan', [amount(asked), ...spread(waits), amount(waits.size)])]
    )
  ].join('\n')]
}

const badness = ({ then, plan }: Pair): number =>
  Math.max(then.waitedMs, plan.waitedMs) + then.refused + plan.refused + then.requests / 1e6

const more = (count: number, what: string): readonly string[] =>
  count > ROWS ? [`  and ${amount(count - ROWS)} ${what} (all in --json)`] : []

const head = (title: string): string =>
  row(title.padEnd(8), ['requests', 'p50', 'p95', 'p99', 'max', '429s', 'refused', 'saved'])

const rows = ({ then, plan }: Pair): readonly string[] => [row('  then', cells(then)), row('  plan', cells(plan))]

function cells ({ requests, waits, throttled, refused, saved }: Side): readonly string[] {
  return [amount(requests), ...spread(waits), amount(throttled), amount(refused), amount(saved)]
}

const spread = (waits: Distribution): readonly string[] => [
  ...PERCENTILES.map(([, part]) => waits.percentile(part)),
  waits.max
].map((ms) => waits.size === 0 ? '–' : duration(ms))

/** A title that is longer than its column takes room from the numbers beside it. */
function row (label: string, texts: readonly string[]): string {
  const [first = '', ...rest] = texts.map((text, i) => text.padStart(COLUMNS[i] ?? 0))
  return (label.padEnd(8) + first.slice(Math.max(0, label.length - 8)) + rest.join('')).trimEnd()
}

/** For programs: the same numbers, milliseconds and counts, and every group. */
export function toJson ({ reading, startMs, endMs, accounts, isCeilingGiven, figures, notes }: Report): string {
  const pair = ({ then, plan }: Pair): unknown => ({ then: sideOf(then), plan: sideOf(plan) })
  return JSON.stringify({
    from: new Date(startMs).toISOString(),
    to: new Date(endMs).toISOString(),
    lines: reading,
    accounts: accounts.map(({ account, guess, assumed, peak }) =>
      ({ account, assumedCeiling: assumed ?? null, isCeilingGiven, recorded: guess, planPeak: peak })),
    all: pair(figures.all),
    by: Object.fromEntries(DIMENSIONS.map((dimension) =>
      [dimension, Object.fromEntries([...figures.groups(dimension)].map(([name, each]) => [name, pair(each)]))])),
    pacing: Object.fromEntries([...figures.rules].map(
      ([name, { asked, waits }]) => [name, { requests: asked, held: waits.size, waitMs: percentilesOf(waits) }]
    )),
    moved: Object.fromEntries(figures.moved),
    notes
  }, null, 2)
}

function sideOf ({ requests, calls, throttled, saved, left, refusals, waits }: Side): unknown {
  return {
    requests,
    calls,
    throttled,
    saved,
    left,
    refused: Object.fromEntries(refusals),
    waitMs: percentilesOf(waits)
  }
}

function percentilesOf (waits: Distribution): Readonly<Record<string, number>> {
  const tenths = (ms: number): number => Math.round(10 * ms) / 10
  return {
    ...Object.fromEntries(PERCENTILES.map(([name, part]) => [name, tenths(waits.percentile(part))])),
    max: tenths(waits.max)
  }
}
