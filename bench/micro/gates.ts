import type { Limit } from '../../src/policy/limit/limit.ts'
import { createCeiling } from '../../src/policy/limit/ceiling.ts'
import { systemClock } from '../../src/system-clock.ts'
import { Gate, type GateOptions } from '../../src/proxy/gate/gate.ts'

export const GATE_OPTIONS: GateOptions = {
  mode: 'enforce',
  maxWaiting: Number.MAX_SAFE_INTEGER,
  weights: { critical: 8, standard: 4, read: 2, bulk: 1 },
  ageingMs: 10_000,
  minShare: 0.02
}

export const ceiling = (): Limit => createCeiling({ initial: 100, min: 1, max: 10_000, probe: 1 })

export function createGate (limit: Limit): Gate {
  return new Gate(limit, GATE_OPTIONS, systemClock, { limitChanged: () => undefined, wouldWait: () => undefined })
}
