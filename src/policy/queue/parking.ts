import type { CallerLine, InLine } from './caller-line.ts'
import { Fifo, type Linked } from './fifo.ts'

/** Those of one line who wait for the pace of one route, oldest first. */
interface Bay<T extends InLine<T>> extends Linked<Bay<T>> {
  readonly line: CallerLine<T>
  readonly waiters: Fifo<T>
}

interface Route<T extends InLine<T>> {
  /** Its waiters, in all bays. */
  count: number
  readonly bays: Map<CallerLine<T>, Bay<T>>
  /** The bay to be called from next comes first. */
  readonly ring: Fifo<Bay<T>>
}

/**
 * Those of one class who wait for the pace of a route stand here, beside their lines. Callers take turns, and are
 * called one at a time, or the next to be called would stand in front of the one before.
 */
export class Parking<T extends InLine<T>> {
  readonly #routes = new Map<string, Route<T>>()
  /** By route, the waiter that was called back and stands in its line again. */
  readonly #called = new Map<string, T>()
  #total = 0

  /** Of all routes. */
  get total (): number { return this.#total }

  count (route: string): number { return this.#routes.get(route)?.count ?? 0 }

  /** Routes that somebody is parked for. */
  routes (): IterableIterator<string> { return this.#routes.keys() }

  /** The oldest of every bay. */
  * heads (): Generator<T> {
    for (const { ring } of this.#routes.values()) {
      for (let bay = ring.head; bay !== undefined; bay = bay.next) {
        if (bay.waiters.head !== undefined) {
          yield bay.waiters.head
        }
      }
    }
  }

  /**
   * A waiter that has left its list, but not its line, comes here. Retries are older than those they come back to, and
   * not always the oldest of all.
   */
  park (waiter: T): void {
    const { route: name, line } = waiter
    if (line === undefined) return
    this.forgetCall(waiter)
    let route = this.#routes.get(name)
    if (route === undefined) this.#routes.set(name, route = { count: 0, bays: new Map(), ring: new Fifo() })
    let bay = route.bays.get(line)
    if (bay === undefined) {
      route.bays.set(line, bay = { line, waiters: new Fifo(), previous: undefined, next: undefined })
      route.ring.push(bay)
    }
    const { waiters } = bay
    let younger = waiters.tail !== undefined && waiters.tail.order > waiter.order ? waiters.head : undefined
    while (younger !== undefined && younger.order < waiter.order) younger = younger.next
    if (younger === undefined) waiters.push(waiter)
    else waiters.insertBefore(waiter, younger)
    waiter.list = waiters
    route.count++
    this.#total++
  }

  /** Another was called back for the route of this one, and goes before it. */
  calledAnother (waiter: T): boolean {
    const called = this.#called.get(waiter.route)
    return called !== undefined && called !== waiter
  }

  /**
   * The oldest waiter of the caller whose turn it is leaves, for its line: nobody while the last to be called still
   * stands there.
   */
  call (name: string): T | undefined {
    const route = this.#routes.get(name)
    const bay = route?.ring.head
    const waiter = bay?.waiters.head
    if (route === undefined || bay === undefined || waiter === undefined || this.#called.has(name)) return undefined
    route.ring.remove(bay)
    route.ring.push(bay)
    this.remove(waiter)
    this.#called.set(name, waiter)
    return waiter
  }

  /** Takes out one that is parked; false for one that is not. */
  remove (waiter: T): boolean {
    const route = this.#routes.get(waiter.route)
    const bay = waiter.line === undefined ? undefined : route?.bays.get(waiter.line)
    if (route === undefined || bay === undefined || waiter.list !== bay.waiters) return false
    bay.waiters.remove(waiter)
    waiter.list = undefined
    route.count--
    this.#total--
    if (bay.waiters.size > 0) return true
    route.bays.delete(bay.line)
    route.ring.remove(bay)
    if (route.count === 0) this.#routes.delete(waiter.route)
    return true
  }

  /** A waiter that was called back has been served, has left or is parked again. */
  forgetCall (waiter: T): void {
    if (this.#called.get(waiter.route) === waiter) this.#called.delete(waiter.route)
  }
}
