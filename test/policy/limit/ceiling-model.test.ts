/**
 * The limit as it is shipped, against a model of an account in simulated time. The bars are ranges: the
 * median of three runs meets the bar, and no run is much worse. Goodput and latency are parts of what a
 * fixed limit gets that was told the ceiling; it is no upper bound, since time on the wire takes no slot.
 */
import t from 'tap'
import type { Limit } from '../../../src/policy/limit/limit.ts'
import { createModel, fixedAt, shipped, steps } from '../../rig/model/model.ts'
import { atLeast, atMost, compared, quietAfterMs, ran, rateAt, SEEDS } from '../../rig/model/model-runs.ts'
import { jain, type Stretch } from '../../rig/model/model-tally.ts'
import { THOROUGH } from '../../support/thorough.ts'

const MINUTE = { fromMs: 10_000, toMs: 70_000 }
const rate = { 40: rateAt(40), 100: rateAt(100), 150: rateAt(150) }

t.test('at a ceiling of 100 it gets more than a limit that was told it, with few refusals and no failure', async (t) => {
  const { goodput, refusedShare, p99, failed } = compared({ ceilingSlots: 100, workers: 400, ...MINUTE })
  t.ok(...atLeast('goodput', goodput, 1, 0.98))
  t.ok(...atMost('refusals per success', refusedShare, 0.005, 0.01))
  t.ok(...atMost('p99', p99, 1.1, 1.2))
  t.equal(failed, 0)
})

if (THOROUGH) {
  t.test('at a ceiling of 500 as well', async (t) => {
    const { goodput, refusedShare, failed } = compared({ ceilingSlots: 500, workers: 2_000, fromMs: 10_000, toMs: 40_000 })
    t.ok(...atLeast('goodput', goodput, 1, 0.98))
    t.ok(...atMost('refusals per success', refusedShare, 0.003, 0.006))
    t.equal(failed, 0)
  })
}

for (const [ceilingSlots, workers] of [[1, 10], [2, 15], [5, 30]] as const) {
  t.test(`at a ceiling of ${ceilingSlots} it gets what there is, over half an hour`, async (t) => {
    const { goodput, refusedShare } = compared({ ceilingSlots, workers, fromMs: 40_000, toMs: 2_000_000 })
    t.ok(...atLeast('goodput', goodput, 0.97, 0.94))
    t.ok(...atMost('refusals per success', refusedShare, 0.01, 0.02))
  })
}

t.test('two milliseconds from the account, it gets all there is', async (t) => {
  const { goodput, refusedShare } = compared({ ceilingSlots: 100, workers: 400, wireMs: 0.5, wireJitterMs: 0.5, ...MINUTE })
  t.ok(...atLeast('goodput', goodput, 0.98, 0.96))
  t.ok(...atMost('refusals per success', refusedShare, 0.005, 0.01))
})

t.test('two hundred milliseconds away, it fills the wire as well as the account', async (t) => {
  const { goodput, refusedShare } = compared({ ceilingSlots: 100, workers: 800, wireMs: 95, wireJitterMs: 5, ...MINUTE })
  t.ok(...atLeast('goodput', goodput, 1.4, 1.3))
  t.ok(...atMost('refusals per success', refusedShare, 0.01, 0.02))
})

t.test('from a cold start it is at a ceiling of 100 within three seconds', async (t) => {
  const tallies = SEEDS.map((seed) => ran({ seed }, ({ senders: [sender] }) => sender.closedLoop(400), 10_000).senders[0].total)
  t.ok(...atMost('ms', tallies.map((tally) => tally.settledAfterMs(0, 10_000, rate[100])), 3_000, 4_000))
  t.ok(...atMost('refusals', tallies.map((tally) => tally.between(0, 3_000).refused), 60, 120))
})

t.test('a ceiling that falls is no storm where refusals come back within two milliseconds', async (t) => {
  const ceiling = steps([0, 100], [20_000, 40])
  const tallies = SEEDS.map((seed) => ran({ seed, ceiling, wireMs: 0.5, wireJitterMs: 0.5 }, ({ senders: [sender] }) => sender.closedLoop(400), 30_000).senders[0].total)
  t.ok(...atMost('refusals by the fall', tallies.map((tally) => tally.between(20_000, 25_000).refused), 500, 600))
})

