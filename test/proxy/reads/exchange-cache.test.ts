import t from 'tap'
import type { Test } from 'tap'
import type { Identity } from '../../../src/proxy/exchange-state.ts'
import { answers, breaks, hangs, unreachable, type Script } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { ACCOUNT, LineBench, RAW_HEADERS, type Run } from '../line/exchange-fixture.ts'

const SERVICE_MS = 100
const TTL_MS = 5_000
const LIST = `/2010-04-01/Accounts/${ACCOUNT}/Messages`
const TEMPLATE = '/2010-04-01/Accounts/{}/Messages'
const ONE = `${LIST}/SM1`
const CACHE = { messages: { match: { routes: [`${TEMPLATE}*`] }, ttlMs: TTL_MS } }

const at = (path: string): Partial<Identity> => {
  const route = `${TEMPLATE}${path.startsWith(ONE) ? '/{}' : ''}${path.includes('/Media') ? '/Media' : ''}.json`
  return { path: `${path}.json`, route: `GET api${route}` }
}
const posts = (path: string, method = 'POST'): [string, Partial<Identity>] => [method, { ...at(path), route: at(path).route!.replace('GET', method) }]
const control = (value: string): Partial<Identity> => ({ rawHeaders: [...RAW_HEADERS, 'Cache-Control', value] })
const numbered = (headers: Record<string, string> = {}): Script => {
  let n = 0
  return (call, clock) => answers(200, { 'twilio-request-id': 'RQ1', 'twilio-concurrent-requests': '7', ...headers }, `{"n":${++n}}`)(call, clock)
}

class CacheBench extends LineBench {
  constructor (scripts: Script | Script[], over: ConstructorParameters<typeof LineBench>[1] = {}) {
    super(scripts, { cache: CACHE, limit: new ScriptedLimit(20), ...over })
  }

  /** A read to its end. */
  async read (over: Partial<Identity> = {}): Promise<Run> {
    const run = this.send('GET', over)
    await this.clock.advance(SERVICE_MS)
    return run
  }

  /** Nothing is left, of what was kept neither. */
  async leavesNothing (t: Test): Promise<void> {
    this.line.reads.close()
    t.equal(this.line.reads.cachedBytes, 0)
    await this.isOver(t)
  }
}

t.test('an answer is given again until its time is up, and says so and how old it is', async (t) => {
  const line = new CacheBench(numbered())
  const first = await line.read()
  await line.clock.advance(2_400)
  const second = line.send('GET')
  await line.clock.advance(0)
  t.same([first.text, second.text], ['{"n":1}', '{"n":1}'])
  t.same(['governor-cache', 'governor-attempts', 'governor-upstream-ms', 'age', 'twilio-request-id', 'twilio-concurrent-requests', 'content-type'].map((name) => second.header(name)),
    ['hit', '0', '0', '2', 'RQ1', undefined, 'application/json'])
  t.equal(first.header('governor-cache'), undefined)
  t.match(line.eventsOf('exchange').at(-1), { reason: 'cached', attempts: 0, upstreamMs: 0, queueMs: 0, totalMs: 0, status: 200 })
  await line.clock.advance(TTL_MS - 2_400)
  const third = await line.read()
  t.equal(third.text, '{"n":2}')
  t.equal(third.header('governor-cache'), undefined)
  await line.leavesNothing(t)
})

t.test('what differs has an answer of its own: credential, account, path, host, what is accepted; a class does not differ', async (t) => {
  const line = new CacheBench(numbered())
  const { exchange: { identity } } = await line.read()
  const differing: Array<Partial<Identity>> = [
    { authorization: 'Basic b3RoZXI=' },
    { authorization: undefined },
    { account: { ...identity.account, key: 'AC2' } },
    { path: `${identity.path}&Page=1` },
    { upstream: { ...identity.upstream, host: 'api.dublin.us1.twilio.com' } },
    { rawHeaders: [...RAW_HEADERS, 'Accept', 'application/xml'] },
    { rawHeaders: [...RAW_HEADERS, 'Origin', 'https://a.example'] },
    { rawHeaders: [...RAW_HEADERS, 'X-Twilio-Api-Version', '2010-04-01'] },
    { rawHeaders: [...RAW_HEADERS, 'X-Anything', 'a'] }
  ]
  for (const [i, over] of differing.entries()) t.equal((await line.read(over)).text, `{"n":${i + 2}}`)
  for (const [i, over] of differing.entries()) t.equal((await line.read(over)).text, `{"n":${i + 2}}`)
  t.equal((await line.read({ class: 'bulk' })).text, '{"n":1}')
  await line.leavesNothing(t)
})

