import t from 'tap'
import { Wake } from '../../../src/proxy/forward/wake.ts'
import { FakeClock } from '../../support/fake-clock.ts'

function watched (): { clock: FakeClock, wake: Wake, woken: () => number } {
  const clock = new FakeClock()
  let woken = 0
  const wake = new Wake(clock, () => { woken++ })
  return { clock, wake, woken: () => woken }
}

t.test('a process that runs is never woken', async (t) => {
  const { clock, wake, woken } = watched()
  await clock.advance(60_000)
  wake.look()
  t.equal(woken(), 0)
  wake.close()
  t.equal(clock.liveTimers, 0)
})

t.test('a stop is noticed by whoever looks first, and once', async (t) => {
  const byTimer = watched()
  await byTimer.clock.stall(60_000)
  t.equal(byTimer.woken(), 1)
  await byTimer.clock.advance(10_000)
  byTimer.wake.look()
  t.equal(byTimer.woken(), 1)
  const { clock, wake, woken } = watched()
  clock.pass(2_000)
  wake.look()
  t.equal(woken(), 1, 'before any timer has fired')
  await clock.advance(10_000)
  t.equal(woken(), 1)
})

t.test('sleep, in which the monotonic clock stands still, shows in the calendar', async (t) => {
  const { clock, wake, woken } = watched()
  clock.steppedMs += 3_600_000
  wake.look()
  t.equal(woken(), 1)
  await clock.advance(10_000)
  t.equal(woken(), 1)
})

t.test('a calendar that is set back is no sleep, and a second of a busy machine no stop', async (t) => {
  const { clock, woken } = watched()
  clock.steppedMs -= 3_600_000
  await clock.advance(10_000)
  await clock.stall(1_900)
  t.equal(woken(), 0)
})
