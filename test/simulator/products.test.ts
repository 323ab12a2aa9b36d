import t from 'tap'
import { ask, AUTHORIZATION, message, MESSAGES, recordingPath, SID, simulator } from './support.ts'

t.test('every answer carries Twilio\'s headers', async (t) => {
  const subject = await simulator(t)
  const { headers } = await ask(subject, MESSAGES, message('hello'))
  t.match(headers, {
    'twilio-request-id': /^RQ[0-9a-f]{32}$/,
    'twilio-request-duration': /^\d+\.\d{3}$/,
    'twilio-concurrent-requests': '1',
    'x-api-domain': 'api.twilio.com',
    'x-home-region': 'us1',
    'content-type': /application\/json/
  })
})

t.test('the product is that of the Host header, of a first path segment, or api', async (t) => {
  const subject = await simulator(t)
  const domain = async (path: string, host?: string): Promise<unknown> =>
    (await ask(subject, path, host === undefined ? {} : { headers: { host } })).headers['x-api-domain']
  t.equal(await domain('/v2/Services', 'verify.twilio.com'), 'verify.twilio.com')
  t.equal(await domain('/verify.twilio.com/v2/Services'), 'verify.twilio.com')
  t.equal(await domain('/verify/v2/Services'), 'verify.twilio.com')
  t.equal(await domain('/v2/Services'), 'api.twilio.com')
  const { headers } = await ask(subject, '/v1/Services', { headers: { host: 'sync.sydney.au1.twilio.com:443' } })
  t.match(headers, { 'x-api-domain': 'sync.sydney.au1.twilio.com', 'x-home-region': 'au1' })
})

t.test('without credentials the answer is 401, in the shape of the path', async (t) => {
  const subject = await simulator(t)
  const bare = { headers: { authorization: '' } }
  t.match(JSON.parse((await ask(subject, MESSAGES, bare)).text), { code: 20003, status: 401 })
  t.match((await ask(subject, MESSAGES.replace('.json', ''), bare)).text, /<Code>20003<\/Code>/)
  t.match(subject.stats(), { unauthorised: 2, received: 0 })
})

t.test('the account is that of the path, of the user, or of the key, as the scenario maps it', async (t) => {
  const other = `AC${'2'.repeat(32)}`
  const mapped = `SK${'3'.repeat(32)}`
  const subject = await simulator(t, { keys: { [mapped]: other } })
  const whose = async (authorization: string): Promise<unknown> =>
    (await ask(subject, '/verify/v2/Services', { form: { FriendlyName: 'x' }, headers: { authorization } })).json().account_sid
  const basic = (user: string): string => `Basic ${Buffer.from(`${user}:secret`).toString('base64')}`
  t.equal(await whose(AUTHORIZATION), SID)
  t.equal(await whose(basic(mapped)), other)
  const own = await whose(basic(`SK${'4'.repeat(32)}`))
  t.match(own, /^AC[0-9a-f]{32}$/)
  t.equal(await whose(basic(`SK${'4'.repeat(32)}`)), own)
  t.not(await whose(basic(`SK${'5'.repeat(32)}`)), own)
  t.match((await ask(subject, MESSAGES, { ...message('x'), headers: { authorization: basic(mapped) } })).json(), { account_sid: SID })
})

t.test('tokens of one OAuth client lead to one account', async (t) => {
  const subject = await simulator(t)
  const token = async (): Promise<string> => (await ask(subject, '/oauth/v2/token', {
    form: { client_id: 'OQ1', client_secret: 'x', grant_type: 'client_credentials' }, headers: { authorization: '' }
  })).json().access_token
  const [first, second] = [await token(), await token()]
  t.not(first, second)
  for (const bearer of [first, second]) await ask(subject, '/verify/v2/Services', { headers: { authorization: `Bearer ${bearer}` } })
  t.same(Object.values(subject.stats().accounts).map(({ received }) => received), [2, 2], 'one account asked for tokens, one used them')
})

