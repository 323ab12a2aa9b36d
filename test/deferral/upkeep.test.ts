/** What is cleared away, forced to the disk, and waited for no longer than it has to be. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { Commits } from '../../src/deferral/commits.ts'
import { closeDatabase, openDatabase } from '../../src/deferral/database.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { idOf, JobBench } from './jobs-fixture.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000
const FULL = { name: 'ShedError', message: 'deferral_full' }

/** From now on nothing can be written, until what is returned is called. */
function fillDisk (t: Test): () => void {
  const own = Object.getOwnPropertyDescriptor(Commits.prototype, 'add')!
  const add = own.value as (this: Commits, write: () => unknown, erases?: boolean) => Promise<unknown>
  let isFull = true
  Object.defineProperty(Commits.prototype, 'add', {
    ...own,
    value: function (this: Commits, write: () => unknown, erases?: boolean): Promise<unknown> {
      return isFull ? Promise.reject(Object.assign(new Error('full'), { code: 'SQLITE_FULL' })) : add.call(this, write, erases)
    }
  })
  t.teardown(() => { Object.defineProperty(Commits.prototype, 'add', own) })
  return () => { isFull = false }
}

let files = 0

async function openBench (t: Test, count: number, over: Parameters<JobBench['open']>[1] = {}): Promise<JobBench> {
  if (!existsSync(t.testdirName)) t.testdir({})
  const bench = await new JobBench(t, { file: join(t.testdirName, `deferred-${files++}.db`) }).open(t, over)
  await bench.acceptMany(count)
  bench.hatch.isOpen = true
  bench.start()
  await bench.advance(0)
  return bench
}

t.test('stop comes to its end while the disk is full', async (t) => {
  const bench = await openBench(t, 2)
  const mend = fillDisk(t)
  const [waiting, last] = bench.running.splice(0)
  last!.exchange.attempts = 1
  waiting!.answer(204)
  await bench.advance(0)
  let stopped = false
  const stop = bench.deferral.stop().then(() => { stopped = true })
  last!.answer(204)
  await bench.advance(MINUTE_MS)
  t.ok(stopped, 'neither the write that waits nor the one that comes keeps it')
  mend()
  t.same(bench.states(), { running: 2 }, 'the next life finds them')
  await bench.advance(MINUTE_MS)
  await stop
})

t.test('what became of a run is written as soon as the disk has room', async (t) => {
  const bench = await openBench(t, 1)
  const mend = fillDisk(t)
  bench.running.shift()!.answer(204)
  await bench.advance(25_000)
  t.same(bench.states(), { running: 1 })
  t.match(bench.warnings, [{ fault: /cannot be written \(SQLITE_FULL\)/ }, { fault: /SQLITE_FULL/ }, { fault: /SQLITE_FULL/ }], 'told each time')
  mend()
  await bench.advance(10_000)
  t.same(bench.states(), { done: 1 })
  t.same(bench.told, ['accepted', 'done'])
})

t.test('pauses follow a calendar that was set back while the disk was full', async (t) => {
  const bench = await openBench(t, 1)
  bench.running.shift()!.answer(503)
  await bench.advance(5_000)
  const mend = fillDisk(t)
  bench.clock.steppedMs -= HOUR_MS
  await bench.advance(11_000)
  t.match(bench.warnings, [{ fault: /SQLITE_FULL/ }], 'it was tried')
  mend()
  await bench.advance(13_000)
  t.same(bench.begun, ['SM0'], 'not before its pause is over')
  await bench.advance(12_000)
  t.same(bench.begun, ['SM0', 'SM0'])
  await bench.drain()
  t.same(bench.states(), { done: 1 })
})

t.test('a delete that cannot be written is refused and takes no place', async (t) => {
  const bench = await new JobBench(t).open(t, { max: 1 })
  const mend = fillDisk(t)
  t.equal((await bench.accept()).statusCode, 500)
  mend()
  t.equal((await bench.accept()).statusCode, 202)
})

t.test('a delete that comes just before the close is kept, and waits for the next life', async (t) => {
  const bench = await openBench(t, 0)
  const answer = bench.accept()
  await bench.deferral.close()
  t.equal((await answer).statusCode, 202)
  const next = await new JobBench(t, { file: bench.file }).open(t)
  t.same(next.states(), { queued: 1 })
})

t.test('a delete that is kept while others are looked for begins at once', async (t) => {
  const bench = await openBench(t, 0, { atOnce: 10 })
  await bench.accept()
  // The look that it has set off waits for the disk, and so does the next.
  for (let i = 0; i < 20; i++) await Promise.resolve()
  await bench.accept()
  await bench.advance(0)
  t.same(bench.begun, ['SM0', 'SM1'])
})

t.test('a run that is over is let go: stop has nothing to tell it', async (t) => {
  const bench = await openBench(t, 1)
  const run = bench.running.shift()!
  run.refuse(403)
  await bench.advance(0)
  await bench.deferral.stop()
  t.equal(run.exchange.interruption, undefined)
})

