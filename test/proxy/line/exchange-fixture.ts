import type { Test } from 'tap'
import { createFixed } from '../../../src/policy/limit/fixed.ts'
import type { Limit } from '../../../src/policy/limit/limit.ts'
import { RetryBudget } from '../../../src/policy/retry/retry-budget.ts'
import type { RetryOptions } from '../../../src/policy/retry/retry-policy.ts'
import type { CacheRule } from '../../../src/proxy/reads/answer-cache.ts'
import { Coalescing } from '../../../src/proxy/reads/coalesce.ts'
import { Credentials } from '../../../src/proxy/gate/credentials.ts'
import type { Deferral } from '../../../src/proxy/ports/deferral.ts'
import { ClientLeftError } from '../../../src/proxy/errors.ts'
import type { GovernorEvent } from '../../../src/proxy/events.ts'
import { runExchange, type Line } from '../../../src/proxy/line/exchange.ts'
import { Exchange, type Identity, type Interruption } from '../../../src/proxy/exchange-state.ts'
import { Gate } from '../../../src/proxy/gate/gate.ts'
import { Gates } from '../../../src/proxy/gate/gates.ts'
import { Pacing } from '../../../src/proxy/pacing/pacing.ts'
import type { PacingRule } from '../../../src/proxy/pacing/pacing-rule.ts'
import { Polling } from '../../../src/proxy/reads/polling.ts'
import { Repeats, type DuplicateOptions } from '../../../src/proxy/repeats/repeats.ts'
import type { Answer } from '../../../src/proxy/reply/answers.ts'
import type { Guard } from '../../../src/proxy/guard/guard.ts'
import { refuseWaiting } from '../../../src/proxy/gate/refuse-waiting.ts'
import { SpendCaps, type Cap } from '../../../src/proxy/guard/spend-caps.ts'
import { Switches } from '../../../src/proxy/guard/switches.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { FakeDispatcher, type Script } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'

export const ACCOUNT = `AC${'a'.repeat(32)}`
const PATH = `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`
export const TEMPLATE = 'api/2010-04-01/Accounts/{}/Messages.json'
export const ALLOWED_MS = 10_000
/** The last moment for a start, before the deadline. */
export const RESERVE_MS = 1_000

/** What every request of the bench has, unless a test says otherwise. */
export const RAW_HEADERS: readonly string[] = ['Host', 'localhost:8080', 'Authorization', 'Basic c2VjcmV0', 'Governor-Class', 'standard', 'X-Two', 'a', 'x-two', 'b']

const SHARES = { weights: { critical: 8, standard: 4, read: 2, bulk: 1 }, ageingMs: 10_000, minShare: 0.02 }

const RETRY: RetryOptions = { throttled: true, readAttempts: 3, unsentAttempts: 3, backoffBaseMs: 100, backoffMaxMs: 3_000 }

const NOTHING_DEFERRED: Deferral = { accept: () => Promise.reject(new Error('nothing is to be deferred here')) }

interface Setting {
  readonly limit?: Limit
  readonly retry?: Partial<RetryOptions>
  readonly budgetMin?: number
  readonly budgetRatio?: number
  /** Each chance that is drawn, and a half when there are no more. */
  readonly chances?: number[]
  readonly maxWaiting?: number
  readonly duplicates?: DuplicateOptions
  /** Off unless a test is about it: others send the same read many times. */
  readonly coalesce?: boolean
  readonly cache?: Readonly<Record<string, CacheRule>>
  readonly cacheMaxBytes?: number
  readonly callbackFragment?: string | undefined
  readonly pacing?: readonly PacingRule[]
  readonly caps?: Readonly<Record<string, Cap>>
  readonly deferral?: Deferral
}

/** One exchange on its way, and what came of it. */
export class Run {
  readonly exchange: Exchange
  answer: Answer | undefined
  left = false
  fault: unknown
  readonly done: Promise<void>

  constructor (exchange: Exchange, line: Line, clock: FakeClock) {
    this.exchange = exchange
    const timer = clock.setTimer(() => exchange.interrupt('deadline'), exchange.identity.deadlineMs - clock.nowMs())
    this.done = runExchange(exchange, line).then(
      (answer) => { this.answer = answer },
      (error: unknown) => {
        this.left = error instanceof ClientLeftError
        if (!this.left) this.fault = error
      }
    ).finally(() => clock.clearTimer(timer))
  }

  get status (): number | undefined { return this.answer?.statusCode }

  header (name: string): unknown { return this.answer?.headers[name] }

  /** The body of an answer that was gathered whole. */
  get text (): string { return Buffer.isBuffer(this.answer?.body) ? this.answer.body.toString() : '' }

  json (): Record<string, unknown> { return JSON.parse(this.text) as Record<string, unknown> }
}

/** The straight line before a scripted upstream, on a clock of its own. */
export class LineBench {
  readonly clock = new FakeClock()
  readonly events: GovernorEvent[] = []
  readonly learnt: Exchange[] = []
  /** Whose bodies were let go, each as often as it was. */
  readonly released: Exchange[] = []
  readonly runs: Run[] = []
  outOfDescriptors = 0
  readonly gate: Gate
  /** For credentials that the upstream does not know. */
  readonly strangers: Gate
  readonly upstream: FakeDispatcher
  readonly line: Line
  readonly #account
  #order = 0

