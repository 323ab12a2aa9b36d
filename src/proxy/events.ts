/**
 * What the straight line says of itself. Every stage emits; telemetry listens.
 * Events carry no secret and nothing personal: routes are templates, accounts are
 * SIDs, and there is no header, body or query value in any of them.
 */
import type { Sdk } from '../twilio/sdk.ts'
import type { Product, TrafficClass } from '../twilio/types.ts'
import type { KillSwitch } from './guard/kill-switch.ts'
import type {
  DeferredOutcome,
  GuardReason,
  Outcome,
  Reason,
  RefusalReason,
  RetryReason,
  ShedReason,
  TunnelOutcome
} from './reasons.ts'

export interface AttemptEvent {
  readonly type: 'attempt'
  readonly account: string
  readonly product: Product
  readonly route: string
  readonly class: TrafficClass
  readonly attempt: number
  readonly outcome: Outcome
  /** Upstream status, 0 when there was none. */
  readonly status: number
  /** From the first byte sent to the response headers, in milliseconds. */
  readonly upstreamMs: number
  /** Twilio-Request-Duration, in milliseconds; undefined when Twilio sent none. */
  readonly twilioMs: number | undefined
  /** Twilio-Concurrent-Requests; undefined when absent or not a sane number. */
  readonly reportedConcurrency: number | undefined
}

export interface RetryEvent {
  readonly type: 'retry'
  readonly account: string
  readonly product: Product
  readonly reason: RetryReason
  readonly delayMs: number
}

export interface LimitEvent {
  readonly type: 'limit'
  readonly account: string
  /** Why the limit moved: a member of policy's LimitReason. */
  readonly reason: string
  readonly limit: number
}

export interface ShedEvent {
  readonly type: 'shed'
  readonly account: string
  readonly product: Product
  readonly class: TrafficClass
  readonly reason: ShedReason
}

/** An attempt that shadow mode let through although the limit would have queued it. */
export interface ShadowEvent {
  readonly type: 'shadow'
  readonly account: string
  readonly class: TrafficClass
}

/** One exchange, whole: written once, when the answer is handed over (or nobody is left to take it). */
export interface ExchangeEvent {
  readonly type: 'exchange'
  readonly account: string
  readonly product: Product
  readonly route: string
  readonly class: TrafficClass
  /** As in Identity. */
  readonly caller: string
  readonly method: string
  /** What the client was told; 0 when it had left. */
  readonly status: number
  readonly attempts: number
  /** Attempts that Twilio throttled (429). */
  readonly throttled: number
  /** Waiting at the gate, all attempts together. */
  readonly queueMs: number
  /** Waiting for the pace of rules of the settings, all attempts together. */
  readonly paceMs: number
  /** Waiting between attempts. */
  readonly backoffMs: number
  /** In flight upstream, all attempts together, until the response headers. */
  readonly upstreamMs: number
  /** Of that, at Twilio by its Twilio-Request-Duration; undefined when no answer had one. */
  readonly twilioMs: number | undefined
  /** From the request's arrival to the answer's hand-over. */
  readonly totalMs: number
  /** What the caller's deadline left it at its arrival. */
  readonly allowedMs: number
  /**
   * Tells equal GETs apart from others, and nothing else; undefined for what is no GET. Made when asked for: see
   * resource-name.ts.
   */
  readonly resource: () => string | undefined
  /** Twilio-Request-Id of the last response that had one. */
  readonly twilioRequestId: string | undefined
  readonly reason: Reason
  /**
   * A member of ERROR_KINDS when the failure was ours or the network's (a code such as ECONNRESET), never a message.
   */
  readonly errorCode: string | undefined
  readonly clientLeft: boolean
}

/** A write that was answered 504, or whose client left, before Twilio's answer came: what became of it. */
export interface LateOutcomeEvent {
  readonly type: 'late_outcome'
  readonly account: string
  readonly product: Product
  readonly route: string
  readonly method: string
  readonly outcome: Outcome
  readonly status: number
  readonly twilioRequestId: string | undefined
}

