/**
 * How long Twilio takes for requests of a route: nineteen of twenty answers come within this time. It is the order
 * statistic of rank ⌈0.95 · (n + 1)⌉ of the last n answers. The next answer stays below it with a probability of at
 * least 0.95, whatever their distribution. That takes at least 20 answers: then it is the greatest of them.
 */

/** Part of the answers that is to come in time. */
const PART = 0.95
/** Answers that are remembered of a route: the newest. */
const REMEMBERED = 64
/** With fewer nothing is said. */
const LEAST = 20
/** Routes remembered for an account, each at some 1,400 bytes; the one that was answered longest ago gives way. */
export const TIMED_ROUTES_MOST = 64

export class ServiceTimes {
  /** The one answered last comes last. */
  readonly #routes = new Map<string, Recent>()
  readonly #all = new Recent()

  get size (): number { return this.#routes.size }

  /** An answer, or a wait for one that was given up, took so long, milliseconds. */
  note (route: string, ms: number): void {
    this.#all.add(ms)
    const known = this.#routes.get(route)
    this.#routes.delete(route)
    if (known === undefined && this.#routes.size >= TIMED_ROUTES_MOST) {
      const { value: oldest } = this.#routes.keys().next()
      if (oldest !== undefined) this.#routes.delete(oldest)
    }
    const recent = known ?? new Recent()
    recent.add(ms)
    this.#routes.set(route, recent)
  }

  /**
   * Most answers come within so long, milliseconds: by those of the route, or of the whole account while it has too
   * few; undefined while that has.
   */
  mostWithinMs (route: string): number | undefined {
    return this.#routes.get(route)?.mostWithinMs() ?? this.#all.mostWithinMs()
  }
}

/** Kept in order as they come: this is asked for each request, and must not sort or allocate then. */
class Recent {
  readonly #inTurn = new Float64Array(REMEMBERED)
  readonly #sorted = new Float64Array(REMEMBERED)
  #count = 0
  #next = 0

  add (ms: number): void {
    if (this.#count === REMEMBERED) {
      const oldest = this.#placeOf(this.#inTurn[this.#next] ?? 0)
      this.#sorted.copyWithin(oldest, oldest + 1)
      this.#count--
    }
    const place = this.#placeOf(ms)
    this.#sorted.copyWithin(place + 1, place, this.#count)
    this.#sorted[place] = ms
    this.#count++
    this.#inTurn[this.#next] = ms
    this.#next = (this.#next + 1) % REMEMBERED
  }

  mostWithinMs (): number | undefined {
    return this.#count < LEAST ? undefined : this.#sorted[Math.ceil(PART * (this.#count + 1)) - 1]
  }

  /** Where the first stands that is not less. */
  #placeOf (ms: number): number {
    let from = 0
    for (let to = this.#count; from < to;) {
      const middle = (from + to) >> 1
      if ((this.#sorted[middle] ?? 0) < ms) from = middle + 1
      else to = middle
    }
    return from
  }
}
