import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { openDatabase, closeDatabase } from '../../src/deferral/database.ts'
import { ShedError } from '../../src/proxy/errors.ts'
import { idOf, JobBench, json, KEY, ROUTE } from './jobs-fixture.ts'

const HOUR_MS = 3_600_000
const ANOTHER_KEY = 'ab'.repeat(32)

t.test('a delete that is kept is answered with 202 and where to look it up', async (t) => {
  const bench = await new JobBench(t).open(t)
  const answer = await bench.accept()
  t.equal(answer.statusCode, 202)
  t.match(answer.headers, { location: /^http:\/\/admin:9090\/jobs\/[0-9a-f]{32}$/, 'preference-applied': 'respond-async', 'content-type': 'application/json' })
  t.same(json(answer), { id: idOf(answer), state: 'queued', url: answer.headers['location'] })
  t.strictSame(bench.deferral.jobs!.get(idOf(answer)), {
    id: idOf(answer),
    state: 'queued',
    waitsFor: 'open_hours',
    rule: 'nightly',
    route: ROUTE,
    account: 'label of ACaa',
    runs: 0,
    createdAt: '2026-01-01T00:00:00.000Z',
    startedAt: null,
    finishedAt: null,
    result: null
  })
})

t.test('nothing of a request but its route stands in the files in clear, and they are its owner\'s alone', async (t) => {
  const bench = await new JobBench(t).open(t)
  await bench.acceptMany(3)
  const folder = dirname(bench.file)
  const files = readdirSync(folder)
  t.ok(files.includes('deferred.db-wal'), 'its log, too')
  for (const name of files) {
    t.equal(statSync(join(folder, name)).mode & 0o777, 0o600, name)
    const bytes = readFileSync(join(folder, name)).toString('latin1')
    for (const secret of ['c2VjcmV0', 'secret', '15550001111', 'ACaaaa', 'SM0', 'cleaner', KEY]) t.notOk(bytes.includes(secret), `${name}: ${secret}`)
  }
})

t.test('jobs run when their rule opens, in their order, so many at once, as they were sent', async (t) => {
  const bench = await new JobBench(t).open(t)
  await bench.acceptMany(5)
  bench.start()
  await bench.advance(HOUR_MS / 2)
  t.same(bench.begun, [], 'not before')
  bench.hatch.isOpen = true
  await bench.advance(60_000)
  t.same(bench.begun, ['SM0', 'SM1'])
  t.same(bench.states(), { queued: 3, running: 2 })
  const { request, exchange } = bench.running[0]!
  t.match(request, { method: 'DELETE', caller: 'cleaner', authorization: 'Basic c2VjcmV0', path: /SM0\.json\?Phone=%2B15550001111$/ })
  t.same(request.rawHeaders, ['Host', 'api.twilio.com', 'Authorization', 'Basic c2VjcmV0', 'X-Own', 'kept'], 'without Prefer and what was for the proxy')
  t.equal(exchange.class, 'bulk')
  bench.running.shift()!.answer(204)
  await bench.advance(0)
  t.same(bench.begun, ['SM0', 'SM1', 'SM2'], 'a free place is taken at once')
  await bench.drain()
  t.same(bench.begun, ['SM0', 'SM1', 'SM2', 'SM3', 'SM4'])
  t.same(bench.states(), { done: 5 })
  t.match(bench.jobs[0], { state: 'done', waitsFor: null, runs: 1, result: { status: 204, errorCode: null, alreadyGone: false } })
  t.same(bench.told, [...Array<string>(5).fill('accepted'), ...Array<string>(5).fill('done')])
})

t.test('a finished job has lost its request', async (t) => {
  const bench = await new JobBench(t).open(t)
  await bench.acceptMany(1)
  bench.hatch.isOpen = true
  bench.start()
  await bench.advance(0)
  await bench.drain()
  await bench.deferral.close()
  const db = await openDatabase(bench.file)
  t.match(db.prepare('select sealed, state from jobs').get(), { sealed: null, state: 'done' })
  closeDatabase(db)
})

t.test('when the rule closes nothing more begins, and the rest waits for the next', async (t) => {
  const bench = await new JobBench(t).open(t)
  await bench.acceptMany(4)
  bench.hatch.isOpen = true
  bench.start()
  await bench.advance(0)
  t.equal(bench.running[0]!.exchange.identity.latestStartMs, bench.clock.nowMs() + 600_000, 'at most ten minutes for a turn')
  bench.hatch.isOpen = false
  await bench.drain()
  t.same(bench.states(), { queued: 2, done: 2 })
  bench.hatch.isOpen = true
  await bench.advance(60_000)
  await bench.drain()
  t.same(bench.states(), { done: 4 })
})

