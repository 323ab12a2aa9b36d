/**
 * Saves calls for identical reads. Identical reads in flight share one call to Twilio: the first leads, those that come
 * until its answer follow, and each gets that answer. If the settings name the route, the answer is also cached for a
 * short time. Reads that differ in account, credential, host, path, query or a header that may shape the answer are not
 * identical. Reads of two classes never wait for each other. A read never gets an answer that was fetched before a
 * write that may have changed it.
 */
import type { Product } from '../../twilio/types.ts'
import { TaggedLru } from '../../policy/counts/tagged-lru.ts'
import { WriteMarks } from '../../policy/counts/write-marks.ts'
import { isRead } from '../../twilio/methods.ts'
import { ancestorsOf, resourceOf } from '../../twilio/paths/resource.ts'
import { isCreate } from '../../twilio/paths/route.ts'
import { AnswerCache, type CacheRule, type Place } from './answer-cache.ts'
import type { Clock } from '../ports/clock.ts'
import { createDigest } from '../digest.ts'
import type { Exchange } from '../exchange-state.ts'
import { Flight, type Told } from './flight.ts'
import type { CachedAnswer } from './cached-answer.ts'
import { learnVarying, NOTHING_VARIES, readOf, type Read, type Varying } from './read.ts'
import { cachedAnswer, sharedAnswer, type Answer, type Answered } from '../reply/answers.ts'

export interface CoalesceOptions {
  /** Whether identical reads in flight share one call. */
  readonly inFlight: boolean
  /**
   * Reads whose answers are cached, by a name; the first that matches counts. Those share a call in flight in any case.
   */
  readonly cache: Readonly<Record<string, CacheRule>>
  /** Most memory for cached answers, bytes. */
  readonly cacheMaxBytes: number
}

/**
 * A read whose answer was too large to hold is not waited for so long after, milliseconds, and so many are remembered.
 */
const LARGE_MS = 60_000
const LARGE_MOST = 1_000
/** Of so many routes it is remembered which further headers shape their answers. */
const VARYING_MOST = 1_000

/** A read, and what is to be done about it. */
interface Task {
  readonly read: Read
  readonly flight: string
  /** Where its answer is cached, and by what rule; undefined where it is not. */
  readonly cached: { readonly key: string, readonly rule: CacheRule } | undefined
  readonly exchange: Exchange
  readonly lead: () => Promise<Answered>
}

export class Coalescing {
  readonly #inFlight: boolean
  readonly #isOff: boolean
  readonly #clock: Clock
  readonly #cache: AnswerCache
  readonly #flights = new Map<string, Flight>()
  readonly #writes = new WriteMarks()
  /** Until when a read is known to have a large answer. */
  readonly #large = new TaggedLru<number>(LARGE_MOST)
  /** By route: headers that shape its answers, as their Vary says, though as a rule they shape none. */
  readonly #varying = new TaggedLru<Varying>(VARYING_MOST)
  /** Of this process alone: what is cached does not give its credential away. */
  readonly #digest = createDigest()
  /** Counts reads that begin and writes that are answered: two of them may fall into one moment. */
  #order = 0
  /** Reads on their way that lead. */
  #leading = 0

  constructor ({ inFlight, cache, cacheMaxBytes }: CoalesceOptions, clock: Clock) {
    const rules = Object.values(cache)
    this.#inFlight = inFlight
    this.#isOff = !inFlight && rules.length === 0
    this.#clock = clock
    this.#cache = new AnswerCache(rules, cacheMaxBytes, clock)
  }

