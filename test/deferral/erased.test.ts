import Database from 'libsql'
import { copyFileSync, existsSync, readFileSync } from 'node:fs'
import t from 'tap'
import { openDatabase } from '../../src/deferral/database.ts'
import { Store } from '../../src/deferral/store.ts'
import { idOf, JobBench } from './jobs-fixture.ts'

const filesOf = (file: string): Buffer => Buffer.concat([file, `${file}-wal`].map((path) => existsSync(path) ? readFileSync(path) : Buffer.alloc(0)))

/** How many of these texts have a piece of 16 bytes left in the files. */
function left (file: string, blobs: readonly Buffer[]): number {
  const bytes = filesOf(file)
  return blobs.filter((blob) => Array.from({ length: Math.floor(blob.length / 16) }, (_, i) => blob.subarray(16 * i, 16 * i + 16)).some((piece) => bytes.includes(piece))).length
}

/** What is sealed in the file, as nobody else may look while it is open. */
async function sealedIn (bench: JobBench): Promise<Buffer[]> {
  await bench.deferral.close()
  const db = new Database(bench.file)
  const rows = db.prepare('select sealed from jobs where sealed is not null order by seq').all() as Array<{ sealed: ArrayBuffer }>
  db.close()
  return rows.map(({ sealed }) => Buffer.from(sealed))
}

t.test('nothing sealed is left in file or log when a job is finished or cancelled', async (t) => {
  const bench = await new JobBench(t).open(t, { atOnce: 20 })
  const ids = await bench.acceptMany(20)
  const sealed = await sealedIn(bench)
  t.equal(sealed.length, 20)
  const next = await new JobBench(t, bench).open(t, { atOnce: 20, maxRuns: 1 })
  t.equal(left(bench.file, sealed), 20)
  t.match(await next.deferral.jobs!.cancel(ids[0]!), { cancelled: true })
  t.equal(left(bench.file, sealed), 19, 'at once')
  next.hatch.isOpen = true
  next.start()
  await next.advance(0)
  t.equal(next.running.length, 19)
  for (const [i, run] of next.running.splice(0).entries()) run.answer(i === 0 ? 429 : i === 1 ? 404 : i === 2 ? 400 : 204)
  await next.advance(300)
  t.same(next.states(), { cancelled: 1, failed: next.states()['failed'], done: next.states()['done'] })
  t.equal(left(bench.file, sealed), 0)
  t.equal(existsSync(`${bench.file}-wal`), true, 'while the file is open')
})

t.test('what a job that goes round again needs stays', async (t) => {
  const bench = await new JobBench(t).open(t)
  bench.hatch.isOpen = true
  const id = idOf(await bench.accept())
  bench.start()
  await bench.advance(0)
  bench.running.splice(0)[0]!.answer(503)
  await bench.advance(0)
  t.match(bench.deferral.jobs!.get(id), { state: 'queued', runs: 1 })
  t.equal((await sealedIn(bench)).length, 1)
})

t.test('a log that a killed process left behind is emptied at the next start', async (t) => {
  const bench = await new JobBench(t).open(t)
  await bench.accept()
  const sealed = await sealedIn(bench)
  // Finished without the log being emptied, and never closed.
  const db = await openDatabase(bench.file)
  new Store(db).settle({ seq: 1 } as Parameters<Store['settle']>[0], { state: 'failed' }, { status: 0 }, bench.clock.epochMs())
  db.pragma('locking_mode = normal')
  db.prepare('select count(*) from jobs').get()
  t.ok(filesOf(bench.file).length > readFileSync(bench.file).length, 'the log has something')
  const copy = `${bench.file}.copy`
  for (const end of ['', '-wal']) copyFileSync(`${bench.file}${end}`, `${copy}${end}`)
  db.close()
  t.equal(left(copy, sealed), 1)
  await new JobBench(t, { file: copy }).open(t)
  t.equal(left(copy, sealed), 0)
})