t.test('v2010 paths without .json answer XML', async (t) => {
  const subject = await simulator(t)
  const created = await ask(subject, MESSAGES.replace('.json', ''), message('a <b> & "c"'))
  t.equal(created.status, 201)
  t.match(created.headers['content-type'], 'application/xml')
  t.match(created.text, /^<\?xml .*\n<TwilioResponse><Message><Sid>SM[0-9a-f]{32}<\/Sid>/)
  t.match(created.text, '<Body>a &lt;b&gt; &amp; &quot;c&quot;</Body>')
  t.match((await ask(subject, MESSAGES.replace('.json', ''))).text, /<Messages page="0" .*<Message>.*<\/Message><\/Messages>/)
})

t.test('TaskRouter tells how much of its rate is left, and refuses beyond it', async (t) => {
  const subject = await simulator(t, { routeRates: [{ product: 'taskrouter', route: '/v1/Workspaces/{}/Tasks', perSecond: 0.001, burst: 2 }] })
  const path = `/taskrouter/v1/Workspaces/WS${'1'.repeat(32)}/Tasks`
  const create = { form: { Attributes: '{}' } }
  t.match(await ask(subject, path, create), { status: 201, headers: { 'x-rate-limit-limit': '0.001', 'x-rate-limit-remaining': '1', 'x-rate-limit-config': /burst 2/ } })
  t.match(await ask(subject, path, create), { status: 201, headers: { 'x-rate-limit-remaining': '0' } })
  t.match(await ask(subject, path, create), { status: 429, headers: { 'x-rate-limit-remaining': '0' } })
  t.match(subject.stats().throttled, { route: 1, account: 0 })
})

t.test('refusals at random carry their code and their shape', async (t) => {
  const subject = await simulator(t, { random429: [{ product: 'verify', probability: 1, code: 60203, family: 'problem' }] })
  const refused = await ask(subject, '/verify/v2/Services/VA1/Verifications', { form: { To: '+15550001111', Channel: 'sms' } })
  t.match(refused.json(), { code: 60203, status: 429, title: 'Max send attempts reached' })
  t.equal(refused.headers['content-type'], 'application/problem+json')
  t.equal((await ask(subject, MESSAGES, message('free'))).status, 201)
})

t.test('a recording streams as many bytes as the scenario says, with or without a length', async (t) => {
  const subject = await simulator(t, { media: { bytes: 300_000 } })
  const path = await recordingPath(subject)
  const whole = await ask(subject, `${path}.mp3`)
  t.match(whole.headers, { 'content-length': '300000', 'content-type': 'audio/mpeg' })
  t.equal(whole.text.length, 300_000)
  subject.settings({ media: { chunked: true } })
  const chunked = await ask(subject, `${path}.wav`)
  t.match(chunked.headers, { 'transfer-encoding': 'chunked', 'content-type': 'audio/x-wav' })
  t.equal(chunked.headers['content-length'], undefined)
  t.equal(chunked.text.length, 300_000)
})

t.test('HEAD of a recording tells of it without its bytes; one that is not there, or no more, is not found', async (t) => {
  const subject = await simulator(t, { media: { bytes: 300_000 } })
  const path = await recordingPath(subject)
  const head = await ask(subject, `${path}.mp3`, { method: 'HEAD' })
  t.match(head, { status: 200, text: '', headers: { 'content-type': 'audio/mpeg', 'content-length': '300000' } })
  t.match(await ask(subject, `/2010-04-01/Accounts/${SID}/Recordings/RE${'0'.repeat(32)}.mp3`), { status: 404, text: /<Code>20404<\/Code>/ })
  t.equal((await ask(subject, `${path}.json`, { method: 'DELETE' })).status, 204)
  for (const method of ['GET', 'HEAD'] as const) {
    for (const extension of ['json', 'mp3', 'wav']) t.equal((await ask(subject, `${path}.${extension}`, { method })).status, 404, `${method} ${extension}`)
  }
})

