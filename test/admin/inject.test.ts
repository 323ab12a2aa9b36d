/** Requests to the admin server without a socket: what it lets through, with which bounds. */
import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { createAdmin, type AdminOptions } from '../../src/admin/server.ts'
import type { Switches } from '../../src/proxy/guard/switches.ts'
import type { KillSwitch } from '../../src/proxy/guard/kill-switch.ts'
import type { JobQuery, Jobs, JobView } from '../../src/proxy/ports/deferral.ts'
import { proxyState, SID } from '../telemetry/fakes.ts'

const JSON_TYPE = { 'content-type': 'application/json' }
const id = (n: number): string => n.toString(16).padStart(32, '0')

function admin (over: Partial<AdminOptions> = {}): FastifyInstance {
  return createAdmin({
    metrics: { scrape: async () => ({ contentType: 'text/plain', body: 'x 1' }) },
    state: proxyState(),
    labels: (account) => account,
    ready: () => true,
    version: '1',
    startedAtMs: 1_000,
    now: () => 3_000,
    epochMs: () => Date.UTC(2026, 0, 1),
    ...over
  })
}

function withSwitches (): FastifyInstance {
  const on = new Map<string, KillSwitch>()
  const switches: Pick<Switches, 'all' | 'get' | 'turnOn' | 'turnOff'> = {
    all: () => [...on.values()],
    get: (name) => on.get(name),
    turnOn: async (order) => {
      on.set(order.name, order)
      return { durable: true, refused: 0 }
    },
    turnOff: async (name) => on.delete(name) ? { durable: true } : undefined
  } as Pick<Switches, 'all' | 'get' | 'turnOn' | 'turnOff'>
  const names = { canonical: (named: string) => named, show: (named: string) => named }
  return admin({ switches: { switches, names, products: new Set(['api']) } })
}

const put = async (server: FastifyInstance, name: string, body: unknown = { all: true }, headers: Record<string, string> = JSON_TYPE): Promise<{ status: number, body: string }> => {
  const { statusCode, body: text } = await server.inject(
    { method: 'PUT', url: `/switches/${name}`, payload: JSON.stringify(body), headers }
  )
  return { status: statusCode, body: text }
}

t.test('a hundred switches are on at most, and one of them can be thrown anew', async (t) => {
  const server = withSwitches()
  for (let i = 0; i < 100; i++) t.equal((await put(server, `s${i}`)).status, 201)
  t.match(await put(server, 'one-more'), { status: 409, body: /"most":100/ })
  t.equal((await put(server, 's7')).status, 200)
  t.equal((await server.inject({ method: 'DELETE', url: '/switches/s7' })).statusCode, 200)
  t.equal((await put(server, 'one-more')).status, 201)
})

t.test('an order has 4,096 bytes at most', async (t) => {
  const order = (length: number): unknown => (
    { all: true, reason: 'r'.repeat(length - '{"all":true,"reason":""}'.length) }
  )
  t.match(await put(withSwitches(), 'x', order(4_096)), { status: 400, body: /"key":"reason"/ }, 'it is read')
  t.match(
    await put(withSwitches(), 'x', order(4_097)),
    { status: 413, body: /must be a JSON object of at most 4096 bytes/ }
  )
})

t.test('an order is JSON, and says so in any case', async (t) => {
  t.equal(
    (await put(withSwitches(), 'x', { all: true }, { 'content-type': 'Application/JSON; charset=utf-8' })).status,
    201
  )
  for (const type of ['text/plain', 'application/jsonx', 'application/x-www-form-urlencoded']) {
    t.equal((await put(withSwitches(), 'x', { all: true }, { 'content-type': type })).status, 415, type)
  }
  t.equal((await put(withSwitches(), '.x')).status, 400)
})

