import t from 'tap'
import type { Identity } from '../../../src/proxy/exchange-state.ts'
import { answers, breaks, hangs, refuses, unreachable } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { LineBench, type Run } from '../line/exchange-fixture.ts'

const LONG_MS = 3_000
const SERVICE_MS = 100
const COUNT = { mode: 'count', windowMs: 60_000 } as const
const REFUSE = { mode: 'refuse', windowMs: 60_000 } as const
/** Sends, and lets pass what an answer takes. */
async function sent (bench: LineBench, ...args: Parameters<LineBench['send']>): Promise<Run> {
  const run = bench.send(...args)
  await bench.clock.advance(SERVICE_MS)
  return run
}

const NODE = { rawHeaders: ['User-Agent', 'twilio-node/6.2.0 (linux x64) node/v20.19.0'] }

t.test('a create that repeats one of unknown outcome is sent and told of', async (t) => {
  const bench = new LineBench([breaks('UND_ERR_SOCKET'), answers(201)], { duplicates: COUNT })
  await sent(bench)
  const second = await sent(bench, 'POST', NODE)
  t.equal(second.status, 201)
  t.match(bench.eventsOf('duplicate'), [{ first: 'unknown', refused: false, sdk: 'node', route: /POST api/, agoMs: 0 }])
  t.match(bench.eventsOf('stacked_retry'), [{ status: 502, sdk: 'node' }])
  await bench.isOver(t)
})

t.test('or refused with 409, unsent, where the settings say so', async (t) => {
  const bench = new LineBench([answers(503), answers(201)], { duplicates: REFUSE })
  await sent(bench)
  const second = await sent(bench)
  t.equal(bench.upstream.calls.length, 1)
  t.match(second.json(), { code: 20409, status: 409, message: /Twilio may have processed it.*not sent.*Governor-Duplicate: allow/ })
  t.equal(second.header('governor-duplicate'), 'unknown')
  t.equal(second.header('governor-attempts'), '0')
  t.same(bench.ends, [[503, 'outcome_unknown', 1], [409, 'duplicate', 0]])
  t.match(bench.eventsOf('duplicate'), [{ refused: true }])
  const third = await sent(bench, 'POST', { allowsDuplicate: true })
  t.equal(third.status, 201, 'its sender knows what it repeats')
  t.match(bench.eventsOf('duplicate'), [{ refused: true }, { refused: false }])
  await bench.isOver(t)
})

t.test('once the late answer says that the first was processed, the repeat is told so', async (t) => {
  const bench = new LineBench([hangs, answers(201)], { duplicates: REFUSE, limit: new ScriptedLimit(3) })
  const first = bench.send()
  await bench.clock.advance(20)
  first.exchange.interrupt('client_left')
  await first.done
  const second = await sent(bench)
  t.equal(second.header('governor-duplicate'), 'unknown', 'still at Twilio')
  bench.upstream.calls[0]?.answer(201)
  await bench.clock.advance(1)
  const third = await sent(bench)
  t.match(third.json(), { status: 409, message: /Twilio has processed it/ })
  t.same(bench.eventsOf('duplicate').map(({ first }) => first), ['unknown', 'processed'])
  t.same(bench.eventsOf('stacked_retry'), [], 'whose client left was told nothing')
  await bench.isOver(t)
})

t.test('once the late answer says that the first was not processed, the repeat is no duplicate', async (t) => {
  for (const status of [400, 429]) {
    const bench = new LineBench([hangs, answers(201)], { duplicates: REFUSE, limit: new ScriptedLimit(3) })
    const first = bench.send()
    await bench.clock.advance(20)
    first.exchange.interrupt('client_left')
    await first.done
    bench.upstream.calls[0]?.answer(status, {}, '{"code":20429}')
    await bench.clock.advance(1)
    const second = await sent(bench)
    t.equal(second.status, 201, String(status))
    t.same(bench.eventsOf('duplicate'), [])
    await bench.isOver(t)
  }
})

t.test('a late 5xx leaves it unknown', async (t) => {
  const bench = new LineBench([hangs, answers(201)], { duplicates: REFUSE, limit: new ScriptedLimit(3) })
  const first = bench.send()
  await bench.clock.advance(20)
  first.exchange.interrupt('client_left')
  await first.done
  bench.upstream.calls[0]?.answer(500)
  await bench.clock.advance(1)
  const second = await sent(bench)
  t.equal(second.status, 409)
  await bench.isOver(t)
})

