/** Nanoseconds of one operation, and what one of many things takes in memory. */
import { Bench } from 'tinybench'

/** Operations in one sample: reading the clock then costs them nothing. */
const BATCH = 1000
const SAMPLE_MS = 600
const WARMUP_MS = 200

export interface Cost {
  readonly medianNs: number
  /** Of samples of a thousand operations each. */
  readonly p99Ns: number
}

/** `operate` does the operation as many times as it is told. */
export async function cost (operate: (times: number) => void | Promise<void>): Promise<Cost> {
  const bench = new Bench({ time: SAMPLE_MS, warmupTime: WARMUP_MS, throws: true, retainSamples: false })
  const task = bench.add('operation', () => operate(BATCH)).tasks[0]
  await bench.run()
  const result = task?.result
  if (result?.state !== 'completed') throw new Error(`the measurement ended as ${result?.state}`)
  return { medianNs: 1e6 * result.latency.p50 / BATCH, p99Ns: 1e6 * result.latency.p99 / BATCH }
}

/** Bytes of heap that `make` leaves behind for each of so many things. It returns what keeps them alive. */
export async function bytesEach (count: number, make: () => unknown): Promise<number> {
  const before = await heapBytes()
  const kept = make()
  const bytes = await heapBytes() - before
  // Else they would be gone before they are counted.
  if (kept === undefined) throw new Error('nothing was kept')
  return bytes / count
}

async function heapBytes (): Promise<number> {
  const { gc } = globalThis
  if (gc === undefined) throw new Error('run with node --expose-gc')
  for (let i = 0; i < 3; i++) {
    gc()
    await new Promise((resolve) => { setImmediate(resolve) })
  }
  return process.memoryUsage().heapUsed
}
