/**
 * Recognises a request that has gone wrong before. One that comes again at once is a retry of an SDK stacked on ours;
 * a create that comes again while nobody knows what became of the first may be a second paid message.
 */
import { RepeatMemory, STACKED_MS, type Repeat } from '../../policy/counts/repeat-memory.ts'
import { isRead, isReplayable } from '../../twilio/methods.ts'
import { isCreate } from '../../twilio/paths/route.ts'
import { sdkOf } from '../../twilio/sdk.ts'
import type { Clock } from '../ports/clock.ts'
import { DuplicateError } from '../errors.ts'
import type { Listener } from '../events.ts'
import type { Outcome } from '../reasons.ts'
import { createDigest } from '../digest.ts'
import type { Exchange } from '../exchange-state.ts'
import type { Answer } from '../reply/answers.ts'

export interface DuplicateOptions {
  /** What is done about a create that repeats one whose outcome is unknown. */
  readonly mode: 'off' | 'count' | 'refuse'
  /** For so long such a create is remembered, milliseconds. */
  readonly windowMs: number
}

/** Larger bodies are uploads, not messages. To hash them would make others wait. */
const WATCHED_BYTES_MOST = 64 * 1024

export class Repeats {
  readonly #mode: DuplicateOptions['mode']
  readonly #clock: Clock
  readonly #emit: Listener
  readonly #memory: RepeatMemory
  /** Of this process alone: a digest in a heap dump gives no phone number away. */
  readonly #digest = createDigest()

  constructor ({ mode, windowMs }: DuplicateOptions, clock: Clock, emit: Listener) {
    this.#mode = mode
    this.#clock = clock
    this.#emit = emit
    this.#memory = new RepeatMemory(windowMs)
  }

  /** Reports a repeat. Throws a DuplicateError for a create that must not be sent again. */
  recognise (exchange: Exchange): void {
    const nowMs = this.#clock.nowMs()
    // As a rule nothing has gone wrong lately, and nothing has to be hashed.
    if (this.#memory.isEmpty(nowMs) || !isWatched(exchange)) return
    const repeat = this.#memory.recognise(this.#nameOf(exchange), nowMs)
    if (repeat === undefined) return
    if (repeat.status > 0 && repeat.agoMs <= STACKED_MS) this.#tellStacked(exchange, repeat)
    if (repeat.past !== 'failed') this.#judgeDuplicate(exchange, repeat)
  }

  /**
   * A write at Twilio whose client has closed its sending side: until it is answered, it is as though its client had
   * left.
   */
  halfClosed (exchange: Exchange): void {
    if (!isRead(exchange.identity.method)) this.#note(exchange, true, 0)
  }

  /** Remembers an answer that a client may take for a reason to send again. */
  note (exchange: Exchange, answer: Answer): void {
    const { statusCode, headers } = answer
    if (exchange.isHalfClosed) this.#settle(exchange, answer)
    if (statusCode < 500 && statusCode !== 429) return
    this.#note(exchange, headers['governor-outcome'] === 'unknown', statusCode)
  }

  /**
   * Remembers a write that went on without its client, and returns the function to call with its outcome. `status` is
   * what the client got, 0 when it had left.
   */
  leaveBehind (exchange: Exchange, status: number): (outcome: Outcome) => void {
    const digest = this.#note(exchange, true, status)
    return (outcome) => {
      const wasProcessed = outcome === 'success'
      const wasNot = outcome === 'client_error' || outcome === 'unsent' || outcome.startsWith('throttled')
      if (digest !== undefined && (wasProcessed || wasNot)) {
        this.#memory.settle(digest, wasProcessed, this.#clock.nowMs())
      }
    }
  }

  /** Nobody knows whether a client that had closed its sending side got to read its answer. */
  #settle (exchange: Exchange, { statusCode, headers, own }: Answer): void {
    if (isRead(exchange.identity.method) || headers['governor-outcome'] === 'unknown' || !isWatched(exchange)) return
    this.#memory.settle(this.#nameOf(exchange), own !== true && statusCode < 400, this.#clock.nowMs())
  }

  #note (exchange: Exchange, unknown: boolean, status: number): string | undefined {
    if (!isWatched(exchange)) return undefined
    const { method, route } = exchange.identity
    const digest = this.#nameOf(exchange)
    const watched = unknown && this.#mode !== 'off' && isCreate(method, route)
    this.#memory.note(digest, watched ? 'unknown' : 'failed', status, this.#clock.nowMs())
    return digest
  }

  #tellStacked ({ identity }: Exchange, { status, agoMs }: Repeat): void {
    const { account, upstream, route, method, rawHeaders } = identity
    this.#emit({
      type: 'stacked_retry',
      account: account.key,
      product: upstream.product,
      route,
      method,
      sdk: sdkOf(userAgentIn(rawHeaders)),
      status,
      agoMs
    })
  }

  #judgeDuplicate ({ identity }: Exchange, { past, agoMs }: Repeat): void {
    const { account, upstream, route, method, rawHeaders, allowsDuplicate } = identity
    const refused = this.#mode === 'refuse' && !allowsDuplicate
    this.#emit({
      type: 'duplicate',
      account: account.key,
      product: upstream.product,
      route,
      method,
      sdk: sdkOf(userAgentIn(rawHeaders)),
      first: past === 'processed' ? 'processed' : 'unknown',
      agoMs,
      refused
    })
    if (refused) throw new DuplicateError(past === 'processed', agoMs)
  }

  #nameOf ({ identity, body }: Exchange): string {
    const head = `${identity.account.key}\n${identity.method}\n${identity.upstream.host}\n${identity.path}\n`
    return body === null ? this.#digest(head) : this.#digest(head, body)
  }
}

function isWatched ({ bodyBytes, identity }: Exchange): boolean {
  return bodyBytes <= WATCHED_BYTES_MOST || isReplayable(identity.method)
}

function userAgentIn (rawHeaders: readonly string[]): string | undefined {
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() === 'user-agent') {
      return rawHeaders[i + 1]
    }
  }
  return undefined
}
