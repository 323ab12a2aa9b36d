import t from 'tap'
import { AUTHORIZATION, createClient, MESSAGES, startApp, startUpstream } from '../../support/app.ts'

const FORM = 'application/x-www-form-urlencoded'

t.test('with real time and real sockets: a rule holds back what it is for, by sender, and tells no sender', async (t) => {
  const at: string[] = []
  const { origin } = await startUpstream(t, ({ body }, response) => {
    at.push(new URLSearchParams(body.toString()).get('From') ?? '')
    response.writeHead(201, { 'content-type': 'application/json' }).end('{}')
  })
  const rules = { senders: { match: { routes: ['/2010-04-01/Accounts/{}/Messages.json'] }, starts: 2, intervalMs: 600, per: { field: 'From' } } }
  const { proxy, admin, log } = await startApp(t, origin, { pacing: { rules } })
  const client = createClient(t)
  const send = (From: string): Promise<{ status: number, headers: Record<string, unknown> }> => client(proxy + MESSAGES, {
    method: 'POST', headers: { authorization: AUTHORIZATION, 'content-type': FORM }, body: new URLSearchParams({ To: '+15550000001', From }).toString()
  })
  const sendersBusy = ['+15550009001', '+15550009001', '+15550009001', '+15550009002'].map(send)
  const answers = await Promise.all(sendersBusy)
  t.same(answers.map(({ status }) => status), [201, 201, 201, 201])
  t.equal(at.at(-1), '+15550009001', 'the third of a sender comes last, after another sender')
  const waitsMs = answers.map(({ headers }) => Number(headers['governor-pace-ms'] ?? 0)).filter((ms) => ms > 0)
  t.equal(waitsMs.length, 1)
  t.ok((waitsMs[0] ?? 0) > 50 && (waitsMs[0] ?? 0) <= 650, `it waited for what was left of the interval: ${waitsMs[0]} ms`)
  const metrics = (await client(`${admin}/metrics`)).body.toString()
  t.match(metrics, 'twilio_governor_pace_wait_seconds_count{rule="senders"} 4')
  const state = (await client(`${admin}/state`)).body.toString()
  t.match(JSON.parse(state), { pacingRules: [{ rule: 'senders', keys: 2, waiting: 0 }] })
  t.notMatch(metrics + state + JSON.stringify(log()), /5550009/)
})

t.test('a wall clock that is set back or forward holds up nobody who waits for a pace', async (t) => {
  const { origin, received } = await startUpstream(t, (_call, response) => response.writeHead(201, { 'content-type': 'application/json' }).end('{}'))
  const rules = { all: { match: { methods: ['POST' as const] }, perSecond: 20 } }
  const { proxy } = await startApp(t, origin, { pacing: { rules } })
  const client = createClient(t)
  const now = Date.now
  t.teardown(() => { Date.now = now })
  let steppedMs = 0
  Date.now = () => now() + steppedMs
  for (const stepMs of [-3_600_000, 3_600_000, -5_000]) {
    const sendings = Array.from({ length: 4 }, (_, i) => client(proxy + MESSAGES, { method: 'POST', headers: { authorization: AUTHORIZATION, 'content-type': FORM }, body: `To=%2B1555000000${i}` }))
    await sendings[0]
    steppedMs += stepMs
    t.same((await Promise.all(sendings)).map(({ status }) => status), [201, 201, 201, 201], `a step of ${stepMs} ms`)
  }
  t.equal(received.length, 12)
})
