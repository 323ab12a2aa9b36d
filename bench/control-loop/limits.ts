import { createAimd } from '../../src/policy/aimd.ts'
import { createFixed } from '../../src/policy/fixed.ts'
import type { Limit } from '../../src/policy/limit.ts'
import type { Step } from '../scenario/capacity.ts'

/** What a limit under measurement is told: the true ceiling over time, its own proxy's part. Most do not look at it. */
export type Told = readonly [Step, ...Step[]]

export const ORACLE = 'oracle'

/** Follows the true ceiling as it moves: the yardstick where a fixed limit would stay behind. Time counts from its first request. */
function createOracle (steps: Told): Limit {
  const fixed = createFixed(steps[0].slots)
  let startedAtMs: number | undefined
  let slots = steps[0].slots
  const look = (nowMs: number): void => {
    startedAtMs ??= nowMs
    const elapsedMs = nowMs - startedAtMs
    slots = steps.findLast(({ atMs }) => atMs <= elapsedMs)?.slots ?? slots
  }
  return {
    ...fixed,
    algorithm: ORACLE,
    slots: () => slots,
    start: (route, inflight, held, nowMs) => {
      look(nowMs)
      return fixed.start(route, inflight, held, nowMs)
    },
    admitted: (_ticket, _feedback, nowMs) => {
      look(nowMs)
      return 'fixed'
    },
    refused: (ticket, feedback, nowMs) => {
      look(nowMs)
      return fixed.refused(ticket, feedback, nowMs)
    }
  }
}

/** The limits that can be put into the proxy, by name. */
export const limits: Readonly<Record<string, (told: Told) => Limit>> = {
  [ORACLE]: createOracle,
  'fixed half': ([{ slots }]) => createFixed(Math.max(1, Math.floor(slots / 2))),
  'fixed double': ([{ slots }]) => createFixed(2 * slots),
  aimd: () => createAimd({ initial: 10, min: 1, max: 10_000 })
}
