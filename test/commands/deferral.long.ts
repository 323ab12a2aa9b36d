/** Deletes that outlive the process: the real program, killed twice, before the real simulator. */
import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { JobView } from '../../src/proxy/ports/deferral.ts'
import { ask, AUTHORIZATION, message, MESSAGES, simulator } from '../simulator/support.ts'
import { createClient } from '../support/app.ts'
import { buildProgram } from '../support/build.ts'
import { run, runGovernor, type Program } from '../support/programs.ts'
import { THOROUGH } from '../support/thorough.ts'

const DELETES = THOROUGH ? 500 : 100
const KEY = Buffer.alloc(32, 'k').toString('base64')
const HOUR_MS = 3_600_000

interface Page { readonly totals: Record<string, number>, readonly jobs: readonly JobView[], readonly next: string | null }

interface Run {
  readonly program: Program
  readonly proxy: string
  readonly admin: string
  readonly page: (path?: string) => Promise<Page>
}

type Client = ReturnType<typeof createClient>

const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 16)
/** A window that is closed now and for hours, and one that never is. */
const closed = (): string => `{ from: "${clock(Date.now() + 6 * HOUR_MS)}", to: "${clock(Date.now() + 7 * HOUR_MS)}", timeZone: UTC }`
const OPEN = '{ from: "00:00", to: "00:00", timeZone: UTC }'