t.test('a job that goes back to the queue at the end has not run, and counts as queued', async (t) => {
  const bench = await new JobBench(t).open(t)
  await bench.acceptMany(1)
  bench.hatch.isOpen = true
  bench.start()
  const stop = bench.deferral.stop()
  await bench.advance(0)
  await stop
  t.same(bench.states(), { queued: 1 })
  t.match(bench.jobs, [{ state: 'queued', runs: 0 }])
})

t.test('of writes that come together none is kept when one fails, and the next ones are', async (t) => {
  const db = await openDatabase(`${t.testdir({})}/deferred.db`)
  const commits = new Commits(db, new FakeClock())
  const insert = (id: string): Promise<unknown> => commits.add(() => db.prepare("insert into jobs (id, state, rule, route, account, key_id, created_ms, not_before_ms) values (?, 'queued', '', '', '', '', 0, 0)").run(id))
  const together = await Promise.allSettled([insert('a'), insert('a')])
  t.same(together.map(({ status }) => status), ['rejected', 'rejected'])
  await insert('b')
  t.same((db.prepare('select id from jobs').all() as ReadonlyArray<{ id: string }>).map(({ id }) => id), ['b'])
  commits.close()
  closeDatabase(db)
})

t.test('of more finished jobs than may be kept, the newest stay', async (t) => {
  const bench = await new JobBench(t).open(t, { max: 2 })
  bench.hatch.isOpen = true
  bench.start()
  const ids: string[] = []
  for (let i = 0; i < 4; i++) {
    ids.push(idOf(await bench.accept()))
    await bench.advance(1_000)
    await bench.drain()
  }
  await bench.advance(10 * MINUTE_MS)
  t.same(bench.jobs.map(({ id }) => id), ids.slice(2))
})

t.test('what waits is not forgotten, however old it is', async (t) => {
  const bench = await new JobBench(t).open(t, { keepMs: HOUR_MS, max: 3 })
  await bench.acceptMany(3)
  await bench.advance(3 * HOUR_MS)
  t.same(bench.states(), { queued: 3 })
})

t.test('finished jobs are kept for their whole time, and forgotten ten minutes after it at the latest', async (t) => {
  const bench = await openBench(t, 1, { keepMs: HOUR_MS })
  await bench.drain()
  await bench.advance(HOUR_MS - 1)
  t.same(bench.states(), { done: 1 })
  await bench.advance(10 * MINUTE_MS + 1)
  t.same(bench.states(), {})
})

t.test('a run that is over leaves no timer', async (t) => {
  const idle = await openBench(t, 0)
  const bench = await openBench(t, 6, { atOnce: 3 })
  await bench.drain()
  t.same(bench.states(), { done: 6 })
  // The file is tidied up a little later.
  for (const one of [idle, bench]) await one.advance(2 * MINUTE_MS)
  t.equal(bench.clock.liveTimers, idle.clock.liveTimers)
})

t.test('a run that takes too long is interrupted ten minutes for its turn and one for the rest after its start', async (t) => {
  const bench = await openBench(t, 1)
  const { exchange } = bench.running[0]!
  await bench.advance(11 * MINUTE_MS - 1)
  t.equal(exchange.interruption, undefined)
  await bench.advance(1)
  t.equal(exchange.interruption, 'deadline')
})

t.test('a job is begun within a minute of its open hours, without anybody who wakes', async (t) => {
  const bench = await new JobBench(t).open(t)
  await bench.acceptMany(1)
  bench.start()
  await bench.advance(0)
  bench.hatch.isOpen = true
  await bench.advance(MINUTE_MS)
  t.same(bench.begun, ['SM0'])
})

t.test('a cancelled job gives its place back, and has lost its request', async (t) => {
  const bench = await new JobBench(t).open(t, { max: 1 })
  const [id] = await bench.acceptMany(1)
  await t.rejects(bench.accept(), FULL)
  await bench.deferral.jobs!.cancel(id!)
  t.equal((await bench.accept()).statusCode, 202)
  await bench.deferral.close()
  const db = await openDatabase(bench.file)
  t.match(db.prepare('select state, sealed from jobs order by seq').get(), { state: 'cancelled', sealed: null })
  closeDatabase(db)
})

t.test('jobs of an earlier life count for the room', async (t) => {
  const before = await new JobBench(t).open(t)
  await before.acceptMany(2)
  await before.deferral.close()
  const after = await new JobBench(t, { file: before.file }).open(t, { max: 2 })
  await t.rejects(after.accept(), FULL)
})

t.test('what is committed is forced to the disk, and what is deleted is overwritten', async (t) => {
  const db = await openDatabase(`${t.testdir({})}/deferred.db`)
  const of = (name: string): unknown => (db.pragma(name) as ReadonlyArray<Record<string, unknown>>)[0]?.[name]
  t.same([of('synchronous'), of('journal_mode'), of('secure_delete'), of('locking_mode')], [2, 'wal', 1, 'exclusive'])
  closeDatabase(db)
})
