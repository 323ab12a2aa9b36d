import Bottleneck from 'bottleneck'
import { BETWEEN_TURNS_MS, type Turns } from './turns.ts'

/** A key that took no turn for so long is forgotten, milliseconds. */
const IDLE_MS = 60_000

/** Turns by a Bottleneck limiter for each key, made at its first turn and given up when idle. */
export function createBottleneckTurns (): Turns {
  const group = new Bottleneck.Group({ maxConcurrent: 1, minTime: BETWEEN_TURNS_MS, timeout: IDLE_MS })
  return {
    take: (key, turn) => { void group.key(key).schedule(turn).catch(() => {}) },
    // The group's own timer, which looks for idle limiters, keeps no process alive.
    close: () => { for (const { limiter } of group.limiters()) void limiter.stop({ dropWaitingJobs: true }).catch(() => {}) }
  }
}
