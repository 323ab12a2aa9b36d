import t from 'tap'
import type { Identity } from '../../../src/proxy/exchange-state.ts'
import type { Cap } from '../../../src/proxy/guard/spend-caps.ts'
import type { KillSwitch } from '../../../src/proxy/guard/kill-switch.ts'
import { answers, breaks, hangs, refuses, unreachable, type Script } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { ACCOUNT, LineBench, type Run } from '../line/exchange-fixture.ts'

const HOUR_MS = 3_600_000
const SERVICE_MS = 100
const FORM = ['Content-Type', 'application/x-www-form-urlencoded']
const SUBACCOUNT = `AC${'b'.repeat(32)}`

const bodyTo = (to: string): Buffer => Buffer.from(new URLSearchParams({ To: to, Body: 'hello' }).toString())

const benchOf = (cap: Partial<Cap>, scripts: Script | readonly Script[] = answers(201), limit = new ScriptedLimit(20)): LineBench =>
  new LineBench(scripts, { limit, caps: { uk: { max: 1, intervalMs: HOUR_MS, ...cap } } })

async function sendTo (bench: LineBench, to: string, over: Partial<Identity> = {}, waitMs = SERVICE_MS): Promise<Run> {
  const run = bench.send('POST', { rawHeaders: FORM, ...over }, undefined, bodyTo(to))
  await bench.clock.advance(waitMs)
  return run
}

const statuses = async (bench: LineBench, ...sends: ReadonlyArray<readonly [string, Partial<Identity>?]>): Promise<Array<number | undefined>> => {
  const runs: Run[] = []
  for (const [to, over] of sends) runs.push(await sendTo(bench, to, over))
  return runs.map(({ status }) => status)
}

t.test('a send above a cap is refused with 403 that says which, how much and when, and is not sent', async (t) => {
  const bench = benchOf({ prefixes: ['+44'], per: ['caller', 'prefix'] })
  t.equal((await sendTo(bench, '+447700900123')).status, 201)
  const refused = await sendTo(bench, '+447700900456')
  t.strictSame(refused.json(), {
    code: 20403,
    message: 'Cap "uk" of this proxy is used up: 1 send in 1 hour for each caller and prefix (guard.caps.uk). Nothing was sent to Twilio. There is room again in 3779 s.',
    more_info: 'https://www.twilio.com/docs/errors/20403',
    status: 403
  })
  t.equal(refused.header('governor-refused'), 'spend_cap')
  t.equal(refused.header('retry-after'), '3779')
  t.equal(refused.header('governor-attempts'), '0')
  t.equal(bench.upstream.calls.length, 1)
  t.same(bench.ends, [[201, 'answered', 1], [403, 'spend_cap', 0]])
  t.match(bench.eventsOf('guard_refused'), [{ reason: 'spend_cap', product: 'api', account: ACCOUNT }])
  t.match(bench.eventsOf('spend_cap'), [{ cap: 'uk', max: 1, intervalMs: HOUR_MS, prefix: '+44', refused: true, tell: true, caller: 'tests' }])
  t.notMatch(JSON.stringify([bench.events, refused.text, refused.answer?.headers, bench.line.guard.caps.states()]), /7700900/)
  await bench.isOver(t)
})

t.test('room comes back when the interval is over', async (t) => {
  const bench = benchOf({})
  t.same(await statuses(bench, ['+447700900123'], ['+447700900123']), [201, 403])
  await bench.clock.advance(HOUR_MS * 1.05)
  t.same(await statuses(bench, ['+447700900123']), [201])
  await bench.isOver(t)
})

t.test('what is not named is not counted apart', async (t) => {
  t.same(await statuses(benchOf({}), ['+447700900123'], ['+12125550123', { caller: 'other' }]), [201, 403])
})

t.test('callers, accounts, countries and destinations have counts of their own where the cap says so', async (t) => {
  const uk = ['+447700900123'] as const
  t.same(await statuses(benchOf({ per: ['caller'] }), uk, ['+12125550123'], ['+447700900123', { caller: 'other' }]), [201, 403, 201])
  const other = { account: { ...benchOf({}).send().exchange.identity.account, key: SUBACCOUNT } }
  t.same(await statuses(benchOf({ per: ['account'] }), uk, uk, ['+447700900123', other]), [201, 403, 201])
  t.same(await statuses(benchOf({ per: ['country'] }), uk, ['whatsapp:+447700900456'], ['+12125550123']), [201, 403, 201])
  t.same(await statuses(benchOf({ per: ['destination'] }), uk, ['+44 7700 900 123'], ['+447700900456']), [201, 403, 201])
})