t.test('a collection as a whole can be neither deleted nor changed', async (t) => {
  const subject = await simulator(t)
  await ask(subject, MESSAGES, message('stays'))
  for (const path of [MESSAGES, '/verify/v2/Services', '/content/v1/Content']) {
    for (const method of ['DELETE', 'PATCH'] as const) t.match((await ask(subject, path, { method })).json(), { status: 405, code: 20004 }, `${method} ${path}`)
  }
  t.equal((await ask(subject, MESSAGES)).json().messages.length, 1)
  t.equal((await ask(subject, '/conversations/v1/Configuration', { method: 'DELETE' })).status, 204, 'one thing can')
})

t.test('a number that is looked up is itself: no SID, and its own address', async (t) => {
  const found = (await ask(await simulator(t), '/lookups/v2/PhoneNumbers/%2B14155550100')).json()
  t.match(found, { phone_number: '+14155550100', valid: true, url: 'https://lookups.twilio.com/v2/PhoneNumbers/+14155550100' })
  for (const key of ['sid', 'account_sid', 'date_created']) t.notOk(key in found, key)
})

t.test('what is listed has its own name in a page, and what looks like a list but is none is fetched', async (t) => {
  const subject = await simulator(t)
  const account = `/2010-04-01/Accounts/${SID}`
  const lists = [
    [`${account}/Messages/SM${'1'.repeat(32)}/Media.json`, 'media_list'],
    [`${account}/AvailablePhoneNumbers/US/Local.json`, 'available_phone_numbers'],
    [`${account}/IncomingPhoneNumbers/TollFree.json`, 'incoming_phone_numbers'],
    [`${account}/Usage/Records.json`, 'usage_records'],
    [`${account}/Usage/Records/ThisMonth.json`, 'usage_records'],
    ['/content/v1/Content', 'contents'],
    [`/messaging/v1/Services/MG${'1'.repeat(32)}/Compliance/Usa2p`, 'compliance'],
    ['/numbers/v1/SigningRequest/Configuration?PageSize=20', 'configuration']
  ] as const
  for (const [path, key] of lists) t.strictSame((await ask(subject, path)).json()[key], [], path)
  for (const path of [`${account}/Balance.json`, `/taskrouter/v1/Workspaces/WS${'1'.repeat(32)}/Statistics`, '/conversations/v1/Configuration']) {
    t.match((await ask(subject, path)).json(), { account_sid: SID }, path)
  }
})

// Names that every object knows, in whatever collection it is looked up.
const OF_EVERY_OBJECT = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__']

t.test('paths and bodies that make no sense are answered, not died of', async (t) => {
  const subject = await simulator(t)
  const paths = ['/', '//', '/%', '/v1/%E0%A4%A', `/2010-04-01/Accounts/${SID}/`, '/2010-04-01/Accounts/AC/Messages/%00.json', '/v1/__proto__/constructor', ...OF_EVERY_OBJECT.map((name) => MESSAGES.replace('Messages', name)), ...OF_EVERY_OBJECT.map((name) => `/verify/v2/${name}`), '/verify/v2/Services?PageSize=x&Page=-1&PageToken=PAnone']
  for (const path of paths) {
    for (const asked of [{}, { form: { __proto__: 'x', constructor: 'y', '': '' } }, { json: ['a', null] }, { json: 'text' }, { method: 'DELETE' as const }]) {
      const { status } = await ask(subject, path, asked)
      t.ok(status >= 200 && status < 500, `${path}: ${status}`)
    }
  }
  t.equal(({} as { x?: unknown }).x, undefined)
})

t.test('a body beyond all measure is refused', async (t) => {
  const subject = await simulator(t)
  t.match((await ask(subject, MESSAGES, message('x'.repeat(17 * 1024 * 1024)))).json(), { code: 20413, status: 413 })
})
