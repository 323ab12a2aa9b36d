/** One request body on its way in. */
import type { Readable } from 'node:stream'
import { TWILIO_CODES } from '../../twilio/bodies/error-body.ts'
import { RefusalError } from '../errors.ts'

/** One for all, so that no body's variables live on with its stream. */
const ignore = (): void => {}

/** What an upload asks of the memory that all bodies share. */
export interface Room {
  /** Takes in so many more bytes, or says why not. */
  readonly take: (upload: Upload, bytes: number) => RefusalError | undefined
  readonly give: (upload: Upload, bytes: number) => void
  readonly ended: (upload: Upload) => void
}

export type UploadDone = (error: RefusalError | null, body?: Buffer) => void

/**
 * Reads a body whole. It also reads a refused body to its end and throws it away, because a client that is cut off in
 * mid-upload never sees the answer.
 */
export class Upload {
  readonly peer: string
  /** Bytes that it holds. */
  size = 0
  /** Bytes that have come since the last look, held or thrown away. */
  arrived = 0
  /** Bytes that it may still be short of the least rate; undefined until it is looked at first. */
  allowance: number | undefined
  readonly #payload: Readable
  readonly #room: Room
  readonly #done: UploadDone
  #chunks: Buffer[] = []
  #refusal: RefusalError | undefined

  constructor (payload: Readable, peer: string, refusal: RefusalError | undefined, room: Room, done: UploadDone) {
    this.peer = peer
    this.#payload = payload
    this.#refusal = refusal
    this.#room = room
    this.#done = done
    payload.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onBreak).on('close', this.#onBreak)
  }

  /** Lets go of what it holds at once: an upload that trickles on must not hold memory that it no longer uses. */
  refuse (refusal: RefusalError): void {
    this.#refusal = refusal
    this.#letGo()
  }

  /** Breaks the reading off. */
  finish (error: RefusalError | null, body?: Buffer): void {
    this.#payload.removeListener('data', this.#onData).removeListener('end', this.#onEnd).removeListener(
      'error',
      this.#onBreak
    ).removeListener('close', this.#onBreak)
    this.#payload.on('error', ignore)
    if (error !== null) this.#letGo()
    this.#room.ended(this)
    this.#done(error, body)
  }

  readonly #onData = (chunk: Buffer): void => {
    this.arrived += chunk.length
    if (this.#refusal !== undefined) return
    const refusal = this.#room.take(this, chunk.length)
    if (refusal !== undefined) this.refuse(refusal)
    else {
      this.size += chunk.length
      this.#chunks.push(chunk)
    }
  }

  readonly #onEnd = (): void => {
    if (this.#refusal !== undefined) {
      this.finish(this.#refusal)
      return
    }
    const [first] = this.#chunks
    this.finish(null, this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks, this.size))
  }

  readonly #onBreak = (): void => {
    this.finish(
      new RefusalError(400, TWILIO_CODES.badRequest, 'body_aborted', 'The request body broke off.')
    )
  }

  #letGo (): void {
    this.#room.give(this, this.size)
    this.size = 0
    this.#chunks = []
  }
}