t.test('the longest prefix of a cap counts, and what is excepted is free', async (t) => {
  const perPrefix = benchOf({ prefixes: ['+1', '+1900', '*'], per: ['prefix'] })
  t.same(await statuses(perPrefix, ['+12125550123'], ['+19005550123'], ['+447700900123'], ['+12125550123'], ['+19005550123'], ['+33123456789']), [201, 201, 201, 403, 403, 403])
  const except = benchOf({ except: ['+1'], prefixes: ['*', '+1900'] })
  t.same(await statuses(except, ['+12125550123'], ['+12125550123'], ['+19005550123'], ['+447700900123'], ['+12125550123']), [201, 201, 201, 403, 201])
  t.same(await statuses(benchOf({ prefixes: ['+44'] }), ['+12125550123'], ['+12125550123']), [201, 201], 'other prefixes are not meant')
})

t.test('a most of nothing blocks', async (t) => {
  const bench = benchOf({ max: 0, prefixes: ['+1900'] })
  const refused = await sendTo(bench, '+19005550123')
  t.match(refused.json(), { code: 20403, message: 'Cap "uk" of this proxy allows no such send (guard.caps.uk.max is 0). Nothing was sent to Twilio.' })
  t.equal(refused.header('retry-after'), undefined)
  t.same(await statuses(bench, ['+12125550123']), [201])
  await bench.isOver(t)
})

t.test('only creates with a To that match are sends, be it in a form or in JSON', async (t) => {
  const bench = benchOf({ max: 0, match: { products: ['api'] } })
  t.equal((await sendTo(bench, '+447700900123', { route: 'POST verify/v2/Services/{}/Verifications', upstream: { host: 'verify.twilio.com', product: 'verify', region: undefined } })).status, 201)
  t.equal((await sendTo(bench, '+447700900123', { route: 'POST api/2010-04-01/Accounts/{}/Calls/{}.json' })).status, 201, 'a change of a call')
  t.equal((await sendTo(bench, '+447700900123', { route: 'POST verify/v2/Services/{}/VerificationCheck' })).status, 201, 'a check')
  const read = bench.send('GET')
  const bare = bench.send('POST', { rawHeaders: FORM }, undefined, Buffer.from('FriendlyName=x'))
  await bench.clock.advance(SERVICE_MS)
  t.same([read.status, bare.status], [201, 201])
  const json = bench.send('POST', { rawHeaders: ['content-type', 'application/json'] }, undefined, Buffer.from('{"To":"+447700900123"}'))
  await bench.clock.advance(SERVICE_MS)
  t.equal(json.status, 403)
  await bench.isOver(t)
})

t.test('a cap that only counts lets through, tells, and shows how far it is above', async (t) => {
  const bench = benchOf({ mode: 'count' })
  t.same(await statuses(bench, ['+447700900123'], ['+447700900123'], ['+447700900123']), [201, 201, 201])
  t.match(bench.eventsOf('spend_cap'), [{ refused: false, tell: true }, { refused: false, tell: false }])
  t.same(bench.eventsOf('guard_refused'), [])
  t.match(bench.line.guard.caps.states(), [{ name: 'uk', mode: 'count', usedRatio: 3, counts: 1, fullest: [{ used: 3 }] }])
  await bench.clock.advance(60_000)
  await sendTo(bench, '+447700900123')
  t.match(bench.eventsOf('spend_cap').at(-1), { tell: true }, 'once a minute')
  await bench.isOver(t)
})

t.test('who is refused by one cap takes nothing of another', async (t) => {
  const bench = new LineBench(answers(201), { caps: { all: { max: 2, intervalMs: HOUR_MS }, each: { max: 1, intervalMs: HOUR_MS, per: ['destination'] } } })
  t.same(await statuses(bench, ['+441'], ['+441'], ['+441'], ['+442'], ['+443']), [201, 403, 403, 201, 403])
  await bench.isOver(t)
})

for (const [what, scripts, status, counted] of [
  ['accepted', [answers(201)], 201, true],
  ['refused by Twilio', [answers(400)], 400, false],
  ['a 429 that no retry cures', [refuses(60203)], 429, false],
  ['never sent', [unreachable('ECONNREFUSED')], 502, false],
  ['broken after it was sent', [breaks('UND_ERR_SOCKET')], 502, true],
  ['a 500, after which nobody knows', [answers(500)], 500, true],
  ['accepted after two 429s', [refuses(), refuses(), answers(201)], 201, true]
] as const) {
  t.test(`${what}: ${counted ? 'counted once' : 'given back'}`, async (t) => {
    const bench = benchOf({ max: 10 }, scripts)
    const run = await sendTo(bench, '+447700900123', {}, 9_000)
    t.equal(run.status, status)
    t.equal(bench.line.guard.caps.states()[0]?.usedRatio, counted ? 0.1 : 0)
    await bench.isOver(t)
  })
}

