import t from 'tap'
import type { GovernorEvent } from '../../../src/proxy/events.ts'
import type { Identity } from '../../../src/proxy/exchange-state.ts'
import type { KillSwitch } from '../../../src/proxy/guard/kill-switch.ts'
import { Switches } from '../../../src/proxy/guard/switches.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const DAY_MS = 86_400_000
/** Node fires a timer with a longer delay at once. */
const TIMER_MOST_MS = 2_147_483_647
const WRITE = { method: 'POST', path: '/', caller: 'tests', upstream: { product: 'api' }, account: { key: 'AC1' } } as Identity

class Bench {
  readonly clock = new FakeClock()
  readonly delays: number[] = []
  readonly changes: string[] = []
  readonly kept: string[][] = []
  readonly switches: Switches

  constructor (restoredForMs?: number) {
    const { clock, delays } = this
    const restored = restoredForMs === undefined ? [] : [this.one(restoredForMs)]
    const { nowMs, epochMs, clearTimer } = clock
    const setTimer = (task: () => void, delayMs: number): object => {
      delays.push(delayMs)
      return clock.setTimer(task, delayMs)
    }
    const watched = { nowMs, epochMs, clearTimer, setTimer, afterInput: clock.afterInput }
    this.switches = new Switches({ restored, keep: async (all) => this.kept.push(all.map(({ name }) => name)) > 0, isAccount: () => true }, watched,
      (event: GovernorEvent) => { if (event.type === 'kill_switch') this.changes.push(event.change) }, () => 0)
  }

  one (forMs: number | null, name = 'stop'): KillSwitch {
    const nowMs = this.clock.epochMs()
    return { name, account: null, product: null, caller: null, reads: false, reason: null, thrownAtMs: nowMs, untilMs: forMs === null ? null : nowMs + forMs }
  }

  get stops (): boolean { return this.switches.refusalOf(WRITE) !== undefined }
}

t.test('a switch of months keeps one timer that Node can count, and ends at its time', async (t) => {
  const bench = new Bench()
  await bench.switches.turnOn(bench.one(90 * DAY_MS))
  await bench.clock.advance(90 * DAY_MS - 1)
  t.ok(bench.stops)
  t.ok(bench.delays.every((delayMs) => delayMs >= 1 && delayMs <= TIMER_MOST_MS), bench.delays.join(' '))
  t.ok(bench.delays.length <= 100, 'and it does not look all the time')
  t.equal(bench.clock.liveTimers, 1)
  await bench.clock.advance(1)
  t.notOk(bench.stops)
  t.same(bench.changes, ['thrown', 'expired'])
  t.same(bench.kept, [['stop'], []], 'a restart does not bring it back')
  t.equal(bench.clock.liveTimers, 0)
})

t.test('a switch is over when the calendar says so, though its timer knows nothing of it yet', async (t) => {
  const bench = new Bench()
  await bench.switches.turnOn(bench.one(DAY_MS))
  t.ok(bench.stops)
  bench.clock.steppedMs += 2 * DAY_MS
  t.notOk(bench.stops)
  t.same(bench.changes, ['thrown'])
  bench.clock.steppedMs -= 2 * DAY_MS
  t.ok(bench.stops, 'set back, it holds again')
})

t.test('set back, a switch holds until its moment comes', async (t) => {
  const bench = new Bench()
  await bench.switches.turnOn(bench.one(60_000))
  bench.clock.steppedMs -= 60_000
  await bench.clock.advance(60_000)
  t.ok(bench.stops)
  await bench.clock.advance(60_000)
  t.notOk(bench.stops)
  t.same(bench.changes, ['thrown', 'expired'])
})

t.test('the switch that ends first is looked after first, and the others stay', async (t) => {
  const bench = new Bench()
  await bench.switches.turnOn(bench.one(null, 'for good'))
  t.equal(bench.clock.liveTimers, 0, 'one that stays needs no timer')
  await bench.switches.turnOn(bench.one(60_000, 'long'))
  await bench.switches.turnOn(bench.one(10_000, 'short'))
  await bench.clock.advance(10_000)
  t.same(bench.switches.all().map(({ name }) => name), ['for good', 'long'])
  await bench.switches.turnOff('long')
  t.equal(bench.clock.liveTimers, 0)
  t.equal(bench.switches.get('long'), undefined)
  t.equal(await bench.switches.turnOff('long'), undefined)
  t.same(bench.kept.at(-1), ['for good'])
})

t.test('a switch from before the restart holds; one that ended meanwhile is told of, and gone', async (t) => {
  const holds = new Bench(60_000)
  t.ok(holds.stops)
  t.same(holds.changes, ['restored'])
  holds.switches.close()
  t.equal(holds.clock.liveTimers, 0)
  const over = new Bench(0)
  t.notOk(over.stops)
  t.same(over.changes, ['expired'])
  t.same(over.kept, [[]])
})

t.test('a switch is over at its very moment', async (t) => {
  const bench = new Bench()
  await bench.switches.turnOn(bench.one(DAY_MS))
  bench.clock.steppedMs += DAY_MS - 1
  t.ok(bench.stops)
  bench.clock.steppedMs += 1
  t.notOk(bench.stops)
})

t.test('one that is over when it is thrown is looked after at once, and by a timer that Node can count', async (t) => {
  const bench = new Bench()
  await bench.switches.turnOn(bench.one(-5_000))
  t.same(bench.delays, [1])
  await bench.clock.advance(1)
  t.same(bench.changes, ['thrown', 'expired'])
})

t.test('who waits is refused before the switch is kept, however long that takes', async (t) => {
  const done: string[] = []
  let kept = (_durable: boolean): void => {}
  const keep = (): Promise<boolean> => new Promise((resolve) => { kept = resolve })
  const refuse = (): number => done.push('refused') + 1
  const told = (event: GovernorEvent): void => { done.push(event.type === 'kill_switch' ? `told of ${event.refused}` : '') }
  const switches = new Switches({ restored: [], keep, isAccount: () => true }, new FakeClock(), told, refuse)
  const turned = switches.turnOn(new Bench().one(null))
  t.same(done, ['refused', 'told of 2'])
  kept(false)
  t.same(await turned, { durable: false, refused: 2 })
})
