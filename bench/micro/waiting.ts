/** A gate with a queue: what one more waiter costs, by how many wait already. */
import { createFixed } from '../../src/policy/limit/fixed.ts'
import { systemClock } from '../../src/system-clock.ts'
import type { Gate } from '../../src/proxy/gate/gate.ts'
import { Permit } from '../../src/proxy/gate/permit.ts'
import { createGate } from './gates.ts'
import { bytesEach, cost, type Cost } from './measure.ts'
import { Visitor } from './visitor.ts'

const left = new Error('left')

export interface Waiting {
  readonly waiters: number
  readonly callers: number
  /** A newcomer joins the queue and leaves it unserved. */
  readonly joinAndLeave: Cost
  /** A permit ends, the next waiter gets it and a newcomer joins. */
  readonly passOn: Cost
  /** Heap of a waiter: its entry, its promise, its places in queue and heap. */
  readonly waiterBytes: number
}

/** `callers`: so many of them, each with as many waiters as the others. */
export async function measureWaiting (waiters: number, callers = 1): Promise<Waiting> {
  const gate = createGate(createFixed(1))
  const first = gate.admit(new Visitor(0, systemClock.nowMs()), false)
  if (!(first instanceof Permit)) throw new Error('there was no room')
  const line = new Line(gate, first, callers)
  const waiterBytes = await bytesEach(waiters, () => {
    for (let i = 0; i < waiters; i++) line.join()
    return line
  })
  return {
    waiters,
    callers,
    joinAndLeave: await cost(async (times) => { await line.joinAndLeave(times) }),
    passOn: await cost(async (times) => { await line.passOn(times) }),
    waiterBytes
  }
}

class Line {
  readonly #gate: Gate
  readonly #callers: readonly string[]
  #permit: Permit
  #order = 0
  #passes = 0
  #passed: (() => void) | undefined

  constructor (gate: Gate, permit: Permit, callers: number) {
    this.#callers = Array.from({ length: callers }, (_, i) => `service-${i}`)
    this.#gate = gate
    this.#permit = permit
  }

  join (): void {
    void this.#ask(this.#newcomer()).then((permit) => {
      this.#permit = permit
      if (--this.#passes > 0) this.#passOne()
      else this.#passed?.()
    })
  }

  async joinAndLeave (times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const visitor = this.#newcomer()
      const asked = this.#ask(visitor)
      this.#gate.leave(visitor, left)
      await asked.catch(() => undefined)
    }
  }

  passOn (times: number): Promise<void> {
    return new Promise((resolve) => {
      this.#passes = times
      this.#passed = resolve
      this.#passOne()
    })
  }

  #passOne (): void {
    this.join()
    this.#permit.end()
  }

  #newcomer (): Visitor {
    const order = ++this.#order
    return new Visitor(order, systemClock.nowMs(), this.#callers[order % this.#callers.length])
  }

  #ask (visitor: Visitor): Promise<Permit> {
    const asked = this.#gate.admit(visitor, false)
    if (asked instanceof Permit) throw new Error('there was room')
    return asked
  }
}
