/**
 * Request bodies, kept whole so that a refused request can be sent again, and bounded: each by itself,
 * and all of them together.
 */
import type { Readable } from 'node:stream'
import { TWILIO_CODES } from '../twilio/error-body.ts'
import { RefusalError } from './errors.ts'

export interface BodyOptions {
  /** Largest body, bytes. */
  readonly maxBytes: number
  /** Most bytes of all bodies at once, bytes. */
  readonly maxWaitingBytes: number
}

/** One for all, so that no body's variables live on with its stream. */
const ignore = (): void => {}

export class BodyMemory {
  readonly #options: BodyOptions
  #bytes = 0

  constructor (options: BodyOptions) { this.#options = options }

  /** Bytes of all bodies held now. */
  get bytes (): number { return this.#bytes }

  /** Why a body that says it is so large would be refused; undefined when there is room for it. */
  refusalOf (declaredBytes: number | undefined): RefusalError | undefined {
    return declaredBytes === undefined ? undefined : this.#refusal(declaredBytes, declaredBytes)
  }

  /**
   * Reads a body whole. A body that is refused is read to its end all the same and thrown away, since a
   * client that is cut off in mid-upload never sees the answer. What it counts must be released.
   * Returns what breaks the reading off, with the error to tell.
   */
  read (
    payload: Readable, declaredBytes: number | undefined, done: (error: RefusalError | null, body?: Buffer) => void
  ): (error: RefusalError) => void {
    let chunks: Buffer[] = []
    let size = 0
    let refusal = this.refusalOf(declaredBytes)
    const finish = (error: RefusalError | null, body?: Buffer): void => {
      payload.removeListener('data', onData).removeListener('end', onEnd).removeListener('error', onBreak).removeListener('close', onBreak)
      payload.on('error', ignore)
      if (error !== null) this.release(size)
      done(error, body)
    }
    const onData = (chunk: Buffer): void => {
      if (refusal !== undefined) return
      refusal = this.#refusal(size + chunk.length, chunk.length)
      if (refusal === undefined) {
        size += chunk.length
        this.#bytes += chunk.length
        chunks.push(chunk)
      } else {
        // Let go at once: an upload that trickles on must not hold memory that it no longer uses.
        this.release(size)
        size = 0
        chunks = []
      }
    }
    const onEnd = (): void => {
      if (refusal !== undefined) {
        finish(refusal)
        return
      }
      const [first] = chunks
      finish(null, chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, size))
    }
    const onBreak = (): void => finish(new RefusalError(400, TWILIO_CODES.badRequest, 'body_aborted', 'The request body broke off.'))
    payload.on('data', onData).on('end', onEnd).on('error', onBreak).on('close', onBreak)
    return finish
  }

  release (bytes: number): void { this.#bytes -= bytes }

  #refusal (size: number, more: number): RefusalError | undefined {
    const { maxBytes, maxWaitingBytes } = this.#options
    if (size > maxBytes) {
      return new RefusalError(413, TWILIO_CODES.bodyTooLarge, 'body_too_large',
        `The request body is larger than ${maxBytes} bytes, the most that body.maxBytes allows. Nothing was sent to Twilio.`)
    }
    if (this.#bytes + more > maxWaitingBytes) {
      return new RefusalError(429, TWILIO_CODES.tooManyRequests, 'body_memory',
        'Too many requests: the bodies of waiting requests fill the memory set aside for them. Nothing was sent to Twilio.')
    }
    return undefined
  }
}
