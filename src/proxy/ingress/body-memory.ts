/**
 * Request bodies, held whole so that a throttled request can be sent again, and bounded: each by itself, and all of
 * them together. Peers share the memory: the one that holds most gives way. Every body comes at a least rate.
 */
import type { Readable } from 'node:stream'
import { allowanceAfter, fullAllowance, type LeastRateOptions } from '../../policy/counts/least-rate.ts'
import { Shares } from '../../policy/counts/shares.ts'
import { TWILIO_CODES } from '../../twilio/bodies/error-body.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import { RefusalError } from '../errors.ts'
import { Upload, type Room, type UploadDone } from './upload.ts'

export interface BodyOptions {
  /** Largest body, bytes. */
  readonly maxBytes: number
  /** Most bytes of all bodies at once, bytes. */
  readonly maxWaitingBytes: number
  /** Slower uploads are broken off, bytes per second; 0 lets every upload take its time. */
  readonly minBytesPerSecond: number
}

export interface BodyMemoryDependencies {
  readonly clock: Clock
  /**
   * Refuses one waiting request of a peer, so that its body's memory is free at once; false when it has none that
   * waits.
   */
  readonly refuseOneOf: (peer: string) => boolean
}

/** An upload may pause for so long, seconds: a mobile link that changes its cell takes less. */
const GRACE_SECONDS = 10
const LOOK_MS = 1_000

export class BodyMemory {
  readonly #options: BodyOptions
  readonly #rate: LeastRateOptions
  readonly #clock: Clock
  readonly #refuseOneOf: (peer: string) => boolean
  readonly #shares = new Shares()
  readonly #uploads = new Set<Upload>()
  readonly #room: Room = {
    take: (upload, bytes) => this.#take(upload, bytes),
    give: ({ peer }, bytes) => { this.release(bytes, peer) },
    ended: (upload) => { this.#ended(upload) }
  }

  #timer: Timer | undefined

  constructor (options: BodyOptions, { clock, refuseOneOf }: BodyMemoryDependencies) {
    this.#options = options
    this.#rate = { perSecond: options.minBytesPerSecond, graceSeconds: GRACE_SECONDS }
    this.#clock = clock
    this.#refuseOneOf = refuseOneOf
  }

  /** Bytes of all bodies held now. */
  get bytes (): number { return this.#shares.total }

  /**
   * Why a peer's body that says it is so large would be refused; undefined when there is room for it, or others may
   * have to make some.
   */
  refusalOf (declaredBytes: number | undefined, peer: string): RefusalError | undefined {
    if (declaredBytes === undefined) return undefined
    if (declaredBytes > this.#options.maxBytes) return this.#tooLarge()
    if (this.#fits(declaredBytes) ||
      this.#shares.yielding(peer, declaredBytes).length > 0 ||
      this.#largestOf(peer, declaredBytes) !== undefined) return undefined
    return noRoom()
  }

  /**
   * Reads a body whole. What it counts must be released. Returns what breaks the reading off, with the error to tell.
   */
  read (
    payload: Readable,
    declaredBytes: number | undefined,
    peer: string,
    done: UploadDone
  ): (error: RefusalError) => void {
    const upload = new Upload(payload, peer, this.refusalOf(declaredBytes, peer), this.#room, done)
    this.#uploads.add(upload)
    if (this.#rate.perSecond > 0) this.#timer ??= this.#clock.setTimer(this.#look, LOOK_MS)
    return (error) => { upload.finish(error) }
  }

  release (bytes: number, peer: string): void { this.#shares.give(peer, bytes) }

  #take (upload: Upload, bytes: number): RefusalError | undefined {
    if (upload.size + bytes > this.#options.maxBytes) return this.#tooLarge()
    while (!this.#fits(bytes)) if (!this.#makeRoom(upload, bytes)) return noRoom()
    this.#shares.take(upload.peer, bytes)
    return undefined
  }

  /**
   * Greedier peers give way first, with what has not come whole and then with what waits; then larger uploads of the
   * same peer.
   */
  #makeRoom (upload: Upload, bytes: number): boolean {
    for (const peer of this.#shares.yielding(upload.peer, bytes)) {
      const largest = this.#largestOf(peer, 0)
      largest?.refuse(noRoom())
      if (largest !== undefined || this.#refuseOneOf(peer)) return true
    }
    const larger = this.#largestOf(upload.peer, upload.size + bytes)
    if (larger === undefined) return false
    larger.refuse(noRoom())
    return true
  }

  /** The largest unfinished upload of a peer that holds more than so much. */
  #largestOf (peer: string, least: number): Upload | undefined {
    let largest: Upload | undefined
    for (const upload of this.#uploads) {
      if (upload.peer === peer && upload.size > (largest?.size ?? least)) largest = upload
    }
    return largest
  }

  #fits (bytes: number): boolean { return this.#shares.total + bytes <= this.#options.maxWaitingBytes }

  #tooLarge (): RefusalError {
    return new RefusalError(413, TWILIO_CODES.bodyTooLarge, 'body_too_large',
      `The request body is larger than ${this.#options.maxBytes} bytes, the most that body.maxBytes allows. Nothing was sent to Twilio.`)
  }

  #ended (upload: Upload): void { this.#uploads.delete(upload) }

  /** Looks are counted, not the time between them: a process that stood still must not hold it against its clients. */
  readonly #look = (): void => {
    this.#timer = undefined
    for (const upload of this.#uploads) {
      // It may have begun just now.
      upload.allowance = upload.allowance === undefined
        ? fullAllowance(this.#rate)
        : allowanceAfter(upload.allowance, upload.arrived, this.#rate)
      upload.arrived = 0
      if (upload.allowance < 0) upload.finish(tooSlow(this.#rate.perSecond))
    }
    if (this.#uploads.size > 0) this.#timer ??= this.#clock.setTimer(this.#look, LOOK_MS)
  }
}

const noRoom = (): RefusalError => new RefusalError(429, TWILIO_CODES.tooManyRequests, 'body_memory',
  'Too many requests: the bodies of waiting requests fill the memory that body.maxWaitingBytes allows. Nothing was sent to Twilio.')

const tooSlow = (perSecond: number): RefusalError => new RefusalError(408, TWILIO_CODES.badRequest, 'body_timeout',
  `The request body arrives slower than the ${perSecond} bytes per second that body.minBytesPerSecond asks for. Nothing was sent to Twilio.`)
