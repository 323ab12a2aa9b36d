/**
 * Decides who is next. Classes share by weight, and the callers of a class take turns. A caller's own requests are
 * first come, first served. A request that waits for the pace of its route steps aside and holds up no others.
 *
 * Stride scheduling (Waldspurger and Weihl, 1995): each class has a pass; the waiting class with the
 * lowest pass is served and its pass grows by 1 / weight. A class that comes back from idleness starts
 * at the pass of the last one served, so it can neither starve the others nor be starved.
 */
import type { InLine, Place } from './caller-line.ts'
import { ClassLane } from './class-lane.ts'
import { ClassWeights, NOBODY, type ShareOptions } from './class-weights.ts'

export interface Waiting<C extends string, T extends Waiting<C, T>> extends InLine<T> {
  readonly class: C
}

const NONE: readonly string[] = []

export class FairQueue<C extends string, T extends Waiting<C, T>> {
  /** Most urgent first. */
  readonly #lanes: ReadonlyArray<ClassLane<T>>
  readonly #lanesByName: ReadonlyMap<string, ClassLane<T>>
  readonly #weights: ClassWeights
  /** How long the next waiter of each class has waited; written anew before each use. */
  readonly #ages: number[]
  #virtualTime = 0
  #size = 0

  /** `weights`: share of each class when all of them wait, 1 or more; the most urgent class first. */
  constructor (weights: Readonly<Record<C, number>>, shares: ShareOptions) {
    this.#lanesByName = new Map(Object.keys(weights).map((name, rank) => [name, new ClassLane<T>(rank)]))
    this.#lanes = [...this.#lanesByName.values()]
    this.#weights = new ClassWeights(Object.values(weights), shares)
    this.#ages = this.#lanes.map(() => NOBODY)
  }

  get size (): number { return this.#size }

  /** Waiters of a class, parked ones included. */
  count (name: C): number { return this.#lane(name).count }

  /** Callers that wait; those who share a line count as one. */
  get callers (): number { return new Set(this.#lanes.flatMap((lane) => [...lane.callers()])).size }

  /** Waiters parked for a route. */
  parkedOn (
    route: string
  ): number { return this.#size === 0 ? 0 : this.#lanes.reduce((sum, { parking }) => sum + parking.count(route), 0) }

  /** Routes that waiters are parked for. */
  parkedRoutes (): Iterable<string> {
    return this.#lanes.some(({ parking }) => parking.total > 0)
      ? new Set(this.#lanes.flatMap(({ parking }) => [...parking.routes()]))
      : NONE
  }

  /** The first of every line: the oldest waiter is among them. */
  * heads (): Generator<T> {
    for (const lane of this.#lanes) yield * lane.heads()
  }

  add (waiter: T, place: Place): void {
    const lane = this.#lane(waiter.class)
    this.#catchUp(lane)
    lane.add(waiter, place)
    this.#size++
  }

  /** Leaves, from wherever it stands. Does nothing for one that has left. */
  remove (waiter: T): void {
    if (waiter.list === undefined) return
    this.#lane(waiter.class).remove(waiter)
    this.#size--
  }

  /** Takes out the next waiter whose route `isReady`; parks those it finds not ready. */
  take (isReady: (route: string) => boolean, nowMs: number): T | undefined {
    for (;;) {
      const lane = this.#lowest()
      const waiter = lane?.head
      if (lane === undefined || waiter === undefined) return undefined
      if (!isReady(waiter.route) || lane.parking.calledAnother(waiter)) {
        lane.park(waiter)
        continue
      }
      const weight = this.#weightsNow(nowMs)[lane.rank] ?? 1
      lane.turn(waiter)
      this.remove(waiter)
      this.#virtualTime = lane.pass
      lane.pass += 1 / weight
      return waiter
    }
  }

  /**
   * A route's turn has come: one of its waiters of each class goes to the front of its caller's line, and the classes
   * share as ever.
   */
  unpark (route: string): void {
    for (const lane of this.#lanes) {
      if (lane.parking.count(route) === 0) continue
      this.#catchUp(lane)
      lane.unpark(route)
    }
  }

  /**
   * How many starts will come before a newcomer of this class and caller has its turn, at worst, with the weights of
   * now.
   */
  ahead (name: C, caller: string, nowMs: number): number {
    const own = this.#lane(name)
    const weights = this.#weightsNow(nowMs)
    let starts = own.ahead(caller)
    const turn = this.#passOf(own) + starts / (weights[own.rank] ?? 1)
    for (const lane of this.#lanes) {
      const strides = (turn - this.#passOf(lane)) * (weights[lane.rank] ?? 1)
      // A tie may go to the other; the sums of strides are not exact.
      if (lane !== own) starts += Math.min(lane.count, Math.max(0, Math.floor(strides + 1e-6) + 1))
    }
    return starts
  }

  /**
   * Who has to make room for a newcomer when there is none: the youngest of the caller with most waiting in the least
   * urgent class, if that class is less urgent than the newcomer's, or the same and its caller has fewer waiting than
   * that one. Undefined when it is the newcomer that has to go. Retries never make room.
   */
  yielding (name: C, caller: string): T | undefined {
    const own = this.#lane(name)
    for (const lane of this.#lanes.toReversed()) {
      const longest = lane.longest()
      // One less there and one more here must not turn the two around, or they would push each other out for ever.
      if (lane === own) {
        return longest !== undefined && longest.count > own.countOf(caller) + 1 ? longest.newcomers.youngest : undefined
      }
      if (longest !== undefined) return longest.newcomers.youngest
    }
    return undefined
  }

  /** Somebody is about to stand in a lane that may have been empty for long. */
  #catchUp (lane: ClassLane<T>): void {
    if (lane.isEmpty) lane.pass = this.#passOf(lane)
  }

  #weightsNow (nowMs: number): readonly number[] {
    for (const {
      rank,
      head
    } of this.#lanes) this.#ages[rank] = head === undefined ? NOBODY : nowMs - head.waitingSinceMs
    return this.#weights.at(this.#ages)
  }

  /** Where the pass of a lane stands, or will once somebody joins it. */
  #passOf (lane: ClassLane<T>): number { return Math.max(lane.pass, this.#virtualTime) }

  #lowest (): ClassLane<T> | undefined {
    let lowest: ClassLane<T> | undefined
    for (const lane of this.#lanes) {
      if (!lane.isEmpty && (lowest === undefined || lane.pass < lowest.pass)) lowest = lane
    }
    return lowest
  }

  #lane (name: C): ClassLane<T> {
    const lane = this.#lanesByName.get(name)
    if (lane === undefined) throw new RangeError(`no class ${name}`)
    return lane
  }
}
