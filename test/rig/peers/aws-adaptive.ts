/**
 * The adaptive retry mode of the AWS SDKs: a token bucket whose rate follows CUBIC, and at most three attempts.
 *
 *     success:  rate ← 0.4 × (t − K)³ + rateMost,      t = seconds since the last 429
 *     429:      rateMost ← min(measured, rate),  K = ∛(rateMost × 0.3 / 0.4),  rate ← 0.7 × rateMost
 *     always:   rate ← clamp(0.5, rate, 2 × measured),  bucket = max(1, rate)
 *     wait      = random × min(20 s, 2^failures s)
 *
 * measured: answers per second in half seconds, 0.8 of the last one and 0.2 of those before. Off until the first 429.
 * Source: boto/botocore, botocore/retries/adaptive.py, throttling.py, bucket.py and standard.py. Units: requests per
 * second, seconds. A 429 is a throttling error. It decides by starts, so every route has the bucket's pace; there is
 * no limit on requests in flight. Left out: the retry quota, which would only make more requests fail.
 */
import type { Peer } from './peer.ts'
import { UNLIMITED, windowLimit } from './window.ts'

const SCALE = 0.4
const BETA = 0.7
const LEAST_PER_SECOND = 0.5
const MOST_OF_MEASURED = 2
const BUCKET_S = 0.5
const SMOOTHING = 0.8

export const awsAdaptive: Peer = {
  name: 'AWS SDK adaptive',
  createLimit: () => {
    let enabled = false
    let perSecond = LEAST_PER_SECOND
    let capacity = 1
    let tokens = 0
    let filledAtMs = 0
    let measuredPerSecond = 0
    let halfSecond = 0
    let answers = 0
    let mostPerSecond = 0
    let refusedAtMs = 0
    let plateauS = 0

    function refill (nowMs: number): void {
      tokens = Math.min(capacity, tokens + perSecond * (nowMs - filledAtMs) / 1_000)
      filledAtMs = nowMs
    }

    function setRate (wanted: number, nowMs: number): void {
      refill(nowMs)
      const value = Math.min(wanted, MOST_OF_MEASURED * measuredPerSecond)
      perSecond = Math.max(LEAST_PER_SECOND, value)
      capacity = Math.max(1, value)
      tokens = Math.min(tokens, capacity)
    }

    function clockAnswer (nowMs: number): void {
      answers++
      const at = Math.floor(nowMs / 1_000 / BUCKET_S) * BUCKET_S
      if (at <= halfSecond) return
      measuredPerSecond = SMOOTHING * answers / (at - halfSecond) + (1 - SMOOTHING) * measuredPerSecond
      answers = 0
      halfSecond = at
    }

    function admitted (nowMs: number): void {
      clockAnswer(nowMs)
      setRate(SCALE * ((nowMs - refusedAtMs) / 1_000 - plateauS) ** 3 + mostPerSecond, nowMs)
    }

    function refused (nowMs: number): void {
      clockAnswer(nowMs)
      mostPerSecond = enabled ? Math.min(measuredPerSecond, perSecond) : measuredPerSecond
      plateauS = Math.cbrt(mostPerSecond * (1 - BETA) / SCALE)
      refusedAtMs = nowMs
      enabled = true
      setRate(BETA * mostPerSecond, nowMs)
    }

    return {
      ...windowLimit({
        algorithm: 'aws-adaptive',
        slots: () => UNLIMITED,
        started: (_inflight, nowMs) => {
          if (!enabled) return
          refill(nowMs)
          tokens -= 1
        },
        admitted: (_rttMs, _inflight, nowMs) => admitted(nowMs),
        refused: (_rttMs, _inflight, nowMs) => refused(nowMs)
      }),
      readyAtMs: () => enabled && tokens < 1 ? filledAtMs + 1_000 * (1 - tokens) / perSecond : 0,
      pacePerSecond: () => enabled ? perSecond : 0
    }
  },
  retry: { most: 2, delayMs: (failures, chance) => 1_000 * chance * Math.min(20, 2 ** failures) }
}