t.test('a trouble of Twilio\'s is tried again after a pause, and given up after so many runs', async (t) => {
  const bench = await new JobBench(t).open(t)
  await bench.acceptMany(1)
  bench.hatch.isOpen = true
  bench.start()
  await bench.advance(0)
  await bench.drain(500)
  t.match(bench.jobs[0], { state: 'queued', waitsFor: 'pause', runs: 1, result: { status: 500 } })
  await bench.advance(29_000)
  t.equal(bench.running.length, 0)
  await bench.advance(1_000)
  bench.running.shift()!.answer(429, { 'retry-after': '120' }, '{"code":20429,"status":429}')
  await bench.advance(0)
  t.match(bench.jobs[0], { state: 'queued', runs: 2, result: { status: 429, errorCode: 20429 } })
  await bench.advance(119_000)
  t.equal(bench.running.length, 0, 'not before Twilio has said')
  await bench.advance(1_000)
  await bench.drain(503)
  t.match(bench.jobs[0], { state: 'failed', runs: 3, result: { status: 503 } })
  t.same(bench.told, ['accepted', 'again', 'again', 'failed'])
})

t.test('what Twilio refuses is failed at once, with its code', async (t) => {
  const bench = await new JobBench(t).open(t)
  await bench.acceptMany(1)
  bench.hatch.isOpen = true
  bench.start()
  await bench.advance(0)
  const run = bench.running.shift()!
  run.exchange.requestId = 'RQ1'
  run.answer(404, {}, '{"code":20404,"message":"not found","status":404}')
  await bench.advance(0)
  t.match(bench.jobs[0], { state: 'failed', result: { status: 404, errorCode: 20404, twilioRequestId: 'RQ1', alreadyGone: false } })
  t.match(bench.events.at(-1), { type: 'deferred', outcome: 'failed', run: { runs: 1, status: 404, errorCode: 20404, twilioRequestId: 'RQ1' } })
})

t.test('what is refused here says nothing of Twilio, and no job fails by it', async (t) => {
  const bench = await new JobBench(t).open(t, { maxRuns: 1 })
  await bench.acceptMany(2)
  bench.hatch.isOpen = true
  bench.start()
  await bench.advance(0)
  const [first, second] = bench.running.splice(0)
  first!.refuse(403)
  second!.exchange.requestId = 'RQ of the 429 before'
  second!.refuse(403, 1)
  await bench.advance(0)
  t.match(bench.jobs, [{ state: 'queued', waitsFor: 'pause', runs: 0, result: null }, { state: 'queued', waitsFor: 'pause', runs: 1, result: null }])
  await bench.advance(30_000)
  await bench.drain()
  t.same(bench.states(), { done: 2 })
})

t.test('a job that ran when the process ended runs again, and being gone then is being deleted', async (t) => {
  const bench = await new JobBench(t).open(t)
  await bench.acceptMany(3)
  bench.hatch.isOpen = true
  bench.start()
  await bench.advance(0)
  t.same(bench.states(), { queued: 1, running: 2 })
  // The same file as a crash leaves it.
  const crashed = join(t.testdirName, 'crashed.db')
  for (const end of ['', '-wal']) writeFileSync(crashed + end, readFileSync(bench.file + end))
  const next = await new JobBench(t, { file: crashed }).open(t)
  t.match(next.warnings, [{ jobs: 2, fault: /they run again/ }])
  t.same(next.states(), { queued: 3 })
  next.hatch.isOpen = true
  next.start()
  await next.advance(0)
  await next.drain(404)
  t.same(next.begun, ['SM0', 'SM1', 'SM2'], 'those first')
  t.same(next.jobs.map(({ state, runs, result }) => [state, runs, result?.alreadyGone]), [['done', 2, true], ['done', 2, true], ['failed', 1, false]])
})

t.test('at the end who waits for his turn goes back, and what is at Twilio is waited for', async (t) => {
  const bench = await new JobBench(t).open(t)
  await bench.acceptMany(3)
  bench.hatch.isOpen = true
  bench.start()
  await bench.advance(0)
  const [atTwilio] = bench.running
  atTwilio!.exchange.attempts = 1
  let stopped = false
  const stop = bench.deferral.stop().then(() => { stopped = true })
  await bench.advance(0)
  t.same(bench.states(), { queued: 2, running: 1 })
  t.notOk(stopped)
  atTwilio!.answer(204)
  await stop
  t.same(bench.states(), { queued: 2, done: 1 })
  t.equal(bench.begun.length, 2, 'nothing more has begun')
  await t.rejects(bench.accept(), new ShedError('draining', 1_000))
})

