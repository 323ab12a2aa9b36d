import t from 'tap'
import { fixedCapacity, idealGoodput, meanServiceMs, pinnedSteps, room } from '../scenario/capacity.ts'
import { parseScenarioText } from '../scenario/file.ts'
import type { Outcome } from '../scenario/load.ts'
import { endOfMs, goodput, jain, latencyMs, median, refusals, repeats, settleS, shares } from '../scenario/measures.ts'
import { createScenario, type Change, type SettingsPatch } from '../../../src/simulator/model/scenario.ts'
import type { TenthBucket } from '../../../src/simulator/model/statistics.ts'

const outcome = (endMs: number, over: Partial<Outcome> = {}): Outcome => ({ sentMs: endMs - 100, endMs, status: 201, attempts: 1, shed: false, proxy: 0, ...over })
const tenth = (number: number, account: number): TenthBucket => ({ tenth: number, admitted: 10, account, route: 0, random: 0 })
const steadily = (fromMs: number, toMs: number, perSecond: number): Outcome[] =>
  Array.from({ length: (toMs - fromMs) * perSecond / 1000 }, (_, i) => outcome(fromMs + i * 1000 / perSecond))

t.test('goodput and latency are those of good answers that came in the window', async (t) => {
  const outcomes = [outcome(900), outcome(1000), outcome(1500, { sentMs: 1100 }), outcome(1600, { status: 429 }), outcome(2000)]
  const span = { fromMs: 1000, toMs: 2000 }
  t.equal(goodput(outcomes, span), 2)
  t.equal(latencyMs(outcomes, span, 0), 100)
  t.equal(latencyMs(outcomes, span, 0.99), 400)
  t.ok(Number.isNaN(latencyMs([], span, 0.5)), 'of nothing there is no latency')
})

t.test('the end of a stream is when a share of its good answers was there', async (t) => {
  const outcomes = [...steadily(0, 1000, 100), outcome(9000, { status: 429 })].reverse()
  t.equal(endOfMs(outcomes, 0.99), 980)
  t.equal(endOfMs(outcomes, 1), 990)
  t.ok(Number.isNaN(endOfMs([], 1)))
})

t.test('refusals are counted by tenths of a second, repeats by the proxy\'s own count', async (t) => {
  t.equal(refusals([tenth(9, 5), tenth(10, 3), { ...tenth(19, 0), route: 2 }, tenth(20, 7)], { fromMs: 1000, toMs: 2000 }), 5)
  t.equal(repeats([outcome(1500, { attempts: 3 }), outcome(1600), outcome(1700, { attempts: 0 })], { fromMs: 1000, toMs: 2000 }), 2)
})

t.test('settled is the first half second with the goodput and the quiet', async (t) => {
  const span = { fromMs: 1000, toMs: 5000 }
  const slowThenFast = [...steadily(1000, 3000, 50), ...steadily(3000, 5000, 100)]
  t.equal(settleS(slowThenFast, [], span, 100), 2.25)
  t.equal(settleS(slowThenFast, [tenth(31, 40)], span, 100), 2.45, 'not while there are refusals')
  t.equal(settleS(slowThenFast, [], span, 200), Infinity)
  t.equal(settleS([], [], span, 0), 0.25, 'quiet alone')
})

t.test('fairness', async (t) => {
  t.equal(jain([5, 5, 5, 5]), 1)
  t.equal(jain([9, 0, 0]), 1 / 3)
  t.same(shares([outcome(1), outcome(2, { proxy: 2 }), outcome(3, { proxy: 2 }), outcome(4, { status: 0 })], { fromMs: 0, toMs: 10 }, 3), [1, 0, 2])
  t.equal(median([3, 1, 2]), 2)
  t.equal(median([4, 1, 2, 3]), 2.5)
})

const scenario = (patch: SettingsPatch, timeline: readonly Change[] = [], proxies = 1): ReturnType<typeof parseScenarioText> => ({
  ...parseScenarioText('{ about: x, load: { m: { workers: 1 } }, lengthS: 10, expect: [] }', 'x'),
  simulator: createScenario(patch, timeline),
  proxies: { count: proxies, everyS: 0, config: {} }
})

t.test('what an account could carry', async (t) => {
  const fixedTime = { latency: { medianMs: 100, p99Ms: 100 }, wireDelayMs: 25 }
  t.equal(meanServiceMs(createScenario(fixedTime)), 100)
  t.equal(Math.round(meanServiceMs(createScenario({}))), 173, 'of the simulator\'s default latency, 110 ms with 1 s at the 99th percentile')
  t.equal(meanServiceMs(createScenario({ ...fixedTime, slowFactor: 5 })), 500)
  t.equal(fixedCapacity(createScenario({ ...fixedTime, limit: 30 })), 200)
  t.equal(room(createScenario({ ...fixedTime, limit: 30, otherClients: { slots: 10, workers: 3 } })), 18)
  const stepping = scenario({ ...fixedTime, limit: 40 }, [{ atMs: 4000, set: { limit: 10 } }, { atMs: 5000, set: { slowFactor: 2 } }], 4)
  t.same(pinnedSteps(stepping), [{ atMs: 0, slots: 10 }, { atMs: 4000, slots: 2 }])
  t.equal(idealGoodput(stepping, { fromS: 3, toS: 6 }), (400 + 100 + 50) / 3)
})