t.test('when the ceiling falls from 100 to 40 and rises to 150, it follows within seconds', async (t) => {
  const ceiling = steps([0, 100], [20_000, 40], [40_000, 150])
  const tallies = SEEDS.map((seed) => ran({ seed, ceiling }, ({ senders: [sender] }) => sender.closedLoop(400), 60_000).senders[0].total)
  t.ok(...atMost('ms until quiet after the fall', tallies.map((tally) => quietAfterMs(tally, 20_000, 40_000)), 2_000, 3_000))
  t.ok(...atMost('refusals by the fall', tallies.map((tally) => tally.between(20_000, 25_000).refused), 500, 600))
  t.ok(...atMost('ms until settled at 40', tallies.map((tally) => tally.settledAfterMs(20_000, 40_000, rate[40])), 2_000, 3_000))
  t.ok(...atMost('ms until settled at 150', tallies.map((tally) => tally.settledAfterMs(40_000, 60_000, rate[150])), 3_600, 5_000))
})

for (const [from, to, workers] of [[60, 24, 120], [100, 20, 400], ...THOROUGH ? [[200, 60, 500], [60, 10, 200]] as const : []] as const) {
  for (const reporting of ['exact', 'none'] as const) {
    t.test(`a fall from ${from} to ${to} is over in two seconds, where all answers take about as long (reported: ${reporting})`, async (t) => {
      const tallies = Array.from({ length: THOROUGH ? 10 : 3 }, (_, seed) => ran({
        seed, reporting, ceiling: steps([0, from], [10_000, to]), wireMs: 5, wireJitterMs: 2, service: { free: { medianMs: 130, p99Ms: 300 } }
      }, ({ senders: [sender] }) => sender.closedLoop(workers), 20_000).senders[0].total.between(12_000, 20_000))
      t.ok(...atMost('refusals per success', tallies.map(({ refusedShare }) => refusedShare), 0.015, 0.03))
    })
  }
}

t.test('when the ceiling rises from 100 to 150, it is there within three seconds', async (t) => {
  const ceiling = steps([0, 100], [20_000, 150])
  const tallies = SEEDS.map((seed) => ran({ seed, ceiling }, ({ senders: [sender] }) => sender.closedLoop(400), 40_000).senders[0].total)
  t.ok(...atMost('ms', tallies.map((tally) => tally.settledAfterMs(20_000, 40_000, rate[150])), 3_000, 5_000))
})

t.test('when others leave who held most of the account, their room is taken within three seconds', async (t) => {
  const tallies = SEEDS.map((seed) => ran({ seed }, ({ senders: [sender], account, timeline }) => {
    sender.closedLoop(400)
    account.setOthers(70)
    timeline.at(20_000, () => account.setOthers(0))
  }, 40_000).senders[0].total)
  t.ok(...atLeast('part of the account beside others', tallies.map((tally) => tally.between(10_000, 20_000).acceptedPerSecond / rate[100]), 0.3, 0.25))
  t.ok(...atMost('ms', tallies.map((tally) => tally.settledAfterMs(20_000, 40_000, rate[100])), 3_000, 5_000))
})

t.test('when others come, it makes room within two seconds', async (t) => {
  const tallies = SEEDS.map((seed) => ran({ seed }, ({ senders: [sender], account, timeline }) => {
    sender.closedLoop(400)
    timeline.at(20_000, () => account.setOthers(70))
  }, 40_000).senders[0].total)
  t.ok(...atMost('ms until quiet', tallies.map((tally) => quietAfterMs(tally, 20_000, 40_000)), 2_000, 3_000))
  t.ok(...atMost('refusals', tallies.map((tally) => tally.between(20_000, 25_000).refused), 500, 600))
})

for (const [reporting, recoveryMs] of [['exact', 8_000], ['none', 12_000]] as const) {
  t.test(`in an outage of 20 seconds it hardly knocks, and it is back soon after (reported: ${reporting})`, async (t) => {
    const ceiling = steps([0, 100], [20_000, 0], [40_000, 100])
    const tallies = SEEDS.map((seed) => ran({ seed, ceiling, reporting }, ({ senders: [sender] }) => sender.closedLoop(400), 80_000).senders[0].total)
    t.ok(...atMost('attempts a second', tallies.map((tally) => tally.between(25_000, 40_000).startedPerSecond), 10, 10))
    t.ok(...atMost('ms until back', tallies.map((tally) => tally.settledAfterMs(40_000, 80_000, rate[100])), recoveryMs, recoveryMs))
    t.ok(tallies.every((tally) => tally.between(0, 80_000).failed === 0))
  })
}

