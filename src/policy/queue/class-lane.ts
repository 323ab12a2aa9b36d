import { CallerLine, type InLine, type Place } from './caller-line.ts'
import { Fifo } from './fifo.ts'
import { Parking } from './parking.ts'

/**
 * Callers of a class with a line of their own. Clients choose their names: any more share so many lines, or a client
 * that makes up names would make every turn longer and every operation slower.
 */
export const OWN_LINES_MOST = 256
const SHARED_LINES = 64

/** The waiters of one class. Callers take turns, one start each; a caller's own are first come, first served. */
export class ClassLane<T extends InLine<T>> {
  /** Place of the class among all, 0 for the most urgent. */
  readonly rank: number
  /** Where the lane stands among the others: see FairQueue. */
  pass = 0
  /** Members of the class, parked ones included. */
  count = 0
  readonly parking = new Parking<T>()
  /** Every line in which somebody waits, by name. It includes callers all of whose requests are parked. */
  readonly #lines = new Map<string, CallerLine<T>>()
  #shared = 0
  /** Lines with somebody standing in them, the next to be served first. */
  readonly #ring = new Fifo<CallerLine<T>>()

  constructor (rank: number) { this.rank = rank }

  /** Nobody stands here; all who wait are parked. */
  get isEmpty (): boolean { return this.#ring.size === 0 }

  /** Who is next. */
  get head (): T | undefined { return this.#ring.head?.head }

  /** Whose lines there are. */
  callers (): IterableIterator<string> { return this.#lines.keys() }

  * heads (): Generator<T> {
    for (let line = this.#ring.head; line !== undefined; line = line.next) yield * line.heads()
    yield * this.parking.heads()
  }

  /** Somebody joins the line of its caller. */
  add (waiter: T, place: Place): void {
    const line = waiter.line = this.#lineOf(waiter.caller) ?? this.#open(waiter.caller)
    line.count++
    this.count++
    if (place === 'end') line.newcomers.add(waiter)
    this.#enter(line, waiter, place)
  }

  /** Somebody goes, from its line or from where it is parked. */
  remove (waiter: T): void {
    const { line } = waiter
    if (line === undefined) return
    if (!this.parking.remove(waiter)) this.#leave(line, waiter)
    this.parking.forgetCall(waiter)
    line.newcomers.remove(waiter)
    waiter.line = undefined
    this.count--
    if (--line.count > 0) return
    this.#lines.delete(line.name)
    if (line.name.startsWith(SHARED_MARK)) this.#shared--
  }

  /** Steps out of its line, to wait for the pace of its route. */
  park (waiter: T): void {
    if (waiter.line !== undefined) this.#leave(waiter.line, waiter)
    this.parking.park(waiter)
  }

  /** One of those parked for this route goes to the front of its caller's line. */
  unpark (route: string): void {
    const waiter = this.parking.call(route)
    if (waiter?.line !== undefined) this.#enter(waiter.line, waiter, 'front')
  }

  /** The next waiter is about to be served: its caller's turn is over. */
  turn (waiter: T): void {
    const { line } = waiter
    if (line === undefined) return
    line.serving(waiter)
    if (this.#ring.size === 1) return
    this.#ring.remove(line)
    this.#ring.push(line)
  }

  /** Waiters of a caller, or of all who share its line. */
  countOf (caller: string): number { return this.#lineOf(caller)?.count ?? 0 }

  /** How many of this class will start before a newcomer of this caller, at worst. */
  ahead (caller: string): number {
    const own = this.#lineOf(caller)
    const places = own?.ahead ?? 0
    let starts = places
    let elsewhere = this.count - (own?.count ?? 0)
    let isBehind = false
    for (let line = this.#ring.head; line !== undefined; line = line.next) {
      if (line === own) {
        isBehind = true
        continue
      }
      starts += Math.min(line.count, isBehind ? places : places + 1)
      elsewhere -= line.count
    }
    // Callers all of whose requests are parked. The pace of their routes decides when they are called back.
    return starts + elsewhere
  }

  /** The line with most waiters, of those with a newcomer. */
  longest (): CallerLine<T> | undefined {
    let longest: CallerLine<T> | undefined
    for (const line of this.#lines.values()) {
      if (line.newcomers.youngest !== undefined && (longest === undefined || line.count > longest.count)) longest = line
    }
    return longest
  }

  #enter (line: CallerLine<T>, waiter: T, place: Place): void {
    if (line.size === 0) this.#ring.push(line)
    line.add(waiter, place)
  }

  #leave (line: CallerLine<T>, waiter: T): void {
    waiter.list?.remove(waiter)
    waiter.list = undefined
    if (line.size === 0) this.#ring.remove(line)
  }

  /** Who waits in a shared line keeps to it until nobody does, so that no caller overtakes itself. */
  #lineOf (caller: string): CallerLine<T> | undefined {
    return this.#lines.get(caller) ?? (this.#shared > 0 ? this.#lines.get(sharedName(caller)) : undefined)
  }

  #open (caller: string): CallerLine<T> {
    const isOwn = this.#lines.size - this.#shared < OWN_LINES_MOST
    const line = new CallerLine<T>(isOwn ? caller : sharedName(caller))
    if (!isOwn) this.#shared++
    this.#lines.set(line.name, line)
    return line
  }
}

/** No name of a caller and no address begins with it. */
const SHARED_MARK = '#'

function sharedName (caller: string): string {
  let hash = 0
  for (let i = 0; i < caller.length; i++) hash = (Math.imul(hash, 31) + caller.charCodeAt(i)) >>> 0
  return `${SHARED_MARK}${hash % SHARED_LINES}`
}
