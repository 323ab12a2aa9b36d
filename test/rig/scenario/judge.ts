import { idealGoodput } from './capacity.ts'
import type { Expectation, Reference, Scenario } from './format.ts'
import {
  attempts, endOfMs, goodIn, goodput, jain, latencyMs, lost, median, outcomesOf, refusals, repeats, settleS, shares, type Span
} from './measures.ts'
import type { Run } from './run.ts'

/** One play of a scenario: the run under test and the runs that it is compared with. */
export interface Play {
  readonly run: Run
  readonly references: Readonly<Partial<Record<Reference, Run>>>
}

export interface Verdict {
  readonly expectation: Expectation
  /** One for each play. */
  readonly values: readonly number[]
  readonly median: number
  readonly met: boolean
  /** Such as `goodput of fixed in steady ≥ 1`. */
  readonly text: string
}

/** The references that a scenario's expectations ask for, beside those that need no run. */
export const referencesOf = ({ expect }: Scenario): ReadonlySet<Reference> =>
  new Set(expect.flatMap(({ of }) => of === undefined || of === 'ideal' ? [] : [of]))

/** Holds every expectation against all plays. What cannot be measured is not met. */
export function judge (scenario: Scenario, plays: readonly Play[]): readonly Verdict[] {
  return scenario.expect.map((expectation) => {
    // What is never to happen does not happen once in three runs either.
    const { least = -Infinity, most = Infinity, worst = expectation.most === 0 ? 0 : undefined } = expectation
    const values = plays.map((play) => measure(expectation, play))
    const middle = median(values)
    const none = worst === undefined || values.every((value) => expectation.least === undefined ? value <= worst : value >= worst)
    return { expectation, values, median: middle, met: middle >= least && middle <= most && none, text: textOf(expectation) }
  })
}

export function textOf ({ what, in: window, stream, of, least, most, worst }: Expectation): string {
  const bounds = [
    ...(least === undefined ? [] : [`≥ ${least}`]), ...(most === undefined ? [] : [`≤ ${most}`]), ...(worst === undefined ? [] : [`(worst ${worst})`])
  ]
  return [what, ...(stream === undefined ? [] : [`of ${stream}`]), ...(of === undefined ? [] : [what === 'settleS' ? `to the goodput of ${of}` : `÷ ${of}`]), ...(window === undefined ? [] : [`in ${window}`]), ...bounds].join(' ')
}

function measure (expectation: Expectation, { run, references }: Play): number {
  const { what, of } = expectation
  const span = spanOf(run.scenario, expectation.in)
  if (what === 'settleS') return settle(run, span, expectation, of === undefined ? undefined : references[of])
  const value = quantity(expectation, run, span)
  if (of === undefined) return value
  if (of === 'ideal') return value / idealGoodput(run.scenario, { fromS: span.fromMs / 1000, toS: span.toMs / 1000 })
  const reference = references[of]
  return reference === undefined ? NaN : value / quantity(expectation, reference, span)
}

export function spanOf ({ windows, lengthS }: Scenario, window?: string): Span {
  const { fromS, toS } = (window === undefined ? undefined : windows[window]) ?? { fromS: 0, toS: lengthS }
  return { fromMs: 1000 * fromS, toMs: 1000 * toS }
}

/** The target is what the reference gets in the second half of the window. */
function settle (run: Run, span: Span, { of, stream }: Expectation, reference: Run | undefined): number {
  const later = { fromMs: (span.fromMs + span.toMs) / 2, toMs: span.toMs }
  const target = of === 'ideal'
    ? idealGoodput(run.scenario, { fromS: later.fromMs / 1000, toS: later.toMs / 1000 })
    : reference === undefined ? NaN : goodput(outcomesOf(reference, stream), later)
  return Number.isNaN(target) ? NaN : settleS(outcomesOf(run, stream), run.tenths, span, target)
}

function quantity ({ what, stream }: Expectation, run: Run, span: Span): number {
  const outcomes = outcomesOf(run, stream)
  const { tenths, samples, scenario: { proxies: { count } } } = run
  const sent = (status: (code: number) => boolean): number =>
    outcomes.filter(({ sentMs }) => sentMs >= span.fromMs && sentMs < span.toMs).filter((outcome) => status(outcome.status)).length
  const throttled = (): number => stream === undefined ? refusals(tenths, span) : repeats(outcomes, span)
  switch (what) {
    case 'goodput': return goodput(outcomes, span)
    case 'throttled': return throttled()
    case 'throttledPer100': return 100 * throttled() / goodIn(outcomes, span).length
    case 'attemptsPerSecond': return 1000 * attempts(tenths, span) / (span.toMs - span.fromMs)
    case 'p50Ms': return latencyMs(outcomes, span, 0.5)
    case 'p95Ms': return latencyMs(outcomes, span, 0.95)
    case 'p99Ms': return latencyMs(outcomes, span, 0.99)
    case 'settleS': return NaN
    case 'quietS': return settleS(outcomes, tenths, span, 0)
    case 'drainS': return (endOfMs(outcomes, 0.99) - span.fromMs) / 1000
    case 'jain': return jain(shares(outcomes, span, count))
    case 'newcomer': return newcomer(shares(outcomes, span, count))
    case 'failures': return sent((status) => status < 200 || status >= 300)
    case 'seen429': return sent((status) => status === 429)
    case 'lost': return lost(run)
    case 'doubled': return run.stats.duplicates
    case 'limitLeast': return extreme(Math.min, limits(samples, span))
    case 'limitMost': return extreme(Math.max, limits(samples, span))
    case 'stuck': return run.stuck
  }
}

function newcomer (shares: readonly number[]): number {
  const last = shares.at(-1) ?? NaN
  return last * shares.length / shares.reduce((a, b) => a + b, 0)
}

const limits = (samples: Run['samples'], { fromMs, toMs }: Span): readonly number[] =>
  samples.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).map(({ limit }) => limit)

/** NaN of nothing. */
const extreme = (pick: (a: number, b: number) => number, values: readonly number[]): number =>
  values.length === 0 ? NaN : values.reduce((a, b) => pick(a, b))