async function start (t: Test, client: Client, upstream: string, window: string, fileKilobytes?: number): Promise<Run> {
  const cwd = t.testdirName
  writeFileSync(join(cwd, 'config.yaml'), [
    `pacing: { rules: { nightly: { match: { methods: [DELETE] }, openHours: [${window}], defer: true } } }`,
    'deferral: { atOnce: 8 }'
  ].join('\n'))
  const env = { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0', GOVERNOR_UPSTREAM: upstream, GOVERNOR_DEFERRAL_FILE: 'deferred.db', GOVERNOR_DEFERRAL_KEY: KEY, LOG_LEVEL: 'info' }
  const program = fileKilobytes === undefined
    ? await runGovernor(t, ['start'], { cwd, env })
    // A file that may grow no further stands for a disk that is full.
    : run(t, 'sh', ['-c', `trap '' XFSZ; ulimit -f ${2 * fileKilobytes}; exec "$0" "$1" start`, process.execPath, await buildProgram()], { cwd, env })
  const { proxy = '', admin = '' } = await program.listening()
  return { program, proxy, admin, page: async (path = '/jobs?limit=1') => (await client(admin + path)).json() as unknown as Page }
}

async function allJobs ({ page }: Run): Promise<JobView[]> {
  const jobs: JobView[] = []
  for (let path: string | null = '/jobs?limit=200'; path !== null;) {
    const part: Page = await page(path)
    jobs.push(...part.jobs)
    path = part.next
  }
  return jobs
}

async function killed ({ program }: Run): Promise<string> {
  program.kill('SIGKILL')
  return (await program.ended).stdout
}

t.test(`${DELETES} deferred deletes outlive two kill -9: each resource is deleted, none is lost, and the list is truthful`, { timeout: 100_000 }, async (t) => {
  t.testdir({})
  const client = createClient(t)
  const twilio = await simulator(t, { limit: 1_000, latency: { medianMs: 30, p99Ms: 90 } })
  const paths: string[] = []
  await Promise.all(Array.from({ length: DELETES }, async (_, i) => {
    const { sid } = (await ask(twilio, MESSAGES, message(`number ${i}`))).json()
    paths.push(MESSAGES.replace('.json', `/${sid as string}.json`))
  }))
  const exists = async (): Promise<number> => {
    const statuses = await Promise.all(paths.map(async (path) => (await ask(twilio, path)).status))
    return statuses.filter((status) => status === 200).length
  }
  t.equal(await exists(), DELETES)

  const day = await start(t, client, twilio.origin, closed())
  const accepted = await Promise.all(paths.map((path) => client(day.proxy + path, { method: 'DELETE', headers: { authorization: AUTHORIZATION, prefer: 'respond-async' } })))
  const log = await killed(day)
  t.same([...new Set(accepted.map(({ status }) => status))], [202])
  const ids = new Set(accepted.map(({ json }) => json()['id']))
  t.equal(ids.size, DELETES)
  t.equal(await exists(), DELETES, 'nothing is deleted by day')

  const night = await start(t, client, twilio.origin, OPEN)
  t.equal(Object.values((await night.page()).totals).reduce((sum, number) => sum + number), DELETES, 'what was answered with 202 is there after the first kill')
  let done = 0
  while (done < DELETES / 3) done = (await night.page()).totals['done'] ?? 0
  await killed(night)
  const left = await exists()
  t.ok(done < DELETES && left > 0, `killed in the middle: ${done} done, ${left} there`)

  const again = await start(t, client, twilio.origin, OPEN)
  while (((await again.page()).totals['done'] ?? 0) < DELETES) await new Promise((resolve) => { setTimeout(resolve, 20) })
  t.equal(await exists(), 0, 'each is deleted')
  const metrics = (await client(`${again.admin}/metrics`)).body.toString()
  t.match(metrics, `twilio_governor_deferred_jobs{state="done"} ${DELETES}\n`)
  const jobs = await allJobs(again)
  t.same(new Set(jobs.map(({ id }) => id)), ids, 'none is lost, and none came by')
  t.same((await again.page()).totals, { queued: 0, running: 0, done: DELETES, failed: 0, cancelled: 0 })
  t.ok(jobs.every(({ state, result, runs }) => state === 'done' && (result?.status === 204 || (result?.status === 404 && result.alreadyGone && runs > 1))), 'each says how it was deleted')
  const cutOff = jobs.filter(({ runs }) => runs > 1)
  t.ok(cutOff.length > 0 && cutOff.length <= 8, `${cutOff.length} were on their way when it was killed, ${jobs.filter(({ result }) => result?.alreadyGone).length} of them deleted`)
  t.equal((await client(`${again.proxy}${paths[0]!}`, { headers: { authorization: AUTHORIZATION } })).status, 404)

  again.program.kill('SIGTERM')
  const { code, stdout } = await again.program.ended
  t.equal(code, 0)
  t.same(readdirSync(t.testdirName).sort(), ['config.yaml', 'deferred.db'])
  t.equal(statSync(join(t.testdirName, 'deferred.db')).mode & 0o777, 0o600)
  t.notMatch(log + stdout, new RegExp([KEY, AUTHORIZATION.slice(6), 'SM[0-9a-f]{32}'].join('|')), 'no log shows what is private')
})

t.test('when the disk is full, who cannot be kept is told so, and those who were are there afterwards', async (t) => {
  t.testdir({})
  const client = createClient(t)
  const twilio = await simulator(t)
  const { program, proxy } = await start(t, client, twilio.origin, closed(), 300)
  const remove = () => client(`${proxy}${MESSAGES.replace('.json', `/SM${'0'.repeat(32)}.json`)}`, { method: 'DELETE', headers: { authorization: AUTHORIZATION, prefer: 'respond-async' } })
  let kept = 0
  let answer = await remove()
  for (; answer.status === 202; answer = await remove()) kept++
  t.ok(kept > 10, `${kept} kept`)
  t.equal(answer.status, 500)
  t.match(answer.json(), { code: 20500, message: /deferral\.file cannot be written \(SQLITE_\w+\)\. The delete was neither stored nor sent\./ })
  // The log is written in its own time, which a kill would not leave it.
  while (!/"fault":"cannot be written \(SQLITE_/.test(program.stdout())) await new Promise((resolve) => { setImmediate(resolve) })
  program.kill('SIGKILL')
  await program.ended
  const again = await start(t, client, twilio.origin, closed())
  t.match((await again.page()).totals, { queued: kept })
})

t.test('a second proxy with the same file does not start, and says why', async (t) => {
  t.testdir({})
  const client = createClient(t)
  const twilio = await simulator(t)
  await start(t, client, twilio.origin, closed())
  await t.rejects(start(t, client, twilio.origin, closed()), { message: /ended with 1 before it listened: deferral\.file: deferred\.db is in use by another process/ })
})
