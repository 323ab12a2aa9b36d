import { createFixed } from '../../src/policy/limit/fixed.ts'
import type { Limit } from '../../src/policy/limit/limit.ts'
import { peers } from '../../test/rig/peers/list.ts'
import type { Step } from '../../test/rig/scenario/capacity.ts'

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

/**
 * Known limits that can stand in the proxy's own place. Left out: the one that is told the ceiling and no limit at
 * all, which the proxy has settings for; one that refuses for itself and one with a retry rule of its own, for which
 * the proxy has no place (the latter is measured as the program it comes from).
 */
const standIns = peers.filter(({ name, ofCeiling, retry, createLimit }) =>
  ofCeiling !== 1 && name !== 'unlimited' && retry === undefined && createLimit(1).turnsAway === undefined)

export const PEERS: readonly string[] = standIns.map(({ name }) => name)

/** A limit by its name. `number` is that of the proxy, so that no two of them draw the same lots. */
export function createNamed (name: string, told: Told, number: number): Limit {
  if (name === ORACLE) return createOracle(told)
  const peer = standIns.find((candidate) => candidate.name === name)
  if (peer === undefined) throw new Error(`there is no limit ${name}`)
  return peer.createLimit(told[0].slots, number)
}
