import type { Dispatcher } from 'undici'
import type { FakeClock } from './fake-clock.ts'

type Headers = Record<string, string | string[]>

/** One request that arrived at the fake upstream, and what the test does with it. */
export class Call implements Dispatcher.DispatchController {
  readonly options: Dispatcher.DispatchOptions
  /** When it arrived. */
  readonly atMs: number
  readonly #handler: Dispatcher.DispatchHandler
  aborted = false
  paused = false
  reason: Error | null = null
  #over = false

  constructor (options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler, atMs: number) {
    this.options = options
    this.atMs = atMs
    this.#handler = handler
  }

  /** The request's head goes onto a connection. */
  start (): void { if (!this.#over) this.#handler.onRequestStart?.(this, {}) }

  head (status: number, headers: Headers = {}): void { if (!this.#over) this.#handler.onResponseStart?.(this, status, headers) }

  data (text: string): void { if (!this.#over) this.#handler.onResponseData?.(this, Buffer.from(text)) }

  end (): void {
    if (this.#over) return
    this.#over = true
    this.#handler.onResponseEnd?.(this, {})
  }

  /** A whole answer. */
  answer (status: number, headers: Headers = {}, body = ''): void {
    this.head(status, headers)
    if (body !== '') this.data(body)
    this.end()
  }

  fail (code: string): void { this.#break(Object.assign(new Error(`secret detail of ${code}`), { code })) }

  abort (reason: Error): void {
    if (this.#over) return
    this.aborted = true
    this.reason = reason
    this.#break(reason)
  }

  pause (): void { this.paused = true }
  resume (): void { this.paused = false }

  #break (error: Error): void {
    if (this.#over) return
    this.#over = true
    this.#handler.onResponseError?.(this, error)
  }
}

/** What the upstream does with a request. */
export type Script = (call: Call, clock: FakeClock) => void

const SERVICE_MS = 100

/** Sent at once, answered after a while. */
export const answers = (status: number, headers: Headers = {}, body = '{}', afterMs = SERVICE_MS): Script => (call, clock) => {
  call.start()
  clock.setTimer(() => call.answer(status, { 'content-type': 'application/json', ...headers }, body), afterMs)
}

/** A 429 with an error code. */
export const refuses = (code = 20429, headers: Headers = {}): Script => answers(429, headers, JSON.stringify({ code, status: 429 }), 10)

/** Sent, then broken. */
export const breaks = (code: string, afterMs = SERVICE_MS): Script => (call, clock) => {
  call.start()
  clock.setTimer(() => call.fail(code), afterMs)
}

/** Broken before a byte was sent. */
export const unreachable = (code: string): Script => (call, clock) => { clock.setTimer(() => call.fail(code), 10) }

/** Sent, and never heard of until the test says so. */
export const hangs: Script = (call) => call.start()

/** Still waiting for a connection until the test says so. */
export const connects: Script = () => {}

/** An upstream that follows a script, one entry a request and the last one for all that follow, and keeps what it was sent. */
export class FakeDispatcher {
  readonly calls: Call[] = []
  readonly #scripts: readonly Script[]
  readonly #clock: FakeClock

  constructor (scripts: readonly Script[], clock: FakeClock) {
    this.#scripts = scripts
    this.#clock = clock
  }

  dispatch (options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const call = new Call(options, handler, this.#clock.nowMs())
    const script = this.#scripts[Math.min(this.calls.length, this.#scripts.length - 1)]
    this.calls.push(call)
    script?.(call, this.#clock)
    return true
  }
}
