import t from 'tap'
import { TRAFFIC_CLASSES } from '../../../src/twilio/types.ts'
import { fc } from '../../policy/seeded.ts'
import { promisesSettle } from '../../support/fake-clock.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { Bench, NOTHING_SAID, type Visitor } from './gate-fixture.ts'

const PACED = 'POST slow'

/** What may happen at a gate; `pick` chooses among those to whom it can happen. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('come' as const), name: fc.constantFrom(...TRAFFIC_CLASSES), caller: fc.constantFrom('one', 'two', 'three'), slow: fc.boolean(), inMs: fc.integer({ min: -5, max: 400 }) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('end', 'abandon', 'hold', 'unhold', 'return', 'leave'), pick: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('move' as const), pick: fc.nat(), slots: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 120 }) }) }
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** Plays a sequence, checking at every step that no more is given out than there is. */
class Play {
  readonly limit = new ScriptedLimit(2)
  readonly bench = new Bench(this.limit, { maxWaiting: 8 })
  readonly visitors: Visitor[] = []
  readonly holding = new Set<Visitor>()
  /** Asks made of the gate, by visitor. */
  readonly asks = new Map<Visitor, number>()
  #known = new Set<unknown>()

  constructor () { this.limit.pace(PACED, 20, this.bench.clock.nowMs()) }

  async take (step: Step): Promise<void> {
    const { clock, gate } = this.bench
    if (step.do === 'wait') await clock.advance(step.ms)
    else if (step.do === 'come') {
      const visitor = this.bench.come({ name: step.name, caller: step.caller, inMs: step.inMs, bodyBytes: 1, ...(step.slow ? { route: PACED } : {}) })
      this.visitors.push(visitor)
      this.asks.set(visitor, 1)
    } else {
      const visitor = this.#pick(step)
      if (visitor !== undefined) this.#act(visitor, step)
    }
    this.#check(gate.snapshot())
    await promisesSettle()
    this.#check(gate.snapshot())
  }

  #pick ({ do: verb, pick }: { do: string, pick: number }): Visitor | undefined {
    const able = this.visitors.filter((visitor) => {
      if (verb === 'leave') return visitor.state === 'waiting'
      if (visitor.permit === undefined) return false
      return verb === 'unhold' || verb === 'return' ? this.holding.has(visitor) : verb === 'abandon' || !this.holding.has(visitor)
    })
    return able[pick % Math.max(1, able.length)]
  }

  #act (visitor: Visitor, step: { do: string, slots?: number }): void {
    const { permit } = visitor
    switch (step.do) {
      case 'leave': this.bench.gate.leave(visitor, new Error('left')); return
      case 'hold': permit?.hold(); this.holding.add(visitor); return
      case 'move': this.limit.moves.push(step.slots ?? 1); permit?.admitted(NOTHING_SAID); return
      case 'end': permit?.end(); break
      case 'abandon': permit?.abandon(); break
      default: permit?.unhold(step.do === 'unhold')
    }
    this.holding.delete(visitor)
    visitor.permit = undefined
    visitor.error = new Error('over')
    if (step.do !== 'return') return
    this.asks.set(visitor, (this.asks.get(visitor) ?? 0) + 1)
    visitor.ask(this.bench.gate, true)
  }

  #check ({ inflight, held, limit, queued, queuedBytes }: ReturnType<Bench['gate']['snapshot']>): void {
    const granted = this.visitors.filter(({ permit }) => permit !== undefined)
    const fresh = granted.some(({ permit }) => !this.#known.has(permit))
    this.#known = new Set(granted.map(({ permit }) => permit))
    if (fresh && inflight + held > limit) throw new Error(`granted beyond the limit: ${inflight} + ${held} > ${limit}`)
    if (held !== this.holding.size) throw new Error(`held ${held}, not ${this.holding.size}`)
    const waiting = Object.values(queued).reduce((sum, count) => sum + count, 0)
    if (waiting !== queuedBytes || waiting !== this.bench.gate.waiting) throw new Error('the queue miscounts')
    if (this.visitors.some((visitor) => visitor.settled > (this.asks.get(visitor) ?? 0))) throw new Error('settled twice')
  }

  /** Everybody ends; then there must be nothing left. */
  async finish (): Promise<void> {
    for (let granted = this.visitors; granted.length > 0;) {
      granted = this.visitors.filter(({ permit }) => permit !== undefined)
      for (const visitor of granted) {
        visitor.permit?.abandon()
        visitor.permit = undefined
        visitor.error = new Error('over')
      }
      await promisesSettle()
      if (granted.length === 0 && this.bench.gate.waiting > 0) {
        await this.bench.clock.advance(50)
        granted = this.visitors
      }
    }
    this.holding.clear()
    await this.bench.clock.advance(1_000)
    const { inflight, held, queuedBytes } = this.bench.gate.snapshot()
    const unsettled = this.visitors.filter((visitor) => visitor.settled !== this.asks.get(visitor)).length
    const left = { inflight, held, queuedBytes, unsettled, timers: this.bench.clock.liveTimers }
    if (Object.values(left).some((count) => count !== 0)) throw new Error(`left behind: ${JSON.stringify(left)}`)
  }
}

t.test('whatever happens, no more is given out than there is, nothing leaks, and every request is settled once', async (t) => {
  const property = fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
    const play = new Play()
    for (const step of steps) await play.take(step)
    await play.finish()
  })
  const { counterexample, errorInstance } = await fc.check(property, { numRuns: 300 })
  t.same(counterexample, null, String(errorInstance))
})
