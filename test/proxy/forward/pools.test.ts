import { createServer, type Server } from 'node:http'
import t, { type Test } from 'tap'
import type { Pool } from 'undici'
import { Attempt, type AttemptResult } from '../../../src/proxy/forward/attempt.ts'
import type { Clock } from '../../../src/proxy/ports/clock.ts'
import { systemClock } from '../../../src/system-clock.ts'
import { Upstreams, type UpstreamOptions } from '../../../src/proxy/forward/upstreams.ts'
import { listen, until } from '../../support/app.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const OPTIONS: UpstreamOptions = {
  origin: null,
  connectTimeoutMs: 5_000,
  headersTimeoutMs: 30_000,
  bodyTimeoutMs: 30_000,
  keepAliveMs: 4_000,
  maxConnectionsPerHost: 16,
  caFile: null
}

function upstreamsOf (t: Test, over: Partial<UpstreamOptions> = {}, clock: Clock = new FakeClock()): Upstreams {
  const upstreams = new Upstreams({ ...OPTIONS, ...over }, clock)
  t.teardown(() => upstreams.close())
  return upstreams
}

const poolOf = (upstreams: Upstreams, host = 'api.twilio.com'): Pool => upstreams.for(host) as unknown as Pool

const get = (upstreams: Upstreams): Promise<AttemptResult> => new Attempt({
  dispatcher: upstreams.for('api.twilio.com'), method: 'GET', path: '/', headers: ['Host', 'api.twilio.com'], body: null, unreadMs: 1_000
}, systemClock).result

async function origin (t: Test, server: Server): Promise<string> {
  return `http://${await listen(t, server)}`
}

t.test('a pool is used until its connections should have been closed for half a second, by whichever clock', async (t) => {
  const clock = new FakeClock()
  const upstreams = upstreamsOf(t, {}, clock)
  const first = poolOf(upstreams)
  for (let i = 0; i < 3; i++) {
    clock.pass(4_500)
    t.equal(poolOf(upstreams), first, 'each use begins its time anew')
  }
  clock.pass(4_501)
  const second = poolOf(upstreams)
  t.not(second, first)
  t.ok(first.closed, 'the other takes no more')
  clock.steppedMs -= 3_600_000
  clock.pass(4_501)
  const third = poolOf(upstreams)
  t.not(third, second, 'a calendar that was set back hides nothing')
  clock.steppedMs += 4_400
  t.equal(poolOf(upstreams), third)
  clock.steppedMs += 4_400
  t.equal(poolOf(upstreams), third, 'each use begins anew by the calendar, too')
  clock.steppedMs += 4_501
  t.not(poolOf(upstreams), third)
})

t.test('256 hosts have a pool each, and the next takes the place of the one that is unused for longest', async (t) => {
  const clock = new FakeClock()
  const upstreams = upstreamsOf(t, { keepAliveMs: 600_000 }, clock)
  const pools = Array.from({ length: 256 }, (_, i) => {
    clock.pass(1)
    return poolOf(upstreams, `host${i}.twilio.com`)
  })
  t.notOk(pools.some(({ closed }) => closed))
  clock.pass(1)
  t.equal(poolOf(upstreams, 'host0.twilio.com'), pools[0])
  poolOf(upstreams, 'another.twilio.com')
  t.same(pools.map(({ closed }, i) => closed ? [i] : []).flat(), [1])
})

t.test('renewed pools take no more requests, and each host has a new one', async (t) => {
  const upstreams = upstreamsOf(t)
  const before = ['api.twilio.com', 'verify.twilio.com'].map((host) => poolOf(upstreams, host))
  upstreams.renew()
  t.ok(before.every(({ closed }) => closed))
  t.not(poolOf(upstreams), before[0])
})

t.test('to close cuts every connection, also that of a pool which only ends what it has under way', async (t) => {
  const upstreams = upstreamsOf(t, { origin: await origin(t, createServer(() => {})) }, systemClock)
  const old = get(upstreams)
  const oldPool = poolOf(upstreams)
  await until(() => oldPool.stats.running === 1)
  upstreams.renew()
  const newest = get(upstreams)
  await upstreams.close()
  const cut = { kind: 'failure', code: 'UND_ERR_DESTROYED' }
  t.match(await Promise.all([old, newest]), [cut, cut])
})

t.test('no more connections are opened to a host than may be', async (t) => {
  let open = 0
  const server = createServer((_request, response) => { setImmediate(() => { response.end('{}') }) })
  server.on('connection', () => { open++ })
  const upstreams = upstreamsOf(t, { origin: await origin(t, server), maxConnectionsPerHost: 2 }, systemClock)
  t.match(await Promise.all(Array.from({ length: 6 }, () => get(upstreams))), Array(6).fill({ kind: 'response', status: 200 }))
  t.equal(open, 2)
})

t.test('a silent upstream has the time of the headers, and one that stops in its answer that of the body', async (t) => {
  const silent = await origin(t, createServer(() => {}))
  t.match(await get(upstreamsOf(t, { origin: silent, headersTimeoutMs: 20 }, systemClock)), { kind: 'failure', code: 'UND_ERR_HEADERS_TIMEOUT' })
  const stops = await origin(t, createServer((_request, response) => { response.writeHead(200, { 'content-type': 'text/plain' }).write('abc') }))
  t.match(await get(upstreamsOf(t, { origin: stops, bodyTimeoutMs: 20 }, systemClock)), { kind: 'failure', code: 'UND_ERR_BODY_TIMEOUT' })
})
