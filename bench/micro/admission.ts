/** A request that finds room: what its way in and out of the gate costs. */
import { createFixed } from '../../src/policy/limit/fixed.ts'
import { Permit } from '../../src/proxy/gate/permit.ts'
import { systemClock } from '../../src/system-clock.ts'
import { ceiling, createGate } from './gates.ts'
import { cost, type Cost } from './measure.ts'
import { Visitor } from './visitor.ts'

const REPORTED = { concurrency: 5, durationMs: 100 }

export interface Admission {
  readonly what: string
  readonly cost: Cost
}

export async function measureAdmission (): Promise<Admission[]> {
  return [
    { what: 'admit and end, fixed limit', cost: await pairs(createGate(createFixed(100)), false) },
    { what: 'admit and end, Ceiling', cost: await pairs(createGate(ceiling()), false) },
    { what: 'admit, learn from the answer and end, Ceiling', cost: await pairs(createGate(ceiling()), true) }
  ]
}

function pairs (gate: ReturnType<typeof createGate>, answered: boolean): Promise<Cost> {
  const visitor = new Visitor(0, systemClock.nowMs())
  return cost((times) => {
    for (let i = 0; i < times; i++) {
      const permit = gate.admit(visitor, false)
      if (!(permit instanceof Permit)) throw new Error('there was no room')
      if (answered) permit.admitted(REPORTED)
      permit.end()
    }
  })
}
