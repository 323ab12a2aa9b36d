import type { Limit } from '../../../src/policy/limit/limit.ts'
import type { GateOptions } from '../../../src/proxy/gate/gate.ts'
import type { Permit } from '../../../src/proxy/gate/permit.ts'
import { createRandom } from '../../../src/simulator/model/random.ts'
import type { TrafficClass } from '../../../src/twilio/types.ts'
import { Bench, NOTHING_SAID, Visitor } from './gate-fixture.ts'

/** A kind of request, and how many of it come. */
export interface Stream {
  readonly name?: TrafficClass
  readonly caller?: string
  /** Arrivals in a second, evenly. */
  readonly perSecond?: number
  /** So many more at the start. */
  readonly atOnce?: number
  /** Milliseconds that one is willing to wait for its start. */
  readonly inMs?: number
}

export interface Outcome {
  /** From arrival to answer, of those that were answered, in ascending order. */
  readonly tookMs: readonly number[]
  readonly startsAtMs: readonly number[]
  readonly shed: number
}

/** What an attempt takes at Twilio: 100 to 300 ms. */
const LEAST_MS = 100
const MOST_MS = 300
export const MEAN_MS = (LEAST_MS + MOST_MS) / 2

export const quantile = ({ tookMs }: Outcome, part: number): number => tookMs[Math.min(tookMs.length - 1, Math.floor(part * tookMs.length))] ?? NaN

/** So much time of a gate under these streams, and what became of each. */
export async function play (limit: Limit, seconds: number, streams: readonly Stream[], options: Partial<GateOptions> = {}): Promise<Outcome[]> {
  const { clock, gate } = new Bench(limit, options)
  const random = createRandom(1, 'upstream')
  const beganAtMs = clock.nowMs()
  const endMs = beganAtMs + 1000 * seconds
  let order = 0
  const outcomes = streams.map(() => ({ tookMs: [] as number[], startsAtMs: [] as number[], shed: 0 }))

  async function send (stream: Stream, outcome: typeof outcomes[number]): Promise<void> {
    const cameAtMs = clock.nowMs()
    let permit: Permit
    try {
      permit = await gate.admit(new Visitor(order++, cameAtMs + (stream.inMs ?? 25_000), stream), false)
    } catch {
      outcome.shed++
      return
    }
    outcome.startsAtMs.push(clock.nowMs() - beganAtMs)
    clock.setTimer(() => {
      permit.admitted(NOTHING_SAID)
      permit.end()
      outcome.tookMs.push(clock.nowMs() - cameAtMs)
    }, LEAST_MS + (MOST_MS - LEAST_MS) * random.next())
  }

  for (const [i, stream] of streams.entries()) {
    const outcome = outcomes[i]
    if (outcome === undefined) continue
    for (let k = 0; k < (stream.atOnce ?? 0); k++) void send(stream, outcome)
    const { perSecond = 0 } = stream
    if (perSecond === 0) continue
    const arrive = (): void => {
      if (clock.nowMs() >= endMs) return
      void send(stream, outcome)
      clock.setTimer(arrive, 1000 / perSecond)
    }
    // Streams do not come in step.
    clock.setTimer(arrive, 1000 * random.next() / perSecond)
  }
  await clock.advance(1000 * seconds)
  return outcomes.map((outcome) => ({ ...outcome, tookMs: outcome.tookMs.toSorted((a, b) => a - b) }))
}

/** The longest that one of the stream's starts was behind the one before, the start and the end of the time included, milliseconds. */
export function longestGapMs ({ startsAtMs }: Outcome, seconds: number): number {
  const moments = [0, ...startsAtMs, 1000 * seconds]
  return Math.max(...moments.slice(1).map((atMs, i) => atMs - (moments[i] ?? 0)))
}
