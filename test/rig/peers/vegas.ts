/**
 * Vegas as in Netflix concurrency-limits: how many of W requests stand in a queue, by their latency.
 *
 *     queue = ⌈W × (1 − rttLeast / rtt)⌉,   l = max(1, ⌊log10 W⌋)
 *     queue ≤ l: W ← W + 6 l    queue < 3 l: W ← W + l    queue > 6 l, or a drop: W ← W − l
 *
 * Only while 2 × inflight ≥ W, a drop always. rttLeast is the least seen, and taken afresh every 30 × W samples, times
 * a jitter in [0.5, 1). Source: Netflix/concurrency-limits, VegasLimit.java. Units: requests in flight, milliseconds;
 * starts at 20. A 429 is a drop; but one that is back quicker than any answer before becomes rttLeast and cuts nothing.
 */
import { createRandom } from '../../../src/simulator/model/random.ts'
import type { Peer } from './peer.ts'
import { clamp, LEAST, MOST, windowLimit } from './window.ts'

const START = 20
const PROBE_WINDOWS = 30

export const vegas: Peer = {
  name: 'Vegas (Netflix)',
  createLimit: (_ceilingSlots, seed = 1) => {
    const random = createRandom(seed, 'vegas')
    const jitter = (): number => 0.5 + 0.5 * random.next()
    let window = START
    let leastRttMs = Infinity
    let samples = 0
    let probeJitter = jitter()

    function sample (rttMs: number, inflight: number, dropped: boolean): void {
      samples++
      if (samples >= probeJitter * PROBE_WINDOWS * window) {
        probeJitter = jitter()
        samples = 0
        leastRttMs = rttMs
      } else if (rttMs < leastRttMs) {
        leastRttMs = rttMs
      } else {
        window = clamp(LEAST, window + growth(rttMs, inflight, dropped), MOST)
      }
    }

    function growth (rttMs: number, inflight: number, dropped: boolean): number {
      const unit = Math.max(1, Math.floor(Math.log10(window)))
      if (dropped) return -unit
      if (2 * inflight < window) return 0
      const queue = Math.ceil(window * (1 - leastRttMs / rttMs))
      return queue <= unit ? 6 * unit : queue < 3 * unit ? unit : queue > 6 * unit ? -unit : 0
    }

    return windowLimit({
      algorithm: 'vegas',
      slots: () => window,
      admitted: (rttMs, inflight) => sample(rttMs, inflight, false),
      refused: (rttMs, inflight) => sample(rttMs, inflight, true)
    })
  }
}
