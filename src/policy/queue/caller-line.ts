import { Fifo, type Linked } from './fifo.ts'
import { Newcomers, type Newcomer } from './newcomers.ts'

/** A waiter as its line knows it. */
export interface InLine<T extends InLine<T>> extends Linked<T>, Newcomer<T> {
  readonly caller: string
  readonly route: string
  /** Arrival order of the exchange: a retry is older than those it comes back to. */
  readonly order: number
  /** Since when it waits, milliseconds. */
  readonly waitingSinceMs: number
  /** Set by the queue: the list it stands in, and the line of its caller. */
  list: Fifo<T> | undefined
  line: CallerLine<T> | undefined
}

/**
 * Where a request joins the line of its caller: at its end; at its front after a 429, because a retry is older
 * than those it comes back to; or among those that were throttled again and again. These take turns with the line,
 * so that requests that are always throttled cannot have every slot to themselves.
 */
export type Place = 'end' | 'front' | 'turns'

/** All who wait for one caller in one class. It exists only while somebody does. */
export class CallerLine<T extends InLine<T>> implements Linked<CallerLine<T>> {
  previous: CallerLine<T> | undefined
  next: CallerLine<T> | undefined
  /** Whose line it is, or a name that no caller can have for a line that several share. */
  readonly name: string
  readonly newcomers = new Newcomers<T>()
  /** Parked ones included. */
  count = 0
  readonly #line = new Fifo<T>()
  /** Those who take turns with the line; most callers never have any. */
  #turns: Fifo<T> | undefined
  #lineIsNext = true

  constructor (name: string) { this.name = name }

  /** Those who stand here: not the parked ones. */
  get size (): number { return this.#line.size + (this.#turns?.size ?? 0) }

  /** Who is next. */
  get head (): T | undefined {
    const turn = this.#turns?.head
    return this.#lineIsNext ? this.#line.head ?? turn : turn ?? this.#line.head
  }

  /** How many of this caller will start before a newcomer, at worst. */
  get ahead (): number {
    const turns = this.#turns?.size ?? 0
    const others = this.count - turns
    return others + Math.min(turns, this.#lineIsNext ? others : others + 1)
  }

  /** The oldest of those who stand here is among them. */
  * heads (): Generator<T> {
    if (this.#line.head !== undefined) yield this.#line.head
    if (this.#turns?.head !== undefined) yield this.#turns.head
  }

  add (waiter: T, place: Place): void {
    const list = waiter.list = place === 'turns' ? this.#turns ??= new Fifo<T>() : this.#line
    if (place === 'front') list.unshift(waiter)
    else list.push(waiter)
  }

  /** This one, who still stands here, is about to be served. */
  serving (waiter: T): void { this.#lineIsNext = waiter.list !== this.#line }
}
