import { steps } from '../model/model.ts'
import type { Group, Load, Scenario } from './scenario.ts'

/** Successes a second of a limit that was told the ceiling of 100: what is offered is a part of it. */
const CAPACITY = 470
const FULL: readonly Load[] = [{ workers: 400 }]
const MINUTE = { fromMs: 10_000, toMs: 60_000 }

const offered = (part: number, fromMs: number, toMs: number): Scenario =>
  ({ name: `offered ${part} of capacity`, fromMs, toMs, load: [{ perSecond: part * CAPACITY }], third: 'p99' })

const ofSize = (ceiling: number, workers: number, fromMs: number, toMs: number): Scenario =>
  ({ name: `ceiling of ${ceiling}`, fromMs, toMs, load: [{ workers }], account: { ceiling: () => ceiling }, third: 'p99' })

export const steadyAndOpen: Group = {
  title: 'Steady and open load, ceiling of 100',
  scenarios: [
    { name: 'steady, 400 workers', ...MINUTE, load: FULL, third: 'p99' },
    offered(0.5, 10_000, 60_000),
    offered(0.9, 10_000, 60_000),
    offered(1.1, 30_000, 90_000),
    // From 90 s on the line is as long as callers wait.
    offered(1.5, 100_000, 150_000),
    {
      name: 'slow × 5 for 30 s',
      fromMs: 10_000,
      toMs: 90_000,
      load: FULL,
      account: { slowness: (nowMs) => nowMs >= 30_000 && nowMs < 60_000 ? 5 : 1 },
      third: 'p99'
    },
    { name: 'slow with load', ...MINUTE, load: FULL, account: { slowness: (_nowMs, present) => Math.max(1, present / 60) }, third: 'p99' },
    {
      name: 'mixed: reads, sends, uploads',
      ...MINUTE,
      load: [{ workers: 400, route: { read: 0.5, send: 0.48, upload: 0.02 } }],
      account: {
        service: {
          read: { medianMs: 50, p99Ms: 250 },
          send: { medianMs: 150, p99Ms: 800 },
          upload: { medianMs: 3_000, p99Ms: 8_000 }
        }
      },
      third: 'p99'
    }
  ]
}

export const burstsAndSizes: Group = {
  title: 'Bursts, sizes and distances',
  scenarios: [
    {
      name: 'burst of 5,000',
      fromMs: 0,
      toMs: 40_000,
      load: [{ perSecond: 30, toMs: 5_000 }, { burst: 5_000, atMs: 5_000, overMs: 1_000 }],
      third: 'drain'
    },
    {
      name: 'idle, ceiling falls to 60, then a burst of 5,000',
      fromMs: 0,
      toMs: 80_000,
      load: [{ workers: 400, toMs: 10_000 }, { burst: 5_000, atMs: 40_000, overMs: 1_000 }],
      account: { ceiling: steps([0, 100], [20_000, 60]) },
      third: 'drain'
    },
    {
      name: 'bursts of 150 every 3 s',
      fromMs: 9_000,
      toMs: 60_000,
      load: Array.from({ length: 20 }, (_, i) => ({ burst: 150, atMs: 3_000 * i, overMs: 20 })),
      third: 'p99'
    },
    ofSize(1, 10, 40_000, 200_000),
    ofSize(2, 15, 40_000, 200_000),
    ofSize(5, 30, 20_000, 120_000),
    ofSize(2_000, 5_000, 8_000, 18_000),
    { name: 'wire of 2 ms', ...MINUTE, load: FULL, account: { wireMs: 0.5, wireJitterMs: 0.5 }, third: 'p99' },
    { name: 'wire of 200 ms', ...MINUTE, load: [{ workers: 800 }], account: { wireMs: 95, wireJitterMs: 5 }, third: 'p99' }
  ]
}
