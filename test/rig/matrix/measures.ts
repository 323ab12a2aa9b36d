import { jain, median, type Stretch, type Tally } from '../model/model-tally.ts'
import type { Played } from './play.ts'
import type { Scenario } from './scenario.ts'

/** What a run came to; ratios are to the oracle's run with the same seed. */
export interface Measures {
  readonly goodput: number
  /** 429s per success. */
  readonly refused: number
  /** Calls that failed, as a part of all that ended. */
  readonly failed: number
  /** By the scenario: see `Third`. Infinity: not reached. One value, or one for each step. */
  readonly third: readonly number[]
}

export function measure (scenario: Scenario, own: Played, told: Played): Measures {
  const { fromMs, toMs } = scenario
  const sum = (played: Played, kind: 'accepted' | 'refused' | 'failed'): number =>
    played.tallies.reduce((total, tally) => total + tally.between(fromMs, toMs)[kind], 0)
  const accepted = sum(own, 'accepted')
  const failed = sum(own, 'failed')
  return {
    goodput: accepted / sum(told, 'accepted'),
    refused: sum(own, 'refused') / Math.max(1, accepted),
    failed: failed / Math.max(1, failed + accepted),
    third: thirds(scenario, own, told)
  }
}

/** Each figure's median over several runs. */
export function medians (runs: readonly Measures[]): Measures {
  const of = (pick: (run: Measures) => number): number => median(runs.map(pick))
  return {
    goodput: of(({ goodput }) => goodput),
    refused: of(({ refused }) => refused),
    failed: of(({ failed }) => failed),
    third: (runs[0]?.third ?? []).map((_, i) => of(({ third }) => third[i] ?? NaN))
  }
}

function thirds (scenario: Scenario, own: Played, told: Played): number[] {
  const { fromMs, toMs } = scenario
  const stretches = (): Stretch[] => own.tallies.map((tally) => tally.between(fromMs, toMs))
  switch (scenario.third) {
    case 'p99': return [p99(own, scenario) / p99(told, scenario)]
    case 'settle': return settled(scenario, own, told)
    case 'drain': return [drained(scenario, own)]
    case 'jain': return [jain(stretches().map(({ accepted }) => accepted))]
    case 'newcomer': return [arrived(scenario, own, told)]
    case 'routes': return [leastOfRoutes(scenario, own)]
    case 'none': return []
  }
}

function p99 ({ tallies }: Played, { fromMs, toMs }: Scenario): number {
  return tallies[0]?.p99Ms(fromMs, toMs) ?? NaN
}

/** Seconds from each step until 95 % of the oracle's later rate, at no more than 5 refusals per 100 successes. */
function settled ({ stepsMs = [], toMs }: Scenario, { tallies: [own] }: Played, { tallies: [told] }: Played): number[] {
  return stepsMs.map((fromMs, i) => {
    const untilMs = stepsMs[i + 1] ?? toMs
    const target = told?.between((fromMs + untilMs) / 2, untilMs).acceptedPerSecond ?? NaN
    return (own?.settledAfterMs(fromMs, untilMs, target) ?? NaN) / 1_000
  })
}

function drained ({ load }: Scenario, { burstDoneAtMs }: Played): number {
  const burst = load.find((each) => 'burst' in each)
  if (burst === undefined) return NaN
  return ((burstDoneAtMs[Math.ceil(0.99 * burst.burst) - 1] ?? Infinity) - burst.atMs) / 1_000
}

/** Over ten seconds at a time: a small part of an account is few calls a second. */
const NEWCOMER_MS = 10_000

/** Seconds from the last sender's start to the first ten seconds in which it has 90 % of its fair part; their middle. */
function arrived ({ senders = 1, apartMs = 0, toMs }: Scenario, { tallies }: Played, told: Played): number {
  const startMs = (senders - 1) * apartMs
  const rate = (tally: Tally | undefined, fromMs: number, untilMs: number): number => tally?.between(fromMs, untilMs).acceptedPerSecond ?? NaN
  const target = 0.9 * rate(told.tallies.at(-1), toMs - 60_000, toMs)
  for (let atMs = startMs; atMs + NEWCOMER_MS <= toMs; atMs += 1_000) {
    if (rate(tallies.at(-1), atMs, atMs + NEWCOMER_MS) >= target) return (atMs + NEWCOMER_MS / 2 - startMs) / 1_000
  }
  return Infinity
}

function leastOfRoutes ({ account, fromMs, toMs }: Scenario, { ofRoute }: Played): number {
  return Math.min(...Object.entries(account?.routesPerSecond ?? {}).map(([route, perSecond]) =>
    ofRoute(route).between(fromMs, toMs).acceptedPerSecond / perSecond))
}