t.test('what is no duplicate is never refused', async (t) => {
  const body = Buffer.from('To=%2B1&Body=hello')
  const cases: Array<[string, string, Partial<Identity>, Buffer]> = [
    ['another body', 'POST', {}, Buffer.from('To=%2B2&Body=hello')],
    ['another host', 'POST', { upstream: { host: 'api.dublin.ie1.twilio.com', product: 'api', region: 'ie1' } }, body],
    ['another path', 'POST', { path: '/2010-04-01/Accounts/AC2/Calls.json' }, body],
    ['another method', 'PUT', {}, body]
  ]
  for (const [what, method, over, body] of cases) {
    const bench = new LineBench([breaks('UND_ERR_SOCKET'), answers(201)], { duplicates: REFUSE })
    await sent(bench)
    const second = await sent(bench, method, over, undefined, body)
    t.equal(second.status, 201, what)
    t.same(bench.eventsOf('duplicate'), [], what)
    await bench.isOver(t)
  }
})

t.test('nor is what another account sends', async (t) => {
  const bench = new LineBench([breaks('UND_ERR_SOCKET'), answers(201)], { duplicates: REFUSE })
  const { exchange: { identity } } = await sent(bench)
  const second = await sent(bench, 'POST', { account: { ...identity.account, key: 'AC2' } })
  t.equal(second.status, 201)
  await bench.isOver(t)
})

t.test('a change of one resource is no create, and no duplicate', async (t) => {
  const update = { route: 'POST api/2010-04-01/Accounts/{}/Calls/{}.json', path: '/2010-04-01/Accounts/AC1/Calls/CA1.json' }
  const bench = new LineBench([breaks('UND_ERR_SOCKET'), answers(200)], { duplicates: REFUSE })
  await sent(bench, 'POST', update)
  await sent(bench, 'POST', update)
  t.same(bench.eventsOf('duplicate'), [])
  t.equal(bench.eventsOf('stacked_retry').length, 1)
  await bench.isOver(t)
})

t.test('with the watch off, retries above are noticed all the same', async (t) => {
  const bench = new LineBench([breaks('UND_ERR_SOCKET'), answers(201)], { duplicates: { mode: 'off', windowMs: 60_000 } })
  await sent(bench)
  await sent(bench)
  t.same(bench.eventsOf('duplicate'), [])
  t.equal(bench.eventsOf('stacked_retry').length, 1)
  await bench.isOver(t)
})

t.test('the window over, the same create is new', async (t) => {
  const bench = new LineBench([breaks('UND_ERR_SOCKET'), answers(201)], { duplicates: REFUSE })
  await sent(bench)
  await bench.clock.advance(REFUSE.windowMs + 1)
  const second = await sent(bench)
  t.equal(second.status, 201)
  await bench.isOver(t)
})

t.test('a retry above is noticed after each kind of error, within seconds', async (t) => {
  for (const [what, script, method, status] of [
    ['a 429 that is final', refuses(60203), 'POST', 429],
    ['a server error', answers(501), 'GET', 501],
    ['no connection', unreachable('ECONNREFUSED'), 'POST', 502],
    ['a broken read', breaks('UND_ERR_SOCKET'), 'GET', 502]
  ] as const) {
    const bench = new LineBench(script)
    const first = bench.send(method)
    await bench.clock.advance(LONG_MS)
    await first.done
    const second = bench.send(method, NODE)
    await bench.clock.advance(LONG_MS)
    await second.done
    t.match(bench.eventsOf('stacked_retry'), [{ status, sdk: 'node' }], what)
    await bench.isOver(t)
  }
})

t.test('what succeeded, or came again late, is no retry', async (t) => {
  const bench = new LineBench([answers(200), answers(200), answers(404), answers(404), answers(501), answers(200)])
  for (let i = 0; i < 4; i++) await sent(bench, 'GET')
  await sent(bench, 'GET')
  await bench.clock.advance(5_000)
  await sent(bench, 'GET')
  t.same(bench.eventsOf('stacked_retry'), [])
  await bench.isOver(t)
})

t.test('an upload too large to hash is let through unwatched', async (t) => {
  const bench = new LineBench([breaks('UND_ERR_SOCKET'), answers(201)], { duplicates: REFUSE })
  const upload = Buffer.alloc(65 * 1024, 'x')
  await sent(bench, 'POST', {}, undefined, upload)
  const second = await sent(bench, 'POST', {}, undefined, upload)
  t.equal(second.status, 201)
  await bench.isOver(t)
})
