import type { FastifyInstance } from 'fastify'
import type { AddressInfo } from 'node:net'
import { request } from 'undici'
import t, { type Test } from 'tap'
import { createAdmin, type AdminOptions } from '../../src/admin/server.ts'
import type { KillSwitchEvent } from '../../src/proxy/events.ts'
import { Switches } from '../../src/proxy/guard/switches.ts'
import { createAccountLabels } from '../../src/telemetry/account-labels.ts'
import { createAccountNames } from '../../src/telemetry/account-names.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { killSwitch, proxyState, SID } from '../telemetry/fakes.ts'
import { KNOWN_HOSTS } from '../../src/twilio/hosts.ts'

const NOW = '2026-01-01T00:00:00.000Z'
const JSON_TYPE = { 'content-type': 'application/json' }

interface Answer { status: number, headers: Record<string, string | string[] | undefined>, json: unknown }
type Ask = (method: 'GET' | 'PUT' | 'DELETE' | 'POST' | 'OPTIONS' | 'HEAD', path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>

interface Setting {
  readonly label?: 'full' | 'hashed'
  readonly durable?: boolean
  readonly over?: Partial<AdminOptions>
}

interface Stage { readonly ask: Ask, readonly switches: Switches, readonly events: KillSwitchEvent[], readonly admin: FastifyInstance, readonly port: number }

async function start (t: Test, { label = 'full', durable = true, over = {} }: Setting = {}): Promise<Stage> {
  const clock = new FakeClock()
  const names = createAccountNames({ label, aliases: { [SID]: 'shop' } })
  const events: KillSwitchEvent[] = []
  const switches = new Switches({ restored: [], keep: async () => durable, isAccount: names.isAccount }, clock, (event) => {
    if (event.type === 'kill_switch') events.push(event)
  }, () => 3)
  const admin = createAdmin({
    metrics: { scrape: async () => ({ contentType: 'text/plain', body: '' }) },
    state: proxyState({ switches: () => switches.all() }),
    labels: createAccountLabels({ label, aliases: { [SID]: 'shop' }, maxLabels: 10 }),
    switches: { switches, names, products: KNOWN_HOSTS.products },
    ready: () => true,
    version: '1',
    startedAtMs: 0,
    now: () => 0,
    epochMs: clock.epochMs,
    ...over
  })
  t.teardown(() => admin.close())
  await admin.listen({ host: '127.0.0.1', port: 0 })
  const { port } = admin.server.address() as AddressInfo
  const ask: Ask = async (method, path, body, headers = JSON_TYPE) => {
    const text = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body)
    const answer = await request(`http://127.0.0.1:${port}${path}`, { method, headers: body === undefined && headers === JSON_TYPE ? {} : headers, body: text })
    const received = await answer.body.text()
    return { status: answer.statusCode, headers: answer.headers, json: received === '' ? undefined : JSON.parse(received) }
  }
  return { ask, switches, events, admin, port }
}

t.test('a switch is thrown, shown and released', async (t) => {
  const { ask, switches, events } = await start(t)
  const shown = { name: 'pumping', account: 'shop', product: 'verify', caller: 'signup*', reads: true, reason: 'Pumped traffic', since: NOW, until: '2026-01-01T01:00:00.000Z' }
  const thrown = await ask('PUT', '/switches/pumping', { account: 'shop', product: 'verify', caller: 'signup*', reads: true, reason: 'Pumped traffic', forMs: 3_600_000 })
  t.equal(thrown.status, 201)
  t.strictSame(thrown.json, { switch: shown, durable: true, refusedWaiting: 3 })
  t.strictSame((await ask('GET', '/switches')).json, { switches: [shown] })
  t.strictSame((await ask('GET', '/switches/pumping')).json, { switch: shown })
  t.match((await ask('GET', '/state')).json, { switches: [shown] })
  t.strictSame((await ask('GET', '/readyz')).json, { ready: true, reasons: [], warnings: ['switch_on'] })
  t.match(switches.all(), [{ account: SID }])
  const again = await ask('PUT', '/switches/pumping', { product: 'verify' })
  t.equal(again.status, 200, 'replaced')
  t.match(again.json, { switch: { account: null, product: 'verify', caller: null, reads: false, reason: null, until: null } })
  const released = await ask('DELETE', '/switches/pumping')
  t.equal(released.status, 200)
  t.strictSame(released.json, { released: 'pumping', durable: true })
  t.strictSame((await ask('GET', '/switches')).json, { switches: [] })
  t.same(events.map(({ change, refused }) => [change, refused]), [['thrown', 3], ['thrown', 3], ['released', 0]])
  for (const method of ['GET', 'DELETE'] as const) t.match(await ask(method, '/switches/pumping'), { status: 404, json: { error: 'no_such_switch' } })
})