/** A request came again right after it had gone wrong: somebody above the proxy retries, too. */
export interface StackedRetryEvent {
  readonly type: 'stacked_retry'
  readonly account: string
  readonly product: Product
  readonly route: string
  readonly method: string
  readonly sdk: Sdk
  /** What the request before it was told. */
  readonly status: number
  readonly agoMs: number
}

/**
 * A create came again while nobody knew what had become of the first, or after that had been processed all the same.
 */
export interface DuplicateEvent {
  readonly type: 'duplicate'
  readonly account: string
  readonly product: Product
  readonly route: string
  readonly method: string
  readonly sdk: Sdk
  /** What is known of the first. */
  readonly first: 'unknown' | 'processed'
  readonly agoMs: number
  /** Answered with 409 and not sent. */
  readonly refused: boolean
}

/** A request that the guard refused. */
export interface GuardRefusedEvent {
  readonly type: 'guard_refused'
  readonly account: string
  readonly product: Product
  readonly reason: GuardReason
}

/** A send above a spend cap, refused or only counted. */
export interface SpendCapEvent {
  readonly type: 'spend_cap'
  /** Its name in the settings. */
  readonly cap: string
  readonly max: number
  readonly intervalMs: number
  /** The beginning of the destination, as the settings have it; undefined where they name none. */
  readonly prefix: string | undefined
  readonly refused: boolean
  /** The first of its cap in a minute. */
  readonly tell: boolean
  readonly account: string
  readonly product: Product
  readonly route: string
  readonly caller: string
}

/** A kill switch was thrown or released, its time is up, or it is on still after a restart. */
export interface KillSwitchEvent {
  readonly type: 'kill_switch'
  readonly change: 'thrown' | 'released' | 'expired' | 'restored'
  readonly killSwitch: KillSwitch
  /** Waiting requests that it refused. */
  readonly refused: number
}

/**
 * A read that asked Twilio for the same thing again. A callback of Twilio's, or a cached answer, would have saved it.
 */
export interface PollEvent {
  readonly type: 'poll'
  readonly account: string
  readonly product: Product
  readonly route: string
  /** The first of its route since the start. */
  readonly isFirst: boolean
}

/** A request passed a pacing rule of the settings, or was shed or left while it waited for it. */
export interface PacedEvent {
  readonly type: 'paced'
  readonly account: string
  readonly product: Product
  readonly rule: string
  readonly waitMs: number
}

/** A request refused before it became an exchange: unknown host, bad header, body too large. */
export interface RefusedEvent {
  readonly type: 'refused'
  readonly status: number
  readonly reason: RefusalReason
  /** The address it came from, as a peer. */
  readonly from?: string
}

/** A delete was stored until its rule opens, or what became of it. */
export interface DeferredEvent {
  readonly type: 'deferred'
  readonly outcome: DeferredOutcome
  /** The job's id. */
  readonly job: string
  /** The account's label, as the file has it. */
  readonly account: string
  readonly route: string
  readonly rule: string
  /** What the last run came to; absent before the first. */
  readonly run?: {
    /** How many there were. */
    readonly runs: number
    /** 0 when none of them was answered. */
    readonly status: number
    readonly twilioRequestId: string | undefined
    readonly errorCode: number | undefined
    /** Twilio no longer knew it: an earlier run had deleted it. */
    readonly alreadyGone: boolean
  }
}

/** A tunnel that CONNECT opened. The event comes when the tunnel is over or, for a blind one, when it is open. */
export interface TunnelEvent {
  readonly type: 'tunnel'
  /** A Twilio host, or a target that the settings allow. */
  readonly host: string
  /** Names and versions of the client's program, as it tells them. */
  readonly client: string
  readonly outcome: TunnelOutcome
}

export type GovernorEvent =
  | AttemptEvent | RetryEvent | LimitEvent | ShedEvent | ShadowEvent | ExchangeEvent | LateOutcomeEvent | RefusedEvent
  | TunnelEvent | StackedRetryEvent | DuplicateEvent | PollEvent | PacedEvent | GuardRefusedEvent | SpendCapEvent
  | KillSwitchEvent | DeferredEvent

export type Listener = (event: GovernorEvent) => void