  /** Bytes of all answers cached now. */
  get cachedBytes (): number { return this.#cache.bytes }

  /** Reads on their way and what they remember of writes: nothing while nobody reads. */
  get pending (): number { return this.#flights.size + this.#leading + this.#writes.size }

  /** A cached answer, that of an identical read in flight, or that of `lead`. */
  share (exchange: Exchange, lead: () => Promise<Answered>): Promise<Answered> {
    // Thousands of writes may wait here: they get no promise of ours on top.
    if (this.#isOff || exchange.identity.method !== 'GET') return lead()
    const rule = this.#cache.ruleFor(exchange.identity)
    const read = rule === undefined && !this.#inFlight ? undefined : readOf(exchange, this.#varyingOf(exchange))
    if (read === undefined || this.#isLarge(read)) return lead()
    const cached = rule === undefined ? undefined : { key: this.#digest(read.key), rule }
    const kept = cached === undefined
      ? undefined
      : this.#cache.fresh(cached.key, Math.min(cached.rule.ttlMs, read.mostAgeMs))
    if (kept !== undefined) return Promise.resolve(this.#fromCache(exchange, kept))
    return this.#join({ read, flight: `${read.key}\n${exchange.class}`, cached, exchange, lead })
  }

  /** A write was answered, is given up, or its outcome came late: reads that began before may not show it. */
  written ({ identity: { method, upstream, path, route }, attempts, throttled, unsent }: Exchange): void {
    // A write that was never sent, or was throttled or shed each time, has changed nothing.
    if (this.#isOff || isRead(method) || attempts <= throttled + unsent) return
    if (this.#leading === 0 && this.#cache.size === 0) return
    const place = placeOf(upstream.product, path)
    const creates = isCreate(method, route)
    if (this.#leading > 0) this.#writes.note(place.product, place.resource, place.ancestors, creates, ++this.#order)
    this.#cache.written(place, creates)
  }

  /** Forgets all cached answers. */
  close (): void { this.#cache.close() }

  async #join (task: Task): Promise<Answered> {
    const { exchange } = task
    const flight = this.#flights.get(task.flight)
    if (flight === undefined || task.read.mostAgeMs === 0 || this.#isTouched(flight, exchange)) {
      const own = new Flight()
      this.#flights.set(task.flight, own)
      return await this.#lead(own, task)
    }
    if (flight.isFull) return await task.lead()
    const told = await flight.follow(exchange)
    if (told === 'lead') return await this.#lead(flight, task)
    if (told === 'alone') return await task.lead()
    return isFor(flight.read, task) ? this.#given(exchange, told) : await this.share(exchange, task.lead)
  }

  async #lead (flight: Flight, task: Task): Promise<Answered> {
    const { exchange, cached, read } = task
    flight.order = ++this.#order
    this.#leading++
    if (cached !== undefined && read.mostAgeMs > 0) exchange.cached = this.#cache.askable(cached.key)
    try {
      const ended = await task.lead()
      const { answer } = ended
      const varying = this.#learn(exchange, answer)
      flight.read = varying === read.varying ? read : readOf(exchange, varying)
      if (cached !== undefined && flight.read !== undefined && !this.#isTouched(flight, exchange)) {
        const key = flight.read === read ? cached.key : this.#digest(flight.read.key)
        this.#cache.note(
          key,
          answer,
          flight.order,
          cached.rule,
          placeOf(exchange.identity.upstream.product, exchange.identity.path)
        )
      }
      const told = toldOf(answer, exchange)
      if (told === 'alone' && !flight.isAlone) {
        this.#large.set(this.#digest(read.key), this.#clock.nowMs() + LARGE_MS, 1, [])
      }
      this.#settle(task.flight, flight, told)
      return ended
    } catch (error) {
      this.#settle(task.flight, flight, 'lead')
      throw error
    } finally {
      if (--this.#leading === 0) this.#writes.clear()
    }
  }

  /**
   * A read that leads in another's place leads the same flight, one by one, so that thousands do not wake for each that
   * fails.
   */
  #settle (name: string, flight: Flight, told: Told): void {
    if (told === 'lead' && flight.handOver()) return
    if (told !== 'lead') flight.tell(told, this.#clock)
    // A newer flight may have taken its place.
    if (this.#flights.get(name) === flight) this.#flights.delete(name)
  }

  #isTouched ({ order }: Flight, { identity: { upstream, path } }: Exchange): boolean {
    if (this.#writes.size === 0) return false
    const { product, resource, ancestors } = placeOf(upstream.product, path)
    return this.#writes.touchedSince(order, product, resource, ancestors)
  }

  /** Headers that shape this route's answers, as far as answers have said so. */
  #varyingOf ({ identity: { route } }: Exchange): Varying {
    return this.#varying.size === 0 ? NOTHING_VARIES : this.#varying.get(route) ?? NOTHING_VARIES
  }

  #learn (exchange: Exchange, { headers }: Answer): Varying {
    const known = this.#varyingOf(exchange)
    const varying = learnVarying(known, headers['vary'])
    if (varying !== known) this.#varying.set(exchange.identity.route, varying, 1, [])
    return varying
  }

  /** Is it known that the answer is large? */
  #isLarge (read: Read): boolean {
    if (this.#large.size === 0) return false
    const key = this.#digest(read.key)
    const untilMs = this.#large.peek(key)
    if (untilMs === undefined || this.#clock.nowMs() < untilMs) return untilMs !== undefined
    this.#large.delete(key)
    return false
  }

  #given (exchange: Exchange, answer: Answer): Answered {
    exchange.upstreamMs = this.#clock.nowMs() - exchange.startedAtMs
    return { answer: sharedAnswer(answer, exchange), reason: 'coalesced' }
  }

  #fromCache (exchange: Exchange, kept: CachedAnswer): Answered {
    return { answer: cachedAnswer(kept, exchange, this.#clock.nowMs()), reason: 'cached' }
  }
}

/** Writes count by every credential and edge: accounts may reach each other's resources, and paths have their SIDs. */
function placeOf (product: Product, path: string): Place {
  const resource = resourceOf(path)
  return { product, resource, ancestors: ancestorsOf(resource) }
}

/**
 * Does an answer that was fetched for `read` fit this one, too? They may differ in a header, and only the answer says
 * whether that header counts.
 */
function isFor (read: Read | undefined, task: Task): boolean {
  if (read === undefined) return false
  return read.varying === task.read.varying || read.key === readOf(task.exchange, read.varying)?.key
}

/** A leader that was cut or refused may have had less time than others have. */
function toldOf (answer: Answer, { interruption }: Exchange): Told {
  if (!Buffer.isBuffer(answer.body)) return 'alone'
  return answer.statusCode === 429 || interruption !== undefined ? 'lead' : answer
}
