/** A limit that starts from what an earlier one had learnt. */
import t from 'tap'
import { createAimd } from '../../../src/policy/limit/aimd.ts'
import { createCeiling } from '../../../src/policy/limit/ceiling.ts'
import type { Limit } from '../../../src/policy/limit/limit.ts'
import { resume, type Learnt } from '../../../src/policy/limit/remembered.ts'
import { shipped, steps } from '../../rig/model/model.ts'
import { atLeast, atMost, ran, rateAt, SEEDS } from '../../rig/model/model-runs.ts'
import type { Tally } from '../../rig/model/model-tally.ts'
import { ceilingOptions, Drive } from './drive.ts'

const learnt = (over: Partial<Learnt> = {}): Learnt =>
  ({ slots: 110, settled: true, refusedAt: 101, ceiling: { estimate: 100, low: 100, high: 101, basis: 'reported' }, ...over })

const resumed = (from: Learnt): Limit => createCeiling({ ...ceilingOptions, ...resume(from, ceilingOptions) })

t.test('it starts a tenth below where it was, within its bounds', async (t) => {
  const rows: Array<[number, number]> = [[110, 99], [10, 9], [1, 1], [2, 2], [100_000, 10_000]]
  for (const [slots, expected] of rows) t.equal(resumed(learnt({ slots })).slots(), expected, String(slots))
  t.equal(createAimd({ ...ceilingOptions, ...resume(learnt(), ceilingOptions) }).slots(), 99)
  t.equal(resume(learnt({ slots: 10 }), { min: 50, max: 100 }).initial, 50)
})

t.test('it does not ramp again, but knows where the ceiling was, and that it is gone when it is', async (t) => {
  const drive = new Drive(resumed(learnt()))
  t.ok(drive.limit.settled())
  t.equal(drive.limit.ceiling(), 101)
  t.equal(drive.admitted({}, 100), 'probe')
  t.equal(drive.slots, 99)
  t.equal(drive.admitted({}, 101), 'probe')
  t.equal(drive.admitted({}, 102), 'lift')
  t.equal(drive.admitted({}, 103), 'ramp')
})

t.test('a ceiling that was not known exactly must be passed by a tenth', async (t) => {
  for (const ceiling of [{ estimate: 100, low: 60, high: 101, basis: 'reported' }, { estimate: 100, low: 100, high: 101, basis: 'own' }] as const) {
    const drive = new Drive(resumed(learnt({ ceiling })))
    t.equal(drive.admitted({}, 110), 'probe')
    t.equal(drive.admitted({}, 112), 'lift')
  }
})

t.test('one that had met no ceiling goes on growing fast, without the leaps of the first ramp', async (t) => {
  const drive = new Drive(resumed(learnt({ slots: 20, settled: false, refusedAt: null })))
  t.notOk(drive.limit.settled())
  t.equal(drive.admitted({}, 10), 'ramp')
  t.equal(drive.slots, 19)
})

t.test('the tenth is won back at the pace of a cut', async (t) => {
  const drive = new Drive(resumed(learnt({ refusedAt: null })))
  let successes = 0
  while (drive.slots < 109 && successes < 5_000) {
    drive.admitted({}, 80)
    successes++
  }
  t.ok(successes < 1_500, `${successes} successes`)
})

const rate = { 100: rateAt(100), 150: rateAt(150) }

function restarted (limit: () => Limit, ceiling = steps([0, 100]), untilMs = 10_000): Tally[] {
  return SEEDS.map((seed) => ran({ seed, limit, ceiling }, ({ senders: [sender] }) => sender.closedLoop(400), untilMs).senders[0].total)
}

t.test('it meets a load of 400 with a few refusals where a new one needs a dozen or more, and has all that there is in the second second', async (t) => {
  const cold = restarted(shipped).map((tally) => tally.between(0, 3_000).refused)
  const warm = restarted(() => resumed(learnt())).map((tally) => tally.between(0, 3_000).refused)
  t.ok(...atMost('refusals in three seconds', warm, 6, 12))
  t.ok(...atLeast('refusals of a new one', cold, 10, 6))
  t.ok(...atLeast('goodput', restarted(() => resumed(learnt())).map((tally) => tally.between(1_000, 3_000).acceptedPerSecond / rate[100]), 0.95, 0.9))
})

t.test('if the ceiling has changed while it was away it follows, up and down', async (t) => {
  const up = restarted(() => resumed(learnt()), steps([0, 150]), 20_000)
  t.ok(...atMost('ms until settled at 150', up.map((tally) => tally.settledAfterMs(0, 20_000, rate[150])), 5_000, 8_000))
  const down = restarted(() => resumed(learnt()), steps([0, 40]))
  t.ok(...atMost('refusals at 40', down.map((tally) => tally.between(0, 5_000).refused), 300, 400))
  t.ok(...atMost('refusals once it has settled', down.map((tally) => tally.between(5_000, 10_000).refusedShare), 0.01, 0.02))
})

t.test('a ceiling is exactly known where the limit took just it for one; at least one slot is to be won back', async (t) => {
  const bounds = { min: 1, max: 10_000 }
  t.match(resume(learnt(), bounds).known, { ceiling: 101, exact: true, settled: true })
  t.match(resume(learnt({ refusedAt: 90 }), bounds).known, { ceiling: 90, exact: false })
  t.equal(resume(learnt({ slots: 5 }), bounds).known.step, 1)
  t.equal(resume(learnt({ slots: 100 }), bounds).known.step, 9)
})
