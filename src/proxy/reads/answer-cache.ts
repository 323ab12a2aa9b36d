/**
 * Answers cached for a short time, on routes that the settings name. The rule that matches the reader decides how old
 * an answer may be, not the rule under which it was cached. A write drops everything that it may have changed.
 */
import type { Product } from '../../twilio/types.ts'
import { TaggedLru } from '../../policy/counts/tagged-lru.ts'
import { RuleBook, type Match } from '../match.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { Identity } from '../exchange-state.ts'
import { ageOf, bytesOf, keepable, type CachedAnswer } from './cached-answer.ts'
import type { Answer } from '../reply/answers.ts'

/** Reads whose answers are cached. */
export interface CacheRule {
  readonly match: Match
  /** For so long an answer is given without asking Twilio, milliseconds. */
  readonly ttlMs: number
}

/** A resource and what it lies below, for one product. */
export interface Place {
  readonly product: Product
  readonly resource: string
  readonly ancestors: readonly string[]
}

interface Entry {
  readonly answer: CachedAnswer
  /** When the read that fetched it began, counted. */
  readonly order: number
  /** From then on nobody can use it, on the proxy's clock, milliseconds. */
  readonly goneAtMs: number
}

/** After its time an answer with an ETag stays this much longer, to ask Twilio whether it still holds, milliseconds. */
const ASKABLE_MS = 600_000
/** How often what nobody can use any more is cleared away, milliseconds. */
const CLEAR_MS = 30_000
/**
 * What finding an answer takes in addition to the answer: its key, its places in maps and sets. Measured, Node 20: 900
 * to 1,200 bytes.
 */
const BYTES_AROUND = 1_200

export class AnswerCache {
  readonly #rules: RuleBook<CacheRule> | undefined
  readonly #clock: Clock
  readonly #entries: TaggedLru<Entry>
  #clearing: Timer | undefined

  constructor (rules: readonly CacheRule[], maxBytes: number, clock: Clock) {
    this.#rules = rules.length === 0 ? undefined : new RuleBook(rules)
    this.#clock = clock
    this.#entries = new TaggedLru(maxBytes)
  }

  get size (): number { return this.#entries.size }
  /** Bytes of all answers cached now. */
  get bytes (): number { return this.#entries.bytes }

  ruleFor (identity: Identity): CacheRule | undefined { return this.#rules?.first(identity) }

  /** The answer, if it is young enough. */
  fresh (key: string, mostMs: number): CachedAnswer | undefined {
    const answer = this.#entries.get(key)?.answer
    return answer !== undefined && ageOf(answer, this.#clock.nowMs()) < mostMs ? answer : undefined
  }

  /** A cached answer that Twilio can confirm. */
  askable (key: string): CachedAnswer | undefined {
    const entry = this.#entries.peek(key)
    return entry?.answer.etag !== undefined && this.#clock.nowMs() < entry.goneAtMs ? entry.answer : undefined
  }

  /** Twilio answered a read that began at `order`. Its answer is cached, or what was cached before no longer holds. */
  note (key: string, answer: Answer, order: number, { ttlMs }: CacheRule, place: Place): void {
    // An error or a 429 says nothing of what there is.
    if (answer.statusCode === 429 || answer.statusCode >= 500) return
    const known = this.#entries.peek(key)
    if (known !== undefined && known.order > order) return
    const nowMs = this.#clock.nowMs()
    const cached = keepable(answer, nowMs)
    if (cached === undefined) {
      this.#entries.delete(key)
      return
    }
    const goneAtMs = nowMs + ttlMs + (cached.etag === undefined ? 0 : ASKABLE_MS)
    const tags = [tagOf('=', place, place.resource), ...place.ancestors.map((above) => tagOf('>', place, above))]
    this.#entries.set(
      key,
      { answer: cached, order, goneAtMs },
      bytesOf(cached) + tags.reduce((sum, tag) => sum + tag.length, BYTES_AROUND),
      tags
    )
    if (this.#entries.size > 0) this.#clearing ??= this.#clock.setTimer(() => { this.#clear() }, CLEAR_MS)
  }

  /** A write may have changed the resource and what is above it, and, unless it made something new in it, all below. */
  written (place: Place, isCreate: boolean): void {
    if (this.#entries.size === 0) return
    for (const touched of [place.resource, ...place.ancestors]) this.#entries.drop(tagOf('=', place, touched))
    if (!isCreate) this.#entries.drop(tagOf('>', place, place.resource))
  }

  close (): void {
    if (this.#clearing !== undefined) this.#clock.clearTimer(this.#clearing)
    this.#clearing = undefined
    this.#entries.clear()
  }

  #clear (): void {
    const nowMs = this.#clock.nowMs()
    this.#entries.dropWhere(({ goneAtMs }) => goneAtMs <= nowMs)
    this.#clearing = this.#entries.size === 0 ? undefined : this.#clock.setTimer(() => { this.#clear() }, CLEAR_MS)
  }
}

/** `=`: the answer is of the resource itself; `>`: of something below it. */
const tagOf = (how: '=' | '>', { product }: Place, resource: string): string => `${how}${product}${resource}`
