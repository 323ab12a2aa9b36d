import { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import type { Clock, Timer } from '../ports/clock.ts'

/** How much is taken from Twilio ahead of the client, bytes. */
const MOST_AHEAD_BYTES = 64 * 1024

const ignore = (): void => {}

/**
 * A body that streams: it holds Twilio back while the client is slow, and breaks off when the client takes nothing at
 * all.
 */
export class StreamedBody extends Readable {
  readonly #controller: Dispatcher.DispatchController
  readonly #clock: Clock
  readonly #unreadMs: number
  #unread: Timer | undefined

  constructor (controller: Dispatcher.DispatchController, clock: Clock, unreadMs: number) {
    super({ highWaterMark: MOST_AHEAD_BYTES })
    this.#controller = controller
    this.#clock = clock
    this.#unreadMs = unreadMs
    // It may break before anybody listens, and an error that nobody hears ends the process.
    this.on('error', ignore)
  }

  /**
   * A piece of it has come. The client library's own timeout rests while the piece is held back: a client that stops
   * reading would hold a slot for good.
   */
  receive (chunk: Buffer): void {
    if (this.push(chunk)) return
    this.#controller.pause()
    this.#unread ??= this.#clock.setTimer(() => this.destroy(new Error('the client does not read')), this.#unreadMs)
  }

  override _read (): void {
    this.#isRead()
    this.#controller.resume()
  }

  /** The client went away, or broke off: nobody needs the rest. */
  override _destroy (error: Error | null, callback: (error?: Error | null) => void): void {
    this.#isRead()
    if (!this.readableEnded) this.#controller.abort(error ?? new Error('body not wanted'))
    callback(error)
  }

  #isRead (): void {
    if (this.#unread !== undefined) this.#clock.clearTimer(this.#unread)
    this.#unread = undefined
  }
}
