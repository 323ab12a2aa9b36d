import type { Clock } from '../proxy/clock.ts'
import type { Turns } from '../proxy/turns.ts'

/** Least time between two turns of a key, milliseconds: as where turns are taken in real time. */
const BETWEEN_TURNS_MS = 5

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