t.test('what is shed, or left by its client before it was sent, is given back', async (t) => {
  const bench = benchOf({ max: 10 }, [hangs, answers(201)], new ScriptedLimit(1))
  const used = (): number | undefined => bench.line.guard.caps.states()[0]?.fullest[0]?.used
  await sendTo(bench, '+441')
  const [left, late] = [await sendTo(bench, '+442'), await sendTo(bench, '+443')]
  t.equal(used(), 3)
  left.exchange.interrupt('client_left')
  await left.done
  t.equal(used(), 2)
  await bench.clock.advance(9_300)
  t.equal(late.status, 429)
  t.equal(used(), 1)
  bench.upstream.calls[0]?.answer(201)
  await bench.clock.advance(1)
  await bench.isOver(t)
})

t.test('a send whose client left is judged by the answer that comes late', async (t) => {
  const bench = benchOf({ max: 10 }, hangs)
  const used = (): number | undefined => bench.line.guard.caps.states()[0]?.fullest[0]?.used
  for (let i = 0; i < 3; i++) {
    const run = await sendTo(bench, '+441')
    run.exchange.interrupt('client_left')
    await run.done
  }
  t.equal(used(), 3, 'counted while nobody knows')
  bench.upstream.calls[0]?.answer(201)
  bench.upstream.calls[1]?.answer(400)
  bench.upstream.calls[2]?.fail('UND_ERR_SOCKET')
  await bench.clock.advance(1)
  t.equal(used(), 2, 'Twilio refused one')
  await bench.isOver(t)
})

t.test('a refused duplicate takes nothing', async (t) => {
  const bench = new LineBench([breaks('UND_ERR_SOCKET'), answers(201)], { duplicates: { mode: 'refuse', windowMs: 60_000 }, caps: { uk: { max: 10, intervalMs: HOUR_MS } } })
  t.same(await statuses(bench, ['+441'], ['+441']), [502, 409])
  t.equal(bench.line.guard.caps.states()[0]?.fullest[0]?.used, 1)
  await bench.isOver(t)
})

const off = (over: Partial<KillSwitch> = {}): KillSwitch =>
  ({ name: 'pumping', account: null, product: null, caller: null, reads: false, reason: null, thrownAtMs: 0, untilMs: null, ...over })

t.test('a switch stops writes with its name and reason, lets reads pass, and lets all pass once it is released', async (t) => {
  const bench = benchOf({ max: 100 })
  t.same(await bench.line.guard.switches.turnOn(off({ reason: 'Pumped traffic, ask Kim' })), { durable: true, refused: 0 })
  const stopped = await sendTo(bench, '+441')
  t.match(stopped.json(), { code: 20403, status: 403, message: 'Stopped by the kill switch "pumping" of this proxy: Pumped traffic, ask Kim. Nothing was sent to Twilio.' })
  t.equal(stopped.header('governor-refused'), 'kill_switch')
  const read = bench.send('GET')
  const removed = bench.send('DELETE')
  await bench.clock.advance(SERVICE_MS)
  t.same([read.status, removed.status], [201, 403])
  t.same(bench.line.guard.caps.states()[0]?.fullest, [], 'what is stopped takes nothing of a cap')
  await bench.line.guard.switches.turnOff('pumping')
  t.equal((await sendTo(bench, '+441')).status, 201)
  t.match(bench.eventsOf('guard_refused'), [{ reason: 'kill_switch' }, { reason: 'kill_switch' }])
  t.same(bench.eventsOf('kill_switch').map(({ change }) => change), ['thrown', 'released'])
  t.equal(await bench.line.guard.switches.turnOff('pumping'), undefined)
  await bench.isOver(t)
})

t.test('a switch without a reason says so much, and one with a full stop gets no second', async (t) => {
  const bench = benchOf({})
  await bench.line.guard.switches.turnOn(off())
  t.match((await sendTo(bench, '+441')).json(), { message: 'Stopped by the kill switch "pumping" of this proxy. Nothing was sent to Twilio.' })
  await bench.line.guard.switches.turnOn(off({ reason: 'Closed!' }))
  t.match((await sendTo(bench, '+441')).json(), { message: /proxy: Closed! Nothing/ })
})

