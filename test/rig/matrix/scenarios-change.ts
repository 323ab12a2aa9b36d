import type { Reporting } from '../model/model-account.ts'
import { steps } from '../model/model.ts'
import type { Group, Load, Scenario } from './scenario.ts'

const FULL: readonly Load[] = [{ workers: 400 }]
const STEPS = {
  fromMs: 5_000,
  toMs: 60_000,
  load: FULL,
  account: { ceiling: steps([0, 100], [20_000, 40], [40_000, 150]) },
  third: 'settle',
  stepsMs: [0, 20_000, 40_000]
} as const

const rise = (from: number, to: number): Scenario => ({
  name: `rise from ${from} to ${to}`,
  fromMs: 20_000,
  toMs: 90_000,
  load: FULL,
  account: { ceiling: steps([0, from], [40_000, to]) },
  third: 'settle',
  stepsMs: [40_000]
})

const outage = (seconds: number): Scenario => {
  const endMs = 20_000 + 1_000 * seconds
  return {
    name: `outage of ${seconds} s`,
    fromMs: 10_000,
    toMs: endMs + 40_000,
    load: FULL,
    account: { ceiling: steps([0, 100], [20_000, 0], [endMs, 100]) },
    told: steps([0, 100], [20_000, 1], [endMs, 100]),
    third: 'settle',
    stepsMs: [endMs]
  }
}

const SWITCHED = [10_000, 20_000, 30_000, 40_000, 50_000]
/** Three waves of up to 70 workers in 55 s. */
const wave = (nowMs: number): number => nowMs < 5_000 ? 0 : Math.round(35 - 35 * Math.cos((nowMs / 1_000 - 5) / 55 * 6 * Math.PI))
/** A worker of the others is at the account for some 82 % of its time. */
const PRESENT = 0.82
const flapping = (nowMs: number): number => Math.floor(nowMs / 3_000) % 2 === 0 ? 100 : 60

export const stepsAndOthers: Group = {
  title: 'Ceilings that move, and other clients',
  scenarios: [
    { name: 'steps: 100, 40, 150', ...STEPS },
    { name: 'steps, wire of 200 ms', ...STEPS, load: [{ workers: 800 }], account: { ...STEPS.account, wireMs: 95, wireJitterMs: 5 } },
    {
      name: 'fall to 20, even answers',
      fromMs: 20_000,
      toMs: 60_000,
      load: FULL,
      account: { ceiling: steps([0, 100], [20_000, 20]), service: { free: { medianMs: 130, p99Ms: 300 } } },
      third: 'settle',
      stepsMs: [20_000]
    },
    rise(100, 150),
    rise(10, 100),
    rise(2, 100),
    { name: 'ceiling flaps 100, 60 every 3 s', fromMs: 10_000, toMs: 60_000, load: FULL, account: { ceiling: flapping }, third: 'none' },
    outage(5),
    outage(20),
    {
      name: 'others take 0, 70 % in turn',
      fromMs: 10_000,
      toMs: 60_000,
      load: FULL,
      others: SWITCHED.map((atMs, i) => [atMs, i % 2 === 0 ? 70 : 0]),
      told: steps([0, 100], ...SWITCHED.map((atMs, i) => [atMs, i % 2 === 0 ? 43 : 100] as const)),
      third: 'settle',
      stepsMs: SWITCHED
    },
    {
      name: 'others come and go slowly',
      fromMs: 10_000,
      toMs: 60_000,
      load: FULL,
      others: Array.from({ length: 55 }, (_, i) => [5_000 + 1_000 * i, wave(5_000 + 1_000 * i)]),
      told: (nowMs) => 100 - Math.round(PRESENT * wave(1_000 * Math.floor(nowMs / 1_000))),
      third: 'none'
    },
    { name: 'others never yield (150 workers)', fromMs: 20_000, toMs: 80_000, load: FULL, others: [[10_000, 150]], third: 'none' }
  ]
}

const reported: ReadonlyArray<readonly [Reporting, string]> = [
  ['none', 'absent'],
  ['none_on_429', 'absent on 429'],
  ['one_on_429', '1 on every 429'],
  ['ceiling_on_429', 'L instead of L+1 on 429'],
  ['on_departure', 'counted at departure'],
  ['noisy', '± 10 %'],
  ['stale', 'up to 0.5 s old']
]

export const headers: Group = {
  title: 'Steps 100, 40, 150 with a reported concurrency that is',
  reportingOnly: true,
  scenarios: reported.map(([reporting, name]) => ({ name: `header ${name}`, ...STEPS, account: { ...STEPS.account, reporting } }))
}
