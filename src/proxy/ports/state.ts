/** Live numbers, read when metrics are scraped or /state is asked for. Nothing secret or personal is in them. */
import type { PacedRoute } from '../../policy/limit/limit.ts'
import type { Product, TrafficClass } from '../../twilio/types.ts'
import type { CeilingSnapshot } from '../gate/account-limit.ts'
import type { KillSwitch } from '../guard/kill-switch.ts'

/** Live numbers of one account, read when metrics are scraped or /state is asked for. */
export interface AccountState {
  readonly account: string
  readonly mode: 'enforce' | 'shadow' | 'off'
  readonly algorithm: string
  /** Requests allowed at once: inflight + held < limit admits. */
  readonly limit: number
  readonly inflight: number
  readonly held: number
  readonly queued: Readonly<Record<TrafficClass, number>>
  /** Callers with a request that waits; from 256 in a class on, several may count as one. */
  readonly waitingCallers: number
  readonly queuedBytes: number
  /** The last Twilio-Concurrent-Requests; null when Twilio never sent one. */
  readonly reportedConcurrency: number | null
  /** What 429s and admissions say of the account's ceiling at Twilio. */
  readonly ceiling: CeilingSnapshot
  readonly oldestWaiterMs: number
  /** Exchanges finished per second, lately. */
  readonly drainPerSecond: number
  readonly lastChange: { readonly reason: string, readonly agoMs: number, readonly limit: number } | null
  /** Routes with a limit of their own, as learnt from their 429s. */
  readonly pacedRoutes: readonly PacedRoute[]
  readonly idleMs: number
}

/** A route whose resources are read over and over. */
export interface PolledRoute {
  readonly route: string
  readonly product: Product
  /** Reads sent to Twilio that a callback or a cached answer would have saved, since the start. */
  readonly polls: number
}

/** A pacing rule of the settings at work. */
export interface PacedRule {
  readonly rule: string
  /** Accounts, services, numbers … that it counts apart now. */
  readonly keys: number
  readonly waiting: number
}

/** What a spend cap may count apart. */
export type CapPart = 'caller' | 'account' | 'prefix' | 'country' | 'destination'

/** One count of a cap: what it is of, but for a destination, and the sends in it. */
export interface CapCount {
  readonly caller?: string
  /** The account's key. */
  readonly account?: string
  readonly prefix?: string
  readonly country?: string
  readonly used: number
}

/** A spend cap now. */
export interface CapState {
  readonly name: string
  readonly mode: 'refuse' | 'count'
  readonly max: number
  readonly intervalMs: number
  readonly per: readonly CapPart[]
  /** Counts held, each against the same most. */
  readonly counts: number
  /** Of the fullest count; above 1 only where sends are counted and not refused. */
  readonly usedRatio: number
  readonly fullest: readonly CapCount[]
}

/** What the proxy shows of itself to metrics and admin. */
export interface ProxyState {
  readonly accounts: () => readonly AccountState[]
  readonly waitingRequests: () => number
  readonly waitingBodyBytes: () => number
  /** Answers cached in memory, as they are counted against coalesce.cacheMaxBytes. */
  readonly cachedBytes: () => number
  /** The most polled first. */
  readonly polledRoutes: () => readonly PolledRoute[]
  readonly pacingRules: () => readonly PacedRule[]
  readonly caps: () => readonly CapState[]
  /** Kill switches that are on. */
  readonly switches: () => readonly KillSwitch[]
  /** True when requests wait, none is in flight or held, and nothing has moved for a while. */
  readonly wedged: () => boolean
  readonly draining: () => boolean
}
