/** Who takes a place among the deferred, who gives it back, and what is told of it. */
import t from 'tap'
import { Commits } from '../../src/deferral/commits.ts'
import type { DeferredEvent } from '../../src/proxy/events.ts'
import { JobBench } from './jobs-fixture.ts'

const FULL = { name: 'ShedError', message: 'deferral_full' }
const ADDRESS = '192.0.2.7'
/** Of 20 places half are for credentials that Twilio has not accepted, and four fifths of these for one address. */
const MAX = 20
const OF_ONE_ADDRESS = 8

/** A delete with a credential that Twilio has not accepted. */
const stranger = (bench: JobBench, n: number): ReturnType<JobBench['accept']> =>
  bench.accept(n, { bearer: { address: ADDRESS, fingerprint: 'f' }, peer: ADDRESS } as object)

t.test('an address of strangers has a part of the room, until one of its jobs is over', async (t) => {
  const bench = await new JobBench(t).open(t, { max: MAX, atOnce: 1 })
  for (let n = 0; n < OF_ONE_ADDRESS; n++) t.equal((await stranger(bench, n)).statusCode, 202)
  await t.rejects(stranger(bench, 99), FULL)
  t.equal((await bench.accept(50)).statusCode, 202, 'there is room for others')
  await bench.deferral.jobs!.cancel(bench.jobs[0]!.id)
  t.equal((await stranger(bench, 8)).statusCode, 202, 'one was cancelled')
  await t.rejects(stranger(bench, 99), FULL)
  bench.hatch.isOpen = true
  bench.start()
  await bench.advance(0)
  bench.running.shift()!.answer(204)
  await bench.advance(0)
  t.equal((await stranger(bench, 9)).statusCode, 202, 'one has run')
  await t.rejects(stranger(bench, 99), FULL)
})

t.test('a job of a stranger that cannot be written takes no part of the room', async (t) => {
  const bench = await new JobBench(t).open(t, { max: MAX })
  const add = Object.getOwnPropertyDescriptor(Commits.prototype, 'add')!
  const full = (): Promise<never> => Promise.reject(Object.assign(new Error('full'), { code: 'SQLITE_FULL' }))
  t.teardown(() => { Object.defineProperty(Commits.prototype, 'add', add) })
  Object.defineProperty(Commits.prototype, 'add', { ...add, value: full })
  for (let n = 0; n < OF_ONE_ADDRESS; n++) t.equal((await stranger(bench, n)).statusCode, 500)
  Object.defineProperty(Commits.prototype, 'add', add)
  for (let n = 0; n < OF_ONE_ADDRESS; n++) t.equal((await stranger(bench, n)).statusCode, 202)
})

t.test('one job of another key is told of, and nothing is said of none', async (t) => {
  const before = await new JobBench(t).open(t)
  await before.acceptMany(1)
  await before.deferral.close()
  const other = await new JobBench(t, { file: before.file }).open(t, { key: 'ab'.repeat(32) })
  t.match(other.warnings, [{ jobs: 1, fault: /encrypted with another key/ }])
  await other.deferral.close()
  t.same((await new JobBench(t, { file: before.file }).open(t)).warnings, [])
})

t.test('a second close does nothing', async (t) => {
  const bench = await new JobBench(t).open(t)
  await bench.deferral.close()
  await bench.deferral.close()
  t.same(bench.warnings, [])
  t.equal(bench.clock.liveTimers, 0)
})

t.test('a job that is cancelled before it ran is told of without a run', async (t) => {
  const bench = await new JobBench(t).open(t)
  const [id] = await bench.acceptMany(1)
  await bench.deferral.jobs!.cancel(id!)
  const told = bench.events.filter((event): event is DeferredEvent => event.type === 'deferred')
  t.same(told.map(({ outcome }) => outcome), ['accepted', 'cancelled'])
  t.notOk('run' in told[1]!)
})

t.test('a pause is over at the moment that it lasts to', async (t) => {
  const bench = await new JobBench(t).open(t, { atOnce: 1 })
  await bench.acceptMany(2)
  bench.hatch.isOpen = true
  bench.start()
  await bench.advance(0)
  bench.running.shift()!.answer(500)
  await bench.advance(0)
  // The other one has its place.
  const waitsFor = (): unknown => bench.jobs.find(({ state }) => state === 'queued')?.waitsFor
  await bench.clock.advance(29_999)
  t.equal(waitsFor(), 'pause')
  await bench.clock.advance(1)
  t.equal(waitsFor(), 'turn')
})
