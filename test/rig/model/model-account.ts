import type { Feedback } from '../../../src/policy/limit/limit.ts'
import { createRandom, type Random } from '../../../src/simulator/model/random.ts'
import { createRateWindow, type RateWindow } from '../../../src/simulator/model/rate-window.ts'
import type { Timeline } from './model-timeline.ts'

/** How the account reports its concurrency: nobody has published a recorded 429 with its headers. */
export type Reporting =
  | 'exact' // counted on arrival, the request itself included, on refusals too
  | 'none' // never
  | 'none_on_429'
  | 'one_on_429' // a refusal always says 1
  | 'ceiling_on_429' // a refusal does not count itself
  | 'on_departure' // counted when the request leaves
  | 'noisy' // ± 10 %
  | 'stale' // up to half a second old

/** Lognormal, milliseconds. */
export interface ServiceTime {
  readonly medianMs: number
  readonly p99Ms: number
}

export interface AccountOptions {
  readonly seed: number
  /** Requests that may be at the account at once. */
  readonly ceiling: (nowMs: number) => number
  readonly reporting: Reporting
  /** Each way: at least `wireMs`, and on average this much more. */
  readonly wireMs: number
  readonly wireJitterMs: number
  /** Routes with a limit of their own, starts per second; the burst is one second's worth. */
  readonly routesPerSecond: Readonly<Record<string, number>>
  /** Routes that announce a limit of their own with their answers. */
  readonly announced: Readonly<Record<string, AnnouncedRate>>
  /** Refusals that have no cause, by route: a probability, which may change. */
  readonly randomRefusals: Readonly<Record<string, number | ((nowMs: number) => number)>>
  /** What a request takes at the account, by route; 110 ms and 1 s for the others. */
  readonly service: Readonly<Record<string, ServiceTime>>
  /** Multiplies every service time; `present` counts the requests at the account. */
  readonly slowness: (nowMs: number, present: number) => number
  /** The probability of a refusal below the ceiling, by how full the account is (0…1). */
  readonly softness: (filled: number) => number
}

/** A limit that a route tells of. It counts as the simulator's do. */
export interface AnnouncedRate {
  readonly perSecond: number
  readonly window: 'bucket' | 'fixed' | 'sliding'
  /** Which answers tell of it; those that do not may still be refusals. */
  readonly announce: 'all' | 'admitted'
  /** What is announced, where that is not the truth. */
  readonly saysPerSecond?: number
  readonly retryAfterMs?: number
}

export interface Answer {
  readonly admitted: boolean
  readonly feedback: Feedback
}

const SERVICE: ServiceTime = { medianMs: 110, p99Ms: 1_000 }
const REFUSAL_MS = 2
const STALE_MS = 500
const NOISE = 0.1

/** One account with a concurrency ceiling: beyond it, refused at once and not processed. */
export class ModelAccount {
  readonly #timeline: Timeline
  readonly #options: AccountOptions
  readonly #random: Random
  readonly #buckets: Map<string, { tokens: number, atMs: number, readonly perSecond: number }>
  readonly #windows: ReadonlyMap<string, RateWindow>
  #present = 0
  #stale = 0
  #othersWanted = 0
  #others = 0

