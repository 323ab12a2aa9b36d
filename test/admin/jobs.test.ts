import t, { type Test } from 'tap'
import type { AddressInfo } from 'node:net'
import { createAdmin } from '../../src/admin/server.ts'
import type { JobQuery, Jobs, JobState, JobView } from '../../src/proxy/ports/deferral.ts'
import { proxyState } from '../telemetry/fakes.ts'

const idOf = (n: number): string => n.toString(16).padStart(32, '0')
const COUNTS = { queued: 2, running: 1, done: 0, failed: 0, cancelled: 0 }

const view = (n: number, state: JobState): JobView => ({
  id: idOf(n), state, waitsFor: state === 'queued' ? 'open_hours' : null, rule: 'nightly', route: 'DELETE api/x', account: 'shop', runs: 0, createdAt: '2026-01-01T00:00:00.000Z', startedAt: null, finishedAt: null, result: null
})

/** Three jobs, of which the second runs. */
class FakeJobs implements Jobs {
  readonly jobs = new Map([view(1, 'queued'), view(2, 'running'), view(3, 'queued')].map((job) => [job.id, job]))
  readonly queries: JobQuery[] = []

  readonly list: Jobs['list'] = (query) => {
    this.queries.push(query)
    const all = [...this.jobs.values()]
    const start = query.after === undefined ? 0 : all.findIndex(({ id }) => id === query.after) + 1
    if (query.after !== undefined && start === 0) return undefined
    return { jobs: all.slice(start, start + query.limit), more: all.length > start + query.limit }
  }

  readonly get = (id: string): JobView | undefined => this.jobs.get(id)
  readonly counts = (): typeof COUNTS => COUNTS

  readonly cancel: Jobs['cancel'] = async (id) => {
    const job = this.jobs.get(id)
    if (job === undefined || job.state !== 'queued') return job && { job, cancelled: false }
    this.jobs.set(id, { ...job, state: 'cancelled', waitsFor: null })
    return { job: this.jobs.get(id)!, cancelled: true }
  }
}

type Ask = (path: string, method?: string, headers?: Record<string, string>) => Promise<Response>

async function start (t: Test, jobs?: Jobs): Promise<Ask> {
  const admin = createAdmin({
    metrics: { scrape: async () => ({ contentType: 'text/plain', body: '' }) },
    state: proxyState(),
    labels: (name) => name,
    ready: () => true,
    version: '1',
    startedAtMs: 0,
    now: () => 0,
    epochMs: () => 0,
    jobs
  })
  t.teardown(() => admin.close())
  await admin.listen({ host: '127.0.0.1', port: 0 })
  const { port } = admin.server.address() as AddressInfo
  return (path, method = 'GET', headers = {}) => fetch(`http://127.0.0.1:${port}${path}`, { method, headers })
}

t.test('the list has its totals, its jobs, and where the next page is', async (t) => {
  const jobs = new FakeJobs()
  const ask = await start(t, jobs)
  t.strictSame(await (await ask('/jobs')).json(), { totals: COUNTS, jobs: [...jobs.jobs.values()], next: null })
  const page = await (await ask('/jobs?limit=2&state=queued&rule=nightly')).json() as { jobs: JobView[], next: string }
  t.equal(page.jobs.length, 2)
  t.equal(page.next, `/jobs?state=queued&rule=nightly&limit=2&after=${idOf(2)}`)
  t.match(await (await ask(page.next)).json(), { jobs: [{ id: idOf(3) }], next: null })
  t.same(jobs.queries, [{ limit: 100 }, { limit: 2, state: 'queued', rule: 'nightly' }, { limit: 2, state: 'queued', rule: 'nightly', after: idOf(2) }])
})

