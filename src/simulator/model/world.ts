import type { Account, Count } from './account.ts'
import { Accounts } from './accounts.ts'
import { tooMany, type Refusal } from './answers/errors.ts'
import { Faults } from './faults.ts'
import { ABSURD_COUNTS, countOnAnswer, countOnRefusal } from './answers/headers.ts'
import { createRandom, type Random } from './random.ts'
import type { RateState } from './rates.ts'
import { Resources } from './resources.ts'
import { changed, startOf, type Scenario, type SettingsPatch } from './scenario.ts'
import type { ErrorFamily, FaultRule, Settings } from './settings.ts'
import { Counters, type Stats, type ThrottleCause } from './statistics.ts'
import { Tally } from './tally.ts'
import { hits, type Addressed } from './target.ts'

export interface Arrival extends Addressed {
  /** Account SID. */
  readonly account: string
}

/** A request on its way through. */
export interface Ticket {
  readonly arrival: Arrival
  readonly account: Account
  readonly admittedMs: number
  readonly met: Count
  readonly serviceMs: number
  /** What happens to its answer. */
  readonly fault: FaultRule | undefined
  readonly rate: RateState | undefined
}

export interface Refused {
  readonly kind: 'refused'
  readonly error: Refusal
  readonly family: ErrorFamily
  readonly retryAfterS: number | undefined
  readonly delayMs: number
  readonly concurrent: string | undefined
  readonly rate: RateState | undefined
}

export type Verdict =
  | { readonly kind: 'failed', readonly fault: FaultRule }
  | { readonly kind: 'admitted', readonly ticket: Ticket }
  | Refused

const MAX_FINGERPRINTS = 200_000

/** Everything the simulator is, except sockets and clocks: given the same seed and the same times it does the same. */
export class World {
  readonly resources = new Resources()
  /** Creates by path and content. */
  readonly contents = new Tally(MAX_FINGERPRINTS)
  /** Creates by their Body parameter. */
  readonly bodies = new Tally(MAX_FINGERPRINTS)
  /** Identifiers of resources and requests. */
  readonly ids: Random
  readonly counters = new Counters()
  readonly #startMs: number
  readonly #accounts: Accounts
  readonly #faults: Faults
  readonly #latency: Random
  readonly #refusing: Random
  readonly #noise: Random
  readonly #wire: Random
  #settings: Settings

  constructor (scenario: Scenario, nowMs: number) {
    const { seed } = this.#settings = startOf(scenario)
    this.#startMs = nowMs
    this.#accounts = new Accounts(() => this.#settings, (sid) => this.counters.forget(sid))
    this.ids = createRandom(seed, 'ids')
    this.#faults = new Faults(createRandom(seed, 'faults'))
    this.#latency = createRandom(seed, 'latency')
    this.#refusing = createRandom(seed, 'random429')
    this.#noise = createRandom(seed, 'noise')
    this.#wire = createRandom(seed, 'wire')
  }

  get settings (): Settings {
    return this.#settings
  }

  change (patch: SettingsPatch): void {
    this.#settings = changed(this.#settings, patch)
  }

  /** Goes back to these settings; counts and resources stay. */
  restart (settings: Settings): void {
    this.#settings = settings
  }

  /** One way over the wire. */
  wireMs (): number {
    const { wireDelayMs, wireJitterMs } = this.#settings
    return wireDelayMs + this.#wire.exponential(wireJitterMs)
  }

  /** What becomes of a request that has reached the server. */
  arrive (arrival: Arrival, nowMs: number): Verdict {
    const settings = this.#settings
    const { account, rates } = this.#accounts.get(arrival.account, nowMs)
    this.counters.received(arrival.account)
    const fault = this.#faults.draw(settings.faults, 'before', arrival)
    if (fault !== undefined) {
      this.counters.fault(fault.kind)
      return { kind: 'failed', fault }
    }
    const { refusing, state } = rates.check(settings.routeRates, arrival, nowMs)
    if (refusing) return this.#refuse('route', state?.rule ?? {}, account.look(nowMs), arrival, state, nowMs)
    const unlucky = settings.random429.find((rule) => hits(rule, arrival) && this.#refusing.chance(rule.probability))
    if (unlucky !== undefined) return this.#refuse('random', unlucky, account.look(nowMs), arrival, state, nowMs)
    const { admitted, count } = account.arrive(nowMs)
    if (!admitted) return this.#refuse('account', {}, count, arrival, state, nowMs)
    this.counters.admitted(arrival.account, nowMs - this.#startMs)
    const rate = rates.take(settings.routeRates, arrival, nowMs)
    const { medianMs, p99Ms } = settings.latencyByRoute.find((rule) => hits(rule, arrival)) ?? settings.latency
    return {
      kind: 'admitted',
      ticket: {
        arrival,
        account,
        admittedMs: nowMs,
        met: count,
        serviceMs: this.#latency.lognormal(medianMs, p99Ms) * settings.slowFactor,
        fault: this.#faults.draw(settings.faults, 'after', arrival),
        rate
      }
    }
  }

  /** The work is done: the slot is free. Returns Twilio-Concurrent-Requests, undefined for none. */
  depart ({ account, arrival, admittedMs, met, fault }: Ticket, nowMs: number): string | undefined {
    const left = account.depart(nowMs)
    this.counters.processed(arrival.account, nowMs - admittedMs)
    if (fault !== undefined) this.counters.fault(fault.kind)
    return countOnAnswer(this.#settings.headers, met, left, this.#noise)
  }

  /** A count that no server should send: the one given, or one drawn. */
  absurdCount (value: string | undefined): string {
    return value ?? ABSURD_COUNTS[Math.floor(this.#noise.next() * ABSURD_COUNTS.length)] ?? ''
  }

  /** True once for each account: the moment to give it what it is born with. */
  firstUse (sid: string): boolean {
    return this.#accounts.firstUse(sid)
  }

  stats (nowMs: number): Stats {
    const accounts = this.#accounts.all().map((account) => [account.sid, {
      limit: account.limit,
      ...this.counters.figures(account.sid),
      currentConcurrency: account.own,
      peakConcurrency: account.peakOwn,
      others: account.others
    }] as const)
    const { total, distinct, untracked } = this.contents.summary()
    return {
      elapsedMs: nowMs - this.#startMs,
      ...this.counters.summary(),
      creates: { total, byKind: this.contents.totals() },
      duplicates: total - distinct - untracked,
      accounts: Object.fromEntries(accounts)
    }
  }

  #refuse (
    cause: ThrottleCause,
    rule: { readonly code?: number, readonly family?: ErrorFamily, readonly retryAfterS?: number },
    count: Count,
    { account }: Arrival,
    rate: RateState | undefined,
    nowMs: number
  ): Refused {
    const { refusals, headers } = this.#settings
    this.counters.throttled(account, cause, nowMs - this.#startMs)
    return {
      kind: 'refused',
      error: tooMany(rule.code ?? 20429),
      family: rule.family ?? refusals.family,
      retryAfterS: rule.retryAfterS ?? (cause === 'account' ? refusals.retryAfterS ?? undefined : undefined),
      delayMs: refusals.delayMs,
      concurrent: countOnRefusal(headers, count, this.#noise),
      rate
    }
  }
}
