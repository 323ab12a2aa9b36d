/**
 * The straight line itself, in simulated time: each recorded request arrives when it did, and Twilio takes as long as
 * it did.
 */
import { ClientLeftError, ShedError } from '../../../proxy/errors.ts'
import type { Listener } from '../../../proxy/events.ts'
import { runExchange, type Line } from '../../../proxy/line/exchange.ts'
import { Exchange, type Identity } from '../../../proxy/exchange-state.ts'
import type { Accounts } from '../../../proxy/gate/accounts.ts'
import { reserveMs } from '../../../policy/retry/latest-start.ts'
import type { ClassRule } from '../../../proxy/ingress/identify.ts'
import { createLine, type LineOptions } from '../../../proxy/create-line.ts'
import type { Answer } from '../../../proxy/reply/answers.ts'
import { classOf } from '../../../twilio/class.ts'
import { RuleBook } from '../../../proxy/match.ts'
import type { TrafficClass } from '../../../twilio/types.ts'
import type { NamedAccount } from '../recording/account-names.ts'
import { judged, type Outcome } from './outcome.ts'
import type { Recorded } from '../recording/recorded.ts'
import { promisesSettled, type SimulatedClock } from './simulated-clock.ts'
import { EXCHANGE_HEADER, SimulatedTwilio, type TwilioOptions } from './simulated-twilio.ts'

export interface ReplayOptions {
  readonly line: Omit<LineOptions, 'clock' | 'random' | keyof typeof NOTHING_BESIDE>
  readonly twilio: TwilioOptions
  readonly account: (label: string) => NamedAccount
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** What the line says of itself. */
  readonly listener: Listener
  /** Each request once, when it is over. */
  readonly over: (recorded: Recorded, name: TrafficClass, outcome: Outcome) => void
}

/** What the log calls an answer that was not fetched for this request alone. */
const FROM_CACHE: Readonly<Record<string, string>> = { shared: 'coalesced', hit: 'cached', revalidated: 'revalidated' }

/**
 * What a simulation goes without: nobody throws a switch, nothing is deferred, since a log does not say who would have
 * it so, and nothing is remembered.
 */
export const NOTHING_BESIDE = {
  switches: { restored: [], keep: () => Promise.resolve(false), isAccount: () => false },
  deferral: { accept: () => Promise.reject(new Error('nothing is to be deferred here')) },
  recall: () => undefined
} satisfies Partial<LineOptions>

/** Every delete asks to be deferred here, so that the plan sees which of them a rule would defer. */
const ASKS_TO_DEFER = ['Prefer', 'respond-async']

export class Replay {
  readonly twilio: SimulatedTwilio
  /** Deletes shed since their rule was closed, which it would store for later if they asked for it. */
  deferrable = 0
  readonly #options: ReplayOptions
  readonly #clock: SimulatedClock
  readonly #line: Line
  readonly #accounts: Accounts
  readonly #classes: RuleBook<ClassRule>
  #order = 0
  #open = 0

