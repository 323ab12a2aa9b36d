/**
 * Identical reads that are on their way at once share one call to Twilio. The first leads; those that come until it is
 * answered follow, and each is given that answer. What differs in account, credential, host, path, query, class or a
 * header that shapes the answer is not identical. Nobody follows a read that began before a write was answered of what it reads.
 */
import { WriteMarks } from '../policy/write-marks.ts'
import { isRead } from '../twilio/methods.ts'
import { ancestorsOf, resourceOf } from '../twilio/resource.ts'
import { isCreate } from '../twilio/route.ts'
import type { Clock } from './clock.ts'
import { ClientLeftError, ShedError } from './errors.ts'
import type { Listener } from './events.ts'
import type { Exchange } from './exchange-state.ts'
import type { Answer } from './reply.ts'
import { concluded } from './tell.ts'

export interface CoalesceOptions {
  /** Whether identical reads in flight share one call. */
  readonly inFlight: boolean
}

interface Flight {
  /** When it began, counted. */
  readonly order: number
  readonly answer: Promise<Shared>
}

/**
 * What those who followed are given. `again`: what became of the leader is its own; it left, ran out of time or was
 * refused. `alone`: the answer is too large to hold, so each asks for himself, at once.
 */
type Shared = Answer | 'again' | 'alone'

/** Headers that shape an answer, in the order of the key. */
const SHAPING = ['accept', 'accept-encoding', 'accept-language'] as const
/** Requests with these are for one client alone: signed, partial, or conditional on what it holds. */
const OWN = new Set(['twilio-client-validation', 'range', 'if-match', 'if-none-match', 'if-modified-since', 'if-unmodified-since', 'if-range'])

export class Coalescing {
  readonly #enabled: boolean
  readonly #clock: Clock
  readonly #emit: Listener
  readonly #flights = new Map<string, Flight>()
  readonly #writes = new WriteMarks()
  /** Counts reads that begin and writes that are answered: two of them may fall into one moment. */
  #order = 0

  constructor ({ inFlight }: CoalesceOptions, clock: Clock, emit: Listener) {
    this.#enabled = inFlight
    this.#clock = clock
    this.#emit = emit
  }

  /** The answer of an identical read on its way, or of `lead`. */
  share (exchange: Exchange, lead: () => Promise<Answer>): Promise<Answer> {
    const key = this.#keyOf(exchange)
    // Thousands of writes may wait here: they get no promise of ours on top.
    return key === undefined ? lead() : this.#join(key, exchange, lead)
  }

  /** A write was answered, or its outcome came late: reads that began before may not show it. */
  written ({ identity: { account, upstream, method, path, route } }: Exchange): void {
    if (!this.#enabled || isRead(method) || this.#flights.size === 0) return
    const resource = resourceOf(path)
    this.#writes.note(scopeOf(account.key, upstream.host), resource, ancestorsOf(resource), isCreate(method, route), ++this.#order)
  }

  async #join (key: string, exchange: Exchange, lead: () => Promise<Answer>): Promise<Answer> {
    for (;;) {
      const flight = this.#flights.get(key)
      if (flight === undefined || this.#isStale(flight, exchange)) return this.#lead(key, lead, exchange)
      const shared = await follow(exchange, flight.answer)
      if (shared === 'alone') return lead()
      if (shared !== 'again') return this.#given(exchange, shared)
    }
  }

  #isStale ({ order }: Flight, { identity: { account, upstream, path } }: Exchange): boolean {
    if (this.#writes.size === 0) return false
    const resource = resourceOf(path)
    return this.#writes.touchedSince(order, scopeOf(account.key, upstream.host), resource, ancestorsOf(resource))
  }

  async #lead (key: string, lead: () => Promise<Answer>, exchange: Exchange): Promise<Answer> {
    let share: (shared: Shared) => void = () => {}
    const flight: Flight = { order: ++this.#order, answer: new Promise((resolve) => { share = resolve }) }
    this.#flights.set(key, flight)
    try {
      const answer = await lead()
      share(sharedOf(answer, exchange))
      return answer
    } catch (error) {
      share('again')
      throw error
    } finally {
      // A newer flight may have taken its place.
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
      if (this.#flights.size === 0) this.#writes.clear()
    }
  }

  #given (exchange: Exchange, { statusCode, headers, body }: Answer): Answer {
    exchange.upstreamMs = this.#clock.nowMs() - exchange.startedAtMs
    concluded(exchange, statusCode, 'coalesced', { clock: this.#clock, emit: this.#emit })
    return { statusCode, body, headers: { ...headers, 'governor-attempts': '0', 'governor-queue-ms': '0', 'governor-coalesced': 'true' } }
  }

  #keyOf ({ identity: { method, account, authorization, upstream, path, rawHeaders }, class: name, bodyBytes }: Exchange): string | undefined {
    if (!this.#enabled || method !== 'GET' || bodyBytes > 0) return undefined
    const shaping = SHAPING.map(() => '')
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      const header = (rawHeaders[i] ?? '').toLowerCase()
      if (OWN.has(header)) return undefined
      const place = SHAPING.findIndex((shapes) => shapes === header)
      if (place >= 0) shaping[place] = `${shaping[place] ?? ''}${rawHeaders[i + 1] ?? ''},`
    }
    return [account.key, upstream.host, path, name, authorization ?? '', ...shaping].join('\n')
  }
}

const scopeOf = (account: string, host: string): string => `${account} ${host} `

/** A leader that was cut or refused may have had less time than others have. */
function sharedOf (answer: Answer, { interruption }: Exchange): Shared {
  if (!Buffer.isBuffer(answer.body)) return 'alone'
  return answer.statusCode === 429 || interruption !== undefined ? 'again' : answer
}

/** Waits for another's answer, as long as there is time and somebody to give it to. */
async function follow (exchange: Exchange, answer: Promise<Shared>): Promise<Shared> {
  if (exchange.interruption === undefined) {
    const interrupted = new Promise<'interrupted'>((resolve) => { exchange.onInterrupt(() => { resolve('interrupted') }) })
    const first = await Promise.race([answer, interrupted])
    exchange.onInterrupt(undefined)
    if (first !== 'interrupted') return first
  }
  if (exchange.interruption === 'client_left') throw new ClientLeftError()
  throw new ShedError('deadline', exchange.identity.account.gate.retryAfterMs(exchange))
}