t.test('a query that asks for nothing there can be is refused, and says why', async (t) => {
  const ask = await start(t, new FakeJobs())
  const cases = [
    ['state=waiting', /queued, running, done, failed, cancelled/], ['limit=0', /from 1 to 1000/], ['limit=1001', /from 1 to 1000/], ['limit=x', /from 1 to 1000/],
    ['after=7', /id of a job/], [`after=${idOf(9)}`, /not the id of a job/], ['rule=', /name of a rule/], ['state=done&state=failed', /state must be one of/]
  ] as const
  for (const [query, message] of cases) {
    const answer = await ask(`/jobs?${query}`)
    t.equal(answer.status, 400, query)
    t.match(await answer.json(), { error: 'bad_request', message })
  }
})

t.test('one job can be looked up', async (t) => {
  const ask = await start(t, new FakeJobs())
  t.strictSame(await (await ask(`/jobs/${idOf(2)}`)).json(), view(2, 'running'))
  for (const id of [idOf(9), 'x', 'F'.repeat(32)]) t.equal((await ask(`/jobs/${id}`)).status, 404, id)
  t.equal((await ask(`/jobs/${idOf(2)}`, 'HEAD')).status, 200)
})

t.test('a queued job can be cancelled, any other not', async (t) => {
  const ask = await start(t, new FakeJobs())
  const cancelled = await ask(`/jobs/${idOf(1)}`, 'DELETE')
  t.equal(cancelled.status, 200)
  t.match(await cancelled.json(), { id: idOf(1), state: 'cancelled' })
  for (const [id, state] of [[idOf(1), 'cancelled'], [idOf(2), 'running']] as const) {
    const refused = await ask(`/jobs/${id}`, 'DELETE')
    t.equal(refused.status, 409)
    t.match(await refused.json(), { error: 'conflict', message: `You cannot cancel a job that is ${state}.`, job: { id, state } })
  }
  t.equal((await ask(`/jobs/${idOf(9)}`, 'DELETE')).status, 404)
})

t.test('only jobs take DELETE, and they nothing else that changes', async (t) => {
  const ask = await start(t, new FakeJobs())
  for (const [path, allow] of [['/state', 'GET, HEAD'], ['/jobsx', 'GET, HEAD'], ['/', 'GET, HEAD']] as const) {
    const answer = await ask(path, 'DELETE')
    t.equal(answer.status, 405, path)
    t.equal(answer.headers.get('allow'), allow)
  }
  for (const method of ['POST', 'PUT', 'PATCH', 'OPTIONS']) {
    const answer = await ask(`/jobs/${idOf(1)}`, method)
    t.equal(answer.status, 405, method)
    t.equal(answer.headers.get('allow'), 'GET, HEAD, DELETE')
  }
  t.equal((await ask('/jobs', 'DELETE')).status, 405, 'not all of them at once')
})

t.test('a page of another origin cannot cancel', async (t) => {
  const jobs = new FakeJobs()
  const ask = await start(t, jobs)
  for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
    const answer = await ask(`/jobs/${idOf(1)}`, 'DELETE', headers)
    t.equal(answer.status, 403, JSON.stringify(headers))
    t.equal(answer.headers.get('access-control-allow-origin'), null)
  }
  t.equal(jobs.get(idOf(1))?.state, 'queued')
})

t.test('where nothing is deferred, that is what one is told', async (t) => {
  const ask = await start(t)
  for (const [path, method] of [['/jobs', 'GET'], [`/jobs/${idOf(1)}`, 'GET'], [`/jobs/${idOf(1)}`, 'DELETE']] as const) {
    const answer = await ask(path, method)
    t.equal(answer.status, 404)
    t.match(await answer.json(), { message: /deferral\.file \(GOVERNOR_DEFERRAL_FILE\) is not set/ })
  }
})

t.test('when the file cannot be written, cancelling says so', async (t) => {
  const jobs = new FakeJobs()
  const ask = await start(t, Object.assign(jobs, { cancel: () => Promise.reject(new Error('SQLITE_FULL')) }))
  const answer = await ask(`/jobs/${idOf(1)}`, 'DELETE')
  t.equal(answer.status, 503)
  t.match(await answer.json(), { error: 'unavailable', message: /cannot be written/ })
})