t.test('only what a rule names is kept, and only plain GETs', async (t) => {
  const line = new CacheBench(numbered())
  const own: Array<[string, Partial<Identity>]> = [
    ['GET', { route: 'GET api/2010-04-01/Accounts/{}/Calls.json' }],
    ['HEAD', {}],
    ['GET', { rawHeaders: ['Range', 'bytes=0-1'] }],
    ['GET', { rawHeaders: ['If-None-Match', '"x"'] }],
    ['GET', { rawHeaders: ['Twilio-Client-Validation', 'eyJ'] }]
  ]
  for (const [method, over] of own) {
    for (let i = 0; i < 2; i++) line.send(method, over)
    await line.clock.advance(SERVICE_MS)
  }
  t.equal(line.upstream.calls.length, 2 * own.length)
  t.equal(line.line.reads.cachedBytes, 0)
  await line.leavesNothing(t)
})

t.test('only whole and good answers are kept, none that is one reader\'s alone or that Twilio forbids to keep', async (t) => {
  const large: Script = (call, clock) => {
    call.start()
    clock.setTimer(() => {
      call.head(200, { 'content-length': '100000' })
      call.end()
    }, SERVICE_MS)
  }
  const scripts: Script[] = [
    answers(404), answers(206), answers(301), large,
    ...[{ 'cache-control': 'private, no-store' }, { 'set-cookie': 'a=b' }, { vary: 'Accept, *' }, { 'twilio-verify-request-signature': 'x' }].map((headers) => answers(200, headers))
  ]
  for (const script of scripts) {
    const line = new CacheBench(script)
    for (let i = 0; i < 2; i++) await line.read()
    t.equal(line.upstream.calls.length, 2)
    await line.leavesNothing(t)
  }
  const line = new CacheBench(answers(200, { vary: 'Accept-Encoding, Authorization, X-Other', 'cache-control': 'private, max-age=0', age: '3' }))
  for (let i = 0; i < 2; i++) await line.read()
  t.equal(line.upstream.calls.length, 1, 'the settings know better how old it may be')
  t.equal(line.runs[1]?.header('age'), '3', 'it was some seconds old when it came')
  await line.leavesNothing(t)
})

t.test('an answer that varies by a header that shapes none as a rule is kept for those who send the same', async (t) => {
  const by = (agent: string): Partial<Identity> => ({ rawHeaders: [...RAW_HEADERS, 'User-Agent', agent] })
  const line = new CacheBench(numbered({ vary: 'user-agent' }))
  const told: string[] = []
  for (const agent of ['one', 'one', 'two', 'one', 'two']) told.push((await line.read(by(agent))).text)
  told.push((await line.read()).text)
  t.same(told, ['{"n":1}', '{"n":1}', '{"n":2}', '{"n":1}', '{"n":2}', '{"n":3}'])
  line.send(...posts(LIST))
  await line.clock.advance(SERVICE_MS)
  t.equal((await line.read(by('one'))).header('governor-cache'), undefined, 'a write drops each of them')
  await line.leavesNothing(t)
})

t.test('the rule of who reads says how old an answer may be', async (t) => {
  const match = { routes: [`${TEMPLATE}.json`] }
  const line = new CacheBench(numbered(), { cache: { strict: { match: { ...match, callers: ['billing'] }, ttlMs: 1_000 }, rest: { match, ttlMs: 10_000 } } })
  await line.read()
  await line.clock.advance(2_000)
  t.equal((await line.read()).text, '{"n":1}')
  t.equal((await line.read({ caller: 'billing' })).text, '{"n":2}')
  t.equal((await line.read()).text, '{"n":2}')
  await line.leavesNothing(t)
})