t.test('only what is queued can be cancelled', async (t) => {
  const bench = await new JobBench(t).open(t)
  const [first, , third] = await bench.acceptMany(3)
  bench.hatch.isOpen = true
  bench.start()
  await bench.advance(0)
  const cancel = async (id: string) => {
    const answer = bench.deferral.jobs!.cancel(id)
    await bench.advance(0)
    return await answer
  }
  t.match(await cancel(first!), { cancelled: false, job: { state: 'running' } })
  t.match(await cancel(third!), { cancelled: true, job: { state: 'cancelled', finishedAt: '2026-01-01T00:00:00.000Z', result: null } })
  t.match(await cancel(third!), { cancelled: false, job: { state: 'cancelled' } })
  t.equal(await cancel('f'.repeat(32)), undefined)
  await bench.drain()
  t.same(bench.begun, ['SM0', 'SM1'], 'it is not sent')
  t.same(bench.states(), { done: 2, cancelled: 1 })
})

t.test('a full file refuses, and has room again when a job is finished', async (t) => {
  const bench = await new JobBench(t).open(t, { max: 2 })
  const answers = await Promise.allSettled([bench.accept(), bench.accept(), bench.accept()])
  t.same(answers.map(({ status }) => status), ['fulfilled', 'fulfilled', 'rejected'], 'also when they come at once')
  const { reason } = answers[2] as PromiseRejectedResult
  t.ok(reason instanceof ShedError)
  t.match(reason, { reason: 'deferral_full', retryAfterMs: HOUR_MS })
  bench.hatch.isOpen = true
  bench.start()
  await bench.advance(0)
  await bench.drain()
  t.equal((await bench.accept()).statusCode, 202)
})

t.test('finished jobs are forgotten after their time, and when they are more than may be kept', async (t) => {
  const bench = await new JobBench(t).open(t, { max: 3, keepMs: 2 * HOUR_MS })
  bench.hatch.isOpen = true
  bench.start()
  for (let i = 0; i < 5; i++) {
    await bench.acceptMany(1)
    await bench.advance(0)
    await bench.drain()
  }
  t.same(bench.states(), { done: 5 })
  await bench.advance(600_000)
  t.same(bench.states(), { done: 3 })
  await bench.advance(2 * HOUR_MS)
  t.same(bench.states(), {})
})

t.test('without a file or without a key a delete is neither stored nor sent, and is told which setting is missing', async (t) => {
  for (const [over, setting] of [[{ file: null }, /deferral\.file \(GOVERNOR_DEFERRAL_FILE\)/], [{ key: null }, /GOVERNOR_DEFERRAL_KEY or deferral\.keyFile/]] as const) {
    const bench = await new JobBench(t).open(t, over)
    const answer = await bench.accept()
    t.equal(answer.statusCode, 400)
    t.match(json(answer), { code: 20422, status: 400, message: setting })
    t.match(json(answer)['message'], /neither stored nor sent/)
    await bench.deferral.close()
  }
})

t.test('jobs of another key wait, are told of, and run when it is back', async (t) => {
  const before = await new JobBench(t).open(t)
  await before.acceptMany(2)
  await before.deferral.close()
  const rotated = await new JobBench(t, { file: before.file }).open(t, { key: ANOTHER_KEY })
  t.match(rotated.warnings, [{ jobs: 2, fault: /another key/ }])
  rotated.hatch.isOpen = true
  await rotated.acceptMany(1)
  rotated.start()
  await rotated.advance(0)
  await rotated.drain()
  t.same(rotated.jobs.map(({ state, waitsFor }) => [state, waitsFor]), [['queued', 'key'], ['queued', 'key'], ['done', null]])
  await rotated.deferral.close()
  const keyFile = join(dirname(before.file), 'keys')
  writeFileSync(keyFile, `${ANOTHER_KEY}\n${KEY}\n`)
  const both = await new JobBench(t, { file: before.file }).open(t, { key: null, keyFile })
  t.same(both.warnings, [])
  both.hatch.isOpen = true
  both.start()
  await both.advance(0)
  await both.drain()
  t.same(both.states(), { done: 3 })
})

t.test('jobs of a rule that is gone wait, and are told of', async (t) => {
  const before = await new JobBench(t).open(t)
  await before.acceptMany(2)
  await before.deferral.close()
  const after = await new JobBench(t, { file: before.file }).open(t, {}, 'weekly')
  t.match(after.warnings, [{ rule: 'nightly', jobs: 2, fault: /no open hours in the settings/ }])
  after.hatch.isOpen = true
  after.start()
  await after.advance(HOUR_MS)
  t.same(after.jobs.map(({ waitsFor }) => waitsFor), ['rule', 'rule'])
})

