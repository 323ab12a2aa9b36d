import t from 'tap'
import { hashedAccount } from '../../../src/telemetry/account-labels.ts'
import { read, recorded, SID } from './lines.ts'
import { play } from './stage.ts'

const ONE_AT_A_TIME = 'limit: { algorithm: fixed, fixed: 1 }\n'
const at = (count: number, everyMs: number, over: Parameters<typeof recorded>[1] = {}): Array<ReturnType<typeof recorded>> =>
  Array.from({ length: count }, (_, i) => recorded(everyMs * i, over))

t.test('with room, each request takes what it took, and nobody waits', async (t) => {
  const { ends, replay, liveTimers } = await play(t, '', at(20, 10))
  t.equal(ends.length, 20)
  t.ok(ends.every(({ waitMs, attempts, status }) => waitMs < 1 && attempts === 1 && status === 201))
  t.equal(replay.twilio.peaks.get(SID), 10)
  t.equal(liveTimers, 0, 'nothing of it is left')
})

t.test('a lower limit makes them wait for each other, as the gate would', async (t) => {
  const { ends, replay } = await play(t, ONE_AT_A_TIME, at(5, 10))
  t.same(ends.map(({ waitMs, atMs }) => [Math.round(waitMs), Math.round(atMs)]), [[0, 100], [90, 200], [180, 300], [270, 400], [360, 500]])
  t.equal(replay.twilio.peaks.get(SID), 1)
})

t.test('in shadow nothing is held back', async (t) => {
  const { ends } = await play(t, 'limit: { mode: shadow, algorithm: fixed, fixed: 1 }\n', at(5, 10))
  t.ok(ends.every(({ waitMs }) => waitMs < 1))
})

t.test('beyond the ceiling Twilio refuses, and the line sends again', async (t) => {
  const { ends, figures } = await play(t, 'limit: { mode: off }\n', at(4, 10), { ceiling: 2 })
  t.ok(ends.every(({ status }) => status === 201))
  t.ok(figures.all.plan.throttled >= 2)
  t.equal(figures.all.plan.calls, 4 + figures.all.plan.throttled)
  t.equal(figures.all.plan.refused, 0)
})

t.test('without retries a 429 is handed on, and is counted as a refusal', async (t) => {
  const { figures } = await play(t, 'limit: { mode: off }\nretry: { throttled: false }\n', at(4, 10), { ceiling: 2 })
  t.same([...figures.all.plan.refusals], [['retries_off', 2]])
})

t.test('a queue that is full and a deadline that passes refuse', async (t) => {
  const full = await play(t, `${ONE_AT_A_TIME}queue: { maxWaiting: 1 }\n`, at(4, 10))
  t.same([...full.figures.all.plan.refusals], [['queue_full', 2]])
  const slow = await play(t, ONE_AT_A_TIME, at(4, 10, { allowedMs: 150 }))
  t.same([...slow.figures.all.plan.refusals], [['deadline', 2]])
  t.equal(slow.figures.all.plan.waits.size, 2, 'whoever was refused waited for nothing that counts')
  const usual = await play(t, `${ONE_AT_A_TIME}deadline: { defaultMs: 150 }\n`, at(4, 10, { allowedMs: undefined }))
  t.same([...usual.figures.all.plan.refusals], [['deadline', 2]], 'a line that names no time has that of the settings')
})

t.test('equal reads on their way share one call unless that is turned off', async (t) => {
  const reads = [read(0, 'a'), read(10, 'a'), read(20, 'b'), read(30, 'a'), read(40, undefined), read(50, undefined)]
  const { figures } = await play(t, '', reads)
  t.match(figures.all.plan, { requests: 6, calls: 4, saved: 2, refused: 0 })
  t.match((await play(t, 'coalesce: { inFlight: false }\n', reads)).figures.all.plan, { calls: 6, saved: 0 })
})

t.test('nobody shares a read that began before a write to its route', async (t) => {
  const list = { route: 'GET api/2010-04-01/Accounts/{}/Messages.json' }
  const { figures } = await play(t, 'coalesce: { inFlight: true }\n', [read(0, 'a', { ...list, upstreamMs: 400, totalMs: 400 }), recorded(100), read(300, 'a', list)])
  t.match(figures.all.plan, { calls: 3, saved: 0 })
})

t.test('reads that were shared then are sent where sharing is off, and take what their route takes', async (t) => {
  const shared = read(10, 'a', { attempts: 0, reason: 'coalesced', upstreamMs: 90, totalMs: 90 })
  const { figures, ends } = await play(t, 'coalesce: { inFlight: false }\n', [read(0, 'a'), shared])
  t.match(figures.all.then, { calls: 1, saved: 1 })
  t.match(figures.all.plan, { calls: 2, saved: 0 })
  t.equal(Math.round(ends[1]!.atMs), 110)
})