t.test('Cache-Control of the client: no-cache asks anew and refreshes, max-age bounds the age, no-store is left alone', async (t) => {
  const line = new CacheBench(numbered({ etag: '"v"' }))
  await line.read()
  t.equal((await line.read(control('no-cache'))).text, '{"n":2}')
  t.equal((await line.read({ rawHeaders: [...RAW_HEADERS, 'Pragma', 'no-cache'] })).text, '{"n":3}')
  t.equal((await line.read(control('max-age=0'))).text, '{"n":4}')
  t.equal(line.upstream.calls.filter(({ options }) => (options.headers as string[]).includes('If-None-Match')).length, 0, 'the whole answer was asked for')
  t.equal((await line.read()).text, '{"n":4}')
  await line.clock.advance(2_000)
  t.equal((await line.read(control('max-age=60'))).text, '{"n":4}')
  t.equal((await line.read(control('max-age=1'))).text, '{"n":5}')
  t.equal((await line.read(control('no-store'))).text, '{"n":6}')
  t.equal((await line.read()).text, '{"n":5}')
  await line.leavesNothing(t)
})

t.test('when its time is up Twilio is asked whether it still holds: a 304 makes it as good as new', async (t) => {
  const line = new CacheBench([
    answers(200, { etag: '"v1"', 'x-home-region': 'us1', 'twilio-request-id': 'RQ1' }, '{"n":1}'),
    answers(304, { etag: '"v1"', 'twilio-request-id': 'RQ2', 'content-type': 'text/html', 'content-length': '0' }, ''),
    answers(200, { etag: '"v2"' }, '{"n":2}')
  ])
  await line.read()
  await line.clock.advance(TTL_MS)
  const runs = [line.send('GET'), line.send('GET')]
  await line.clock.advance(SERVICE_MS)
  t.same(runs.map(({ status, text }) => [status, text]), [[200, '{"n":1}'], [200, '{"n":1}']])
  t.same(runs.map((run) => ['governor-cache', 'governor-attempts', 'age', 'content-type', 'x-home-region', 'twilio-request-id'].map((name) => run.header(name))), [
    ['revalidated', '1', '0', 'application/json', 'us1', 'RQ2'],
    ['shared', '0', '0', 'application/json', 'us1', 'RQ2']
  ])
  t.same(line.ends, [[200, 'answered', 1], [200, 'revalidated', 1], [200, 'coalesced', 0]])
  t.same((line.upstream.calls[1]?.options.headers as string[]).slice(-2), ['If-None-Match', '"v1"'])
  t.equal((await line.read()).header('governor-cache'), 'hit')
  await line.clock.advance(TTL_MS)
  t.equal((await line.read()).text, '{"n":2}')
  t.equal((await line.read()).text, '{"n":2}')
  t.equal(line.upstream.calls.length, 3)
  await line.leavesNothing(t)
})

t.test('what Twilio says instead counts: an error leaves it for another try, anything else ends it', async (t) => {
  const line = new CacheBench([
    answers(200, { etag: '"v1"' }, '{"n":1}'), answers(505), answers(304, {}, ''), answers(404, {}, '{"code":20404}'), answers(200, {}, '{"n":2}')
  ])
  await line.read()
  await line.clock.advance(TTL_MS)
  t.equal((await line.read()).status, 505)
  t.same([(await line.read()).text, line.runs.at(-1)?.header('governor-cache')], ['{"n":1}', 'revalidated'])
  await line.clock.advance(TTL_MS)
  t.equal((await line.read()).status, 404)
  t.equal((await line.read()).text, '{"n":2}')
  t.notOk((line.upstream.calls[4]?.options.headers as string[]).includes('If-None-Match'))
  await line.leavesNothing(t)
})

