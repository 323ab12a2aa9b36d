import fc from 'fast-check'
import t from 'tap'
import { PaceSchedule, type Rate, type Reservoir } from '../../../src/policy/counts/pace-schedule.ts'

/** Starts of requests that always wait, each noticed `lateMs()` after its moment. */
function starts (rule: Rate | Reservoir, forMs: number, lateMs = (): number => 0): number[] {
  const schedule = new PaceSchedule(rule)
  const at: number[] = []
  let nowMs = 0
  for (;;) {
    nowMs = Math.max(nowMs, schedule.readyAtMs(nowMs) + lateMs())
    if (nowMs >= forMs) return at
    schedule.give(nowMs, true)
    at.push(nowMs)
  }
}

/** Most starts in any span of so long. */
const mostIn = (at: readonly number[], spanMs: number): number =>
  Math.max(0, ...at.map((first, i) => at.slice(i).filter((other) => other < first + spanMs).length))

t.test('three a second are spread evenly, and make 180 in a minute within two in a hundred', async (t) => {
  const at = starts({ perSecond: 3 }, 60_000)
  t.ok(Math.abs(at.length - 178) <= 1, `${at.length}`)
  t.equal(mostIn(at, 1_000), 3)
  t.ok(at.slice(1).every((ms, i) => ms - (at[i] ?? 0) > 333))
})

t.test('rates of all sizes hold within two in a hundred, and no second has more', async (t) => {
  for (const perSecond of [0.5, 1, 7, 30, 100, 430, 1_000, 2_000]) {
    const at = starts({ perSecond }, 20_000)
    const expected = perSecond * 20
    t.ok(Math.abs(at.length - expected) <= Math.max(1, 0.0155 * expected), `${perSecond}/s: ${at.length} of ${expected}`)
    t.ok(mostIn(at.slice(0, 3 * Math.ceil(perSecond)), 1_000) <= Math.ceil(perSecond), `${perSecond}/s in any second`)
  }
})

t.test('timers that fire late slow nothing down', async (t) => {
  let i = 0
  const at = starts({ perSecond: 30 }, 60_000, () => [0, 1, 2, 4, 6][i++ % 5] ?? 0)
  t.ok(Math.abs(at.length - 1_773) <= 3, `${at.length}`)
  t.ok(mostIn(at, 1_000) <= 30)
})

t.test('a burst may start at once after a pause, and is in no second exceeded', async (t) => {
  const at = starts({ perSecond: 3, burst: 10 }, 60_000)
  t.equal(at.filter((ms) => ms === 0).length, 8, 'beyond the steady rate, and one')
  t.equal(mostIn(at, 1_000), 10)
  t.ok(Math.abs(at.length - 185) <= 2, `${at.length}: the rate, and once what the burst has more`)
})

t.test('a reservoir lets all of it start as they come, and then waits for the interval', async (t) => {
  const at = starts({ starts: 5, intervalMs: 1_000 }, 3_500)
  t.same(at.map((ms) => Math.floor(ms / 1_000)), [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3])
})

t.test('a start that comes later than its permission still counts in the second it falls into', async (t) => {
  const schedule = new PaceSchedule({ perSecond: 2 })
  for (const nowMs of [0, 508]) schedule.give(nowMs, true)
  schedule.start(900)
  t.equal(schedule.mayStartAtMs(901), 901)
  schedule.start(901)
  t.equal(schedule.mayStartAtMs(1_006), 1_910, 'the third has permission, and waits')
})

t.test('what one has to wait whom others are ahead of', async (t) => {
  const rate = new PaceSchedule({ perSecond: 10 })
  t.equal(rate.waitMs(0, 0), 0)
  rate.give(0, false)
  t.ok(Math.abs(rate.waitMs(20, 0) - 2_130) < 5, `${rate.waitMs(20, 0)}`)
  const reservoir = new PaceSchedule({ starts: 2, intervalMs: 60_000 })
  t.equal(reservoir.waitMs(1, 0), 0)
  reservoir.give(0, false)
  reservoir.give(0, false)
  t.ok(Math.abs(reservoir.waitMs(5, 0) - 180_000) < 20, `${reservoir.waitMs(5, 0)}`)
})

t.test('whatever comes when, no second has more starts than the burst', async () => {
  fc.assert(fc.property(
    fc.double({ min: 0.1, max: 50, noNaN: true }), fc.integer({ min: 0, max: 20 }), fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.boolean()), { maxLength: 200 }),
    (perSecond, more, arrivals) => {
      const burst = Math.ceil(perSecond) + more
      const schedule = new PaceSchedule({ perSecond, burst })
      const at: number[] = []
      let nowMs = 0
      for (const [pauseMs, waiting] of arrivals) {
        nowMs = schedule.readyAtMs(nowMs + pauseMs)
        schedule.give(nowMs, waiting)
        at.push(nowMs)
      }
      return mostIn(at, 1_000) <= burst
    }))
})

t.test('a start that comes a little late is made up for, one that comes later is not', async (t) => {
  for (const [lateMs, madeUp] of [[200, true], [260, false], [2_000, false]] as const) {
    const schedule = new PaceSchedule({ perSecond: 10 })
    schedule.give(0, false)
    const nowMs = schedule.readyAtMs(0) + lateMs
    schedule.give(nowMs, true)
    t.equal(schedule.readyAtMs(nowMs) <= nowMs, madeUp, `${lateMs} ms late`)
  }
})

t.test('one that did not wait makes up for nothing: the next is a whole gap behind it', async (t) => {
  for (const afterMs of [200, 2_000]) {
    const schedule = new PaceSchedule({ perSecond: 10 })
    schedule.give(0, false)
    schedule.give(afterMs, false)
    t.ok(schedule.readyAtMs(afterMs) - afterMs >= 100, `${afterMs} ms later`)
  }
})

t.test('a start that was held up on its way counts from when it went out', async (t) => {
  const schedule = new PaceSchedule({ perSecond: 1 })
  const start = schedule.start(0)
  t.equal(schedule.mayStartAtMs(500), 1_010)
  schedule.sent(start, 400)
  t.equal(schedule.mayStartAtMs(500), 1_410)
})

t.test('a burst below the rate is none, and a rate of no whole number is spread as evenly', async (t) => {
  t.same(starts({ perSecond: 3, burst: 1 }, 5_000), starts({ perSecond: 3 }, 5_000))
  const schedule = new PaceSchedule({ perSecond: 2.5, burst: 5 })
  for (let i = 0; i < 3; i++) {
    t.ok(schedule.readyAtMs(0) <= 0)
    schedule.give(0, true)
  }
  t.equal(Math.round(schedule.readyAtMs(0)), 406, 'a whole gap behind the burst')
})
