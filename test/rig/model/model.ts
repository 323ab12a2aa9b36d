/**
 * A model of one account in simulated time: clients, their limits, the wire, and a concurrency ceiling
 * that nobody is told. Service takes 110 ms at the median and 1 s at the 99th percentile, lognormal.
 * The same seed gives the same story.
 */
import type { PeerLimit, RetryRule } from '../peers/peer.ts'
import { createCeiling } from '../../../src/policy/limit/ceiling.ts'
import { createFixed } from '../../../src/policy/limit/fixed.ts'
import type { Limit } from '../../../src/policy/limit/limit.ts'
import { withRouteLimits } from '../../../src/policy/routes/route-limits.ts'
import { ModelAccount, type AccountOptions } from './model-account.ts'
import { ModelSender } from './model-sender.ts'
import { Timeline } from './model-timeline.ts'

export interface Model {
  readonly timeline: Timeline
  readonly account: ModelAccount
  /** One for each limit. */
  readonly senders: readonly [ModelSender, ...ModelSender[]]
}

export interface ModelOptions extends Partial<AccountOptions> {
  readonly seed: number
  /** How many senders share the account, each with a limit of its own from `limit`. */
  readonly senders?: number
  readonly limit?: (sender: number, nowMs: () => number) => PeerLimit
  /** Absent: until the deadline, with the waits of the proxy. */
  readonly retry?: RetryRule | undefined
}

const DEFAULTS: Omit<AccountOptions, 'seed'> = {
  ceiling: () => 100,
  reporting: 'exact',
  wireMs: 17,
  wireJitterMs: 3,
  routesPerSecond: {},
  announced: {},
  randomRefusals: {},
  service: {},
  slowness: () => 1,
  softness: () => 0
}

/** The limit as it is shipped. */
export const shipped = (): Limit => withRouteLimits(createCeiling({ initial: 10, min: 1, max: 10_000, probe: 1 }))

/** The yardstick: a fixed limit, told the ceiling. */
export const fixedAt = (slots: number) => (): Limit => createFixed(slots)

export function createModel ({ senders = 1, limit = shipped, retry, ...account }: ModelOptions): Model {
  const timeline = new Timeline()
  const subject = new ModelAccount(timeline, { ...DEFAULTS, ...account })
  const sender = (index: number): ModelSender =>
    new ModelSender(timeline, subject, limit(index, () => timeline.nowMs), account.seed * 1000 + index, retry)
  return { timeline, account: subject, senders: [sender(0), ...Array.from({ length: senders - 1 }, (_, i) => sender(i + 1))] }
}

/** A ceiling that changes at given moments, the first of them 0. */
export function steps (...points: ReadonlyArray<readonly [atMs: number, value: number]>): (nowMs: number) => number {
  return (nowMs) => points.findLast(([atMs]) => atMs <= nowMs)?.[1] ?? 0
}
