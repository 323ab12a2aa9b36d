import type { CallerLine } from '../policy/queue/caller-line.ts'
import type { Fifo } from '../policy/queue/fifo.ts'
import { reserveMs } from '../policy/retry/latest-start.ts'
import type { Feedback } from '../twilio/headers/feedback.ts'
import type { TwilioHost } from '../twilio/hosts.ts'
import { limitedRoute } from '../twilio/paths/route-variant.ts'
import type { TrafficClass } from '../twilio/types.ts'
import type { Account } from './gate/accounts.ts'
import type { Charge } from './guard/charge.ts'
import type { Bearer } from './gate/credentials.ts'
import type { Attempt } from './forward/attempt.ts'
import type { Entry, Gate } from './gate/gate.ts'
import type { CachedAnswer } from './reads/cached-answer.ts'
import type { PageBase } from './reply/page-base.ts'
import type { Permit } from './gate/permit.ts'
import type { UpstreamCredential } from './ports/upstream-credential.ts'

/** Why an exchange is over before its answer came. */
export type Interruption = 'client_left' | 'deadline'

export type Reaction = (why: Interruption, exchange: Exchange) => void

/** What identify finds out about a request. */
export interface Identity {
  /** Order of arrival at the proxy. */
  readonly order: number
  readonly method: string
  readonly upstream: TwilioHost
  /** Path and query, byte for byte as the client sent them, without a host or product prefix. */
  readonly path: string
  readonly route: string
  readonly class: TrafficClass
  readonly account: Account
  /** The program or service that asks: as its token says, else its Governor-Caller header, else its address. */
  readonly caller: string
  /** The client's own Twilio credential, for Twilio to judge; undefined for one that sends none, or a token of ours. */
  readonly authorization: string | undefined
  /** A credential of the proxy's goes to Twilio, whatever the client sent. */
  readonly brokered?: boolean
  /** Absent for what the proxy itself sends, and where its own credential goes to Twilio. */
  readonly bearer?: Bearer
  /** Whose share of bounded things it takes; see Credentials. Absent as above. */
  readonly peer?: string
  /** The caller knows what it repeats: Governor-Duplicate: allow. */
  readonly allowsDuplicate: boolean
  /** As the client sent them: names and values in turn. */
  readonly rawHeaders: readonly string[]
  /** Where the pages of a list are to stay; undefined where its answer is not to be touched. */
  readonly pageBase: PageBase | undefined
  /** When the answer is due, on the proxy's clock, milliseconds. */
  readonly deadlineMs: number
  /** The last moment at which an attempt can start and still be answered in time, by what was known at its arrival. */
  readonly latestStartMs: number
}

/**
 * One client request with all its attempts: who asks for what, and what became of it so far. It is its
 * own entry at the gate, so the hot path allocates it once.
 */
export class Exchange implements Entry {
  readonly identity: Identity
  readonly class: TrafficClass
  /** Whose line it stands in at its gate. */
  caller: string
  /** Where it asks for permits; see Gates. */
  gate: Gate
  /** Twilio does not know its credential. */
  isStranger = false
  /** Its connection ends with its answer. */
  closes = false
  /** It waits for a permit or its pace, and not between attempts. */
  asksForPermit = false
  /** As the limit knows it: with the query parameter that gives it a limit of its own. */
  readonly route: string
  readonly order: number
  readonly expiresAtMs: number
  body: Buffer | null = null
  /** What it takes of spend caps; undefined when it takes nothing. */
  charge: Charge | undefined
  /** Spend caps have been asked. */
  isCharged = false

  attempts = 0
  throttled = 0
  failed = 0
  unsent = 0
  /** Attempts whose credential, one of the proxy's, Twilio refused, and that were made again with another. */
  rejected = 0
  queueMs = 0
  paceMs = 0
  backoffMs = 0
  upstreamMs = 0
  /** At Twilio, by what it said itself, all attempts together; undefined when it said nothing. */
  twilioMs: number | undefined
  startedAtMs = 0
  /** Set while it waits anywhere but in the queue of its gate: it waits no more, and ends with this error. */
  leaveWait: ((error: Error) => void) | undefined
  requestId: string | undefined
  errorCode: string | undefined
  /** An answer of before: Twilio is asked only whether it still holds. */
  cached: CachedAnswer | undefined

