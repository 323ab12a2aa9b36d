import t from 'tap'
import { promisesSettled, SimulatedClock } from '../../../src/commands/plan/replay/simulated-clock.ts'

t.test('timers fire at their moments and in their order, and a cleared one never', async (t) => {
  const clock = new SimulatedClock(1_000)
  const fired: Array<[string, number]> = []
  const note = (name: string) => () => { fired.push([name, clock.nowMs()]) }
  clock.setTimer(note('late'), 500)
  clock.clearTimer(clock.setTimer(note('cleared'), 100))
  clock.setTimer(note('early'), 200)
  await clock.advance(1_300)
  t.same(fired, [['early', 1_200]])
  t.equal(clock.nowMs(), 1_300)
  await clock.advance(9_000)
  t.same(fired, [['early', 1_200], ['late', 1_500]])
  t.equal(clock.liveTimers, 0)
  t.equal(clock.epochMs(), clock.nowMs(), 'it stays on the calendar')
})

t.test('whatever follows from a timer by promises, however long the chain, happens before the next timer', async (t) => {
  const clock = new SimulatedClock(0)
  const order: string[] = []
  const chain = async (): Promise<void> => {
    for (let i = 0; i < 100; i++) await Promise.resolve()
    order.push(`chain at ${clock.nowMs()}`)
    clock.setTimer(() => order.push(`set by the chain at ${clock.nowMs()}`), 5)
  }
  clock.setTimer(() => { void chain() }, 10)
  clock.setTimer(() => order.push('second'), 20)
  await clock.advance(100)
  t.same(order, ['chain at 10', 'set by the chain at 15', 'second'])
})

t.test('time goes on until that is so, and no further; without timers it ends', async (t) => {
  const clock = new SimulatedClock(0)
  let fired = 0
  const again = (): void => {
    fired++
    clock.setTimer(again, 10)
  }
  clock.setTimer(again, 10)
  await clock.advanceUntil(() => fired === 3)
  t.equal(clock.nowMs(), 30)
  await new SimulatedClock(0).advanceUntil(() => false)
  await clock.advance(5)
  t.equal(clock.nowMs(), 30, 'it never runs back')
})

t.test('a day of timers takes no real time to speak of', async (t) => {
  const clock = new SimulatedClock(0)
  let fired = 0
  const again = (): void => {
    fired++
    clock.setTimer(again, 1_000)
  }
  clock.setTimer(again, 1_000)
  const before = performance.now()
  await clock.advance(86_400_000)
  t.equal(fired, 86_400)
  t.ok(performance.now() - before < 10_000)
  await promisesSettled()
})
