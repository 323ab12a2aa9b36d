import type { RouteRate } from './settings.ts'

/** How starts are counted against a rate. */
export interface RateWindow {
  /** Whole requests that would be let in now. */
  readonly remaining: (nowMs: number) => number
  readonly take: (nowMs: number) => void
}

export function createRateWindow (rule: RouteRate): RateWindow {
  switch (rule.window ?? 'bucket') {
    case 'bucket': return createBucket(rule)
    case 'fixed': return createFixedWindow(rule)
    case 'sliding': return createSlidingWindow(rule)
  }
}

export const burstOf = (rule: RouteRate): number => rule.burst ?? Math.max(1, rule.perSecond)

/** A window holds whole requests: where a second holds none, it is longer. */
function sizeOf ({ perSecond }: RouteRate): { readonly most: number, readonly lengthMs: number } {
  const most = Math.max(1, Math.floor(perSecond))
  return { most, lengthMs: 1000 * most / perSecond }
}

/** Filled at the rate, up to the burst. */
function createBucket (rule: RouteRate): RateWindow {
  const capacity = burstOf(rule)
  let tokens = capacity
  let atMs: number | undefined
  const fill = (nowMs: number): void => {
    tokens = Math.min(capacity, tokens + (nowMs - (atMs ?? nowMs)) / 1000 * rule.perSecond)
    atMs = nowMs
  }
  return {
    remaining: (nowMs) => {
      fill(nowMs)
      return Math.max(0, Math.floor(tokens))
    },
    take: (nowMs) => {
      fill(nowMs)
      tokens -= 1
    }
  }
}

/** Seconds of the server's clock, each with a count of its own. */
function createFixedWindow (rule: RouteRate): RateWindow {
  const { most, lengthMs } = sizeOf(rule)
  let number = NaN
  let taken = 0
  const turn = (nowMs: number): void => {
    const current = Math.floor(nowMs / lengthMs)
    if (current !== number) taken = 0
    number = current
  }
  return {
    remaining: (nowMs) => {
      turn(nowMs)
      return most - taken
    },
    take: (nowMs) => {
      turn(nowMs)
      taken++
    }
  }
}

/** The second that ends now, at every moment. */
function createSlidingWindow (rule: RouteRate): RateWindow {
  const { most, lengthMs } = sizeOf(rule)
  const takenAtMs: number[] = []
  const slide = (nowMs: number): void => {
    while (takenAtMs[0] !== undefined && takenAtMs[0] <= nowMs - lengthMs) takenAtMs.shift()
  }
  return {
    remaining: (nowMs) => {
      slide(nowMs)
      return most - takenAtMs.length
    },
    take: (nowMs) => {
      slide(nowMs)
      takenAtMs.push(nowMs)
    }
  }
}