t.test('all that a switch names must hold', async (t) => {
  const cases: ReadonlyArray<readonly [Partial<KillSwitch>, number]> = [
    [{ account: ACCOUNT }, 403], [{ account: SUBACCOUNT }, 201], [{ product: 'api' }, 403], [{ product: 'verify' }, 201], [{ caller: 'tests' }, 403],
    [{ caller: 'te*' }, 403], [{ caller: 'te' }, 201], [{ account: ACCOUNT, product: 'api', caller: '*' }, 403], [{ account: ACCOUNT, product: 'api', caller: 'x' }, 201]
  ]
  for (const [over, status] of cases) {
    const bench = benchOf({ max: 100 })
    await bench.line.guard.switches.turnOn(off(over))
    t.equal((await sendTo(bench, '+441')).status, status, JSON.stringify(over))
  }
})

t.test('a switch of a subaccount also stops its parent from acting for it', async (t) => {
  const bench = benchOf({ max: 100 })
  await bench.line.guard.switches.turnOn(off({ account: SUBACCOUNT }))
  t.equal((await sendTo(bench, '+441', { path: `/2010-04-01/Accounts/${SUBACCOUNT}/Messages.json` })).status, 403)
  t.equal((await sendTo(bench, '+441')).status, 201)
})

t.test('reads are stopped, too, where that is asked for', async (t) => {
  const bench = benchOf({})
  await bench.line.guard.switches.turnOn(off({ reads: true }))
  const read = bench.send('GET')
  await read.done
  t.equal(read.status, 403)
  await bench.isOver(t)
})

t.test('a switch refuses whom it stops of those who wait, at once, and what is in flight is finished', async (t) => {
  const bench = benchOf({ max: 100 }, [hangs, answers(201)], new ScriptedLimit(1))
  const inflight = await sendTo(bench, '+441')
  const [waiting, other] = [await sendTo(bench, '+442'), await sendTo(bench, '+443', { caller: 'other' })]
  t.same(bench.stands, { inflight: 1, held: 0, waiting: 2 })
  t.match(await bench.line.guard.switches.turnOn(off({ caller: 'tests' })), { refused: 1 })
  await waiting.done
  t.match(waiting.json(), { status: 403, message: /"pumping".*Nothing was sent/ })
  t.equal(bench.line.guard.caps.states()[0]?.fullest[0]?.used, 2)
  bench.upstream.calls[0]?.answer(201)
  await bench.clock.advance(SERVICE_MS)
  t.same([inflight.status, other.status], [201, 201])
  t.match(bench.eventsOf('kill_switch'), [{ change: 'thrown', refused: 1 }])
  await bench.isOver(t)
})

t.test('a retry is stopped as well: what Twilio has refused is not sent again', async (t) => {
  const bench = benchOf({}, [refuses(), answers(201)])
  const run = await sendTo(bench, '+441', {}, 20)
  t.equal(run.exchange.attempts, 1)
  t.match(await bench.line.guard.switches.turnOn(off()), { refused: 1 }, 'at once, though it waits for its next attempt')
  await bench.clock.advance(0)
  t.match(run.json(), { status: 403, message: /Twilio processed none of its attempts/ })
  t.equal(bench.upstream.calls.length, 1)
  t.same(bench.line.guard.caps.states()[0]?.fullest, [])
  await bench.isOver(t)
})

t.test('a switch whose time is up lets through, and is told of', async (t) => {
  const bench = benchOf({ max: 100 })
  const { switches } = bench.line.guard
  const nowMs = bench.clock.epochMs()
  await switches.turnOn(off({ untilMs: nowMs + 40 * 86_400_000 }))
  await switches.turnOn(off({ name: 'brief', untilMs: nowMs + 5_000 }))
  t.equal(bench.clock.liveTimers, 1)
  await bench.clock.advance(5_000)
  t.same(switches.all().map(({ name }) => name), ['pumping'])
  await bench.clock.advance(40 * 86_400_000 - 5_001)
  t.equal((await sendTo(bench, '+441', {}, 0)).status, 403)
  await bench.clock.advance(1)
  t.equal((await sendTo(bench, '+441')).status, 201)
  t.same(bench.eventsOf('kill_switch').map(({ change, killSwitch: { name } }) => `${name} ${change}`), ['pumping thrown', 'brief thrown', 'brief expired', 'pumping expired'])
  await bench.isOver(t)
})

t.test('a switch that is thrown during an attempt that Twilio then refuses stops the next attempt', async (t) => {
  for (const script of [refuses(), unreachable('ECONNREFUSED')]) {
    const bench = new LineBench([(call, clock) => {
      // Nobody waits for anything while it is thrown.
      void bench.line.guard.switches.turnOn(off())
      script(call, clock)
    }, answers(201)])
    const run = bench.send()
    await bench.clock.advance(5_000)
    t.equal(run.status, 403)
    t.equal(run.header('governor-refused'), 'kill_switch')
    t.equal(bench.upstream.calls.length, 1, 'no second attempt was sent')
    await bench.line.guard.switches.turnOff('pumping')
    await bench.isOver(t)
  }
})
