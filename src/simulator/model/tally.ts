/** How often the same thing came, by kind. */
export interface TallySummary {
  readonly total: number
  readonly distinct: number
  /** Things that came more than once. */
  readonly duplicated: number
  /** Came when the tally was full: in the total, in nothing else. */
  readonly untracked: number
}

interface Sums { total: number, distinct: number, duplicated: number, untracked: number }

const MAX_KINDS = 200

/** Counts fingerprints. Holds no content: what it is given should be a keyed hash. */
export class Tally {
  readonly #maxEntries: number
  readonly #counts = new Map<string, number>()
  readonly #kinds = new Map<string, Sums>()

  constructor (maxEntries: number) {
    this.#maxEntries = maxEntries
  }

  add (kind: string, fingerprint: string): void {
    const sums = this.#sumsOf(kind)
    sums.total++
    const key = `${kind} ${fingerprint}`
    const count = this.#counts.get(key)
    if (count === undefined && this.#counts.size >= this.#maxEntries) {
      sums.untracked++
      return
    }
    this.#counts.set(key, (count ?? 0) + 1)
    if (count === undefined) sums.distinct++
    if (count === 1) sums.duplicated++
  }

  count (kind: string, fingerprint: string): number {
    return this.#counts.get(`${kind} ${fingerprint}`) ?? 0
  }

  /** Of one kind, or of all. */
  summary (kind?: string): TallySummary {
    const all = [...this.#kinds].filter(([name]) => kind === undefined || name === kind)
    const sum = (key: keyof Sums): number => all.reduce((total, [, sums]) => total + sums[key], 0)
    return {
      total: sum('total'),
      distinct: sum('distinct'),
      duplicated: sum('duplicated'),
      untracked: sum('untracked')
    }
  }

  totals (): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#kinds].map(([kind, { total }]) => [kind, total]))
  }

  #sumsOf (kind: string): Sums {
    const name = this.#kinds.has(kind) || this.#kinds.size < MAX_KINDS ? kind : 'other'
    let sums = this.#kinds.get(name)
    if (sums === undefined) {
      sums = { total: 0, distinct: 0, duplicated: 0, untracked: 0 }
      this.#kinds.set(name, sums)
    }
    return sums
  }
}