t.test('a revalidation that breaks is made again, and asks the same', async (t) => {
  const line = new CacheBench([answers(200, { etag: '"v1"' }, '{"n":1}'), breaks('UND_ERR_SOCKET', 10), answers(304, {}, '')])
  await line.read()
  await line.clock.advance(TTL_MS)
  const again = line.send('GET')
  await line.clock.advance(1_000)
  t.same([again.status, again.text, again.header('governor-attempts')], [200, '{"n":1}', '2'])
  t.same(line.upstream.calls.slice(1).map(({ options }) => (options.headers as string[]).at(-1)), ['"v1"', '"v1"'])
  await line.leavesNothing(t)
})

t.test('what nobody can use any more is cleared away: at its end, or ten minutes later where Twilio can be asked about it', async (t) => {
  for (const [headers, keptMs] of [[{}, 30_000], [{ etag: '"v1"' }, 630_000]] as const) {
    const line = new CacheBench(answers(200, headers))
    await line.read()
    await line.clock.advance(keptMs - 30_000)
    t.ok(line.line.reads.cachedBytes > 0)
    await line.clock.advance(30_000)
    t.equal(line.line.reads.cachedBytes, 0)
    t.equal(line.clock.liveTimers, 0)
    await line.leavesNothing(t)
  }
})

t.test('a write drops what it may have changed: the same, what is above it, and what is below what it changed', async (t) => {
  const paths = [LIST, ONE, `${ONE}/Media`, `${LIST}/SM2`]
  for (const [write, left] of [
    [posts(LIST), [ONE, `${ONE}/Media`, `${LIST}/SM2`]],
    [posts(ONE), [`${LIST}/SM2`]],
    [posts(ONE, 'DELETE'), [`${LIST}/SM2`]],
    [posts(`${ONE}/Media`), [`${LIST}/SM2`]],
    [posts(LIST, 'DELETE'), []]
  ] as const) {
    const line = new CacheBench(numbered())
    for (const path of paths) await line.read(at(path))
    line.send(...write)
    await line.clock.advance(SERVICE_MS)
    const hits: string[] = []
    for (const path of paths) if ((await line.read(at(path))).header('governor-cache') === 'hit') hits.push(path)
    t.same(hits, left, write.map((part) => typeof part === 'string' ? part : part.path).join(' '))
    await line.leavesNothing(t)
  }
})

t.test('whoever writes, and whatever comes of it: another credential, an error, a broken connection, an outcome that comes late', async (t) => {
  for (const [script, waitMs] of [[answers(201), SERVICE_MS], [answers(400), SERVICE_MS], [answers(503), SERVICE_MS], [breaks('UND_ERR_SOCKET'), SERVICE_MS], [hangs, 20_000]] as const) {
    const line = new CacheBench([numbered(), script, numbered()], { cache: { messages: { ...CACHE.messages, ttlMs: 300_000 } } })
    const { exchange: { identity } } = await line.read()
    line.send('POST', { authorization: 'Basic b3RoZXI=', account: { ...identity.account, key: 'SK2' } })
    await line.clock.advance(waitMs)
    t.equal((await line.read()).header('governor-cache'), undefined)
    t.equal((await line.read()).header('governor-cache'), 'hit')
    if (script === hangs) {
      line.upstream.calls[1]?.answer(201)
      await line.clock.advance(1)
      t.equal((await line.read()).header('governor-cache'), undefined, 'processed between the deadline and now')
    }
    await line.leavesNothing(t)
  }
})

t.test('a write that was never sent, or refused because of load, drops nothing', async (t) => {
  const line = new CacheBench([numbered(), answers(429, {}, '{"code":20429}', 10)], { retry: { throttled: false } })
  await line.read()
  const write = line.send('POST')
  await line.clock.advance(SERVICE_MS)
  t.equal(write.status, 429)
  t.equal((await line.read()).header('governor-cache'), 'hit')
  await line.leavesNothing(t)
})