for (const [count, workers, refusals] of [[2, 283, 0.005], [4, 200, 0.007]] as const) {
  t.test(`${count} limits on one account, started one after the other, share it fairly`, async (t) => {
    const runs = SEEDS.map((seed) => ran({ seed, senders: count }, ({ senders }) => {
      for (const [i, sender] of senders.entries()) sender.closedLoop(workers, 'free', i * 30_000 / count)
    }, 150_000).senders.map(({ total }) => total.between(90_000, 150_000)))
    const sum = (run: typeof runs[number], what: 'accepted' | 'refused'): number => run.reduce((total, each) => total + each[what], 0)
    t.ok(...atLeast('fairness', runs.map((run) => jain(run.map(({ accepted }) => accepted))), 0.95, 0.9))
    t.ok(...atMost('refusals per success', runs.map((run) => sum(run, 'refused') / sum(run, 'accepted')), refusals, 2 * refusals))
    t.ok(...atLeast('goodput of all', runs.map((run) => sum(run, 'accepted') / 60 / rate[100]), 1, 0.98))
  })
}

t.test('a load below the ceiling is not slowed', async (t) => {
  for (const part of [0.5, 0.9]) {
    const runs = SEEDS.map((seed) => [shipped, fixedAt(10_000)].map((limit) =>
      ran({ seed, limit }, ({ senders: [sender] }) => sender.openLoop(part * rate[100]), 70_000).senders[0].total))
    t.ok(...atMost(`p99 at ${part}`, runs.map(([own, unlimited]) => own!.p99Ms(10_000, 70_000) / unlimited!.p99Ms(10_000, 70_000)), 1.05, 1.1))
    t.ok(...atMost(`refusals per success at ${part}`, runs.map(([own]) => own!.between(10_000, 70_000).refusedShare), 0.001, 0.002))
  }
})

t.test('a burst of 5,000 from a cold start is worked off with few refusals, and leaves no slot taken', async (t) => {
  const runs = SEEDS.map((seed) => [shipped, fixedAt(100)].map((limit) => {
    const { timeline, senders: [sender] } = createModel({ seed, limit })
    let [ended, drainedMs] = [0, Infinity]
    for (let i = 0; i < 5_000; i++) timeline.at(i / 5, () => sender.call('free', () => { if (++ended === 4_950) drainedMs = timeline.nowMs }))
    timeline.runUntil(60_000)
    return { drainedMs, busy: sender.busy, ...sender.total.between(0, 60_000) }
  }))
  t.ok(...atMost('time to drain', runs.map(([own, told]) => own!.drainedMs / told!.drainedMs), 1.05, 1.1))
  t.ok(...atMost('refusals', runs.map(([own]) => own!.refused), 100, 150))
  t.same(runs.map(([own]) => [own!.accepted, own!.failed, own!.busy]), SEEDS.map(() => [5_000, 0, 0]))
})

t.test('a ceiling that rises from 10 to 100 is found within some three seconds', async (t) => {
  const tallies = [1, 2, 3, 4, 5, 6, 7].map((seed) => {
    // At another moment between two probes each time.
    const atMs = 20_000 + 400 * seed
    const { total } = ran({ seed, ceiling: steps([0, 10], [atMs, 100]) }, ({ senders: [sender] }) => sender.closedLoop(400), 40_000).senders[0]
    return total.settledAfterMs(atMs, 40_000, rate[100])
  })
  t.ok(...atMost('ms', tallies, 3_500, 7_000))
})

t.test('a newcomer beside a limit that has everything is at its share within twenty seconds', async (t) => {
  const found = SEEDS.map((seed) => {
    const { senders: [old, young] } = ran({ seed, senders: 2 }, ({ senders }) => {
      for (const [i, sender] of senders.entries()) sender.closedLoop(300, 'free', i * 60_000)
    }, 100_000)
    for (let atMs = 60_000; atMs < 95_000; atMs += 500) {
      const [its, others] = [young!, old].map(({ total }) => total.between(atMs, atMs + 5_000).accepted) as [number, number]
      if (its >= 0.45 * (its + others)) return atMs + 2_500 - 60_000
    }
    return Infinity
  })
  t.ok(...atMost('ms', found, 20_000, 30_000))
})

t.test('beside others who come and go and never yield, it gets what a limit gets that is told their number', async (t) => {
  const pairs = SEEDS.map((seed) => {
    let told = 100
    const run = (limit: () => Limit): Stretch => ran({ seed, limit }, ({ senders: [sender], account, timeline }) => {
      sender.closedLoop(400)
      for (const [atMs, workers] of [[10_000, 70], [20_000, 0], [30_000, 70], [40_000, 0], [50_000, 70]] as const) {
        timeline.at(atMs, () => {
          account.setOthers(workers)
          told = workers > 0 ? 43 : 100
        })
      }
    }, 60_000).senders[0].total.between(10_000, 60_000)
    const own = run(shipped)
    return own.accepted / run(() => ({ ...fixedAt(100)(), slots: () => told })).accepted
  })
  t.ok(...atLeast('goodput', pairs, 0.96, 0.92))
})
