import type { PeerLimit, RetryRule } from '../peers/peer.ts'
import { backoffMs } from '../../../src/policy/retry/backoff.ts'
import { FairQueue, type Waiting } from '../../../src/policy/queue/fair-queue.ts'
import { createRandom, type Random } from '../../../src/simulator/model/random.ts'
import type { ModelAccount } from './model-account.ts'
import { Tally } from './model-tally.ts'
import type { Timeline } from './model-timeline.ts'

interface Call extends Waiting<'standard', Call> {
  readonly arrivedAtMs: number
  readonly ended: () => void
  refusals: number
}

/** One route, or the part of each (all of them 1) when it is drawn by lot. */
export type Route = string | Readonly<Record<string, number>>

const BACKOFF = { backoffBaseMs: 150, backoffMaxMs: 4_000 }
const PATIENT: RetryRule = { most: Infinity, delayMs: (failures, chance) => backoffMs(BACKOFF, failures, chance) }
const DEADLINE_MS = 30_000
/** What a worker does after its call failed, before the next one. */
const PAUSE_MS = 50

/** One limit in front of the account: a queue, first come first served, retries to the front, slots held by refused calls. */
export class ModelSender {
  readonly limit: PeerLimit
  readonly total = new Tally()
  readonly #timeline: Timeline
  readonly #account: ModelAccount
  readonly #random: Random
  readonly #retry: RetryRule
  readonly #queue = new FairQueue<'standard', Call>({ standard: 1 }, { ageingMs: 0, minShare: 0 })
  readonly #tallies = new Map<string, Tally>()
  readonly #isReady = (route: string): boolean => this.limit.readyAtMs(route) <= this.#timeline.nowMs
  #inflight = 0
  #held = 0
  #arrivals = 0
  #wakeAtMs = Infinity

  constructor (timeline: Timeline, account: ModelAccount, limit: PeerLimit, seed: number, retry = PATIENT) {
    this.#timeline = timeline
    this.#account = account
    this.#random = createRandom(seed, 'sender')
    this.#retry = retry
    this.limit = limit
  }

  get busy (): number { return this.#inflight + this.#held }

  /** Counts of one route. */
  of (route: string): Tally {
    let tally = this.#tallies.get(route)
    if (tally === undefined) this.#tallies.set(route, tally = new Tally())
    return tally
  }

  /** So many workers, each with one call at a time. */
  closedLoop (workers: number, route: Route = 'free', fromMs = 0, toMs = Infinity): void {
    const work = (): void => {
      if (this.#timeline.nowMs < toMs) this.call(this.#pick(route), work)
    }
    for (let i = 0; i < workers; i++) this.#timeline.at(fromMs + 50 * this.#random.next(), work)
  }

  /** Arrivals at random, so many a second, whatever becomes of them. */
  openLoop (perSecond: number, route: Route = 'free', fromMs = 0, toMs = Infinity): void {
    const arrive = (): void => {
      if (this.#timeline.nowMs >= toMs) return
      this.call(this.#pick(route), () => {})
      this.#timeline.after(this.#random.exponential(1000 / perSecond), arrive)
    }
    this.#timeline.at(fromMs, arrive)
  }

  call (route: string, ended: () => void): void {
    const call: Call = {
      class: 'standard',
      route,
      order: this.#arrivals++,
      arrivedAtMs: this.#timeline.nowMs,
      ended,
      refusals: 0,
      caller: 'model',
      waitingSinceMs: this.#timeline.nowMs,
      list: undefined,
      line: undefined,
      older: undefined,
      younger: undefined,
      previous: undefined,
      next: undefined
    }
    this.#queue.add(call, 'end')
    this.#serve()
  }

  #serve (): void {
    while (this.#queue.size > 0 && this.busy < this.limit.slots()) {
      for (const route of this.#queue.parkedRoutes()) if (this.#isReady(route)) this.#queue.unpark(route)
      const call = this.#queue.take(this.#isReady, this.#timeline.nowMs)
      if (call === undefined) {
        this.#wakeForPacedRoutes()
        return
      }
      if (this.#late(call)) this.#fail(call)
      else if (this.limit.turnsAway?.(this.#timeline.nowMs, this.#random.next()) === true) this.#backoff(call, false)
      else this.#start(call)
    }
  }

  #start (call: Call): void {
    this.#inflight++
    this.#note('started', call)
    const ticket = this.limit.start(call.route, this.#inflight, this.#held, this.#timeline.nowMs)
    this.#account.send(call.route, ({ admitted, feedback }) => {
      const { nowMs } = this.#timeline
      this.#inflight--
      if (admitted) {
        this.limit.admitted(ticket, feedback, nowMs)
        this.#note('accepted', call)
        this.total.noteLatency(nowMs, nowMs - call.arrivedAtMs)
        call.ended()
      } else {
        const { holds } = this.limit.refused(ticket, feedback, nowMs)
        this.#note('refused', call)
        this.#backoff(call, holds)
      }
      this.#serve()
    })
  }

  #backoff (call: Call, holds: boolean): void {
    if (call.refusals >= this.#retry.most) {
      this.#fail(call)
      return
    }
    if (holds) this.#held++
    const delayMs = this.#retry.delayMs(call.refusals++, this.#random.next())
    this.#timeline.after(delayMs, () => {
      if (holds) this.#held--
      if (this.#late(call)) this.#fail(call)
      else this.#queue.add(call, call.refusals >= 2 ? 'turns' : 'front')
      this.#serve()
    })
  }

  #pick (route: Route): string {
    if (typeof route === 'string') return route
    let left = this.#random.next()
    for (const [name, part] of Object.entries(route)) if ((left -= part) < 0) return name
    return Object.keys(route)[0] ?? ''
  }

  #late (call: Call): boolean { return this.#timeline.nowMs - call.arrivedAtMs > DEADLINE_MS }

  #fail (call: Call): void {
    this.#note('failed', call)
    this.#timeline.after(PAUSE_MS, call.ended)
  }

  #wakeForPacedRoutes (): void {
    let atMs = Infinity
    for (const route of this.#queue.parkedRoutes()) atMs = Math.min(atMs, this.limit.readyAtMs(route))
    if (atMs >= this.#wakeAtMs || atMs === Infinity) return
    this.#wakeAtMs = atMs
    this.#timeline.at(atMs, () => {
      if (this.#wakeAtMs === atMs) this.#wakeAtMs = Infinity
      this.#serve()
    })
  }

  #note (kind: 'accepted' | 'refused' | 'started' | 'failed', call: Call): void {
    this.total.note(kind, this.#timeline.nowMs)
    this.of(call.route).note(kind, this.#timeline.nowMs)
  }
}
