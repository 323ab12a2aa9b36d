import type { AccountOptions } from '../model/model-account.ts'
import type { Route } from '../model/model-sender.ts'

/** What every sender of a scenario has to send. Moments are reckoned from the sender's start. */
export type Load =
  | { readonly workers: number, readonly route?: Route, readonly fromMs?: number, readonly toMs?: number }
  | { readonly perSecond: number, readonly route?: Route, readonly fromMs?: number, readonly toMs?: number }
  | { readonly burst: number, readonly atMs: number, readonly overMs: number }

/** What the third figure of a scenario is. */
export type Third =
  | 'p99' // latency from arrival to success, as a part of the oracle's
  | 'settle' // seconds after each of the `stepsMs`
  | 'drain' // seconds until 99 in 100 calls of the burst are done
  | 'jain' // fairness among the senders
  | 'newcomer' // seconds until the last sender has 90 % of what a fair part gives it
  | 'routes' // the least that a route with a limit of its own gets of that limit
  | 'none'

export interface Scenario {
  readonly name: string
  /** What is measured, milliseconds. */
  readonly fromMs: number
  readonly toMs: number
  readonly load: readonly Load[]
  readonly third: Third
  readonly account?: Partial<Omit<AccountOptions, 'seed'>>
  /** Senders on the account, each with a limit of its own, and how far apart they start. */
  readonly senders?: number
  readonly apartMs?: number
  /** How many workers other clients have, from each moment on. */
  readonly others?: ReadonlyArray<readonly [atMs: number, workers: number]>
  /** What the oracle is told: the account's ceiling, unless others leave less of it. */
  readonly told?: (nowMs: number) => number
  readonly stepsMs?: readonly number[]
}

export interface Group {
  readonly title: string
  /** Only the reported concurrency differs: nothing new for limits that never look at it. */
  readonly reportingOnly?: boolean
  readonly scenarios: readonly Scenario[]
}
