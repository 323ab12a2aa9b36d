/**
 * AIMD as in Netflix concurrency-limits.
 *
 *     success, 2 × inflight ≥ W:   W ← W + 1
 *     drop, or slower than 5 s:    W ← ⌊0.9 W⌋
 *
 * Source: Netflix/concurrency-limits, AIMDLimit.java. Units: requests in flight; starts at 20. A 429 is a drop, each
 * of them: one flight of refusals cuts many times, and a success adds a whole slot.
 */
import type { Peer } from './peer.ts'
import { clamp, LEAST, MOST, windowLimit } from './window.ts'

const START = 20
const BACKOFF_RATIO = 0.9
const TIMEOUT_MS = 5_000

export const aimd: Peer = {
  name: 'AIMD (Netflix)',
  createLimit: () => {
    let window = START
    const drop = (): void => { window = clamp(LEAST, Math.floor(window * BACKOFF_RATIO), MOST) }
    return windowLimit({
      algorithm: 'aimd-netflix',
      slots: () => window,
      admitted: (rttMs, inflight) => {
        if (rttMs > TIMEOUT_MS) drop()
        else if (2 * inflight >= window) window = clamp(LEAST, window + 1, MOST)
      },
      refused: drop
    })
  }
}
