import type { Scenario, SettingsPatch } from '../model/scenario.ts'

export interface Timeline {
  /** From the beginning, whatever has been. */
  readonly start: () => void
  readonly stop: () => void
}

/** The longest that one timer can wait. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** Makes each change of a scenario when its time has come. Holds one timer, for the next change. */
export function createTimeline (
  { timeline }: Scenario,
  clock: () => number,
  change: (patch: SettingsPatch) => void
): Timeline {
  let timer: NodeJS.Timeout | undefined
  let startMs = 0
  let index = 0
  let running = false
  const isRunning = (): boolean => running

  const proceed = (): void => {
    for (let next = timeline[index]; next !== undefined; next = timeline[index]) {
      const waitMs = startMs + next.atMs - clock()
      if (waitMs > 0) {
        timer = setTimeout(proceed, Math.min(Math.ceil(waitMs), MAX_TIMER_MS))
        return
      }
      index++
      change(next.set)
      if (!isRunning()) return
    }
  }
  const stop = (): void => {
    running = false
    clearTimeout(timer)
  }
  return {
    start: () => {
      stop()
      startMs = clock()
      index = 0
      running = true
      proceed()
    },
    stop
  }
}
