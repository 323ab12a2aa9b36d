import Bottleneck from 'bottleneck'
import type { Turns } from './turns.ts'

/**
 * Least time between two turns of a key, milliseconds. Bottleneck admits about 430 jobs a second, each some 4 ms after it was
 * asked for, so a turn lets through all that are due: rates of more than 200 a second go in bundles.
 */
const BETWEEN_TURNS_MS = 5
/** A key that took no turn for so long is forgotten, milliseconds. */
const IDLE_MS = 60_000

/** Turns by a Bottleneck limiter for each key, made at its first turn and given up when idle. */
export function createBottleneckTurns (): Turns {
  const group = new Bottleneck.Group({ maxConcurrent: 1, minTime: BETWEEN_TURNS_MS, timeout: IDLE_MS })
  return {
    take: (key, turn) => { void group.key(key).schedule(turn).catch(() => {}) },
    close: () => {
      for (const { limiter } of group.limiters()) void limiter.stop({ dropWaitingJobs: true }).catch(() => {})
      group.updateSettings({ timeout: 2 ** 31 - 1 })
    }
  }
}
