/**
 * Which account a request belongs to, and the gate that account has. Gates are made on first use, kept
 * while they are in use, and given up when idle; their number is bounded.
 */
import { createHash } from 'node:crypto'
import { createFixed } from '../../policy/limit/fixed.ts'
import type { Limit, LimitReason } from '../../policy/limit/limit.ts'
import type { Learnt, Remembered } from '../../policy/limit/remembered.ts'
import { Shares } from '../../policy/counts/shares.ts'
import { accountInPath, canonicalName, parsePrincipal, type Principal } from '../../twilio/paths/principal.ts'
import type { TrafficClass } from '../../twilio/types.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Listener } from '../events.ts'
import type { AccountState } from '../ports/state.ts'
import { Gate, type GateListener, type GateOptions } from './gate.ts'

export interface AccountsOptions {
  /** API key SID or OAuth client id → account SID. */
  readonly map: Readonly<Record<string, string>>
  /** Most accounts with a gate of their own; any more share one. */
  readonly max: number
  /** An account unused for so long is given up, milliseconds. */
  readonly idleMs: number
}

export interface Account {
  /** The limiter's key: an account SID (`AC…`, `AC…@ie1` in a region), an API key's SID, or a name made of a hash. */
  readonly key: string
  readonly gate: Gate
  /** For credentials that Twilio does not know; made when there are some. */
  strangers?: Gate
  /** Answers with 401 since the start; -Infinity once Twilio has accepted a credential for it. */
  doubts: number
  /** The address that named it first. */
  readonly peer: string
  usedAtMs: number
}

export const isIdle = ({ gate, strangers }: Account): boolean => gate.idle && strangers?.idle !== false

/** What an account's limit has learnt, and how long ago the account was last used. */
export interface LearntAccount extends Learnt {
  readonly account: string
  readonly idleMs: number
}

/** Makes the limit of a new account, or of one about which something is remembered. */
export type LimitFactory = (remembered?: Remembered) => Limit

/** What is remembered of an account from an earlier life; undefined when nothing is. */
export type Recall = (account: string) => Remembered | undefined

/** How many accounts a newcomer to a full table looks at, unused longest first, for one that is idle. */
const LOOKS_MOST = 16

/** Requests at once with credentials that Twilio does not know: enough to find out about several. */
const STRANGERS_AT_ONCE = 4
const STRANGERS_WAITING_MOST = 1_000
/**
 * Most accounts with no credential that Twilio has accepted, while those who name them are many, or each names many.
 */
const UNKNOWN_MOST = 1_000
const UNKNOWN_LEAST = 100
const UNKNOWN_PART = 1 / 4
/** Such an account is given up when it is unused for so long, milliseconds. */
const UNKNOWN_IDLE_MS = 60_000

const NOBODY_LISTENS: GateListener = { limitChanged: () => {}, wouldWait: () => {} }

/** The account that all share who come when the table is full and nobody is idle. */
const OVERFLOW_KEY = 'overflow'

export class Accounts {
  readonly #options: AccountsOptions
  readonly #map: ReadonlyMap<string, string>
  readonly #gateOptions: GateOptions
  readonly #strangersOptions: GateOptions
  readonly #createLimit: LimitFactory
  readonly #recall: Recall
  readonly #clock: Clock
  readonly #emit: Listener
  /** In order of use, oldest first. */
  readonly #accounts = new Map<string, Account>()
  /** Accounts with no credential that Twilio has accepted, in the same order, and who named them. */
  readonly #unknown = new Map<string, Account>()
  readonly #namedBy = new Shares()
  #latest: Account | undefined
  /** API keys whose account was seen in a path that Twilio accepted; null for a key seen with several. */
  readonly #learnt = new Map<string, string | null>()
  #sweepTimer: Timer | undefined

  constructor (
    options: AccountsOptions,
    gate: GateOptions,
    createLimit: LimitFactory,
    clock: Clock,
    emit: Listener,
    recall: Recall = () => undefined
  ) {
    this.#options = options
    this.#map = new Map(Object.entries(options.map).map(([name, sid]) => [canonicalName(name), canonicalName(sid)]))
    this.#gateOptions = gate
    this.#strangersOptions = { ...gate, maxWaiting: Math.min(STRANGERS_WAITING_MOST, gate.maxWaiting) }
    this.#createLimit = createLimit
    this.#recall = recall
    this.#clock = clock
    this.#emit = emit
  }