t.test('whether it outlives a restart is told', async (t) => {
  const { ask } = await start(t, { durable: false })
  t.match((await ask('PUT', '/switches/a', { product: 'api' })).json, { durable: false })
  t.match((await ask('DELETE', '/switches/a')).json, { durable: false })
})

t.test('an account is named by SID, alias or hash, and shown as metrics do', async (t) => {
  const hash = 'sha256:882596f72330'
  for (const account of [SID, 'shop', hash]) {
    const { ask, switches } = await start(t, { label: 'hashed' })
    t.match((await ask('PUT', '/switches/a', { account })).json, { switch: { account: 'shop' } })
    t.match(switches.all(), [{ account: hash }])
  }
  const { ask } = await start(t, { label: 'hashed' })
  const other = `AC${'b'.repeat(32)}`
  await ask('PUT', '/switches/a', { account: other })
  for (const path of ['/switches', '/state']) t.notMatch(JSON.stringify((await ask('GET', path)).json), new RegExp(other))
})

t.test('a name that a path cannot have, or that is too long, is told so', async (t) => {
  const { ask, switches } = await start(t)
  for (const name of ['.hidden', 'a'.repeat(65), 'a'.repeat(300), 'a%20b']) {
    t.match(await ask('PUT', `/switches/${name}`, { product: 'api' }), { status: 400, json: { faults: [{ key: 'name', message: /1 to 64 .* not begin with a dot/ }] } })
  }
  t.same(switches.all(), [])
})

t.test('everything is stopped only where that is said', async (t) => {
  const { ask } = await start(t)
  t.match((await ask('PUT', '/switches/a', {})).json, { error: 'bad_request', faults: [{ key: 'all', message: /must be true/ }] })
  t.match(await ask('PUT', '/switches/a', { all: true }), { status: 201, json: { switch: { account: null, product: null, caller: null } } })
})

t.test('all that is wrong with an order is told at once, with what is accepted, and nothing is stopped', async (t) => {
  const { ask, switches } = await start(t)
  const { status, json } = await ask('PUT', '/switches/a', { account: 'shopp', product: 'sms', caller: 'a b', reads: 'yes', reason: '', forMs: 1, untilMs: 5, untill: 1 })
  t.equal(status, 400)
  t.strictSame(json, {
    error: 'bad_request',
    faults: [
      { key: 'untill', message: 'is unknown; accepted are account, product, caller, all, reads, reason, forMs, untilMs' },
      { key: 'account', message: 'must be an account SID, an alias of accounts.aliases, or what /state shows of an account; found text of 5 characters' },
      { key: 'product', message: 'must be a product: the first label of its API host, such as verify; list a new one in upstream.hosts; found text of 3 characters' },
      { key: 'caller', message: 'must be a name that Governor-Caller may have, or an address; a * at its end stands for anything; found text of 3 characters' },
      { key: 'reads', message: 'must be true or false; found text of 3 characters' },
      { key: 'reason', message: 'must be 1 to 200 printable characters; found text of 0 characters' },
      { key: 'forMs', message: 'must be a whole number of milliseconds from 1000 to 31622400000; found the number 1' },
      { key: 'untilMs', message: 'must be a moment after now and within a year, in whole milliseconds since 1970; found the number 5' }
    ]
  })
  for (const [body, key] of [
    [{ product: 'api', all: true }, 'all'], [{ product: 'api', forMs: 5_000, untilMs: Date.parse(NOW) + 5_000 }, 'untilMs'], [{ product: 'api', reason: 'two\nlines' }, 'reason'],
    [{ product: 'api', reason: 'x'.repeat(201) }, 'reason'], [{ product: ['api'] }, 'product'], [[], 'body'], ['"text"', 'body'], ['{', 'body'], ['', 'body'],
    [JSON.stringify({ product: 'api', reason: 'x'.repeat(5_000) }), 'body']
  ] as const) {
    const answer = await ask('PUT', '/switches/a', body)
    t.match(answer.json, { error: 'bad_request', faults: [{ key }] }, JSON.stringify(body).slice(0, 60))
    t.ok([400, 413].includes(answer.status))
  }
  t.match((await ask('PUT', '/switches/a', { ['k'.repeat(1_000)]: 1 })).json, { faults: [{ key: /^k{40}$/ }, { key: 'all' }] }, 'a long key is cut')
  for (const name of ['a%20b', 'x'.repeat(65), 'a%0Ab', 'ü']) t.match((await ask('PUT', `/switches/${encodeURI(decodeURI(name))}`, { product: 'api' })).status, /400|414/, name)
  t.same(switches.all(), [])
})

