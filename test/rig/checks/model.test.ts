import t from 'tap'
import { oracle, algorithms } from '../matrix/algorithms.ts'
import { measure, medians, type Measures } from '../matrix/measures.ts'
import { rows, run, wanted } from '../matrix/matrix.ts'
import { play, type Played } from '../matrix/play.ts'
import type { Scenario, Third } from '../matrix/scenario.ts'
import { cell, changes, table } from '../matrix/table.ts'
import { Tally } from '../model/model-tally.ts'

const scenario = (third: Third, more: Partial<Scenario> = {}): Scenario =>
  ({ name: 'a case', fromMs: 0, toMs: 10_000, load: [{ workers: 4 }], third, ...more })

/** So many successes in each second from its start on, and refusals. */
function tally (perSecond: readonly number[], refused = 0, latencyMs = 100): Tally {
  const counts = new Tally()
  for (const [second, count] of perSecond.entries()) {
    for (let i = 0; i < count; i++) {
      counts.note('accepted', 1_000 * (second + i / count))
      counts.noteLatency(1_000 * (second + i / count), latencyMs)
    }
  }
  for (let i = 0; i < refused; i++) counts.note('refused', 50)
  return counts
}
const played = (...tallies: Tally[]): Played => ({ tallies, ofRoute: () => tallies[0]!, burstDoneAtMs: [] })
const steady = (count: number): readonly number[] => Array.from({ length: 10 }, () => count)

t.test('goodput and latency are parts of the oracle’s, refusals are per success, failures per call that ended', async (t) => {
  const own = tally(steady(20), 10, 150)
  for (let i = 0; i < 50; i++) own.note('failed', 900)
  t.same(measure(scenario('p99'), played(own), played(tally(steady(10)))), { goodput: 2, refused: 0.05, failed: 0.2, third: [1.5] })
})

t.test('after a step the time runs until the oracle’s later rate is there', async (t) => {
  const [own] = measure(scenario('settle', { stepsMs: [2_000] }), played(tally([10, 10, 10, 10, 10, 20, 20, 20, 20, 20])), played(tally(steady(20)))).third
  t.equal(own, 3.25)
  t.same(measure(scenario('settle', { stepsMs: [0] }), played(tally(steady(10))), played(tally(steady(20)))).third, [Infinity])
})

t.test('several senders are summed, and compared with each other', async (t) => {
  const { goodput, third } = measure(scenario('jain'), played(tally(steady(20)), tally([])), played(tally(steady(10)), tally(steady(10))))
  t.same([goodput, third], [1, [0.5]])
})

t.test('a newcomer has arrived in the middle of the first ten seconds with nine tenths of its part', async (t) => {
  const late = tally([...Array.from({ length: 20 }, () => 0), ...Array.from({ length: 80 }, (_, i) => i < 10 ? 5 : 20)])
  const fair = tally(Array.from({ length: 100 }, () => 20))
  const third = measure(scenario('newcomer', { senders: 2, apartMs: 20_000, toMs: 100_000 }), played(fair, late), played(fair, fair)).third
  t.same(third, [14])
})

t.test('a burst is drained when 99 in 100 of its calls are done; never, when they are not', async (t) => {
  const burst = scenario('drain', { load: [{ burst: 100, atMs: 1_000, overMs: 10 }] })
  const done = Array.from({ length: 99 }, (_, i) => 1_000 + 20 * i)
  const own = { ...played(tally(steady(1))), burstDoneAtMs: done }
  t.same(measure(burst, own, own).third, [1.96])
  t.same(measure(burst, { ...own, burstDoneAtMs: done.slice(1) }, own).third, [Infinity])
})

t.test('a limited route is judged by its own limit, the worst of them counts', async (t) => {
  const account = { routesPerSecond: { a: 20, b: 10 } }
  const own = { ...played(tally(steady(10))), ofRoute: (route: string) => route === 'a' ? tally(steady(15)) : tally(steady(10)) }
  t.same(measure(scenario('routes', { account }), own, own).third, [0.75])
})

t.test('each figure has a median of its own', async (t) => {
  const run = (goodput: number, third: number): Measures => ({ goodput, refused: 0, failed: 0, third: [third] })
  t.same(medians([run(1, 9), run(3, 7), run(2, Infinity)]), run(2, 9))
})

t.test('a cell says what was not reached, and failures only where there are some', async (t) => {
  t.equal(cell(scenario('settle'), { goodput: 1.084, refused: 0.00213, failed: 0, third: [1.25, Infinity] }), '1.08 · 0.21 % · 1.3/— s')
  t.equal(cell(scenario('jain'), { goodput: 0.5, refused: 9.2, failed: 0.25, third: [0.98765] }), '0.50 · 920 % · J 0.988 · ✗ 25 %')
})

t.test('two sets of figures are compared line by line, equal ones left out', async (t) => {
  const group = { title: 'some', scenarios: [scenario('none')] }
  const figures = (goodput: number): Measures => ({ goodput, refused: 0, failed: 0, third: [] })
  const [before, after] = [{ 'a case': { x: figures(1), y: figures(1) } }, { 'a case': { x: figures(1), y: figures(1.1) } }]
  t.match(changes(group, before, after), /\n\| a case \| y \| 1.00 · 0 % \| 1.10 · 0 % \|$/)
  t.notMatch(changes(group, before, after), /\| x \|/)
  t.equal(changes(group, before, before), 'No change.')
  t.match(table(group, after), /\n\| x \| 1.00 · 0 % \|\n\| y \| 1.10 · 0 % \|$/)
})

t.test('scenarios and algorithms are chosen by parts of their names', async (t) => {
  t.same(wanted('HEADER').map(({ scenarios }) => scenarios.length), [7])
  t.same(rows('blind').map(({ name }) => name), ['Ceiling, blind'])
  t.same(rows('fixed', wanted('header')[0]), [oracle], 'who never looks at the header is left out')
  const names = wanted('').flatMap(({ scenarios }) => scenarios.map(({ name }) => name))
  t.equal(new Set(names).size, names.length)
  t.equal(new Set(algorithms.map(({ name }) => name)).size, algorithms.length)
})

t.test('the same run gives the same figures, and the oracle is its own yardstick', async (t) => {
  const short = scenario('p99', { fromMs: 1_000, toMs: 4_000, load: [{ workers: 50 }], account: { ceiling: () => 10 } })
  t.same(run(short, algorithms), run(short, algorithms))
  t.same(run(short, [oracle])[oracle.name], { goodput: 1, refused: 0, failed: 0, third: [1] })
})

t.test('senders start apart, share what the oracle is told, and other clients come when they should', async (t) => {
  const shared = scenario('jain', { senders: 3, apartMs: 2_000, account: { ceiling: () => 4 }, load: [{ workers: 9 }] })
  const { tallies } = play(shared, oracle, 1)
  t.same(tallies.map((each, i) => each.between(0, 2_000 * i).started), [0, 0, 0])
  t.ok(tallies.every((each) => each.between(4_000, 10_000).accepted > 0))
  t.equal(tallies.reduce((sum, each) => sum + each.between(5_000, 10_000).refused, 0), 0, 'parts add up to no more than the ceiling')
  const crowded = play({ ...shared, senders: 1, others: [[5_000, 40]] }, oracle, 1).tallies[0]!
  t.equal(crowded.between(0, 5_000).refused, 0)
  t.ok(crowded.between(5_000, 10_000).refused > 0)
})