  // The queue's own fields.
  previous: Entry | undefined
  next: Entry | undefined
  list: Fifo<Entry> | undefined
  line: CallerLine<Entry> | undefined
  older: Entry | undefined
  younger: Entry | undefined
  heapIndex = -1
  waitingSinceMs = 0
  granted: ((permit: Permit) => void) | undefined
  refused: ((error: Error) => void) | undefined

  /** The proxy's credential of the attempt that is next or on its way; Twilio has not judged it. */
  credential: UpstreamCredential | undefined
  /** Credentials of the proxy's that Twilio has refused for it, by id; undefined for none. */
  refusedCredentials: Set<string> | undefined
  /** The attempt that is on its way. */
  attempt: Attempt | undefined
  /** The last one it was given; undefined when another has taken it over. */
  permit: Permit | undefined
  /** It needs no attempt of its own: it gets the answer of an identical read, or its delete is being stored. */
  isUnderway = false
  /** What its connection calls when it is closed. */
  onClosed: (() => void) | undefined
  /**
   * Its client has closed its sending side while it was at Twilio or underway: it may have left, or wait for its
   * answer.
   */
  isHalfClosed = false

  #interruption: Interruption | undefined
  #react: Reaction | undefined

  constructor (identity: Identity) {
    this.identity = identity
    this.class = identity.class
    this.caller = identity.caller
    this.gate = identity.account.gate
    this.route = limitedRoute(identity.upstream.product, identity.route, identity.path)
    this.order = identity.order
    this.expiresAtMs = identity.latestStartMs
  }

  /** The last moment at which an attempt can start, by what is known now. */
  get latestStartMs (): number {
    const { deadlineMs, account } = this.identity
    const expected = account.gate.limit.expected(this.route)
    if (expected.mostWithinMs === undefined) return this.expiresAtMs
    return Math.min(this.expiresAtMs, deadlineMs - reserveMs(deadlineMs - this.startedAtMs, expected))
  }

  get bodyBytes (): number { return this.body?.length ?? 0 }
  get interruption (): Interruption | undefined { return this.#interruption }

  /** The client left, or the deadline passed. A client that leaves after the deadline has still left. */
  interrupt (why: Interruption): void {
    if (this.#interruption === 'client_left' || this.#interruption === why) return
    this.#interruption = why
    this.#react?.(why, this)
  }

  /** An attempt is over, or is given up. What Twilio has said of it is part of what it says of the exchange. */
  attemptEnded (attempt: Attempt, { durationMs, requestId }: Feedback): void {
    this.upstreamMs += attempt.upstreamMs
    if (durationMs !== undefined) this.twilioMs = (this.twilioMs ?? 0) + durationMs
    this.requestId = requestId ?? this.requestId
  }

  /** A byte of it may have reached Twilio. */
  get isSent (): boolean {
    return this.attempts - (this.attempt?.sent === false ? 1 : 0) > this.unsent
  }

  /**
   * Its client sends no more, as one does that leaves, and one that only waits for its answer. What is not at Twilio
   * yet ends unsent; what is goes on to its answer.
   */
  halfClose (): void {
    if (this.isSent || this.isUnderway) this.isHalfClosed = true
    else this.interrupt('client_left')
  }

  /** It is underway no more, and has to ask for itself. */
  asksItself (): void {
    this.isUnderway = false
    if (this.isHalfClosed) this.halfClose()
  }

  /** The stage that waits says what an interruption is to do; undefined when it waits no more. */
  onInterrupt (react: Reaction | undefined): void {
    this.#react = react
  }
}
