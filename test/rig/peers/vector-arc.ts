/**
 * Adaptive request concurrency (ARC) of Vector: once for every mean round trip,
 *
 *     W was reached, no 429, rtt ≤ mean:   W ← W + 1
 *     a 429, or rtt ≥ mean + 2.5 σ:        W ← ⌊0.9 W⌋
 *
 * rtt is the mean since the last time; mean and σ are exponential averages of those (weight 0.4; variance after West).
 * Source: vectordotdev/vector, src/sinks/util/adaptive_concurrency/controller.rs and mod.rs. Units: requests in flight,
 * milliseconds; starts at 1. A 429 is back pressure and no sample of the round trip; its request keeps the slot while it
 * waits, since the limiter stands around the retries, and W is looked at when a request has ended. Retries wait as the
 * proxy's do, not by Vector's Fibonacci seconds.
 */
import type { Peer } from './peer.ts'
import { LEAST, MOST, windowLimit } from './window.ts'

const START = 1
const DECREASE_RATIO = 0.9
const EWMA_ALPHA = 0.4
const RTT_DEVIATIONS = 2.5

export const vectorArc: Peer = {
  name: 'ARC (Vector)',
  createLimit: () => {
    let window = START
    let past: { meanMs: number, variance: number } | undefined
    let nextAtMs = 0
    let count = 0
    let totalMs = 0
    let refusals = false
    let reached = false

    function ended (rttMs: number, nowMs: number): void {
      count++
      totalMs += rttMs
      const currentMs = totalMs / count
      if (past === undefined) {
        past = { meanMs: currentMs, variance: 0 }
        nextAtMs = nowMs + currentMs
        return
      }
      if (nowMs < nextAtMs) return
      if (window < MOST && reached && !refusals && currentMs <= past.meanMs) {
        window++
      } else if (refusals || currentMs >= past.meanMs + RTT_DEVIATIONS * Math.sqrt(past.variance)) {
        window = Math.max(LEAST, Math.floor(window * DECREASE_RATIO))
      }
      const difference = currentMs - past.meanMs
      past = {
        meanMs: past.meanMs + EWMA_ALPHA * difference,
        variance: (1 - EWMA_ALPHA) * (past.variance + EWMA_ALPHA * difference * difference)
      }
      nextAtMs = nowMs + past.meanMs
      count = totalMs = 0
      refusals = reached = false
    }

    return windowLimit({
      algorithm: 'arc',
      slots: () => window,
      started: (inflight) => { if (inflight >= window) reached = true },
      admitted: (rttMs, _inflight, nowMs) => ended(rttMs, nowMs),
      refused: () => { refusals = true },
      holds: true
    })
  }
}