t.test('a row that was tampered with is not sent', async (t) => {
  const before = await new JobBench(t).open(t)
  await before.acceptMany(2)
  await before.deferral.close()
  const db = await openDatabase(before.file)
  db.exec('update jobs set sealed = (select sealed from jobs where seq = 2) where seq = 1')
  closeDatabase(db)
  const after = await new JobBench(t, { file: before.file }).open(t)
  after.hatch.isOpen = true
  after.start()
  await after.advance(0)
  await after.drain()
  t.same(after.begun, ['SM1'])
  t.same(after.jobs.map(({ state, result }) => [state, result?.status]), [['failed', undefined], ['done', 204]])
})

t.test('pages of the list follow each other, by state and rule', async (t) => {
  const bench = await new JobBench(t).open(t)
  const ids = await bench.acceptMany(5)
  const page = (after?: string) => bench.deferral.jobs!.list({ limit: 2, state: 'queued', rule: 'nightly', ...after === undefined ? {} : { after } })!
  t.same([page().jobs.map(({ id }) => id), page().more], [ids.slice(0, 2), true])
  t.same([page(ids[3]).jobs.map(({ id }) => id), page(ids[3]).more], [ids.slice(4), false])
  t.same(bench.deferral.jobs!.list({ limit: 2, state: 'done' })!.jobs, [])
  t.same(bench.deferral.jobs!.list({ limit: 2, rule: 'other' })!.jobs, [])
  t.equal(bench.deferral.jobs!.list({ limit: 2, after: 'f'.repeat(32) }), undefined)
})

t.test('a file that is in use, another program\'s, or no database is refused and left as it is', async (t) => {
  const bench = await new JobBench(t).open(t)
  const open = (file: string) => new JobBench(t, { file }).open(t)
  await t.rejects(open(bench.file), { name: 'DeferralFileError', message: /in use by another process/ })
  const text = join(t.testdirName, 'notes.txt')
  writeFileSync(text, 'my notes\n'.repeat(200))
  await t.rejects(open(text), { name: 'DeferralFileError', message: /is not a database/ })
  t.equal(readFileSync(text, 'utf8'), 'my notes\n'.repeat(200))
  await t.rejects(open(join(t.testdirName, 'nowhere', 'deferred.db')), { name: 'DeferralFileError', message: /^deferral\.file: .* cannot be used \(ENOENT\)\. Name a file in a folder/ })
  await t.rejects(open(t.testdirName), { name: 'DeferralFileError', message: /EISDIR/ })
  const { default: Sqlite } = await import('libsql')
  const foreign = join(t.testdirName, 'foreign.db')
  const db = new Sqlite(foreign)
  db.exec('create table notes (text text)')
  db.close()
  await t.rejects(open(foreign), { name: 'DeferralFileError', message: /database of another program/ })
  await bench.deferral.close()
  const ours = await openDatabase(bench.file)
  ours.exec('pragma user_version = 9')
  closeDatabase(ours)
  await t.rejects(open(bench.file), { name: 'DeferralFileError', message: /has version 9/ })
})

t.test('a damaged file is found at the start, and named', async (t) => {
  const bench = await new JobBench(t).open(t)
  await bench.acceptMany(50)
  await bench.deferral.close()
  const whole = readFileSync(bench.file)
  const broken = Buffer.from(whole)
  broken.fill(0xa5, 4096 * 2, 4096 * 3)
  for (const [name, bytes] of [['broken.db', broken], ['cut.db', whole.subarray(0, whole.length / 2)]] as const) {
    const file = join(t.testdirName, name)
    writeFileSync(file, bytes)
    await t.rejects(new JobBench(t, { file }).open(t), { name: 'DeferralFileError', message: /\.db is damaged\. Replace it with a sound copy/ })
  }
})

t.test('no name is taken for a place in memory or in the network', async (t) => {
  const folder = t.testdir({})
  t.chdir(folder)
  const bench = await new JobBench(t, { file: ':memory:' }).open(t)
  await bench.acceptMany(1)
  await bench.deferral.close()
  const next = await new JobBench(t, { file: ':memory:' }).open(t)
  t.same(next.states(), { queued: 1 })
})

t.test('after close there is one file, and nothing is left to wait for', async (t) => {
  const bench = await new JobBench(t).open(t)
  await bench.acceptMany(1)
  bench.start()
  await bench.advance(0)
  await bench.deferral.close()
  await bench.deferral.close()
  t.same(readdirSync(dirname(bench.file)), ['deferred.db'])
  t.equal(bench.clock.liveTimers, 0)
})