t.test('nor does one that could not connect', async (t) => {
  const line = new CacheBench([numbered(), unreachable('ECONNREFUSED')])
  await line.read()
  const write = line.send('POST')
  await line.clock.advance(9_000)
  t.equal(write.status, 502)
  t.equal(line.runs.length, 2)
  t.ok(line.line.reads.cachedBytes > 0)
  await line.leavesNothing(t)
})

t.test('a read that began before a write was answered fills nothing, though a newer one has come and gone', async (t) => {
  const line = new CacheBench([hangs, answers(204, {}, '', 10), answers(200, {}, '{"n":3}', 10), answers(200, {}, '{"n":4}', 10)])
  const before = line.send('GET')
  const write = line.send('DELETE')
  await line.clock.advance(10)
  t.equal(write.status, 204)
  t.equal((await line.read()).text, '{"n":3}')
  line.upstream.calls[0]?.answer(200, {}, '{"n":1}')
  await line.clock.advance(1)
  t.equal(before.text, '{"n":1}')
  t.equal((await line.read()).text, '{"n":3}')
  await line.leavesNothing(t)
})

t.test('nor where no newer one was kept: it would be given to those who know of the write', async (t) => {
  for (const newer of [false, true]) {
    const line = new CacheBench([hangs, answers(204, {}, '', 10), ...newer ? [answers(404, {}, '{}', 10)] : [], answers(200, {}, '{"n":9}', 10)])
    const before = line.send('GET')
    line.send('DELETE')
    await line.clock.advance(10)
    if (newer) t.equal((await line.read()).status, 404)
    line.upstream.calls[0]?.answer(200, {}, '{"n":1}')
    await line.clock.advance(1)
    t.equal(before.text, '{"n":1}')
    t.equal((await line.read()).text, '{"n":9}')
    await line.leavesNothing(t)
  }
})

t.test('an answer that comes late does not take the place of a newer one', async (t) => {
  const line = new CacheBench([hangs, answers(200, {}, '{"n":2}', 10)])
  const slow = line.send('GET')
  await line.clock.advance(1)
  t.equal((await line.read(control('no-cache'))).text, '{"n":2}')
  line.upstream.calls[0]?.answer(200, {}, '{"n":1}')
  await line.clock.advance(1)
  t.equal(slow.text, '{"n":1}')
  t.equal((await line.read()).text, '{"n":2}')
  await line.leavesNothing(t)
})

t.test('a leader that leaves while Twilio is asked whether it still holds leaves the question to the next', async (t) => {
  const line = new CacheBench([answers(200, { etag: '"v1"' }, '{"n":1}'), hangs, answers(304, {}, '')])
  await line.read()
  await line.clock.advance(TTL_MS)
  const [leader, next] = [line.send('GET'), line.send('GET')]
  await line.clock.advance(1)
  leader.exchange.interrupt('client_left')
  await line.clock.advance(SERVICE_MS)
  t.ok(leader.left)
  t.same([next.text, next.header('governor-cache')], ['{"n":1}', 'revalidated'])
  await line.leavesNothing(t)
})

t.test('all answers together take no more than they may', async (t) => {
  const line = new CacheBench(answers(200, {}, 'x'.repeat(10_000)), { cacheMaxBytes: 65_536 })
  for (let i = 0; i < 20; i++) {
    await line.read({ path: `${LIST}/SM${i}.json` })
    t.ok(line.line.reads.cachedBytes <= 65_536)
  }
  t.ok(line.line.reads.cachedBytes > 40_000)
  t.equal((await line.read({ path: `${LIST}/SM19.json` })).header('governor-cache'), 'hit')
  t.equal((await line.read({ path: `${LIST}/SM0.json` })).header('governor-cache'), undefined)
  await line.leavesNothing(t)
})

t.test('bytes are kept apart from the block that they came in, which may be a hundred times as large', async (t) => {
  const line = new CacheBench(answers(200, {}, '{"small":1}'))
  await line.read()
  const { answer } = await line.read()
  t.equal(Buffer.isBuffer(answer?.body) && answer.body.buffer.byteLength, '{"small":1}'.length)
  await line.leavesNothing(t)
})
