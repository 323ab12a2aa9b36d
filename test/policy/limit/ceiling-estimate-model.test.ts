/**
 * The estimate beside the limit as it is shipped, against a model of an account in simulated time: how
 * often, looked at ten times a second, its band has the true ceiling in it, and how far the estimate is off.
 */
import t, { type Test } from 'tap'
import { CeilingEstimate } from '../../../src/policy/limit/ceiling-estimate.ts'
import type { CeilingView } from '../../../src/policy/limit/ceiling-view.ts'
import type { Limit } from '../../../src/policy/limit/limit.ts'
import { createModel, shipped, steps, type Model, type ModelOptions } from '../../rig/model/model.ts'
import { atLeast, atMost, SEEDS } from '../../rig/model/model-runs.ts'
import { median } from '../../rig/model/model-tally.ts'
import { THOROUGH } from '../../support/thorough.ts'

/** A limit that tells an estimate all that it hears. */
function watched (limit: Limit, ceiling: CeilingEstimate): Limit {
  return {
    ...limit,
    admitted: (ticket, feedback, nowMs) => {
      ceiling.admitted(ticket, feedback, nowMs)
      return limit.admitted(ticket, feedback, nowMs)
    },
    refused: (ticket, feedback, nowMs) => {
      const before = limit.slots()
      const refusal = limit.refused(ticket, feedback, nowMs)
      if (refusal.by === 'account') ceiling.refused(ticket, feedback, before, limit.slots(), nowMs)
      else if (refusal.holds) ceiling.doubtful(feedback, nowMs)
      return refusal
    }
  }
}

interface Looks {
  /** Part of the looks at which the true ceiling was in the band. */
  readonly inside: number
  /** Half of the errors are smaller, as a part of the ceiling. */
  readonly error: number
  readonly views: readonly CeilingView[]
}

interface Scene extends Omit<ModelOptions, 'seed' | 'limit'> {
  readonly truth: (nowMs: number) => number
  readonly load?: (model: Model) => void
  /** Looks from here … */
  readonly fromMs?: number
  readonly toMs?: number
}

/** Three runs, each seen through the eyes of its first sender. */
function looked ({ truth, load = ({ senders: [sender] }) => sender.closedLoop(400), fromMs = 5_000, toMs = 60_000, ...options }: Scene): Looks[] {
  return SEEDS.map((seed) => {
    const ceilings: CeilingEstimate[] = []
    const limit = (): Limit => {
      ceilings.push(new CeilingEstimate())
      return watched(shipped(), ceilings.at(-1)!)
    }
    const model = createModel({ ...options, seed, ceiling: truth, limit })
    load(model)
    const views: CeilingView[] = []
    let inside = 0
    const errors: number[] = []
    for (let atMs = fromMs; atMs <= toMs; atMs += 100) {
      model.timeline.runUntil(atMs)
      const view = ceilings[0]!.view(atMs)
      views.push(view)
      if (view.high !== null && view.low <= truth(atMs) && truth(atMs) <= view.high) inside++
      errors.push(view.estimate === null ? Infinity : Math.abs(view.estimate - truth(atMs)) / truth(atMs))
    }
    return { inside: inside / views.length, error: median(errors), views }
  })
}

function assertLooks (t: Test, looks: readonly Looks[], inside: readonly [bar: number, worst: number], error: readonly [bar: number, worst: number]): void {
  t.ok(...atLeast('looks with the ceiling in the band', looks.map((look) => look.inside), ...inside))
  t.ok(...atMost('error of the estimate', looks.map((look) => look.error), ...error))
}

/** Exactly, but for a look that falls between a change and its notice. */
const KNOWN = [[0.99, 0.97], [0, 0]] as const

const sure = (looks: readonly Looks[]): boolean => looks.every(({ views }) => views.filter(({ confidence }) => confidence === 'high').length >= 0.97 * views.length)

for (const truth of THOROUGH ? [5, 20, 100, 500] : [5, 20, 100]) {
  t.test(`from the fifth second on, a ceiling of ${truth} is known exactly`, async (t) => {
    const looks = looked({ truth: () => truth, load: ({ senders: [sender] }) => sender.closedLoop(4 * truth) })
    assertLooks(t, looks, ...KNOWN)
    t.ok(sure(looks), 'and this is told')
  })
}