t.test('names of the server are known in any case and with the dot of an absolute name', async (t) => {
  const server = admin({ hostNames: ['Governor.Example.'] })
  const statusOf = async (host: string, url: string): Promise<number> => (await server.inject({ url, headers: { host } })).statusCode
  t.same(
    await Promise.all(
      ['governor.example', 'GOVERNOR.example.:9090', 'governor', 'evil.example'].map((host) => statusOf(host, '/state'))
    ),
    [200, 200, 200, 403]
  )
  for (const page of ['/livez', '/readyz', '/livez/']) t.equal(await statusOf('evil.example', page), 200, page)
  for (const page of ['/metrics', '/', '/jobs', '/none']) t.equal(await statusOf('evil.example', page), 403, page)
})

t.test('no answer is kept, guessed at, or read by another page, and one that is not allowed names what is', async (t) => {
  for (const url of ['/', '/livez', '/none']) {
    t.match((await admin().inject({ url })).headers, {
      'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'cross-origin-resource-policy': 'same-origin'
    }, url)
  }
  const { statusCode, headers } = await admin().inject({ method: 'POST', url: '/switches/x' })
  t.equal(statusCode, 405)
  t.equal(headers['allow'], 'GET, HEAD, PUT, DELETE')
})

t.test('the log names the route and the error of a page that fails, and not of one that is refused', async (t) => {
  const failed: string[] = []
  const server = admin({
    metrics: { scrape: async () => { throw new RangeError(SID) } },
    failed: (page, error) => { failed.push(`${page} ${error.name}`) }
  })
  const answer = await server.inject({ url: '/metrics' })
  t.equal(answer.statusCode, 500)
  t.notMatch(answer.body, SID)
  await server.inject({ url: '/%zz' })
  t.same(failed, ['/metrics RangeError'])
  t.match((await server.inject({ url: '/state' })).json(), { uptimeSeconds: 2 })
})

t.test('a page of jobs has 1 to 1,000, and the next one begins behind its last', async (t) => {
  const asked: JobQuery[] = []
  const view = (n: number): JobView => ({ id: id(n), state: 'queued' }) as JobView
  let more = true
  const jobs = {
    list: (query: JobQuery) => {
      asked.push(query)
      return { jobs: [view(1), view(2)], more }
    },
    get: (name: string) => name === id(1) ? view(1) : undefined,
    counts: () => ({ queued: 2, running: 0, done: 0, failed: 0, cancelled: 0 })
  } as unknown as Jobs
  const server = admin({ jobs })
  const ask = async (query: string): Promise<{ next?: string | null }> => (await server.inject({ url: `/jobs${query}` })).json()
  t.equal((await ask('')).next, `/jobs?limit=100&after=${id(2)}`)
  t.equal(
    (await ask(`?state=queued&rule=nightly&limit=1000&after=${id(1)}`)).next,
    `/jobs?state=queued&rule=nightly&limit=1000&after=${id(2)}`
  )
  await ask('?limit=1')
  more = false
  t.equal((await ask('?state=done')).next, null)
  t.strictSame(asked, [
    { limit: 100 }, { limit: 1_000, state: 'queued', rule: 'nightly', after: id(1) }, { limit: 1 }, { limit: 100, state: 'done' }
  ])
  for (const query of ['?limit=0', '?limit=1001', '?limit=x', '?limit=1&limit=2', '?state=lost', '?rule=A', '?after=1']) {
    t.equal((await server.inject({ url: `/jobs${query}` })).statusCode, 400, query)
  }
  t.equal(asked.length, 4)
})

t.test('what is no id is asked for as nobody\'s', async (t) => {
  const asked: string[] = []
  const jobs = {
    get: (name: string) => {
      asked.push(name)
      return undefined
    }
  } as unknown as Jobs
  const server = admin({ jobs })
  for (const name of [id(1), id(1).slice(1), `${id(1)}0`, 'A'.repeat(32), '%27%20or%201']) {
    t.equal(
      (await server.inject({ url: `/jobs/${name}` })).statusCode, 404
    )
  }
  t.same(asked, [id(1), '', '', '', ''])
})
