import { createHash } from 'node:crypto'
import t from 'tap'
import { request as send } from 'undici'
import { clientOf, setStage, SID, text } from './stage.ts'

const AUTHORIZATION = `Basic ${Buffer.from(`${SID}:secret`).toString('base64')}`

t.test('the SDK creates, fetches, updates, lists and deletes messages', async (t) => {
  const { client, twilio } = await setStage(t)
  const created = await client.messages.create(text('number 0 \u{1f600} & more'))
  t.match(created, { accountSid: SID, sid: /^SM/, status: 'queued', body: 'number 0 \u{1f600} & more', to: '+15550001111' })
  t.equal((await client.messages(created.sid).fetch()).sid, created.sid)
  t.equal((await client.messages(created.sid).update({ body: '' })).body, '')
  for (let i = 1; i < 5; i++) await client.messages.create(text(`number ${i}`))
  const before = twilio.stats().received
  t.same((await client.messages.list({ pageSize: 3 })).map(({ body }) => body), ['number 4', 'number 3', 'number 2', 'number 1', ''])
  t.equal(twilio.stats().received - before, 2, 'two pages, both through the proxy')
  t.equal(await client.messages(created.sid).remove(), true)
  await t.rejects(client.messages(created.sid).fetch(), { name: 'Error', status: 404, code: 20404, moreInfo: /20404/ })
  t.equal(twilio.stats().duplicates, 0)
})

t.test('the SDK places a call, and lists none of another account', async (t) => {
  const { client } = await setStage(t)
  const call = await client.calls.create({ to: '+15550001111', from: '+15550002222', twiml: '<Response/>' })
  t.match(call, { sid: /^CA/, status: 'queued', accountSid: SID })
  t.equal((await client.calls(call.sid).update({ status: 'completed' })).status, 'completed')
  t.same(await client.api.v2010.accounts(`AC${'2'.repeat(32)}`).calls.list(), [])
})

t.test('the SDK sends a code and checks it: Verify behind a path of the same base URL', async (t) => {
  const { client, log } = await setStage(t)
  const { sid } = await client.verify.v2.services.create({ friendlyName: 'shop' })
  const service = client.verify.v2.services(sid)
  t.match(await service.verifications.create({ to: '+15550001111', channel: 'sms' }), { status: 'pending', sid: /^VE/ })
  t.match(await service.verificationChecks.create({ to: '+15550001111', code: '000000' }), { status: 'pending', valid: false })
  t.match(await service.verificationChecks.create({ to: '+15550001111', code: '123456' }), { status: 'approved', valid: true })
  t.match(log().filter(({ msg }) => msg === 'exchange'), Array(4).fill({ product: 'verify', class: 'critical', account: SID }))
})

t.test('the SDK looks a number up', async (t) => {
  const { client, log } = await setStage(t)
  t.match(await client.lookups.v2.phoneNumbers('+14155550100').fetch(), { valid: true, countryCode: 'US', phoneNumber: '+14155550100' })
  t.match(log().find(({ msg }) => msg === 'exchange'), { product: 'lookups', route: 'GET lookups/v2/PhoneNumbers/{}' })
})

t.test('a recording that the SDK lists arrives through the proxy as Twilio sends it', async (t) => {
  for (const chunked of [false, true]) {
    const { client, twilio, proxy } = await setStage(t, { media: { bytes: 3_000_001, chunked } })
    const [recording] = await client.recordings.list({ limit: 1 })
    const path = `${new URL(recording!.mediaUrl).pathname}.mp3`
    const [direct, through] = await Promise.all([twilio.origin, proxy].map(async (origin) => {
      const { statusCode, headers, body } = await send(origin + path, { headers: { authorization: AUTHORIZATION } })
      const hash = createHash('sha256')
      let bytes = 0
      for await (const chunk of body as AsyncIterable<Buffer>) {
        hash.update(chunk)
        bytes += chunk.length
      }
      return { status: statusCode, type: headers['content-type'], length: headers['content-length'], bytes, hash: hash.digest('hex') }
    }))
    t.same(through, direct, chunked ? 'without a length' : 'with a length')
    t.match(through, { status: 200, bytes: 3_000_001 })
  }
})

t.test('what Twilio refuses reaches the app as the SDK\'s own error, with Twilio\'s code, at once', async (t) => {
  const { client, twilio } = await setStage(t)
  await t.rejects(client.messages.create({ to: '', from: '+15550002222', body: 'x' }), { status: 400, code: 21604, moreInfo: /errors\/21604/ })
  await t.rejects(client.messages.create({ to: '+15550001111', from: '+15550002222' }), { status: 400, code: 21602 })
  await t.rejects(client.messages(`SM${'f'.repeat(32)}`).fetch(), { status: 404, code: 20404 })
  t.equal(twilio.stats().received, 3, 'nothing was tried again')
})

t.test('two accounts, one small and one large: neither waits for the other', async (t) => {
  const other = `AC${'2'.repeat(32)}`
  const { client, proxy, twilio, app } = await setStage(t, { limits: { [SID]: 1, [other]: 50 }, latency: { medianMs: 40, p99Ms: 40 } })
  const second = clientOf(proxy, other)
  let small = 0
  const slow = Array.from({ length: 30 }, (_, i) => client.messages.create(text(`small ${i}`)).then(() => { small++ }))
  await Promise.all(Array.from({ length: 30 }, (_, i) => second.messages.create(text(`large ${i}`))))
  t.ok(small < 15, `${small} of the small account were done when the large one was through`)
  await Promise.all(slow)
  t.match(twilio.stats(), { creates: { total: 60 }, duplicates: 0 })
  t.match(twilio.stats().accounts[other], { throttled: { total: 0 } })
  t.same(new Set(app.state.accounts().map(({ account }) => account)), new Set([SID, other]))
})

t.test('the SDK pages through Verify by base URL, past the proxy unless page URLs are rewritten', async (t) => {
  const { client, twilio, log } = await setStage(t, {}, { listen: { rewritePageUrls: true } })
  for (const name of ['one', 'two', 'three']) await client.verify.v2.services.create({ friendlyName: name })
  const services = await client.verify.v2.services.list({ pageSize: 2 })
  t.same(services.map(({ friendlyName }) => friendlyName).sort(), ['one', 'three', 'two'])
  t.match(services[0]?.url, /^https:\/\/verify\.twilio\.com\//, 'a resource keeps its own URL')
  t.equal(twilio.stats().received, 5)
  t.equal(log().filter(({ msg }) => msg === 'exchange').length, 5)
})
