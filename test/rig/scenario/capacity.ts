/** What an account could carry, worked out from the scenario: for references, never told to a proxy under test. */
import { settingsAt, startOf, type Scenario as Account } from '../../../src/simulator/model/scenario.ts'
import type { Settings } from '../../../src/simulator/model/settings.ts'
import type { Scenario, Window } from './format.ts'

/** The 99th percentile of the standard normal distribution. */
const Z99 = 2.3263478740408408

/** Mean of a lognormal time at Twilio, milliseconds: median × e^(σ²/2), σ = ln(p99 ÷ median) ÷ z₀.₉₉. */
export function meanServiceMs ({ latency: { medianMs, p99Ms }, slowFactor }: Settings): number {
  if (medianMs === 0) return 0
  const sigma = Math.log(p99Ms / medianMs) / Z99
  return slowFactor * medianMs * Math.exp(sigma * sigma / 2)
}

/** Slots that the account's other clients leave. Workers that compete hold one each while they are served. */
export function room (settings: Settings): number {
  const { limit, otherClients: { slots, workers }, wireDelayMs, wireJitterMs } = settings
  const service = meanServiceMs(settings)
  return Math.max(1, limit - slots - workers * service / (service + 2 * (wireDelayMs + wireJitterMs)))
}

/** Good answers per second that a limit gets which is pinned to the room: it holds its slots over the wire, too. */
export function fixedCapacity (settings: Settings): number {
  const { wireDelayMs, wireJitterMs } = settings
  return 1000 * room(settings) / Math.max(0.1, meanServiceMs(settings) + 2 * (wireDelayMs + wireJitterMs))
}

export interface Step {
  readonly atMs: number
  readonly slots: number
}

/** What each proxy is told that is to know the ceiling; the first step is at 0. */
export function pinnedSteps ({ simulator, proxies, pinned }: Scenario): readonly [Step, ...Step[]] {
  const slotsOf = (settings: Settings): number => pinned ?? Math.max(1, Math.floor(room(settings) / proxies.count))
  const first = { atMs: 0, slots: slotsOf(startOf(simulator)) }
  return simulator.timeline.reduce<[Step, ...Step[]]>((steps, { atMs }) => {
    const slots = slotsOf(settingsAt(simulator, atMs))
    if (slots !== steps.at(-1)?.slots) steps.push({ atMs, slots })
    return steps
  }, [first])
}

/** The true ceiling over time, for charts. */
export function ceilingAt (account: Account, atMs: number): number {
  return settingsAt(account, atMs).limit
}

/** Good answers per second in a window if no slot were ever empty. */
export function idealGoodput ({ simulator }: Scenario, { fromS, toS }: Window): number {
  const [fromMs, toMs] = [1000 * fromS, 1000 * toS]
  const cuts = [fromMs, ...simulator.timeline.map(({ atMs }) => atMs).filter((atMs) => atMs > fromMs && atMs < toMs), toMs]
  const answers = cuts.slice(1).reduce((sum, end, i) => {
    const begin = cuts[i] ?? fromMs
    const settings = settingsAt(simulator, begin)
    return sum + room(settings) * (end - begin) / meanServiceMs(settings)
  }, 0)
  return 1000 * answers / (toMs - fromMs)
}