  constructor (timeline: Timeline, options: AccountOptions) {
    this.#timeline = timeline
    this.#options = options
    this.#random = createRandom(options.seed, 'account')
    this.#buckets = new Map(Object.entries(options.routesPerSecond).map(([route, perSecond]) =>
      [route, { tokens: perSecond, atMs: 0, perSecond }]))
    this.#windows = new Map(Object.entries(options.announced).map(([route, rate]) => [route, createRateWindow(rate)]))
    if (options.reporting === 'stale') this.#freeze()
  }

  /** Over the wire, through the account, and back. */
  send (route: string, answered: (answer: Answer) => void): void {
    this.#timeline.after(this.#wire(), () => this.#arrive(route, answered))
  }

  /** Other clients of the account: so many workers, each with one request at a time and short waits after a refusal. */
  setOthers (workers: number): void {
    this.#othersWanted = workers
    while (this.#others < workers) {
      this.#others++
      this.#otherWorker()
    }
  }

  #otherWorker (): void {
    if (this.#others > this.#othersWanted) {
      this.#others--
      return
    }
    this.send('others', ({ admitted }) => {
      if (admitted) this.#otherWorker()
      else this.#timeline.after(50 * (0.5 + this.#random.next()), () => this.#otherWorker())
    })
  }

  #arrive (route: string, answered: (answer: Answer) => void): void {
    const { nowMs } = this.#timeline
    const { reporting, service, slowness } = this.#options
    if (this.#refuses(route, nowMs)) {
      const durationMs = this.#random.exponential(REFUSAL_MS)
      const feedback = { concurrency: this.#reportedOnRefusal(), durationMs, ...this.#told(route, nowMs, false) }
      this.#timeline.after(durationMs + this.#wire(), () => answered({ admitted: false, feedback }))
      return
    }
    const bucket = this.#buckets.get(route)
    if (bucket !== undefined) bucket.tokens -= 1
    this.#windows.get(route)?.take(nowMs)
    const told = this.#told(route, nowMs, true)
    const onArrival = ++this.#present
    const { medianMs, p99Ms } = service[route] ?? SERVICE
    const durationMs = this.#random.lognormal(medianMs, p99Ms) * slowness(nowMs, onArrival)
    this.#timeline.after(durationMs, () => {
      const concurrency = this.#reported(reporting === 'on_departure' ? this.#present : onArrival)
      this.#present--
      this.#timeline.after(this.#wire(), () => answered({ admitted: true, feedback: { concurrency, durationMs, ...told } }))
    })
  }

  #refuses (route: string, nowMs: number): boolean {
    const { randomRefusals, softness } = this.#options
    const ceiling = this.#options.ceiling(nowMs)
    const random = randomRefusals[route] ?? 0
    return this.#overRate(route) || (this.#windows.get(route)?.remaining(nowMs) ?? 1) < 1 || this.#random.chance(typeof random === 'number' ? random : random(nowMs)) ||
      this.#present >= ceiling || this.#random.chance(softness(this.#present / ceiling))
  }

  #overRate (route: string): boolean {
    const bucket = this.#buckets.get(route)
    if (bucket === undefined) return false
    const { nowMs } = this.#timeline
    bucket.tokens = Math.min(bucket.perSecond, bucket.tokens + bucket.perSecond * (nowMs - bucket.atMs) / 1000)
    bucket.atMs = nowMs
    return bucket.tokens < 1
  }

  /** What is left of a limit is counted when the request arrives, as refusals are. An account's refusal comes before the route is looked at. */
  #told (route: string, nowMs: number, admitted: boolean): Pick<Feedback, 'routeLimit' | 'retryAfterMs'> {
    const rate = this.#options.announced[route]
    const remaining = this.#windows.get(route)?.remaining(nowMs)
    if (rate === undefined || remaining === undefined || (!admitted && remaining >= 1)) return {}
    const retryAfterMs = admitted ? undefined : rate.retryAfterMs
    if (!admitted && rate.announce === 'admitted') return { retryAfterMs }
    return { retryAfterMs, routeLimit: { limit: rate.saysPerSecond ?? rate.perSecond, remaining, intervalMs: undefined } }
  }

  #reportedOnRefusal (): number | undefined {
    switch (this.#options.reporting) {
      case 'none_on_429': return undefined
      case 'one_on_429': return 1
      case 'ceiling_on_429': return Math.max(1, this.#present)
      default: return this.#reported(this.#present + 1)
    }
  }

  #reported (level: number): number | undefined {
    switch (this.#options.reporting) {
      case 'none': return undefined
      case 'noisy': return Math.max(1, Math.round(level * (1 + NOISE * this.#random.normal())))
      case 'stale': return Math.max(1, this.#stale)
      default: return level
    }
  }

  #freeze (): void {
    this.#stale = this.#present
    this.#timeline.after(STALE_MS, () => this.#freeze())
  }

  #wire (): number { return this.#options.wireMs + this.#random.exponential(this.#options.wireJitterMs) }
}
