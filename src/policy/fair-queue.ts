/**
 * Who is next: classes share by weight, first come first served within a class, and whoever waits for
 * the pace of its route steps aside without holding up the others.
 *
 * Stride scheduling (Waldspurger and Weihl, 1995): each class has a pass; the waiting class with the
 * lowest pass is served and its pass grows by 1 / weight. A class that comes back from idleness starts
 * at the pass of the last one served, so it can neither starve the others nor be starved.
 */
import { Fifo, type Linked } from './fifo.ts'

export interface Waiting<C extends string, T extends Linked<T>> extends Linked<T> {
  readonly class: C
  readonly route: string
  /** Arrival order of the exchange: a retry is older than those it comes back to. */
  readonly order: number
  /** Set by the queue: the list it stands in. */
  list: Fifo<T> | undefined
}

/**
 * Where somebody joins the line of its class: at its end; at its front, after a refusal, since a retry is older
 * than those it comes back to; or among those who were refused time and again. These take turns with the line,
 * so that requests that are always refused cannot have every slot to themselves.
 */
export type Place = 'end' | 'front' | 'turns'

interface Lane<T extends Linked<T>> {
  readonly line: Fifo<T>
  /** Those who take turns with the line. */
  readonly turns: Fifo<T>
  /** Whose turn it is while both wait. */
  lineIsNext: boolean
  readonly stride: number
  pass: number
  /** Members of the class, parked ones included. */
  count: number
}

export class FairQueue<C extends string, T extends Waiting<C, T>> {
  readonly #lanes: Map<C, Lane<T>>
  /** Waiters by paced route, each list oldest first. */
  readonly #parked = new Map<string, Fifo<T>>()
  /** By paced route, the waiter that was called back and stands in its line again. */
  readonly #called = new Map<string, T>()
  #virtualTime = 0
  #size = 0

  /** `weights`: share of each class when all of them wait; 1 or more. */
  constructor (weights: Readonly<Record<C, number>>) {
    this.#lanes = new Map((Object.entries(weights) as Array<[C, number]>).map(([name, weight]) =>
      [name, { line: new Fifo<T>(), turns: new Fifo<T>(), lineIsNext: true, stride: 1 / weight, pass: 0, count: 0 }]))
  }

  get size (): number { return this.#size }

  /** Waiters of a class, parked ones included. */
  count (name: C): number { return this.#lane(name).count }

  /** Waiters parked for a route. */
  parkedOn (route: string): number { return this.#parked.get(route)?.size ?? 0 }

  /** Routes that waiters are parked for. */
  parkedRoutes (): IterableIterator<string> { return this.#parked.keys() }

  /** The first of every line: the oldest waiter is among them. */
  * heads (): Generator<T> {
    for (const { line, turns } of this.#lanes.values()) {
      if (line.head !== undefined) yield line.head
      if (turns.head !== undefined) yield turns.head
    }
    for (const line of this.#parked.values()) if (line.head !== undefined) yield line.head
  }

  add (waiter: T, place: Place): void {
    const lane = this.#lane(waiter.class)
    if (lane.line.size + lane.turns.size === 0) lane.pass = Math.max(lane.pass, this.#virtualTime)
    const list = waiter.list = place === 'turns' ? lane.turns : lane.line
    if (place === 'front') list.unshift(waiter)
    else list.push(waiter)
    lane.count++
    this.#size++
  }

  /** Leaves, from wherever it stands. Does nothing for one that has left. */
  remove (waiter: T): void {
    const { list } = waiter
    if (list === undefined) return
    list.remove(waiter)
    waiter.list = undefined
    this.#forgetCall(waiter)
    this.#lane(waiter.class).count--
    this.#size--
    if (list.size === 0 && this.#parked.get(waiter.route) === list) this.#parked.delete(waiter.route)
  }

  /** Takes out the next waiter whose route `isReady`; parks those it finds not ready. */
  take (isReady: (route: string) => boolean): T | undefined {
    for (;;) {
      const lane = this.#lowest()
      const waiter = lane === undefined ? undefined : nextOf(lane)
      if (lane === undefined || waiter === undefined) return undefined
      if (!isReady(waiter.route)) {
        this.#park(waiter)
        continue
      }
      lane.lineIsNext = waiter.list !== lane.line
      this.remove(waiter)
      this.#virtualTime = lane.pass
      lane.pass += lane.stride
      return waiter
    }
  }

  /**
   * The oldest waiter of a route whose turn has come goes to the front of its class: one at a time, or
   * the next to be called would stand in front of the one before.
   */
  unpark (route: string): void {
    const waiter = this.#parked.get(route)?.head
    if (waiter === undefined || this.#called.has(route)) return
    this.remove(waiter)
    this.add(waiter, 'front')
    this.#called.set(route, waiter)
  }

  /** How many starts will come before a newcomer of this class has its turn, at worst. */
  ahead (name: C): number {
    const own = this.#lane(name)
    const turn = this.#passOf(own) + own.count * own.stride
    let starts = own.count
    for (const lane of this.#lanes.values()) {
      const strides = (turn - this.#passOf(lane)) / lane.stride
      // A tie may go to the other; the sums of strides are not exact.
      if (lane !== own) starts += Math.min(lane.count, Math.max(0, Math.floor(strides + 1e-6) + 1))
    }
    return starts
  }

  /** Where the pass of a lane stands, or will once somebody joins it. */
  #passOf (lane: Lane<T>): number { return Math.max(lane.pass, this.#virtualTime) }

  /** Retries are older than those they come back to, and not always the oldest of all. */
  #park (waiter: T): void {
    waiter.list?.remove(waiter)
    this.#forgetCall(waiter)
    let list = this.#parked.get(waiter.route)
    if (list === undefined) this.#parked.set(waiter.route, list = new Fifo<T>())
    let younger = list.tail !== undefined && list.tail.order > waiter.order ? list.head : undefined
    while (younger !== undefined && younger.order < waiter.order) younger = younger.next
    if (younger === undefined) list.push(waiter)
    else list.insertBefore(waiter, younger)
    waiter.list = list
  }

  #forgetCall (waiter: T): void {
    if (this.#called.get(waiter.route) === waiter) this.#called.delete(waiter.route)
  }

  #lowest (): Lane<T> | undefined {
    let lowest: Lane<T> | undefined
    for (const lane of this.#lanes.values()) {
      if (lane.line.size + lane.turns.size > 0 && (lowest === undefined || lane.pass < lowest.pass)) lowest = lane
    }
    return lowest
  }

  #lane (name: C): Lane<T> {
    const lane = this.#lanes.get(name)
    if (lane === undefined) throw new RangeError(`no class ${name}`)
    return lane
  }
}

function nextOf<T extends Linked<T>> ({ line, turns, lineIsNext }: Lane<T>): T | undefined {
  return lineIsNext ? line.head ?? turns.head : turns.head ?? line.head
}
