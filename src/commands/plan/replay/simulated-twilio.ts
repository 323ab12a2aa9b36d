/**
 * Twilio as the log knows it: what was answered then is answered again, after as long, unless the account has as many
 * requests there as it may have, or a route gets more than its rate. It stands behind the line in place of connections.
 */
import type { Dispatcher } from 'undici'
import type { Clock, Timer } from '../../../proxy/ports/clock.ts'
import { Rates } from '../../../simulator/model/rates.ts'
import type { RouteRate } from '../../../simulator/model/settings.ts'
import type { Recorded } from '../recording/recorded.ts'
import type { ServiceTime, ServiceTimes } from '../recording/service-times.ts'

/** The line hands this on as it does any header that is not its own; it says which exchange an attempt is of. */
export const EXCHANGE_HEADER = 'X-Request-Id'

export interface TwilioOptions {
  /** Requests that the account may have at Twilio at once, Infinity where nobody knows. */
  readonly ceilingOf: (account: string) => number
  readonly rates: readonly RouteRate[]
  readonly times: ServiceTimes
}

interface AccountThere { inflight: number, peak: number, readonly ceiling: number, readonly rates: Rates }

const REFUSAL = Buffer.from('{"code":20429,"status":429}')
/** Any code of those that no quick retry cures. */
const FINAL_REFUSAL = Buffer.from('{"code":60203,"status":429}')
const BODY = Buffer.from('{}')
const NO_BODY = Buffer.alloc(0)

export class SimulatedTwilio {
  readonly #options: TwilioOptions
  readonly #clock: Clock
  readonly #expected = new Map<string, Recorded>()
  readonly #accounts = new Map<string, AccountThere>()

  constructor (options: TwilioOptions, clock: Clock) {
    this.#options = options
    this.#clock = clock
  }

  expect (id: string, recorded: Recorded): void { this.#expected.set(id, recorded) }
  forget (id: string): void { this.#expected.delete(id) }

  /** The most requests of each account that were here at once. */
  get peaks (): ReadonlyMap<string, number> {
    return new Map(
      [...this.#accounts].map(([name, { peak }]) => [name, peak])
    )
  }

  readonly dispatcher = {
    dispatch: (
      options: Dispatcher.DispatchOptions,
      handler: Dispatcher.DispatchHandler
    ): boolean => this.#dispatch(options, handler)
  } as unknown as Dispatcher

  #dispatch ({ headers }: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    const names = headers as readonly string[]
    const recorded = this.#expected.get(names[names.indexOf(EXCHANGE_HEADER) + 1] ?? '')
    if (recorded === undefined) throw new Error('an attempt of no exchange')
    const { product, reason, errorCode } = recorded
    const call = new SimulatedCall(handler, this.#clock)
    if (reason === 'unsent') {
      call.after(this.#options.times.refusal(product).twilioMs, () => call.fail(errorCode ?? 'ECONNREFUSED'))
      return true
    }
    call.start()
    const time = this.#options.times.of(recorded)
    call.after(time.wireMs / 2, () => this.#arrive(call, recorded, time))
    return true
  }

  #arrive (call: SimulatedCall, recorded: Recorded, { wireMs, twilioMs }: ServiceTime): void {
    const { account: name, product, method, reason } = recorded
    const account = this.#account(name)
    const level = { 'twilio-concurrent-requests': String(account.inflight + 1) }
    if (this.#refuses(account, recorded)) {
      const refusal = this.#options.times.refusal(product)
      call.after(refusal.twilioMs + refusal.wireMs / 2, () => call.answer(429, REFUSAL, level))
      return
    }
    account.peak = Math.max(account.peak, ++account.inflight)
    call.onEnd = () => { account.inflight-- }
    call.after(twilioMs, () => {
      call.onEnd()
      call.onEnd = () => {}
      call.after(wireMs / 2, () => {
        const failure = failureOf(recorded)
        const headers = wireMs === 0 ? level : { ...level, 'twilio-request-duration': (twilioMs / 1000).toFixed(4) }
        if (failure !== undefined) call.fail(failure)
        else if (reason === 'throttled_final') call.answer(429, FINAL_REFUSAL, headers)
        else call.answer(statusOf(recorded), method === 'DELETE' ? NO_BODY : BODY, headers)
      })
    })
  }

  #refuses (account: AccountThere, { method, product, route }: Recorded): boolean {
    const { rates } = this.#options
    const request = { method, product, path: route.slice(route.indexOf('/')) }
    const nowMs = this.#clock.nowMs()
    if (account.rates.check(rates, request, nowMs).refusing || account.inflight >= account.ceiling) return true
    account.rates.take(rates, request, nowMs)
    return false
  }

  #account (name: string): AccountThere {
    let account = this.#accounts.get(name)
    if (account === undefined) {
      this.#accounts.set(
        name,
        account = { inflight: 0, peak: 0, ceiling: this.#options.ceilingOf(name), rates: new Rates() }
      )
    }
    return account
  }
}

/** The network's error that was recorded; undefined when Twilio answered, or when we cut it ourselves. */
function failureOf ({ status, errorCode }: Recorded): string | undefined {
  return status >= 500 && errorCode !== 'ABANDONED' ? errorCode : undefined
}

/** What Twilio answered then; of what it never saw, that all was well. */
function statusOf ({ status, method, attempts, errorCode }: Recorded): number {
  if (attempts > 0 && status > 0 && status !== 429 && errorCode === undefined) return status
  return method === 'POST' ? 201 : method === 'DELETE' ? 204 : 200
}

/** One attempt, as its handler sees it. */
class SimulatedCall implements Dispatcher.DispatchController {
  aborted = false
  readonly paused = false
  reason: Error | null = null
  /** What it has at Twilio, given back when it is done there or cut. */
  onEnd: () => void = () => {}
  readonly #handler: Dispatcher.DispatchHandler
  readonly #clock: Clock
  #timer: Timer | undefined

  constructor (handler: Dispatcher.DispatchHandler, clock: Clock) {
    this.#handler = handler
    this.#clock = clock
  }

  start (): void { this.#handler.onRequestStart?.(this, {}) }

  /** At once when it takes no time. */
  after (ms: number, happen: () => void): void {
    if (this.aborted) return
    if (ms <= 0) {
      happen()
      return
    }
    this.#timer = this.#clock.setTimer(() => {
      this.#timer = undefined
      happen()
    }, ms)
  }

  answer (status: number, body: Buffer, headers: Record<string, string>): void {
    this.#handler.onResponseStart?.(
      this,
      status,
      { 'content-type': 'application/json', 'content-length': String(body.length), ...headers }
    )
    if (body.length > 0) this.#handler.onResponseData?.(this, body)
    this.#handler.onResponseEnd?.(this, {})
  }

  fail (code: string): void { this.#handler.onResponseError?.(this, Object.assign(new Error('simulated'), { code })) }

  abort (reason: Error): void {
    if (this.#timer === undefined) return
    this.#clock.clearTimer(this.#timer)
    this.#timer = undefined
    this.aborted = true
    this.reason = reason
    this.onEnd()
    this.#handler.onResponseError?.(this, reason)
  }

  pause (): void {}
  resume (): void {}
}
