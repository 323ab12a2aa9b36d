/** What the composition root hands on, and in which order it ends: nothing else decides it. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { hostname } from 'node:os'
import t from 'tap'
import { hashedAccount } from '../src/telemetry/account-labels.ts'
import { ACCOUNT, AUTHORIZATION, createClient, MESSAGES, startApp, startUpstream } from './support/app.ts'

const NEVER = [
  { days: ['mon'], from: '00:00', to: '00:00', timeZone: 'UTC' },
  { days: ['tue'], from: '00:00', to: '00:00', timeZone: 'UTC' }
] as const
const today = (): string => new Date().toUTCString().slice(0, 3).toLowerCase()
/** A window that is not open today, nor tomorrow. */
const closedNow = NEVER.filter(({ days: [day] }) => day !== today()).slice(0, 1)
const KEY = '0f'.repeat(32)

t.test('a deferred delete is looked up at the admin server\'s address, or at the one that the settings name', async (t) => {
  const { origin } = await startUpstream(t, (_request, response) => { response.end('{}') })
  const client = createClient(t)
  const pacing = { rules: { nightly: { match: { methods: ['DELETE'] }, openHours: closedNow, defer: true } } } as const
  const locationOf = async (admin: object, name: string): Promise<string> => {
    const deferral = { file: `${dir}/${name}.db`, key: KEY }
    const { proxy, admin: address } = await startApp(t, origin, { pacing, deferral, admin })
    const answer = await client(`${proxy}/2010-04-01/Accounts/${ACCOUNT}/Messages/SM1.json`, {
      method: 'DELETE', headers: { authorization: AUTHORIZATION, prefer: 'respond-async' }
    })
    t.equal(answer.status, 202)
    return String(answer.headers['location']).replace(new URL(address).port, 'PORT').replace(/[0-9a-f]{32}/, 'ID')
  }
  const dir = t.testdir({})
  t.equal(await locationOf({}, 'own'), 'http://127.0.0.1:PORT/jobs/ID')
  t.equal(await locationOf({ host: '0.0.0.0' }, 'any'), 'http://127.0.0.1:PORT/jobs/ID')
  t.equal(await locationOf({ url: 'http://governor.internal:1' }, 'named'), 'http://governor.internal:1/jobs/ID')
})

t.test('what listens is told with the addresses that it is bound to, be they every one', async (t) => {
  const { origin } = await startUpstream(t, (_request, response) => { response.end('{}') })
  for (const host of ['0.0.0.0', '127.0.0.1']) {
    const { proxy, admin } = await startApp(t, origin, { listen: { host }, admin: { host } })
    t.strictSame([proxy, admin].map((url) => new URL(url).hostname), [host, host])
  }
})

t.test('the admin server is called by the names of the settings, of its URL, and of the machine', async (t) => {
  const { origin } = await startUpstream(t, (_request, response) => { response.end('{}') })
  const { admin } = await startApp(t, origin, {
    listen: { names: ['proxy.example'] }, admin: { names: ['admin.example'], url: 'http://url.example:9090' }
  })
  const client = createClient(t)
  const statusOf = async (host: string): Promise<number> => (await client(`${admin}/state`, { headers: { host } })).status
  for (const host of ['proxy.example', 'admin.example', 'url.example', hostname()]) {
    t.equal(
      await statusOf(host), 200, host
    )
  }
  t.equal(await statusOf('other.example'), 403)
})

t.test('only loopback changes something unless the settings open it, and what is kept of a switch is there again', async (t) => {
  const { origin } = await startUpstream(t, (_request, response) => { response.end('{}') })
  const client = createClient(t)
  const guard = { switchesFile: `${t.testdir({})}/switches.json` }
  const first = await startApp(t, origin, { guard })
  t.equal(first.app.state.switches().length, 0)
  const thrown = await client(
    `${first.admin}/switches/all`,
    { method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"all":true}' }
  )
  t.match(thrown.json(), { durable: true })
  await first.app.close()
  const second = await startApp(t, origin, { guard })
  t.match(second.app.state.switches(), [{ name: 'all' }])
  t.equal((await client(`${second.proxy}${MESSAGES}`, { method: 'POST' })).status, 403)
})

t.test('what was learnt is in the file at the end, under no more than metrics show, and is recalled', async (t) => {
  let throttles = true
  const { origin } = await startUpstream(t, (_request, response) => {
    response.writeHead(throttles ? 429 : 200, { 'content-type': 'application/json', 'twilio-concurrent-requests': '7' })
    response.end(throttles ? '{"code":20429}' : '{}')
    throttles = false
  })
  const client = createClient(t)
  const dir = t.testdir({})
  for (const label of ['full', 'hashed'] as const) {
    const over = {
      state: { file: `${dir}/${label}.json`, writeEveryMs: 600_000 },
      accounts: { label },
      retry: { backoffBaseMs: 1 }
    }
    throttles = true
    const first = await startApp(t, origin, over)
    await client(`${first.proxy}${MESSAGES}`)
    const before = first.app.state.accounts()[0]?.limit ?? Infinity
    t.ok(before < 10, 'less than at a start')
    await first.app.close()
    const text = readFileSync(`${dir}/${label}.json`, 'utf8')
    t.equal(text.includes(ACCOUNT), label === 'full', label)
    t.ok(text.includes(label === 'full' ? ACCOUNT : hashedAccount(ACCOUNT)), label)
    const second = await startApp(t, origin, over)
    await client(`${second.proxy}${MESSAGES}`)
    t.ok((second.app.state.accounts()[0]?.limit ?? 10) < 10, label)
    await second.app.close()
  }
})

