/**
 * Gradient2 as in Netflix concurrency-limits, in its windows of one second: latency now against latency of late.
 *
 *     g = clamp(0.5, 1.5 × rttLong / rttShort, 1),   W ← 0.8 W + 0.2 × (g W + 4)
 *
 * rttShort is the mean of a window of 1 s with at least 10 answers; rttLong an average over 600 windows, a plain mean
 * for the first ten, shrunk by 5 % whenever it is more than twice rttShort. Only while 2 × inflight ≥ W. Source:
 * Netflix/concurrency-limits, Gradient2Limit.java and WindowedLimit.java. Units: requests in flight, milliseconds;
 * starts at 20. A 429 is one more answer, and a quick one: the flag that marks it as a drop is not read.
 */
import type { Peer } from './peer.ts'
import { clamp, LEAST, MOST, windowLimit } from './window.ts'

const START = 20
const WINDOW_MS = 1_000
const LEAST_SAMPLES = 10
const LONG_WINDOWS = 600
const WARMUP_WINDOWS = 10
const TOLERANCE = 1.5
const SMOOTHING = 0.2
const QUEUE = 4

interface Samples {
  count: number
  totalMs: number
  mostInflight: number
}

export const gradient2: Peer = {
  name: 'Gradient2 (Netflix)',
  createLimit: () => {
    let window = START
    let longMs = 0
    let windows = 0
    let nextAtMs = 0
    let samples: Samples = { count: 0, totalMs: 0, mostInflight: 0 }

    function sample (rttMs: number, inflight: number, nowMs: number): void {
      samples.count++
      samples.totalMs += rttMs
      samples.mostInflight = Math.max(samples.mostInflight, inflight)
      if (nowMs <= nextAtMs) return
      const ended = samples
      samples = { count: 0, totalMs: 0, mostInflight: 0 }
      nextAtMs = nowMs + WINDOW_MS
      if (ended.count >= LEAST_SAMPLES) update(ended.totalMs / ended.count, ended.mostInflight)
    }

    function update (shortMs: number, inflight: number): void {
      windows++
      longMs += (shortMs - longMs) * (windows <= WARMUP_WINDOWS ? 1 / windows : 2 / (LONG_WINDOWS + 1))
      const ratio = longMs / shortMs
      if (ratio > 2) longMs *= 0.95
      if (inflight < window / 2) return
      const wanted = window * clamp(0.5, TOLERANCE * ratio, 1) + QUEUE
      window = clamp(LEAST, (1 - SMOOTHING) * window + SMOOTHING * wanted, MOST)
    }

    return windowLimit({ algorithm: 'gradient2', slots: () => window, admitted: sample, refused: sample })
  }
}
