import { createRandom } from '../../../src/simulator/model/random.ts'
import { startOf } from '../../../src/simulator/model/scenario.ts'
import { fixedCapacity } from './capacity.ts'
import type { Caller } from './caller.ts'
import type { Scenario, Stream } from './format.ts'
import { createRequests, type Request } from './requests.ts'

/** One request and what became of it; times are milliseconds from the start of the load. */
export interface Outcome {
  readonly sentMs: number
  readonly endMs: number
  /** 0 when there was no answer. */
  readonly status: number
  readonly attempts: number
  readonly shed: boolean
  /** Which proxy it went to, from 0. */
  readonly proxy: number
}

export interface Load {
  /** One more proxy is there to be sent to. */
  readonly open: (caller: Caller) => void
  readonly outcomes: ReadonlyMap<string, Outcome[]>
  /** Resolves when nothing more is to be sent and every answer is there. */
  readonly finished: Promise<void>
}

/** What a client does after a failure before its next request: one that is refused at once must not spin. */
const PAUSE_MS = 50
/** Clients of a closed loop start within so many milliseconds of each other. */
const STAGGER_MS = 50
/** How often arrivals of an open loop are looked after. */
const TICK_MS = 2

type Names = ReadonlyArray<readonly [name: string, stream: Stream]>

/** Sends the streams of a scenario. `nowMs` counts from the start of the load; the seed decides all chance. */
export function startLoad (scenario: Scenario, streams: Names, seed: number, nowMs: () => number): Load {
  const callers: Caller[] = []
  const outcomes = new Map(streams.map(([name]) => [name, [] as Outcome[]]))
  let finish: () => void = () => {}
  const finished = new Promise<void>((resolve) => { finish = resolve })
  const openings: Array<(proxy: number) => void> = []
  let turn = 0
  // Streams that may still send, and requests without an answer.
  let busy = 0

  const release = (): void => { if (--busy === 0) finish() }

  const send = (proxy: number, request: Request, into: Outcome[], then: (good: boolean) => void): void => {
    const caller = callers[proxy]
    if (caller === undefined) return
    busy++
    const sentMs = nowMs()
    caller.call(request, ({ status, attempts, shed }) => {
      into.push({ sentMs, endMs: nowMs(), status, attempts, shed, proxy })
      then(status >= 200 && status < 300)
      release()
    })
  }

  const closedLoop = (workers: number, of: StreamAtWork): void => {
    const { count } = scenario.proxies
    const work = (proxy: number): void => {
      if (nowMs() < of.untilMs) send(proxy, of.next(), of.into, (good) => { good ? work(proxy) : setTimeout(work, PAUSE_MS, proxy) })
    }
    openings.push((proxy) => {
      const share = Math.floor(workers / count) + (proxy < workers % count ? 1 : 0)
      for (let i = 0; i < share; i++) setTimeout(work, Math.max(0, of.fromMs - nowMs()) + STAGGER_MS * of.random(), proxy)
    })
    setTimeout(release, of.untilMs - nowMs())
  }

  /** Sends at the given moments, in turn to all proxies that are there. */
  const arrivals = (moment: () => number, of: StreamAtWork): void => {
    let dueMs = moment()
    const timer = setInterval(() => {
      for (; dueMs <= nowMs() && dueMs < of.untilMs; dueMs = moment()) send(turn++ % callers.length, of.next(), of.into, () => {})
      if (dueMs < of.untilMs) return
      clearInterval(timer)
      release()
    }, TICK_MS)
  }

  streams.forEach(([name, stream], index) => {
    busy++
    const { fromS = 0, toS = scenario.lengthS } = stream
    const random = createRandom(seed, name)
    const request = createRequests(stream, index + 1)
    let number = 0
    const of: StreamAtWork = {
      fromMs: 1000 * fromS, untilMs: 1000 * toS, next: () => request(number++), into: outcomes.get(name) ?? [], random: random.next
    }
    if (stream.workers !== undefined) {
      closedLoop(stream.workers, of)
    } else if (stream.burst !== undefined) {
      const gapMs = (stream.burstMs ?? 1000) / stream.burst
      let sent = 0
      arrivals(() => sent < (stream.burst ?? 0) ? of.fromMs + gapMs * sent++ : Infinity, of)
    } else {
      const perSecond = stream.perSecond ?? (stream.ofCapacity ?? 1) * fixedCapacity(startOf(scenario.simulator))
      let atMs = of.fromMs
      arrivals(() => { atMs += random.exponential(1000 / perSecond); return atMs }, of)
    }
  })

  return {
    outcomes,
    finished,
    open: (caller) => {
      callers.push(caller)
      for (const opened of openings) opened(callers.length - 1)
    }
  }
}

interface StreamAtWork {
  readonly fromMs: number
  readonly untilMs: number
  readonly next: () => Request
  readonly into: Outcome[]
  readonly random: () => number
}