  constructor (scripts: Script | readonly Script[], {
    limit = new ScriptedLimit(2), retry = {}, budgetMin = 20, budgetRatio = 0, chances = [], maxWaiting = 100, duplicates = { mode: 'count', windowMs: 60_000 },
    coalesce = false, cache = {}, cacheMaxBytes = 1_000_000, callbackFragment, pacing = [], caps = {}, deferral = NOTHING_DEFERRED
  }: Setting = {}) {
    const { clock, events } = this
    this.gate = new Gate(limit, { mode: 'enforce', maxWaiting, ...SHARES }, clock, {
      limitChanged: (reason, limit) => events.push({ type: 'limit', account: ACCOUNT, reason, limit }),
      wouldWait: () => {}
    })
    this.strangers = new Gate(createFixed(1), { mode: 'enforce', maxWaiting, ...SHARES }, clock, { limitChanged: () => {}, wouldWait: () => {} })
    this.#account = { key: ACCOUNT, gate: this.gate, doubts: 0, peer: '', usedAtMs: clock.nowMs() }
    this.upstream = new FakeDispatcher(typeof scripts === 'function' ? [scripts] : scripts, clock)
    const running = new Set<Exchange>()
    const emit = (event: GovernorEvent): void => { events.push(event) }
    const guard: Guard = {
      caps: new SpendCaps(caps, clock, emit),
      switches: new Switches({ restored: [], keep: async () => true, isAccount: (named, key) => named === key }, clock, emit, () => refuseWaiting(running, ({ identity }) => guard.switches.refusalOf(identity)))
    }
    this.line = {
      upstreams: { for: () => this.upstream, bodyTimeoutMs: 60_000 } as unknown as Line['upstreams'],
      retry: { ...RETRY, ...retry },
      budget: new RetryBudget({ budgetRatio, budgetMin }),
      repeats: new Repeats(duplicates, clock, (event) => events.push(event)),
      guard,
      reads: new Coalescing({ inFlight: coalesce, cache, cacheMaxBytes }, clock),
      pacing: new Pacing(pacing, { maxWaiting, ...SHARES }, clock, (event) => events.push(event), deferral),
      polling: new Polling(clock, (event) => events.push(event)),
      callbackFragment,
      clock,
      awake: () => {},
      random: () => chances.shift() ?? 0.5,
      running,
      letGo: (exchange) => {
        this.released.push(exchange)
        exchange.body = null
      },
      outOfDescriptors: () => { this.outOfDescriptors++ },
      gates: new Gates(new Credentials(), { strangersOf: () => this.strangers, accepted: (account) => { account.doubts = -Infinity } }, running),
      emit: (event) => events.push(event),
      learn: (exchange) => this.learnt.push(exchange)
    }
  }

  /** `already`: what had become of it before its body was read. */
  send (method = 'POST', over: Partial<Identity> = {}, already?: Interruption, body: Buffer | null = method === 'POST' ? Buffer.from('To=%2B1&Body=hello') : null): Run {
    const nowMs = this.clock.nowMs()
    const exchange = new Exchange({
      order: this.#order++,
      method,
      upstream: { host: 'api.twilio.com', product: 'api', region: undefined },
      path: `${PATH}?PageSize=20`,
      route: `${method} ${TEMPLATE}`,
      class: 'standard',
      account: this.#account,
      caller: 'tests',
      authorization: 'Basic c2VjcmV0',
      allowsDuplicate: false,
      pageBase: undefined,
      rawHeaders: RAW_HEADERS,
      deadlineMs: nowMs + ALLOWED_MS,
      latestStartMs: nowMs + ALLOWED_MS - RESERVE_MS,
      ...over
    })
    exchange.body = body
    if (already !== undefined) exchange.interrupt(already)
    const run = new Run(exchange, this.line, this.clock)
    this.runs.push(run)
    return run
  }

  eventsOf <T extends GovernorEvent['type']>(type: T): Array<GovernorEvent & { type: T }> {
    return this.events.filter((event): event is GovernorEvent & { type: T } => event.type === type)
  }

  /** How the exchanges ended, in that order: status, reason, attempts. */
  get ends (): Array<[number, string, number]> {
    return this.eventsOf('exchange').map(({ status, reason, attempts }) => [status, reason, attempts])
  }

  /** One line of the outcomes of all attempts, in order. */
  get outcomes (): string { return this.eventsOf('attempt').map(({ outcome }) => outcome).join(' ') }

  get stands (): { inflight: number, held: number, waiting: number } {
    const { inflight, held } = this.gate.snapshot()
    return { inflight, held, waiting: this.gate.waiting + this.strangers.waiting }
  }

  /** After every scenario: each exchange told its end once, every slot is free, and no timer outlives the queue's last deadline. */
  async isOver (t: Test): Promise<void> {
    t.ok(this.runs.every(({ answer, left }) => answer !== undefined || left), 'nobody waits for an answer')
    await this.clock.advance(ALLOWED_MS + 1)
    // It looks for paces that nobody needs, by the minute.
    this.line.pacing.close()
    t.equal(this.eventsOf('exchange').length, this.runs.length, 'one exchange event for each')
    t.same(this.runs.filter(({ fault }) => fault !== undefined), [], 'no fault of our own')
    t.same(this.stands, { inflight: 0, held: 0, waiting: 0 }, 'the gate is idle')
    t.ok(this.gate.idle && this.strangers.idle)
    t.equal(this.clock.liveTimers, 0, 'no timer is left')
    t.equal(this.line.reads.pending, 0, 'no read is on its way')
    const sent = this.upstream.calls.map(({ options: { method, path, headers, body } }) => JSON.stringify({ method, path, headers, body }))
    if (this.runs.length === 1) t.ok(new Set(sent).size <= 1, 'every attempt sends the same')
    const told = JSON.stringify(this.events)
    t.notMatch(told, /c2VjcmV0|hello|secret detail|PageSize/, 'no event says what is private')
  }
}
