/**
 * Which of many like lines are written in full: the first of each kind in an interval. The rest are counted, and told
 * as one line when the interval is over. Kinds are bounded: those that are too many are one.
 */
export interface SamplerOptions {
  /** Lines of a kind that are written in an interval. */
  readonly most: number
  readonly kindsMost: number
}

interface Count<K> { readonly kind: K, lines: number }

export class LineSampler<K> {
  readonly #options: SamplerOptions
  readonly #counts = new Map<string, Count<K>>()

  constructor (options: SamplerOptions) { this.#options = options }

  /** Whether this one is written. `rest` is what stands for those that are too many kinds. */
  writes (kind: K, rest: K): boolean {
    const name = JSON.stringify(kind)
    const counted = this.#counts.get(name) ?? this.#begin(name, kind, rest)
    return ++counted.lines <= this.#options.most
  }

  /** The interval is over: what was left out of it, by kind. */
  turn (): ReadonlyArray<{ readonly kind: K, readonly leftOut: number }> {
    const counts = [...this.#counts.values()]
    this.#counts.clear()
    return counts.filter(({ lines }) => lines > this.#options.most).map(
      ({ kind, lines }) => ({ kind, leftOut: lines - this.#options.most })
    )
  }

  #begin (name: string, kind: K, rest: K): Count<K> {
    const shared = this.#counts.size >= this.#options.kindsMost
    const key = shared ? '' : name
    const counted = this.#counts.get(key) ?? { kind: shared ? rest : kind, lines: 0 }
    this.#counts.set(key, counted)
    return counted
  }
}
