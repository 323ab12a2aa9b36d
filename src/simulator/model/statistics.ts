import { FAULT_KINDS, type FaultKind } from './settings.ts'

export type ThrottleCause = 'account' | 'route' | 'random'

export interface Throttled {
  readonly total: number
  /** The account's concurrency. */
  readonly account: number
  /** A rate of the route. */
  readonly route: number
  /** By chance. */
  readonly random: number
}

export interface SecondBucket {
  /** Since the start, counted from 0. */
  readonly second: number
  readonly admitted: number
  readonly throttled: number
}

/** What happened in a tenth of a second; refusals by their cause. */
export interface TenthBucket extends Readonly<Record<ThrottleCause, number>> {
  /** Since the start, counted from 0. */
  readonly tenth: number
  readonly admitted: number
}

export interface AccountStats {
  readonly limit: number
  readonly received: number
  readonly admitted: number
  readonly processed: number
  readonly throttled: Throttled
  readonly currentConcurrency: number
  readonly peakConcurrency: number
  /** The competing workers of the scenario. */
  readonly others: { readonly admitted: number, readonly refused: number }
}

export interface Stats {
  readonly elapsedMs: number
  /** Requests that came with a name, the control endpoint's not included. */
  readonly received: number
  /** Let in: they took a slot. */
  readonly admitted: number
  /** Carried out to the end. */
  readonly processed: number
  readonly unauthorised: number
  readonly throttled: Throttled
  readonly faults: Readonly<Record<FaultKind, number>>
  /** Creates carried out; byKind by the last name in the path, such as Messages. */
  readonly creates: { readonly total: number, readonly byKind: Readonly<Record<string, number>> }
  /** Creates carried out beyond the first for the same path and content. */
  readonly duplicates: number
  /** Requests under test being carried out now, all accounts together. */
  readonly currentConcurrency: number
  /** The most there were at once. */
  readonly peakConcurrency: number
  /** From admission to the end of the work, as it really took; 0 before the first. */
  readonly meanServiceMs: number
  /** One entry for each second in which a request was admitted or throttled; the last hour of them. */
  readonly seconds: readonly SecondBucket[]
  readonly accounts: Readonly<Record<string, AccountStats>>
}

interface Sums { received: number, admitted: number, processed: number, account: number, route: number, random: number }

const MAX_TENTHS = 36_000

const zero = (): Sums => ({ received: 0, admitted: 0, processed: 0, account: 0, route: 0, random: 0 })

/** What has been counted, in total and by account. */
export class Counters {
  readonly #total = zero()
  readonly #accounts = new Map<string, Sums>()
  readonly #tenths = new Map<number, { tenth: number, admitted: number } & Record<ThrottleCause, number>>()
  readonly #faults = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as Record<FaultKind, number>
  #unauthorised = 0
  #serviceMs = 0
  #current = 0
  #peak = 0

  received (account: string): void { this.#count(account, 'received') }

  unauthorised (): void { this.#unauthorised++ }

  fault (kind: FaultKind): void { this.#faults[kind]++ }

  admitted (account: string, elapsedMs: number): void {
    this.#count(account, 'admitted')
    this.#tenth(elapsedMs).admitted++
    this.#current++
    this.#peak = Math.max(this.#peak, this.#current)
  }

  processed (account: string, serviceMs: number): void {
    this.#count(account, 'processed')
    this.#serviceMs += serviceMs
    this.#current--
  }

  throttled (account: string, cause: ThrottleCause, elapsedMs: number): void {
    this.#count(account, cause)
    this.#tenth(elapsedMs)[cause]++
  }

  forget (account: string): void { this.#accounts.delete(account) }

  figures (account: string): Pick<AccountStats, 'received' | 'admitted' | 'processed' | 'throttled'> {
    return shown(this.#accounts.get(account) ?? zero())
  }

  summary (): Omit<Stats, 'elapsedMs' | 'creates' | 'duplicates' | 'accounts'> {
    return {
      ...shown(this.#total),
      unauthorised: this.#unauthorised,
      faults: { ...this.#faults },
      currentConcurrency: this.#current,
      peakConcurrency: this.#peak,
      meanServiceMs: this.#total.processed === 0 ? 0 : this.#serviceMs / this.#total.processed,
      seconds: this.#seconds()
    }
  }

  /** Each tenth of a second in which a request was admitted or throttled; the last hour of them. */
  tenths (): readonly TenthBucket[] {
    return [...this.#tenths.values()]
  }

  #seconds (): readonly SecondBucket[] {
    const seconds = new Map<number, { second: number, admitted: number, throttled: number }>()
    for (const { tenth, admitted, account, route, random } of this.#tenths.values()) {
      const second = Math.floor(tenth / 10)
      const sums = seconds.get(second) ?? { second, admitted: 0, throttled: 0 }
      sums.admitted += admitted
      sums.throttled += account + route + random
      seconds.set(second, sums)
    }
    return [...seconds.values()]
  }

  #count (account: string, key: keyof Sums): void {
    this.#total[key]++
    let sums = this.#accounts.get(account)
    if (sums === undefined) {
      sums = zero()
      this.#accounts.set(account, sums)
    }
    sums[key]++
  }

  #tenth (elapsedMs: number): { admitted: number } & Record<ThrottleCause, number> {
    const tenth = Math.floor(elapsedMs / 100)
    let counts = this.#tenths.get(tenth)
    if (counts === undefined) {
      counts = { tenth, admitted: 0, account: 0, route: 0, random: 0 }
      this.#tenths.set(tenth, counts)
      if (this.#tenths.size > MAX_TENTHS) this.#tenths.delete(this.#tenths.keys().next().value ?? tenth)
    }
    return counts
  }
}

function shown (
  { received, admitted, processed, account, route, random }: Sums
): Pick<Stats, 'received' | 'admitted' | 'processed' | 'throttled'> {
  return { received, admitted, processed, throttled: { total: account + route + random, account, route, random } }
}