t.test('beside others, and with four limits on the account, it is the account\'s ceiling that is known, not our share', async (t) => {
  const beside = looked({ truth: () => 100, load: ({ senders: [sender], account }) => { sender.closedLoop(400); account.setOthers(70) } })
  assertLooks(t, beside, ...KNOWN)
  const four = looked({ truth: () => 100, senders: 4, load: ({ senders }) => { for (const sender of senders) sender.closedLoop(200) } })
  assertLooks(t, four, ...KNOWN)
})

t.test('it follows a fall and a rise as fast as the traffic meets them', async (t) => {
  const truth = steps([0, 100], [20_000, 40], [40_000, 150])
  for (const [what, fromMs, toMs] of [['at 100', 5_000, 19_900], ['one second after the fall', 21_000, 39_900], ['four seconds after the rise', 44_000, 60_000]] as const) {
    t.comment(what)
    assertLooks(t, looked({ truth, fromMs, toMs }), ...KNOWN)
  }
})

t.test('without traffic at the ceiling the band widens, and still has it', async (t) => {
  const load = ({ senders: [sender] }: Model): void => {
    for (let i = 0; i < 3_000; i++) sender.call('free', () => {})
    sender.openLoop(10, 'free', 10_000)
  }
  const looks = looked({ truth: () => 100, load, fromMs: 600_000, toMs: 900_000 })
  assertLooks(t, looks, ...KNOWN)
  t.ok(looks.every(({ views }) => views.at(-1)!.high! - views.at(-1)!.low > 20 && views.at(-1)!.confidence !== 'high'))
})

const REPORTING = [
  ['none_on_429', 'on no refusal'],
  ['one_on_429', 'as 1 on every refusal'],
  ['ceiling_on_429', 'without the refused request itself'],
  ['on_departure', 'as it is when the answer leaves']
] as const

for (const [reporting, sentence] of REPORTING) {
  t.test(`reported ${sentence}, the ceiling is known as well`, async (t) => {
    assertLooks(t, looked({ truth: () => 100, reporting }), ...KNOWN)
  })
}

t.test('reported with an error of a tenth, the band is wide, it says so, and the ceiling is in it', async (t) => {
  const looks = looked({ truth: () => 100, reporting: 'noisy' })
  assertLooks(t, looks, [0.98, 0.95], [0.06, 0.1])
  t.ok(looks.every(({ views }) => views.filter(({ confidence }) => confidence === 'low').length > 0.9 * views.length))
})

// What is reported half a second late is nearly always less than what was there, so is all that we hear.
t.test('reported half a second late, it is a tenth too low, and in some runs out of the band', async (t) => {
  const looks = looked({ truth: () => 100, reporting: 'stale' })
  assertLooks(t, looks, [0.6, 0.5], [0.12, 0.15])
  t.ok(looks.every(({ views }) => views.filter(({ confidence }) => confidence === 'low').length > 0.9 * views.length))
})

t.test('one request in a hundred refused at random: the band takes in what it cannot explain, and says so', async (t) => {
  const looks = looked({ truth: () => 100, randomRefusals: { free: 0.01 } })
  assertLooks(t, looks, [0.95, 0.7], [0.25, 0.3])
})

for (const [truth, wireMs] of [[5, 17], [20, 17], [100, 17], ...THOROUGH ? [[500, 17]] as const : [], [100, 95]] as const) {
  t.test(`never reported, our own count finds a ceiling of ${truth} with ${2 * (wireMs + 3)} ms on the wire, roughly`, async (t) => {
    const looks = looked({ truth: () => truth, wireMs, reporting: 'none', load: ({ senders: [sender] }) => sender.closedLoop(4 * truth) })
    assertLooks(t, looks, [0.9, 0.85], [0.08, 0.12])
    t.ok(looks.every(({ views }) => views.every(({ basis, confidence }) => basis === 'own' && confidence === 'low')))
  })
}

t.test('never reported and beside others, only our own share is seen', async (t) => {
  const looks = looked({ truth: () => 100, reporting: 'none', load: ({ senders: [sender], account }) => { sender.closedLoop(400); account.setOthers(70) } })
  t.ok(looks.every(({ inside, views }) => inside === 0 && views.at(-1)!.high! < 60))
})
