/**
 * One attempt upstream. It reports what came back, and above all whether a byte had been sent: that is
 * what decides if a write may ever be tried again.
 *
 * Small answers are gathered and handed on whole, which costs less than a stream and lets a 429 be
 * read before it is judged. Large ones, and media of unknown size, stream in constant memory.
 */
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { tokensOf } from '../../twilio/headers/field-list.ts'
import type { Clock } from '../ports/clock.ts'
import { StreamedBody } from './streamed-body.ts'

/** Answers up to this size are gathered whole, bytes. */
const GATHER_MOST_BYTES = 64 * 1024

export type ResponseHeaders = Record<string, string | string[] | undefined>

export interface ForwardRequest {
  readonly dispatcher: Dispatcher
  readonly method: string
  /** Path and query, byte for byte as the client sent them. */
  readonly path: string
  /** Names and values in turn, as they go upstream, Host included. */
  readonly headers: string[]
  readonly body: Buffer | null
  /** Called when the request's head goes onto a connection. */
  readonly onSent?: (() => void) | undefined
  /** How long a client may leave its streamed answer unread, milliseconds. */
  readonly unreadMs: number
}

export type AttemptResult =
  | {
    readonly kind: 'response'
    readonly status: number
    readonly headers: ResponseHeaders
    readonly body: Buffer | Readable
    /** Settles when the body is done upstream, well or badly. */
    readonly bodyDone: Promise<void>
  }
  | {
    readonly kind: 'failure'
    /** A byte of the request may have reached Twilio. */
    readonly sent: boolean
    readonly timedOut: boolean
    /** A code such as ECONNREFUSED or UND_ERR_SOCKET, never a message. */
    readonly code: string
    /** Of the response that broke off, if its headers had come. */
    readonly headers: ResponseHeaders | undefined
    readonly status: number
  }

const DONE = Promise.resolve()

/** Statuses whose answers end with their head (RFC 9112, section 6.3). */
const HAVE_NO_BODY: ReadonlySet<number> = new Set([204, 304])

/** An answer that cannot be passed on. */
class BrokenAnswerError extends Error {
  readonly code: string

  constructor (code: string) {
    super(code)
    this.code = code
  }
}

function isPlainOrChunked (transferEncoding: string | string[] | undefined): boolean {
  if (transferEncoding === undefined || transferEncoding === 'chunked') return true
  const codings = tokensOf(transferEncoding)
  return codings.length === 1 && (codings[0] === 'chunked' || codings[0] === 'identity')
}

/** Is the body to be gathered? Text of unknown length is, as long as it stays small; media is not. */
function gathers (headers: ResponseHeaders): boolean {
  const length = headers['content-length']
  if (typeof length === 'string') return Number(length) <= GATHER_MOST_BYTES
  const type = headers['content-type']
  return typeof type !== 'string' || /json|xml|text|html|csv/.test(type)
}

export class Attempt implements Dispatcher.DispatchHandler {
  readonly result: Promise<AttemptResult>
  /** A byte of it may have reached Twilio: what decides whether a write may be tried again. */
  sent = false
  /**
   * When the request's head went onto a connection, and when the answer's head (or its failure) came, by the clock; 0
   * before.
   */
  sentAtMs = 0
  endedAtMs = 0

  /**
   * From the moment its first byte was sent until its answer was here, milliseconds; 0 when none was sent or it goes
   * on.
   */
  get upstreamMs (): number { return this.sent && this.endedAtMs > 0 ? this.endedAtMs - this.sentAtMs : 0 }
  readonly #clock: Clock
  readonly #unreadMs: number
  readonly #onSent: (() => void) | undefined
  #settle!: (result: AttemptResult) => void
  #controller: Dispatcher.DispatchController | undefined
  #aborted = false
  #status = 0
  #headers: ResponseHeaders | undefined
  #chunks: Buffer[] = []
  #gathered = 0
  #stream: StreamedBody | undefined
  #bodyDone: (() => void) | undefined

  constructor (request: ForwardRequest, clock: Clock) {
    this.#clock = clock
    this.#unreadMs = request.unreadMs
    this.#onSent = request.onSent
    this.result = new Promise((resolve) => { this.#settle = resolve })
    try {
      request.dispatcher.dispatch({
        path: request.path,
        method: request.method,
        headers: request.headers,
        body: request.body
      }, this)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Cuts the attempt. Only for what may be cut: never a write that may have been sent. */
  abort (): void {
    this.#aborted = true
    if (this.#controller === undefined) this.#fail(undefined)
    else this.#controller.abort(new Error('abandoned'))
  }

  onRequestStart (controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#aborted) controller.abort(new Error('abandoned'))
    else {
      this.sent = true
      this.sentAtMs = this.#clock.nowMs()
      this.#onSent?.()
    }
  }

  onResponseStart (controller: Dispatcher.DispatchController, status: number, headers: ResponseHeaders): void {
    // Nobody has asked for another protocol.
    if (status === 101) controller.abort(new BrokenAnswerError('SWITCHED_PROTOCOL'))
    if (status < 200) return
    // Nobody has asked for one (RFC 9112, section 7.4), the client would take what is packed for the body itself.
    if (!isPlainOrChunked(headers['transfer-encoding'])) controller.abort(new BrokenAnswerError('TRANSFER_CODING'))
    this.endedAtMs = this.#clock.nowMs()
    this.#status = status
    this.#headers = headers
    // A 429 has to be read before it can be judged.
    if (status !== 429 && !gathers(headers)) this.#startStream(controller)
  }

  onResponseData (controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#stream === undefined) {
      this.#chunks.push(chunk)
      this.#gathered += chunk.length
      if (this.#gathered > GATHER_MOST_BYTES) this.#startStream(controller)
    } else {
      this.#stream.receive(chunk)
    }
  }

  onResponseEnd (): void {
    if (this.#stream !== undefined) {
      this.#stream.push(null)
      this.#bodyDone?.()
      return
    }
    const [first] = this.#chunks
    const body = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks)
    this.#settle({ kind: 'response', status: this.#status, headers: this.#headers ?? {}, body, bodyDone: DONE })
  }

  onResponseError (_controller: unknown, error: Error): void {
    // undici takes the length that they may name, or should not (RFC 9110, section 8.6), for that of a body cut off.
    if (HAVE_NO_BODY.has(this.#status) && codeOf(error) === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') this.onResponseEnd()
    else this.#fail(error)
  }

  #startStream (controller: Dispatcher.DispatchController): void {
    const stream = this.#stream = new StreamedBody(controller, this.#clock, this.#unreadMs)
    for (const chunk of this.#chunks) stream.receive(chunk)
    this.#chunks = []
    const bodyDone = new Promise<void>((resolve) => { this.#bodyDone = resolve })
    this.#settle({ kind: 'response', status: this.#status, headers: this.#headers ?? {}, body: stream, bodyDone })
  }

  #fail (error: unknown): void {
    if (this.#stream !== undefined) {
      this.#stream.destroy(error instanceof Error ? error : new Error('upstream broke off'))
      this.#bodyDone?.()
      return
    }
    this.endedAtMs = this.#clock.nowMs()
    const code = this.#aborted ? 'ABANDONED' : codeOf(error)
    const timedOut = code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT'
    this.#settle({ kind: 'failure', sent: this.sent, timedOut, code, headers: this.#headers, status: this.#status })
  }
}

/** The code of an error, if it is one that says nothing personal. */
function codeOf (error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : 'UNKNOWN'
}