  get size (): number { return this.#accounts.size }

  /**
   * The account of a request that comes from an address. In order: the configured map, the user name, the path, what
   * was learnt, the key itself.
   */
  of (authorization: string | undefined, path: string, region: string | undefined, address = ''): Account {
    return this.#get(inRegion(this.#name(parsePrincipal(authorization), path), region), address)
  }

  /** The account with this SID, for a request that comes from an address. */
  named (sid: string, region: string | undefined, address = ''): Account {
    const name = canonicalName(sid)
    return this.#get(inRegion(this.#map.get(name) ?? name, region), address)
  }

  /** The account with this key. */
  withKey (key: string): Account { return this.#get(key, '') }

  /**
   * Twilio accepted this credential for this path: if it is an API key and the path names an account, they belong
   * together.
   */
  learn (authorization: string | undefined, path: string): void {
    const principal = parsePrincipal(authorization)
    if (principal.kind !== 'key') return
    const sid = accountInPath(path)
    if (sid === undefined) return
    const known = this.#learnt.get(principal.sid)
    if (known === sid || known === null) return
    // A key of a parent account may address its subaccounts: then a path tells nothing about the key.
    if (this.#learnt.size >= this.#options.max) this.#learnt.clear()
    this.#learnt.set(principal.sid, known === undefined ? sid : null)
  }

  /** The gate of an account for credentials that Twilio does not know. */
  strangersOf (account: Account): Gate {
    account.strangers ??= new Gate(createFixed(STRANGERS_AT_ONCE), this.#strangersOptions, this.#clock, NOBODY_LISTENS)
    return account.strangers
  }

  /** Twilio has accepted a credential for it. */
  accepted (account: Account): void {
    account.doubts = -Infinity
    this.#noLongerUnknown(account)
  }

  isAccepted (key: string): boolean { return this.#accounts.get(key)?.doubts === -Infinity }

  * all (): Generator<Account> { yield * this.#accounts.values() }

  states (): AccountState[] {
    const nowMs = this.#clock.nowMs()
    return [...this.#accounts.values()].map((account) =>
      ({ account: account.key, ...account.gate.snapshot(), idleMs: isIdle(account) ? nowMs - account.usedAtMs : 0 }))
  }

  /** What is worth storing over a restart. The account that newcomers share is nobody's in particular. */
  * learnt (): Generator<LearntAccount> {
    const nowMs = this.#clock.nowMs()
    for (const { key, gate, usedAtMs } of this.#accounts.values()) {
      const learnt = key === OVERFLOW_KEY ? undefined : gate.limit.learnt()
      if (learnt !== undefined) yield { account: key, idleMs: gate.idle ? nowMs - usedAtMs : 0, ...learnt }
    }
  }

  close (): void {
    if (this.#sweepTimer !== undefined) this.#clock.clearTimer(this.#sweepTimer)
  }

  #name (principal: Principal, path: string): string {
    switch (principal.kind) {
      case 'account':
        return this.#map.get(principal.sid) ?? principal.sid
      case 'key':
        return this.#map.get(principal.sid) ?? accountInPath(path) ?? this.#learnt.get(principal.sid) ?? principal.sid
      case 'user':
        return this.#map.get(principal.name) ?? accountInPath(path) ?? `user:${fingerprint(principal.name)}`
      case 'bearer': {
        // Tokens rotate by the hour: only what stays the same over a rotation may name an account.
        const { accountSid, subject } = principal
        const mapped = subject === undefined ? undefined : this.#map.get(subject)
        return mapped ??
          accountInPath(path) ??
          accountSid ??
          (subject === undefined ? 'bearer' : `client:${fingerprint(subject)}`)
      }
      case 'anonymous':
        return accountInPath(path) ?? 'anonymous'
    }
  }

  #get (key: string, address: string): Account {
    const nowMs = this.#clock.nowMs()
    const known = this.#accounts.get(key)
    if (known !== undefined) {
      known.usedAtMs = nowMs
      if (known !== this.#latest) {
        this.#accounts.delete(key)
        this.#accounts.set(key, known)
        if (this.#unknown.delete(key)) this.#unknown.set(key, known)
        this.#latest = known
      }
      return known
    }
    if (key !== OVERFLOW_KEY && !this.#hasRoom(address)) return this.#get(OVERFLOW_KEY, address)
    const remembered = this.#recall(key)
    const account: Account = { key, gate: this.#createGate(key, remembered), doubts: 0, peer: address, usedAtMs: nowMs }
    this.#accounts.set(key, account)
    if (key !== OVERFLOW_KEY && remembered === undefined) {
      this.#unknown.set(key, account)
      this.#namedBy.take(address, 1)
    }
    this.#latest = account
    this.#sweepTimer ??= this.#clock.setTimer(() => this.#sweep(), this.#sweepMs)
    return account
  }

  #createGate (account: string, remembered: Remembered | undefined): Gate {
    return new Gate(this.#createLimit(remembered), this.#gateOptions, this.#clock, {
      limitChanged: (reason: LimitReason, limit: number) => this.#emit({ type: 'limit', account, reason, limit }),
      wouldWait: (name: TrafficClass) => this.#emit({ type: 'shadow', account, class: name })
    }, remembered)
  }

  #isFull (): boolean { return this.#accounts.size - Number(this.#accounts.has(OVERFLOW_KEY)) >= this.#options.max }

  /**
   * Makes room for one more account that an address names. Accounts that Twilio has not accepted give way first. While
   * many of them are in use, they have a part of the table. An address that names the fewest has a share of that part.
   */
  #hasRoom (address: string): boolean {
    const unknownMost = Math.max(UNKNOWN_LEAST, Math.min(UNKNOWN_MOST, Math.floor(this.#options.max * UNKNOWN_PART)))
    if (this.#unknown.size >= unknownMost &&
      !this.#evictOne(this.#unknown) &&
      this.#namedBy.yielding(address, 1).length === 0) return false
    return !this.#isFull() || this.#evictOne(this.#unknown) || this.#evictOne(this.#accounts)
  }

  /**
   * The shared account gives way to nobody, or each newcomer that took its place would add one to the table. Who is
   * found busy is in use now and goes to the end, so that no newcomer has to look at all of them.
   */
  #evictOne (among: Map<string, Account>): boolean {
    let looks = 0
    for (const account of among.values()) {
      if (isIdle(account) && account.key !== OVERFLOW_KEY) {
        this.#giveUp(account)
        return true
      }
      if (++looks > LOOKS_MOST) return false
      among.delete(account.key)
      among.set(account.key, account)
    }
    return false
  }

  #giveUp (account: Account): void {
    this.#accounts.delete(account.key)
    this.#noLongerUnknown(account)
  }

  #noLongerUnknown ({ key, peer }: Account): void { if (this.#unknown.delete(key)) this.#namedBy.give(peer, 1) }

  get #sweepMs (): number {
    return this.#unknown.size > 0
      ? Math.min(UNKNOWN_IDLE_MS, this.#options.idleMs)
      : this.#options.idleMs
  }

  #sweep (): void {
    this.#sweepTimer = undefined
    const nowMs = this.#clock.nowMs()
    for (const account of this.#accounts.values()) {
      const idleMs = this.#unknown.has(account.key)
        ? Math.min(UNKNOWN_IDLE_MS, this.#options.idleMs)
        : this.#options.idleMs
      if (isIdle(account) && nowMs - account.usedAtMs >= idleMs) this.#giveUp(account)
    }
    if (this.#accounts.size > 0) this.#sweepTimer = this.#clock.setTimer(() => this.#sweep(), this.#sweepMs)
  }
}

/** The key of an account in a region; us1 is where hosts without a region are. */
export const inRegion = (name: string, region: string | undefined): string =>
  region === undefined || region === 'us1' ? name : `${name}@${region}`

/** Names a credential without repeating it. */
function fingerprint (text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}