t.test('the number of switches is bounded', async (t) => {
  const { ask, switches } = await start(t)
  for (let i = 0; i < 100; i++) await switches.turnOn(killSwitch({ name: `n${i}` }))
  t.match(await ask('PUT', '/switches/one-more', { product: 'api' }), { status: 409, json: { error: 'too_many_switches', most: 100 } })
  t.equal((await ask('PUT', '/switches/n7', { product: 'api' })).status, 200, 'one of them can still be changed')
})

t.test('PUT and DELETE are for one switch alone, and all else stays GET and HEAD', async (t) => {
  const { ask } = await start(t)
  for (const [method, path, allow] of [
    ['PUT', '/switches', 'GET, HEAD'], ['DELETE', '/switches', 'GET, HEAD'], ['PUT', '/switches/', 'GET, HEAD'], ['PUT', '/state', 'GET, HEAD'], ['DELETE', '/switches/a/b', 'GET, HEAD'],
    ['POST', '/switches/a', 'GET, HEAD, PUT, DELETE'], ['OPTIONS', '/switches/a', 'GET, HEAD, PUT, DELETE']
  ] as const) {
    const answer = await ask(method, path, { product: 'api' })
    t.equal(answer.status, 405, `${method} ${path}`)
    t.equal(answer.headers['allow'], allow)
  }
  t.equal((await ask('PUT', '/switches/a?x=/', { product: 'api' })).status, 201)
})

t.test('a page of another site can change nothing', async (t) => {
  const { ask, switches, port } = await start(t)
  const body = { all: true }
  for (const origin of ['https://evil.example', 'null', `http://127.0.0.1:${port + 1}`, 'http://localhost', 'not a url']) {
    t.match(await ask('PUT', '/switches/a', body, { ...JSON_TYPE, origin }), { status: 403, json: { error: 'forbidden' } }, origin)
    t.equal((await ask('DELETE', '/switches/a', undefined, { origin })).status, 403, origin)
  }
  t.equal((await ask('PUT', '/switches/a', body, { ...JSON_TYPE, origin: `http://evil.example:${port}`, host: `evil.example:${port}` })).status, 403, 'not even under a name that leads here')
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'application/jsonp']) {
    t.match(await ask('PUT', '/switches/a', body, { 'content-type': type }), { status: 415, json: { message: /application\/json/ } }, type)
  }
  t.equal((await ask('PUT', '/switches/a', body, {})).status, 415)
  t.same(switches.all(), [])
  t.equal((await ask('PUT', '/switches/a', body, { 'content-type': 'application/json; charset=utf-8', origin: `http://127.0.0.1:${port}` })).status, 201, 'its own page can')
  t.equal((await ask('OPTIONS', '/switches/a', undefined, { origin: 'https://evil.example' })).headers['access-control-allow-origin'], undefined)
})

t.test('other machines change nothing unless that is allowed, and may look', async (t) => {
  for (const [over, remoteAddress, status] of [
    [{}, '10.0.0.5', 403], [{}, '::ffff:10.0.0.5', 403], [{}, '2001:db8::1', 403], [{}, '127.0.0.1', 201], [{}, '127.8.8.8', 201], [{}, '::1', 201], [{}, '::ffff:127.0.0.1', 201],
    [{ changesFromAnywhere: true }, '10.0.0.5', 201]
  ] as const) {
    const { admin } = await start(t, { over })
    const answer = await admin.inject({ method: 'PUT', url: '/switches/a', headers: JSON_TYPE, payload: '{"all":true}', remoteAddress })
    t.equal(answer.statusCode, status, remoteAddress)
    if (status === 403) t.match(answer.json(), { message: /only from its own machine\..*admin\.changesFrom: anywhere/ })
    t.equal((await admin.inject({ url: '/switches', remoteAddress })).statusCode, 200)
  }
})
