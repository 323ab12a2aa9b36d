import type { CallerLine } from '../../../src/policy/queue/caller-line.ts'
import type { Fifo } from '../../../src/policy/queue/fifo.ts'
import type { Limit } from '../../../src/policy/limit/limit.ts'
import { ShedError } from '../../../src/proxy/errors.ts'
import { Gate, type Entry, type GateOptions } from '../../../src/proxy/gate/gate.ts'
import type { Permit } from '../../../src/proxy/gate/permit.ts'
import type { TrafficClass } from '../../../src/twilio/types.ts'
import { FakeClock, promisesSettle } from '../../support/fake-clock.ts'

export const NOTHING_SAID = { concurrency: undefined, durationMs: undefined }

/** Somebody who asks for a permit, and what came of it. */
export class Visitor implements Entry {
  readonly class: TrafficClass
  readonly caller: string
  readonly route: string
  readonly order: number
  readonly expiresAtMs: number
  readonly bodyBytes: number
  throttled = 0
  waitingSinceMs = 0
  queueMs = 0
  granted: ((permit: Permit) => void) | undefined
  refused: ((error: Error) => void) | undefined
  previous: Entry | undefined
  next: Entry | undefined
  list: Fifo<Entry> | undefined
  line: CallerLine<Entry> | undefined
  older: Entry | undefined
  younger: Entry | undefined
  heapIndex = -1

  permit: Permit | undefined
  error: Error | undefined
  /** How often the gate has settled what this visitor asked for. */
  settled = 0

  constructor (order: number, expiresAtMs: number, { name = 'standard', caller = 'one', route = 'POST free', bodyBytes = 0 }: Manner) {
    this.order = order
    this.expiresAtMs = expiresAtMs
    this.class = name
    this.caller = caller
    this.route = route
    this.bodyBytes = bodyBytes
  }

  get state (): string {
    if (this.permit !== undefined) return 'granted'
    if (this.error === undefined) return 'waiting'
    return this.error instanceof ShedError ? this.error.reason : this.error.message
  }

  /** Asks the gate; a grant at once shows at once. */
  ask (gate: Gate, again = false): void {
    this.permit = undefined
    this.error = undefined
    const settle = (outcome: { permit: Permit } | { error: Error }): void => {
      this.settled++
      Object.assign(this, outcome)
    }
    try {
      const permit = gate.admit(this, again)
      if (permit instanceof Promise) permit.then((permit) => settle({ permit }), (error: unknown) => settle({ error: error as Error }))
      else settle({ permit })
    } catch (error) {
      settle({ error: error as Error })
    }
  }
}

interface Manner { readonly name?: TrafficClass, readonly caller?: string, readonly route?: string, readonly bodyBytes?: number, readonly inMs?: number }

export const DEADLINE_MS = 25_000

/** A gate on a clock of its own, and visitors in order of arrival. */
export class Bench {
  readonly clock = new FakeClock()
  readonly gate: Gate
  readonly changes: Array<[string, number]> = []
  readonly wouldWait: TrafficClass[] = []
  #order = 0

  constructor (limit: Limit, options: Partial<GateOptions> = {}) {
    this.gate = new Gate(
      limit,
      { mode: 'enforce', maxWaiting: 20_000, weights: { critical: 8, standard: 4, read: 2, bulk: 1 }, ageingMs: 10_000, minShare: 0.02, ...options },
      this.clock,
      { limitChanged: (...change) => this.changes.push(change), wouldWait: (name) => this.wouldWait.push(name) })
  }

  come (manner: Manner = {}): Visitor {
    const visitor = new Visitor(this.#order++, this.clock.nowMs() + (manner.inMs ?? DEADLINE_MS), manner)
    visitor.ask(this.gate)
    return visitor
  }

  crowd (count: number, manner: Manner = {}): Visitor[] { return Array.from({ length: count }, () => this.come(manner)) }

  /** So many answers that took so long, each on an idle gate: evidence for the drain rate. */
  async evidence (answers: number, upstreamMs: number): Promise<void> {
    for (let i = 0; i < answers; i++) {
      const { permit } = this.come()
      await this.clock.advance(upstreamMs)
      permit?.admitted(NOTHING_SAID)
      permit?.end()
    }
    await promisesSettle()
  }
}
