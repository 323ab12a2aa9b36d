import type { Clock } from './proxy/ports/clock.ts'

/**
 * A timer that fires later than this was held up, milliseconds: what has arrived meanwhile is read before its task is
 * done.
 */
const HELD_UP_MS = 100

interface SystemTimer {
  task: (() => void) | undefined
  readonly dueMs: number
  timeout: NodeJS.Timeout | undefined
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  epochMs: () => Date.now(),
  setTimer: (task, delayMs) => {
    const timer: SystemTimer = { task, dueMs: performance.now() + delayMs, timeout: undefined }
    timer.timeout = setTimeout(fire, Math.ceil(delayMs), timer).unref()
    return timer
  },
  clearTimer: (timer) => {
    const { timeout } = timer as SystemTimer
    ;(timer as SystemTimer).task = undefined
    clearTimeout(timeout)
  },
  afterInput: (task) => { setImmediate(task) }
}

/**
 * After the process was stopped for a minute, all timers of that minute fire before any socket is read: an answer that
 * is here would be too late.
 */
function fire (timer: SystemTimer): void {
  if (performance.now() - timer.dueMs <= HELD_UP_MS) timer.task?.()
  else setImmediate(() => { timer.task?.() })
}
