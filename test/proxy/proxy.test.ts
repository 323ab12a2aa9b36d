/** What the parts of the proxy owe each other, where only the whole of it can tell. */
import { PassThrough } from 'node:stream'
import t, { type Test } from 'tap'
import { Agent, request as send } from 'undici'
import { createApp, type App } from '../../src/app.ts'
import { loadSettings } from '../../src/config/load.ts'
import type { Settings } from '../../src/config/schema/settings.ts'
import { createFixed } from '../../src/policy/limit/fixed.ts'
import { createLogger } from '../../src/telemetry/log/logger.ts'
import { AUTHORIZATION, MESSAGES, startUpstream, until } from '../support/app.ts'
import { FakeClock } from '../support/fake-clock.ts'

type Over = { [K in keyof Settings]?: Partial<Settings[K]> }

/** The whole application on a clock of the test's, with one slot for each account. */
async function start (t: Test, origin: string, over: Over = {}): Promise<{ app: App, clock: FakeClock, proxy: string, admin: string }> {
  const env = { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0', GOVERNOR_UPSTREAM: origin }
  const defaults = loadSettings({ env })
  const settings = { ...defaults } as Record<string, unknown>
  for (const [name, section] of Object.entries(over)) {
    settings[name] = { ...defaults[name as keyof Settings] as object, ...section }
  }
  const clock = new FakeClock()
  const logger = createLogger({ level: 'fatal', stream: new PassThrough() })
  const app = await createApp(settings as unknown as Settings, { logger, version: '0.0.0', clock, createLimit: () => createFixed(1) })
  t.teardown(async () => { await app.close() })
  return { app, clock, ...await app.listen() }
}

interface Told { readonly status: number, readonly shed: unknown, readonly connection: unknown }

/** Asks from an address of this machine, on a connection of its own; undefined when it was cut. */
function ask (t: Test, url: string, localAddress: string, body: string | null = null): Promise<Told | undefined> {
  const agent = new Agent({ localAddress })
  t.teardown(() => agent.destroy())
  return send(url, { dispatcher: agent, method: body === null ? 'GET' : 'POST', body, headers: { authorization: AUTHORIZATION } })
    .then(async ({ statusCode, headers, body }) => {
      await body.dump()
      return { status: statusCode, shed: headers['governor-shed'], connection: headers['connection'] }
    }, () => undefined)
}

t.test('a close leaves no timer, whatever was going on', async (t) => {
  const { origin } = await startUpstream(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', etag: '"a"' }).end('{}')
  })
  const { app, clock, proxy, admin } = await start(t, origin, {
    pacing: { rules: { slow: { match: {}, perSecond: 1_000 } } } as unknown as Settings['pacing'],
    coalesce: { cache: { all: { match: {}, maxAgeMs: 60_000 } } } as unknown as Settings['coalesce']
  })
  const answer = await ask(t, proxy + MESSAGES, '127.0.0.1')
  t.equal(answer?.status, 200)
  const { statusCode } = await send(`${admin}/switches/calls`, {
    method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"product":"voice","forMs":60000}'
  })
  t.ok(statusCode < 500)
  t.ok(clock.liveTimers > 0)
  await app.close()
  // The servers' connections are looked at once more.
  await clock.advance(5_000)
  t.equal(clock.liveTimers, 0)
})

t.test('where connections are short, the youngest who waits of the greediest client is refused, and its connection ends', async (t) => {
  let arrived = 0
  const { origin } = await startUpstream(t, () => { arrived++ })
  const { app, proxy } = await start(t, origin, { listen: { maxConnections: 4 } })
  const url = proxy + MESSAGES
  const held = ask(t, url, '127.0.0.2')
  await until(() => arrived === 1)
  const told: string[] = []
  const follow = (name: string, answer: Promise<Told | undefined>): void => {
    void answer.then((found) => { told.push(`${name} ${found?.status} ${String(found?.shed)} ${String(found?.connection)}`) })
  }
  follow('greedy', ask(t, `${url}?Page=1`, '127.0.0.2'))
  await until(() => app.state.waitingRequests() === 1)
  follow('greedy too', ask(t, `${url}?Page=2`, '127.0.0.2'))
  await until(() => app.state.waitingRequests() === 2)
  follow('modest', ask(t, `${url}?Page=3`, '127.0.0.3'))
  await until(() => app.state.waitingRequests() === 3)
  const newcomer = ask(t, `${url}?Page=4`, '127.0.0.4')
  await until(() => told.length > 0)
  t.same(told, ['greedy too 429 queue_full close'])
  await until(() => app.state.waitingRequests() === 3)
  await app.close()
  await Promise.all([held, newcomer])
})

t.test('where memory for bodies is short, the youngest body of the greediest gives way, and its memory is free', async (t) => {
  let arrived = 0
  const { origin } = await startUpstream(t, () => { arrived++ })
  const { app, proxy } = await start(t, origin, { body: { maxBytes: 400, maxWaitingBytes: 1_000 } })
  const url = proxy + MESSAGES
  const held = ask(t, url, '127.0.0.9')
  await until(() => arrived === 1)
  const told: string[] = []
  const follow = (name: string, answer: Promise<Told | undefined>): void => {
    void answer.then((found) => { told.push(`${name} ${found?.status} ${String(found?.shed)}`) })
  }
  const body = (bytes: number): string => 'x'.repeat(bytes)
  for (const [i, [name, address]] of ([['first', '127.0.0.2'], ['second', '127.0.0.2'], ['modest', '127.0.0.3']] as const).entries()) {
    follow(name, ask(t, url, address, body(name === 'modest' ? 200 : 400)))
    await until(() => app.state.waitingRequests() === i + 1)
  }
  t.equal(app.state.waitingBodyBytes(), 1_000)
  const newcomer = ask(t, url, '127.0.0.4', body(300))
  await until(() => told.length > 0)
  t.same(told, ['second 429 queue_bytes'])
  await until(() => app.state.waitingRequests() === 3)
  t.equal(app.state.waitingBodyBytes(), 900)
  await app.close()
  t.equal(app.state.waitingBodyBytes(), 0)
  await Promise.all([held, newcomer])
})

t.test('names and origins of the settings hold in any case', async (t) => {
  const { origin } = await startUpstream(t, (_request, response) => { response.end('{}') })
  const { proxy } = await start(t, origin, { listen: { names: ['Proxy.Example'], origins: ['https://Page.Example'] } })
  const statusOf = async (headers: Record<string, string>): Promise<number> => {
    const { statusCode, body } = await send(proxy + MESSAGES, { headers: { authorization: AUTHORIZATION, ...headers } })
    await body.dump()
    return statusCode
  }
  t.equal(await statusOf({ host: 'proxy.example' }), 200)
  t.equal(await statusOf({ origin: 'https://page.example' }), 200)
  t.equal(await statusOf({ origin: 'https://other.example' }), 403)
})
