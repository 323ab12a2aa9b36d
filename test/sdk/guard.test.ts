import t from 'tap'
import twilioSdk from 'twilio'
import { request } from 'undici'
import { setStage, SID, text } from './stage.ts'

const CAP = { max: 2, intervalMs: 3_600_000, prefixes: ['+1555'], per: ['caller', 'prefix'] as const }

t.test('above a cap the SDK throws a RestException with code 20403, once, and retries nothing', async (t) => {
  const { client, twilio, proxy } = await setStage(t, {}, { guard: { caps: { pumping: CAP } } })
  for (let i = 0; i < 2; i++) await client.messages.create(text(`number ${i}`))
  const retrying = twilioSdk(SID, 'secret', { autoRetry: true, maxRetries: 3 })
  retrying.api.baseUrl = proxy
  for (const sdk of [client, retrying]) {
    const error: unknown = await sdk.messages.create(text('one too many')).catch((error: unknown) => error)
    t.ok(error instanceof twilioSdk.RestException)
    t.match(error, { status: 403, code: 20403, message: /^Cap "pumping" of this proxy is used up: 2 sends in 1 hour for each caller and prefix/, moreInfo: 'https://www.twilio.com/docs/errors/20403' })
    t.match(sdk.httpClient.lastResponse?.headers, { 'governor-refused': 'spend_cap', 'governor-attempts': '0' })
  }
  t.match(twilio.stats(), { received: 2, creates: { total: 2 } })
})

t.test('calls and verifications count as sends, a check of a code does not', async (t) => {
  const { client } = await setStage(t, {}, { guard: { caps: { all: { max: 2, intervalMs: 60_000, per: ['destination'] } } } })
  const to = '+15550001111'
  await client.calls.create({ to, from: '+15550002222', url: 'https://example.com/twiml' })
  const service = client.verify.v2.services(`VA${'1'.repeat(32)}`)
  await service.verifications.create({ to, channel: 'sms' })
  await service.verificationChecks.create({ to, code: '123456' }).catch((error: unknown) => t.notMatch(error, { code: 20403 }))
  await t.rejects(service.verifications.create({ to, channel: 'sms' }), { status: 403, code: 20403, message: /Cap "all"/ })
  await t.resolves(client.messages.list(), 'reads are free')
})

t.test('a kill switch stops what the app sends, with its reason, until it is released', async (t) => {
  const { client, admin } = await setStage(t)
  const change = async (method: 'PUT' | 'DELETE', body: string | null): Promise<number> => {
    const answer = await request(`${admin}/switches/incident`, { method, body, headers: body === null ? {} : { 'content-type': 'application/json' } })
    await answer.body.dump()
    return answer.statusCode
  }
  t.equal(await change('PUT', JSON.stringify({ account: SID, reason: 'Pumped verifications; ask the on-call' })), 201)
  await t.rejects(client.messages.create(text('hello')), { status: 403, code: 20403, message: /kill switch "incident".*Pumped verifications; ask the on-call\. Nothing was sent/ })
  t.match(client.httpClient.lastResponse?.headers, { 'governor-refused': 'kill_switch' })
  t.same(await client.messages.list(), [])
  t.equal(await change('DELETE', null), 200)
  t.equal((await client.messages.create(text('hello'))).status, 'queued')
})
