/** The same model, where the account reports its concurrency badly or not at all. */
import t from 'tap'
import type { Reporting } from '../../rig/model/model-account.ts'
import { fixedAt, shipped, steps } from '../../rig/model/model.ts'
import { atLeast, atMost, ran, rateAt, SEEDS, steadyTally } from '../../rig/model/model-runs.ts'

const REPORTING: ReadonlyArray<readonly [Reporting, string, refusals: number]> = [
  ['none', 'never', 0.01],
  ['none_on_429', 'on no refusal', 0.01],
  ['one_on_429', 'as 1 on every refusal', 0.01],
  ['ceiling_on_429', 'without the refused request itself', 0.01],
  ['on_departure', 'as it is when the answer leaves', 0.01],
  ['noisy', 'with an error of a tenth', 0.05],
  ['stale', 'half a second late', 0.01]
]
const steady = { ceilingSlots: 100, workers: 400, fromMs: 10_000, toMs: 60_000 }
const told = SEEDS.map((seed) => steadyTally(steady, seed, fixedAt(100)).between(10_000, 60_000).accepted)
const rate150 = rateAt(150)

for (const [reporting, sentence, refusals] of REPORTING) {
  t.test(`reported ${sentence}, the ceiling is used, and a rise from 100 to 150 is found within ten seconds`, async (t) => {
    const runs = SEEDS.map((seed) => steadyTally({ ...steady, reporting }, seed, shipped).between(10_000, 60_000))
    t.ok(...atLeast('goodput', runs.map(({ accepted }, i) => accepted / (told[i] ?? NaN)), 0.95, 0.9))
    t.ok(...atMost('refusals per success', runs.map(({ refusedShare }) => refusedShare), refusals, 2 * refusals))
    const ceiling = steps([0, 100], [20_000, 150])
    const rises = SEEDS.map((seed) => ran({ seed, reporting, ceiling }, ({ senders: [sender] }) => sender.closedLoop(400), 40_000).senders[0].total)
    t.ok(...atMost('ms', rises.map((tally) => tally.settledAfterMs(20_000, 40_000, rate150)), 10_000, 12_000))
  })
}