t.test('what was left out of the log is told at the end', async (t) => {
  const { origin } = await startUpstream(t, (_request, response) => { response.end('{}') })
  const { app, proxy, log } = await startApp(t, origin)
  const client = createClient(t)
  for (let i = 0; i < 25; i++) await client(`${proxy}/x`, { headers: { host: 'evil.example' } })
  t.notOk(log().some(({ msg }) => msg === 'more of the same'))
  await app.close()
  t.match(
    log().filter(({ msg }) => msg === 'more of the same'), [{ line: 'refused', reason: 'unknown_host', leftOut: 5 }]
  )
})

t.test('after the close neither server answers, and a second close does nothing', async (t) => {
  const { origin } = await startUpstream(t, (_request, response) => { response.end('{}') })
  const { app, proxy, admin } = await startApp(t, origin)
  const client = createClient(t)
  t.match((await client(`${admin}/readyz`)).json(), { ready: true })
  await app.close()
  for (const url of [proxy, admin]) await t.rejects(client(`${url}/livez`), { code: 'ECONNREFUSED' })
  await app.close()
})

t.test('after the close another proxy may have the file of deferred deletes', async (t) => {
  const { origin } = await startUpstream(t, (_request, response) => { response.end('{}') })
  const deferral = { file: `${t.testdir({})}/deferred.db`, key: KEY }
  const first = await startApp(t, origin, { deferral })
  await t.rejects(startApp(t, origin, { deferral }), { name: 'DeferralFileError' })
  await first.app.close()
  await startApp(t, origin, { deferral })
})

t.test('a client that never ends its request does not keep the proxy from closing', async (t) => {
  const { origin } = await startUpstream(t, (_request, response) => { response.end('{}') })
  const { app, proxy } = await startApp(t, origin)
  const socket = connect(Number(new URL(proxy).port), '127.0.0.1').on('error', () => {})
  t.teardown(() => socket.destroy())
  const lines = [`POST ${MESSAGES} HTTP/1.1`, 'Host: localhost', `Authorization: ${AUTHORIZATION}`, 'Content-Length: 10']
  socket.write(`${lines.join('\r\n')}\r\n\r\nhalf`)
  await once(socket, 'connect')
  // It is read by the time that another is answered.
  t.equal((await createClient(t)(`${proxy}${MESSAGES}`)).status, 200)
  const closed = once(socket.resume(), 'close')
  await app.close()
  await closed
})

t.test('a client that does not read its answer does not keep the proxy from closing', async (t) => {
  const { origin } = await startUpstream(t, (_request, response) => { response.end(Buffer.alloc(32 * 1024 * 1024)) })
  const { app, proxy } = await startApp(t, origin)
  const socket = connect(Number(new URL(proxy).port), '127.0.0.1').on('error', () => {})
  t.teardown(() => socket.destroy())
  socket.write(`GET ${MESSAGES} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${AUTHORIZATION}\r\n\r\n`)
  await once(socket, 'data')
  socket.pause()
  await app.close()
  const closed = once(socket, 'close')
  socket.resume()
  await closed
})

t.test('a request that hangs at Twilio does not keep the proxy from closing', async (t) => {
  let arrived = (): void => {}
  const arrival = new Promise<void>((resolve) => { arrived = resolve })
  const { origin } = await startUpstream(t, () => { arrived() })
  const { app, proxy } = await startApp(t, origin)
  const hanging = createClient(t)(`${proxy}${MESSAGES}`).then(({ status }) => status, () => 'cut')
  await arrival
  await app.close()
  t.ok(await hanging)
})

t.test('accounts without an accepted credential take only a part of the labels', async (t) => {
  const { origin } = await startUpstream(t, (_request, response) => { response.writeHead(401).end('{}') })
  const { proxy, log } = await startApp(t, origin, { accounts: { maxLabels: 4 } })
  const client = createClient(t)
  for (const letter of ['b', 'c', 'd']) {
    const sid = `AC${letter.repeat(32)}`
    await client(`${proxy}${MESSAGES.replace(ACCOUNT, sid)}`, { headers: { authorization: `Basic ${btoa(`${sid}:x`)}` } })
  }
  const named = new Set(log().filter(({ msg }) => msg === 'exchange').map(({ account }) => account))
  t.ok(named.has('other') && named.size <= 2, [...named].join())
})

t.test('a host of IPv6 stands in brackets', async (t) => {
  const { origin } = await startUpstream(t, (_request, response) => { response.end('{}') })
  let started
  try {
    started = await startApp(t, origin, { listen: { host: '::1' } })
  } catch {
    return t.pass('there is no IPv6 here')
  }
  t.match(started.proxy, /^http:\/\/\[::1\]:\d+$/)
})
