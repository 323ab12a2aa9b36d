import type { Clock } from '../proxy/clock.ts'
import { BETWEEN_TURNS_MS, type Turns } from '../proxy/turns.ts'

/** Turns in simulated time. Keys stay: a plan has an end. */
export function createSimulatedTurns (clock: Clock): Turns {
  const keys = new Map<string, { last: Promise<void>, freeAtMs: number }>()
  let closed = false
  return {
    take: (key, turn) => {
      const known = keys.get(key) ?? { last: Promise.resolve(), freeAtMs: -Infinity }
      keys.set(key, known)
      known.last = known.last.then(async () => {
        const restMs = known.freeAtMs - clock.nowMs()
        if (restMs > 0) await new Promise<void>((resolve) => { clock.setTimer(resolve, restMs) })
        if (closed) return
        known.freeAtMs = clock.nowMs() + BETWEEN_TURNS_MS
        await turn()
      })
    },
    close: () => { closed = true }
  }
}
