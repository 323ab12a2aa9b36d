import t from 'tap'
import twilioSdk from 'twilio'
import { request as send } from 'undici'
import { until } from '../support/app.ts'
import { setStage, SID, text } from './stage.ts'

/** Headers of the last answer that a client had. */
const lastHeaders = (client: twilioSdk.Twilio): unknown => client.httpClient.lastResponse?.headers

t.test('a request that the proxy sheds is a 429 that the SDK can read', async (t) => {
  const { client, twilio } = await setStage(t, { latency: { medianMs: 300, p99Ms: 300 } }, { limit: { algorithm: 'fixed', fixed: 1 }, queue: { maxWaiting: 0 } })
  const first = client.messages.create(text('first'))
  await until(() => twilio.stats().currentConcurrency === 1)
  await t.rejects(client.messages.create(text('second')), { status: 429, code: 20429, message: /queue of this account is full/, moreInfo: /20429/ })
  t.match(lastHeaders(client), { 'governor-shed': 'queue_full', 'retry-after': /^[1-9]\d*$/, 'governor-attempts': '0' })
  t.equal((await first).status, 'queued')
  t.match(twilio.stats(), { received: 1, creates: { total: 1 } }, 'nothing of it reached Twilio')
})

for (const [kind, created] of [['reset_before', 0], ['reset_after', 1]] as const) {
  t.test(`a connection that breaks, ${kind}: the app hears that nobody knows, and nothing is sent twice`, async (t) => {
    const { client, twilio, log } = await setStage(t, { faults: [{ kind, method: 'POST', next: 1 }] })
    await t.rejects(client.messages.create(text('once')), { status: 502, code: 20500, message: /may have processed the request/ })
    t.match(lastHeaders(client), { 'governor-outcome': 'unknown', 'governor-attempts': '1' })
    t.match(twilio.stats(), { received: 1, creates: { total: created }, duplicates: 0 })
    t.match(log().find(({ msg }) => msg === 'exchange'), { status: 502, reason: 'outcome_unknown', attempts: 1 })
    t.equal((await client.messages.list()).length, created, 'the app can look it up')
    await client.messages.create(text('another'))
    t.match(twilio.stats(), { creates: { total: created + 1 }, duplicates: 0 }, 'and go on')
  })
}

t.test('a read that meets an error, an error page or a broken connection is tried again, unseen by the app', async (t) => {
  for (const kind of ['json_500', 'html_503', 'reset_before', 'truncated_body'] as const) {
    const { client, twilio } = await setStage(t, { faults: [{ kind, method: 'GET', next: 2 }] })
    const { sid } = await client.messages.create(text('hello'))
    t.equal((await client.messages(sid).fetch()).body, 'hello', kind)
    t.match(lastHeaders(client), { 'governor-attempts': '3' }, kind)
    t.equal(twilio.stats().faults[kind], 2)
  }
})

t.test('a write that meets an error of Twilio\'s is never sent again', async (t) => {
  const { client, twilio } = await setStage(t, { faults: [{ kind: 'json_500', method: 'POST', next: 1, processed: true }] })
  await t.rejects(client.messages.create(text('once')), { status: 500, code: 20500 })
  t.match(lastHeaders(client), { 'governor-outcome': 'unknown' })
  t.match(twilio.stats(), { creates: { total: 1 }, duplicates: 0 })
})

t.test('Twilio\'s 429s by the dozen, a third of all, and the app sees none', async (t) => {
  const { client, twilio } = await setStage(t, { random429: [{ probability: 0.33, method: 'POST' }], latency: { medianMs: 5, p99Ms: 5 } }, { retry: { backoffBaseMs: 5, backoffMaxMs: 50 } })
  const sent = await Promise.all(Array.from({ length: 100 }, (_, i) => client.messages.create(text(`number ${i}`))))
  t.equal(new Set(sent.map(({ sid }) => sid)).size, 100)
  const stats = twilio.stats()
  t.ok(stats.throttled.random >= 20, `${stats.throttled.random} throttled`)
  t.match(stats, { creates: { total: 100 }, duplicates: 0 })
})

t.test('a code that no retry can cure is passed to the app at once', async (t) => {
  const { client, twilio } = await setStage(t, { random429: [{ probability: 1, product: 'verify', code: 60203 }] })
  const service = client.verify.v2.services(`VA${'3'.repeat(32)}`)
  await t.rejects(service.verifications.create({ to: '+15550001111', channel: 'sms' }), { status: 429, code: 60203 })
  t.equal(twilio.stats().throttled.total, 1)
})

t.test('an app that sends a message again whose outcome nobody knows is told 409, and only one is sent', async (t) => {
  const { client, twilio, log } = await setStage(t, { faults: [{ kind: 'reset_after', method: 'POST', next: 1 }] }, { duplicates: { mode: 'refuse' } })
  await t.rejects(client.messages.create(text('once')), { status: 502, code: 20500 })
  await t.rejects(client.messages.create(text('once')), { status: 409, code: 20409, message: /was not sent/ })
  t.match(lastHeaders(client), { 'governor-duplicate': 'unknown', 'governor-attempts': '0' })
  t.match(twilio.stats(), { creates: { total: 1 }, duplicates: 0 })
  t.match(log().filter(({ msg }) => msg === 'duplicate send'), [{ level: 'warn', sdk: 'node', first: 'unknown', refused: true }])
  await client.messages.create(text('another'))
  t.match(twilio.stats(), { creates: { total: 2 }, duplicates: 0 })
})

t.test('an SDK that retries above the proxy is told of once', async (t) => {
  const { client, proxy, admin, log } = await setStage(t, { random429: [{ probability: 1, method: 'POST' }] }, { retry: { throttled: false } })
  const retrying = twilioSdk(SID, 'secret', { autoRetry: true, maxRetries: 2 })
  retrying.api.baseUrl = proxy
  await t.rejects(retrying.messages.create(text('again')), { status: 429, code: 20429 })
  await t.rejects(retrying.messages.create(text('and again')), { status: 429, code: 20429 })
  await t.rejects(client.messages.list({ limit: 1 }).then(() => client.messages.create(text('once'))), { status: 429, code: 20429 })
  t.match(log().filter(({ msg }) => msg === 'stacked retries'), [{ level: 'warn', sdk: 'node', status: 429, advice: /autoRetry/ }])
  const { body } = await send(`${admin}/metrics`)
  t.match(await body.text(), /twilio_governor_stacked_retries_total\{sdk="node"\} 4/)
})
