import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { request } from 'undici'
import type { Stats, TenthBucket } from '../../../src/simulator/model/statistics.ts'
import { inFolder, type Contestant, type Front } from './contestant.ts'
import type { Scenario, Stream } from './format.ts'
import { startLoad, type Outcome } from './load.ts'
import { startListening } from './program.ts'
import { startWatch, type Sample, type Strain } from './watch.ts'

/** Everything that was seen in one run of one scenario. Times are milliseconds from the start of the load. */
export interface Run {
  readonly contestant: string
  readonly scenario: Scenario
  readonly streams: Readonly<Record<string, Stream>>
  readonly outcomes: ReadonlyMap<string, readonly Outcome[]>
  readonly tenths: readonly TenthBucket[]
  readonly samples: readonly Sample[]
  readonly stats: Stats
  /** Slots still taken when every request had ended. */
  readonly stuck: number
  readonly strain: Strain
}

export interface RunOptions {
  /** The built command line, for the simulator. */
  readonly main: string
  readonly seed: number
  /** Leaves out the streams marked `extra`. */
  readonly alone?: boolean
}

/** Looks at all proxies together, a second. */
const LOOKS_PER_SECOND = 20
const SHORTEST_LOOK_MS = 200

/** Plays a scenario once: simulator, proxies and load are processes of their own, the load is this one. */
export async function runScenario (scenario: Scenario, contestant: Contestant, { main, seed, alone = false }: RunOptions): Promise<Run> {
  const streams = Object.entries(scenario.load).filter(([, { extra = false }]) => !alone || !extra)
  const simulator = await startSimulator(main, scenario, seed)
  const { count, everyS } = scenario.proxies
  const fronts: Front[] = []
  const later: Array<Promise<void>> = []
  try {
    const begin = async (number: number): Promise<Front> => {
      const front = await contestant.start(simulator.origin, scenario, number)
      fronts.push(front)
      return front
    }
    const early = everyS === 0 ? await Promise.all(Array.from({ length: count }, (_, number) => begin(number))) : [await begin(0)]
    await post(`${simulator.origin}/_simulator/reset`)
    const startedMs = performance.now()
    const nowMs = (): number => performance.now() - startedMs
    const watch = startWatch(simulator, Math.max(SHORTEST_LOOK_MS, 1000 * count / LOOKS_PER_SECOND), nowMs)
    const load = startLoad(scenario, streams, seed, nowMs)
    const join = (front: Front): void => {
      watch.add(front)
      load.open(front.caller)
    }
    for (const front of early) join(front)
    for (let number = early.length; number < count; number++) {
      later.push(new Promise((resolve) => { setTimeout(resolve, 1000 * everyS * number) }).then(() => begin(number)).then(join))
    }
    await Promise.race([Promise.all([load.finished, ...later]), simulator.broken])
    const strain = watch.stop()
    return {
      contestant: contestant.name,
      scenario,
      streams: Object.fromEntries(streams),
      outcomes: load.outcomes,
      samples: watch.samples,
      strain,
      stuck: await watch.taken(),
      tenths: await read(`${simulator.origin}/_simulator/tenths`) as readonly TenthBucket[],
      stats: await read(`${simulator.origin}/_simulator/stats`) as Stats
    }
  } finally {
    await Promise.all(fronts.map(async ({ caller, stop }) => {
      await caller.close()
      await stop()
    }))
    await simulator.stop()
  }
}

async function startSimulator (main: string, { simulator }: Scenario, seed: number): Promise<{ origin: string, pid: number, stop: () => Promise<void>, broken: Promise<never> }> {
  return inFolder(async (folder) => {
    const file = join(folder, 'scenario.yaml')
    writeFileSync(file, JSON.stringify({ ...simulator, seed }))
    const { pid, stop, line, ended } = await startListening([main, 'simulate', '--port', '0', '--scenario', file])
    const broken = ended.then((errors) => { throw new Error(`the simulator ended: ${errors}`) })
    // Nobody listens any more once a run is over.
    broken.catch(() => {})
    return { pid, stop, broken, origin: line['origin'] ?? '' }
  })
}

async function post (url: string): Promise<void> {
  await (await request(url, { method: 'POST' })).body.dump()
}

async function read (url: string): Promise<unknown> {
  return (await request(url)).body.json()
}