  constructor (options: ReplayOptions, clock: SimulatedClock) {
    this.#options = options
    this.#clock = clock
    this.twilio = new SimulatedTwilio(options.twilio, clock)
    const upstreams = { for: () => this.twilio.dispatcher, bodyTimeoutMs: 60_000 }
    const { line, accounts } = createLine({
      ...options.line,
      ...NOTHING_BESIDE,
      deferral: { accept: () => this.#refuseToDefer() },
      clock,
      random: options.random
    }, upstreams, options.listener)
    this.#line = line
    this.#accounts = accounts
    this.#classes = new RuleBook(options.line.classes)
  }

  /** Takes exchanges in the order of their arrival. */
  async play (piece: readonly Recorded[]): Promise<void> {
    for (const recorded of piece) {
      await this.#clock.advance(recorded.arrivalMs)
      this.#begin(recorded)
      await promisesSettled()
    }
  }

  /** Waits, in simulated time, until all that has begun is over. */
  async finish (): Promise<void> {
    await this.#clock.advanceUntil(() => this.#open === 0)
    this.#accounts.close()
    this.#line.pacing.close()
    this.#line.reads.close()
  }

  /** The limit that each account ended with, by the key that the line has for it. */
  get limits (): ReadonlyMap<string, number> {
    return new Map(
      this.#accounts.states().map(({ account, limit }) => [account, limit])
    )
  }

  #begin (recorded: Recorded): void {
    const id = String(this.#order)
    const exchange = new Exchange(this.#identify(recorded))
    this.#open++
    this.twilio.expect(id, recorded)
    const { deadlineMs } = exchange.identity
    const nowMs = this.#clock.nowMs()
    const deadline = this.#clock.setTimer(() => exchange.interrupt('deadline'), deadlineMs - nowMs)
    const leaves = recorded.status === 0
      ? this.#clock.setTimer(() => exchange.interrupt('client_left'), recorded.totalMs)
      : undefined
    const end = (status: number, reason: string): void => {
      this.#open--
      this.twilio.forget(id)
      this.#clock.clearTimer(deadline)
      if (leaves !== undefined) this.#clock.clearTimer(leaves)
      const { attempts, throttled, upstreamMs } = exchange
      const waitMs = Math.max(0, this.#clock.nowMs() - nowMs - upstreamMs)
      this.#options.over(recorded, exchange.class, judged(waitMs, attempts, throttled, status, reason))
    }
    runExchange(exchange, this.#line).then(
      (answer) => { end(answer.statusCode, this.#reasonOf(answer, recorded)) },
      (error: unknown) => {
        if (!(error instanceof ClientLeftError)) throw error
        end(0, 'client_left')
      })
  }

  #identify (recorded: Recorded): Identity {
    const { account: label, method, product, route, caller, resource, allowedMs } = recorded
    const order = this.#order++
    const { authorization, region } = this.#options.account(label)
    const account = this.#accounts.of(authorization, '', region)
    // Nothing is known of a path but its template; behind it stands what tells equal reads from others.
    const template = route.slice(route.indexOf('/'))
    const path = `${template}?~${resource ?? order}`
    const upstream = { host: `${product}.twilio.com`, product, region }
    const rule = this.#classes.first(
      { method, upstream, route, class: classOf(method, product, template), caller, account, path }
    )
    const { defaultMs, maxMs } = this.#options.line.deadline
    const budgetMs = allowedMs === undefined ? defaultMs : Math.min(Math.max(1, allowedMs), maxMs)
    const deadlineMs = this.#clock.nowMs() + budgetMs
    return {
      order,
      method,
      upstream,
      path,
      route,
      class: rule?.class ?? recorded.class,
      account,
      caller,
      authorization,
      // Bodies are not in a log: two creates that look the same here need not be.
      allowsDuplicate: true,
      rawHeaders: [EXCHANGE_HEADER, String(order), ...method === 'DELETE' ? ASKS_TO_DEFER : []],
      pageBase: undefined,
      deadlineMs,
      latestStartMs: deadlineMs - reserveMs(budgetMs, account.gate.limit.expected(route))
    }
  }

  /** As without the wish, and counted. */
  #refuseToDefer (): Promise<never> {
    this.deferrable++
    return Promise.reject(new ShedError('outside_open_hours', 0))
  }

  /** As the log would have it, as far as an outcome needs it. */
  #reasonOf ({ statusCode, headers }: Answer, { reason }: Recorded): string {
    const shed = headers['governor-shed']
    if (typeof shed === 'string') return shed
    if (statusCode === 429 && reason === 'throttled_final') return reason
    if (statusCode === 429) return this.#options.line.retry.throttled ? 'deadline' : 'retries_off'
    return FROM_CACHE[String(headers['governor-cache'])] ?? 'answered'
  }
}
