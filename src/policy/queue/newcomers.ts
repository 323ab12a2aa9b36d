/** One who waits for its first attempt; it carries its own links. */
export interface Newcomer<T> {
  older: T | undefined
  younger: T | undefined
}

/** Newcomers in order of arrival, wherever they stand: in a line, or beside it for the pace of a route. */
export class Newcomers<T extends Newcomer<T>> {
  #youngest: T | undefined

  get youngest (): T | undefined { return this.#youngest }

  add (waiter: T): void {
    waiter.older = this.#youngest
    waiter.younger = undefined
    if (this.#youngest !== undefined) this.#youngest.younger = waiter
    this.#youngest = waiter
  }

  /** Does nothing for one that is no newcomer here. */
  remove (waiter: T): void {
    if (waiter.younger !== undefined) waiter.younger.older = waiter.older
    else if (this.#youngest === waiter) this.#youngest = waiter.older
    if (waiter.older !== undefined) waiter.older.younger = waiter.younger
    waiter.older = waiter.younger = undefined
  }
}
