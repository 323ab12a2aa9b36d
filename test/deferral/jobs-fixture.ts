/** The deferral with a file of its own, on a clock of its own, before a line that answers as the test says. */
import { join } from 'node:path'
import type { Test } from 'tap'
import { openDeferral, type DeferralOptions, type OpenDeferral } from '../../src/deferral/deferral.ts'
import type { Account } from '../../src/proxy/gate/accounts.ts'
import type { JobView } from '../../src/proxy/ports/deferral.ts'
import type { DeferredEvent, GovernorEvent } from '../../src/proxy/events.ts'
import { Exchange } from '../../src/proxy/exchange-state.ts'
import type { Answer } from '../../src/proxy/reply/answers.ts'
import type { RunAgain, StoredRequest } from '../../src/proxy/pacing/rerun.ts'
import type { OpenHours } from '../../src/proxy/ports/open-hours.ts'
import { FakeClock, promisesSettle } from '../support/fake-clock.ts'

export const SID = `AC${'a'.repeat(32)}`
export const ROUTE = 'DELETE api/2010-04-01/Accounts/{}/Messages/{}.json'
export const KEY = '0f'.repeat(32)
const HOUR_MS = 3_600_000

/** Open hours that the test begins and ends. */
export class Hatch implements OpenHours {
  isOpen = false
  readonly opensInMs = (): number => this.isOpen ? 0 : HOUR_MS
  readonly closesInMs = (): number => this.isOpen ? HOUR_MS : 0
}

/** A run on its way, and how it ends. */
export interface Running {
  readonly request: StoredRequest
  readonly exchange: Exchange
  readonly answer: (status: number, headers?: Answer['headers'], body?: string) => void
  /** The line's own answer, after attempts that Twilio refused. */
  readonly refuse: (status: number, attempts?: number) => void
}

export class JobBench {
  readonly clock: FakeClock
  readonly hatch: Hatch
  readonly file: string
  readonly events: GovernorEvent[] = []
  readonly warnings: Array<Readonly<Record<string, string | number>>> = []
  /** Runs begun and not answered. */
  readonly running: Running[] = []
  readonly begun: string[] = []
  deferral!: OpenDeferral
  #sent = 0

  constructor (t: Test, { clock, hatch, file }: { clock?: FakeClock, hatch?: Hatch, file?: string } = {}) {
    this.clock = clock ?? new FakeClock()
    this.hatch = hatch ?? new Hatch()
    this.file = file ?? join(t.testdir({}), 'deferred.db')
  }

  async open (t: Test, over: Partial<DeferralOptions> = {}, rule = 'nightly'): Promise<this> {
    this.deferral = await openDeferral({ file: this.file, key: KEY, keyFile: null, max: 100, keepMs: 24 * HOUR_MS, atOnce: 2, maxRuns: 3, ...over }, {
      openHours: new Map([[rule, this.hatch]]),
      clock: this.clock,
      emit: (event) => { this.events.push(event) },
      labels: (account) => `label of ${account.slice(0, 4)}`,
      urlOf: (id) => `http://admin:9090/jobs/${id}`,
      warn: (about) => { this.warnings.push(about) }
    })
    t.teardown(() => this.deferral.close())
    return this
  }

  start (): void { this.deferral.start(this.#run) }

  /** A delete of the n-th message is to be kept. */
  async accept (n = this.#sent++, more: Partial<Exchange['identity']> = {}): Promise<Answer> {
    const exchange = new Exchange({
      order: n,
      method: 'DELETE',
      upstream: { host: 'api.twilio.com', product: 'api', region: undefined },
      path: `/2010-04-01/Accounts/${SID}/Messages/SM${n}.json?Phone=%2B15550001111`,
      route: ROUTE,
      class: 'bulk',
      account: { key: SID } as Account,
      caller: 'cleaner',
      authorization: 'Basic c2VjcmV0',
      allowsDuplicate: false,
      pageBase: undefined,
      rawHeaders: ['Host', 'localhost', 'Authorization', 'Basic c2VjcmV0', 'Prefer', 'respond-async', 'X-Own', 'kept', 'Governor-Class', 'bulk'],
      deadlineMs: 20_000,
      latestStartMs: 10_000,
      ...more
    })
    return await this.deferral.accept(exchange, 'nightly')
  }

  async acceptMany (count: number): Promise<string[]> {
    const answers = await Promise.all(Array.from({ length: count }, () => this.accept()))
    return answers.map(idOf)
  }

  /** Time passes, and what follows from it happens. */
  async advance (ms: number): Promise<void> {
    await this.clock.advance(ms)
    // Bottleneck takes some timers of the system, of a millisecond each, to start a job and to end it, one job after the other.
    let seen = -1
    for (let quiet = 0; quiet < 10; quiet++) {
      await new Promise((resolve) => { setTimeout(resolve, 1) })
      await promisesSettle()
      const now = this.begun.length + this.events.length
      if (now !== seen) quiet = 0
      seen = now
    }
  }

  /** Answers everything that runs, and what runs then, until nothing does. */
  async drain (status = 204): Promise<void> {
    while (this.running.length > 0) {
      for (const run of this.running.splice(0)) run.answer(status)
      await this.advance(0)
    }
  }

  get jobs (): readonly JobView[] { return this.deferral.jobs!.list({ limit: 1000 })!.jobs }

  states (): Record<string, number> {
    const counts = this.deferral.jobs!.counts()
    return Object.fromEntries(Object.entries(counts).filter(([, number]) => number > 0))
  }

  get told (): string[] {
    return this.events.filter((event): event is DeferredEvent => event.type === 'deferred').map(({ outcome }) => outcome)
  }

  readonly #run: RunAgain = (request, { startMs, endMs }) => {
    const nowMs = this.clock.nowMs()
    const exchange = new Exchange({
      ...request,
      order: 0,
      class: 'bulk',
      account: { key: SID } as Account,
      allowsDuplicate: false,
      pageBase: undefined,
      deadlineMs: nowMs + endMs,
      latestStartMs: nowMs + startMs
    })
    this.begun.push(/SM\d+/.exec(request.path)?.[0] ?? '')
    const answer = new Promise<Answer>((resolve, reject) => {
      this.running.push({
        request,
        exchange,
        answer: (status, headers = {}, body = '') => {
          exchange.attempts++
          if (status === 429) exchange.throttled++
          resolve({ statusCode: status, headers, body: Buffer.from(body) })
        },
        refuse: (status, attempts = 0) => {
          exchange.attempts = exchange.throttled = attempts
          resolve({ statusCode: status, headers: {}, body: Buffer.from('{"code":20403}'), own: true })
        }
      })
      exchange.onInterrupt(() => { reject(new Error('the client left')) })
    })
    return { exchange, answer }
  }
}

export const idOf = ({ headers }: Answer): string => String(headers['location']).split('/').at(-1)!
export const json = ({ body }: Answer): Record<string, unknown> => JSON.parse(Buffer.isBuffer(body) ? body.toString() : '') as Record<string, unknown>
