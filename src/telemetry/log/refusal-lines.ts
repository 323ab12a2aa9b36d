/**
 * Refusals come by the thousand when a client runs wild. The log has the first lines of a kind, and one that counts the
 * rest.
 */
import type { Logger } from 'pino'
import { LineSampler } from './line-sampler.ts'
import type { Clock, Timer } from '../../proxy/ports/clock.ts'

/** What makes lines alike. */
export interface LineKind {
  readonly line: string
  readonly reason: string
  /** The address or caller it comes from. */
  readonly peer: string
}

export interface RefusalLines {
  readonly writes: (kind: LineKind) => boolean
  /** Tells what was left out so far. */
  readonly flush: () => void
}

const INTERVAL_MS = 60_000
const SAMPLE = { most: 20, kindsMost: 100 }

export function createRefusalLines (logger: Logger, clock: Clock): RefusalLines {
  const sampler = new LineSampler<LineKind>(SAMPLE)
  let sinceMs = 0
  let timer: Timer | undefined

  function flush (): void {
    if (timer !== undefined) clock.clearTimer(timer)
    timer = undefined
    const seconds = Math.round((clock.nowMs() - sinceMs) / 1000)
    for (const { kind: { line, reason, peer }, leftOut } of sampler.turn()) {
      logger.warn(
        { line, reason, peer, leftOut, seconds },
        'more of the same'
      )
    }
  }

  return {
    writes: (kind) => {
      if (timer === undefined) {
        sinceMs = clock.nowMs()
        timer = clock.setTimer(flush, INTERVAL_MS)
      }
      return sampler.writes(kind, { line: kind.line, reason: kind.reason, peer: 'others' })
    },
    flush
  }
}
