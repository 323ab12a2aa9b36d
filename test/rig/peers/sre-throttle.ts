/**
 * Client-side throttling of Google's SRE book: the client refuses for itself with a probability of
 *
 *     max(0, (requests − K × accepts) / (requests + 1)),   K = 2
 *
 * over the last two minutes (here in buckets of a second). requests counts what the application asked for, what was
 * turned away included; accepts what the backend took. Source: Site Reliability Engineering, chapter 21, Handling
 * Overload. Units: requests. A 429 is a request that was not accepted; a request turned away waits as after a 429.
 */
import type { Peer } from './peer.ts'
import { UNLIMITED, windowLimit } from './window.ts'

const K = 2
const WINDOW_S = 120

export const sreThrottle: Peer = {
  name: 'SRE client throttling',
  createLimit: () => {
    const buckets: Array<{ second: number, requests: number, accepts: number }> = []
    let requests = 0
    let accepts = 0

    function bucketAt (nowMs: number): { requests: number, accepts: number } {
      const second = Math.floor(nowMs / 1_000)
      for (let oldest = buckets[0]; oldest !== undefined && oldest.second <= second - WINDOW_S; oldest = buckets[0]) {
        requests -= oldest.requests
        accepts -= oldest.accepts
        buckets.shift()
      }
      let bucket = buckets.at(-1)
      if (bucket?.second !== second) buckets.push(bucket = { second, requests: 0, accepts: 0 })
      return bucket
    }

    return {
      ...windowLimit({
        algorithm: 'sre-throttle',
        slots: () => UNLIMITED,
        admitted: (_rttMs, _inflight, nowMs) => {
          bucketAt(nowMs).accepts++
          accepts++
        }
      }),
      turnsAway: (nowMs, chance) => {
        const bucket = bucketAt(nowMs)
        const probability = Math.max(0, (requests - K * accepts) / (requests + 1))
        bucket.requests++
        requests++
        return chance < probability
      }
    }
  }
}
