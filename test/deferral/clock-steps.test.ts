import t from 'tap'
import { Places } from '../../src/deferral/places.ts'
import { JobBench } from './jobs-fixture.ts'

const HOUR_MS = 3_600_000

t.test('a pause between two runs is as long as it was, when the calendar is set back', async (t) => {
  for (const stepMs of [-HOUR_MS, -10_000, HOUR_MS]) {
    const bench = await new JobBench(t, { file: `${t.testdir({})}/${stepMs}.db` }).open(t)
    await bench.acceptMany(1)
    bench.hatch.isOpen = true
    bench.start()
    await bench.advance(0)
    bench.running.shift()!.answer(503)
    await bench.advance(10_000)
    bench.clock.steppedMs += stepMs
    await bench.advance(19_900)
    if (stepMs < 0) t.same(bench.begun, ['SM0'], 'not before its pause is over')
    await bench.advance(60_000)
    t.same(bench.begun, ['SM0', 'SM0'], `after a step of ${stepMs} ms`)
    await bench.drain()
    t.same(bench.states(), { done: 1 }, 'and it ran no more often')
  }
})

t.test('a job that has not begun when the wall clock goes back is dropped, and the next begins at once', async (t) => {
  const now = Date.now
  t.teardown(() => { Date.now = now })
  const places = new Places(1)
  const begun: string[] = []
  t.ok(await places.take(async () => { begun.push('before') }))
  Date.now = () => now() - HOUR_MS
  const stuck = places.take(async () => { begun.push('stuck') })
  places.renew()
  t.notOk(await stuck)
  t.ok(await places.take(async () => { begun.push('after') }))
  t.same(begun, ['before', 'after'])
})

t.test('a job that fails, fails its caller', async (t) => {
  await t.rejects(new Places(1).take(async () => { throw new TypeError('its own') }), new TypeError('its own'))
})