t.test('rules of the settings give classes, and those wait as their class does', async (t) => {
  const yaml = `${ONE_AT_A_TIME}queue: { classes: [{ match: { callers: [signup] }, class: critical }] }\n`
  const { ends, figures } = await play(t, yaml, [...at(3, 10), recorded(25, { caller: 'signup' })])
  t.same(ends.map(({ caller }) => caller), ['campaigns', 'signup', 'campaigns', 'campaigns'])
  t.same([...figures.moved], [['standard → critical', 1]])
  t.equal(figures.groups('class').get('critical')!.plan.requests, 1)
  t.equal(figures.groups('class').get('critical')!.then.requests, 0)
  t.equal(figures.groups('class').get('standard')!.then.requests, 4)
})

t.test('a class that a caller asked for stays', async (t) => {
  t.equal((await play(t, '', [recorded(0, { class: 'bulk' })])).ends[0]!.class, 'bulk')
})

t.test('a rule for an account finds it under the name that the log has', async (t) => {
  const yaml = `accounts: { aliases: { ${SID}: shop } }\nqueue: { classes: [{ match: { accounts: [${SID}] }, class: bulk }] }\n`
  for (const account of [SID, 'shop', hashedAccount(SID), `${SID}@ie1`, 'shop@ie1']) t.equal((await play(t, yaml, [recorded(0, { account })])).ends[0]!.class, 'bulk', account)
  for (const account of ['sha256:000000000000', 'other', 'anonymous']) t.equal((await play(t, yaml, [recorded(0, { account })])).ends[0]!.class, 'standard', account)
})

t.test('accounts do not wait for each other', async (t) => {
  const { ends } = await play(t, ONE_AT_A_TIME, [recorded(0), recorded(10, { account: 'shop' }), recorded(20, { account: 'shop@ie1' }), recorded(30, { account: 'user:0123' })])
  t.ok(ends.every(({ waitMs }) => waitMs < 1))
})

t.test('the rate of a route refuses what comes faster', async (t) => {
  const rates = [{ method: 'POST', product: 'api', route: '/2010-04-01/Accounts/{}/Messages.json', perSecond: 2 }]
  const { figures } = await play(t, 'limit: { mode: off }\nretry: { throttled: false }\n', [...at(4, 10), read(5, 'a')], { rates })
  t.match(figures.groups('class').get('standard')!.plan, { throttled: 2, refused: 2 })
  t.match(figures.groups('class').get('read')!.plan, { throttled: 0 })
})

t.test('what Twilio answered then it answers again', async (t) => {
  const { ends } = await play(t, '', [
    recorded(0, { status: 404 }),
    recorded(1_000, { status: 503, reason: 'outcome_unknown' }),
    recorded(2_000, { status: 502, reason: 'outcome_unknown', errorCode: 'ECONNRESET' }),
    recorded(3_000, { status: 429, reason: 'throttled_final', throttled: 0 }),
    recorded(4_000, { status: 502, reason: 'unsent', errorCode: 'ENOTFOUND', attempts: 5, upstreamMs: 0 })
  ])
  t.same(ends.map(({ status, refusal }) => [status, refusal]), [[404, undefined], [503, undefined], [502, undefined], [429, undefined], [502, undefined]])
  t.same(ends.map(({ attempts }) => attempts), [1, 1, 1, 1, 5])
})

t.test('a client that left then leaves again, unless its answer comes sooner', async (t) => {
  const left = recorded(10, { status: 0, reason: 'client_left', attempts: 0, upstreamMs: 0, queueMs: 80, totalMs: 80 })
  t.same((await play(t, ONE_AT_A_TIME, [recorded(0), left])).ends.map(({ status }) => status), [0, 201])
  t.same((await play(t, '', [recorded(0), { ...left, totalMs: 200 }])).ends.map(({ status }) => status), [201, 201])
})

t.test('creates that look the same in a log are not taken for duplicates', async (t) => {
  const unknown = recorded(0, { status: 504, reason: 'outcome_unknown', errorCode: 'UND_ERR_HEADERS_TIMEOUT' })
  const { ends } = await play(t, 'duplicates: { mode: refuse }\n', [unknown, recorded(1_000)])
  t.same(ends.map(({ status }) => status), [504, 201])
})

t.test('the same seed, the same plan', async (t) => {
  const one = await play(t, '', at(300, 2), { ceiling: 12 })
  const two = await play(t, '', at(300, 2), { ceiling: 12 })
  t.same(one.ends, two.ends)
  t.ok(one.figures.all.plan.throttled > 0)
})

t.test('a pacing rule holds what comes faster, for as long as it would', async (t) => {
  const yaml = 'pacing: { rules: { slow: { match: { callers: [campaigns] }, perSecond: 10 }, idle: { match: { callers: [nobody] }, perSecond: 1 } } }\n'
  const { ends, figures } = await play(t, yaml, [...at(4, 10), recorded(15, { caller: 'signup' })])
  t.same(ends.filter(({ caller }) => caller === 'campaigns').map(({ waitMs }) => Math.round(waitMs / 10) * 10), [0, 90, 180, 270])
  t.ok((ends.find(({ caller }) => caller === 'signup')?.waitMs ?? Infinity) < 1)
  t.same([...figures.rules.keys()], ['slow'])
  t.match(figures.rules.get('slow'), { asked: 4, waits: { size: 3 } })
})
