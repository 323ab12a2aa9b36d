import { request as send } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { ACCOUNT, AUTHORIZATION, createClient, MESSAGES, startApp, startUpstream } from './support/app.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const JSON_TYPE = { 'content-type': 'application/json' }
const PREMIUM = 'To=%2B19005550123&From=%2B15550001&Body=hi'
const CALLS = MESSAGES.replace('Messages', 'Calls')
const parts = (...fields: ReadonlyArray<readonly [head: string, value: string]>): string =>
  `${fields.map(([head, value]) => `--x\r\nContent-Disposition: form-data; ${head}\r\n\r\n${value}\r\n`).join('')}--x--\r\n`
const MULTIPART = { 'content-type': 'multipart/form-data; boundary=x' }

interface Row { readonly path: string, readonly body?: string | Buffer, readonly headers?: Record<string, string | string[]>, readonly method?: string }
const at = (path: string, over: Partial<Row> = {}): Row => ({ path, body: PREMIUM, headers: FORM, ...over })
const by = (body: string | Buffer, headers: NonNullable<Row['headers']> = FORM, path = MESSAGES): Row => ({ path, body, headers })

/** Sends a request with its path byte for byte. */
async function sendRaw (proxy: string, { path, body = '', headers = {}, method = 'POST' }: Row): Promise<{ status: number, text: string }> {
  return await new Promise((resolve, reject) => {
    const request = send(proxy, { method, path, headers: { authorization: AUTHORIZATION, ...headers } }, (response) => {
      buffer(response).then((bytes) => { resolve({ status: response.statusCode ?? 0, text: bytes.toString() }) }, reject)
    })
    request.on('error', reject)
    request.end(body)
  })
}

const answered = async (t: Test): Promise<Awaited<ReturnType<typeof startUpstream>>> =>
  await startUpstream(t, (_request, response) => { response.writeHead(201, { 'content-type': 'application/json' }).end('{}') })

/** Spellings of one path, each of which some server somewhere takes for it. */
const spellings = (path: string): readonly string[] => {
  const slash = path.lastIndexOf('/')
  const before = path.slice(0, slash)
  const word = path.slice(slash + 1)
  const bare = word.replace('.json', '')
  return [
    word, bare, `${bare}.xml`, `${bare}.JSON`, `${bare}.html`, word.toLowerCase(), word.toUpperCase(), `${word}/`, `${word}//`, `/${word}`, `./${word}`, `x/../${word}`, `%2e/${word}`,
    `${word}?`, `${word}?Page=1`, `${word};x`, `${bare};v=1.json`, `${word}.`, `${word}%20`, `%20${word}`, `${word}%00`, `${word}%0a`, `${word}%3Fx`, `${word}%23`, `${word}#x`, `${word}%2F`, `%2F${word}`, `${word}\\`, `${word}%5C`,
    `${word}.json`, `${bare}/.json`, `%${word.charCodeAt(0).toString(16)}${word.slice(1)}`, `%${word.charCodeAt(0).toString(16).toUpperCase()}${word.slice(1)}`, `%25${word.charCodeAt(0).toString(16)}${word.slice(1)}`,
    word.replace(/./g, (char) => `%${char.charCodeAt(0).toString(16)}`), `${word.slice(0, 3)}%E2%80%8B${word.slice(3)}`, `${word}%zz`, `${word}%`, `${word}+`
  ].map((spelling) => `${before}/${spelling}`)
}

const WRITES: readonly Row[] = [
  ...spellings(MESSAGES).map((path) => at(path)),
  ...spellings('/2010-04-01/Accounts/AC/Calls'.replace('AC/', `${ACCOUNT}/`)).map((path) => at(path)),
  ...spellings('/verify/v2/Services/VA1/Verifications').map((path) => at(path)),
  ...['/%41ccounts/', '/accounts/', '/ACCOUNTS/', '//Accounts/', '/Accounts//', '/Accounts%2f', '%2fAccounts/', '/./Accounts/', '/Accounts;x/', '/Accounts.json/'].map((accounts) => at(MESSAGES.replace('/Accounts/', accounts))),
  ...[ACCOUNT.toLowerCase(), ACCOUNT.toUpperCase(), `%41${ACCOUNT.slice(1)}`, `${ACCOUNT}.json`, `${ACCOUNT};x`, `${ACCOUNT}%20`, `${ACCOUNT}/Accounts/AC${'b'.repeat(32)}`].map((sid) => at(MESSAGES.replace(ACCOUNT, sid))),
  ...['/verif%79', '/%76erify', '/Verify', '/VERIFY', '/verify.twilio.com', '/Verify.Twilio.com:443', '/verify.twilio.com.', '//verify', '/verify/', '/verify;x', '/verify%2f', '/%2fverify'].map((product) => at(`${product}/v2/Services/VA1/Verifications`)),
  at(MESSAGES.replace('Messages', 'SMS/Messages')), at(MESSAGES.replace('Messages', 'SMS/messages')), at(MESSAGES.replace('2010', '2008')),
  at(MESSAGES, { method: 'PUT' }), at(MESSAGES, { method: 'PATCH' }),
  at(MESSAGES, { headers: { ...FORM, 'x-http-method-override': 'GET' } }), at(`${MESSAGES}?_method=GET`),
  // The body in other spellings.
  ...['To=&To=%2B19005550123', 'To=%2B19005550123&To=', 'To=%2B15550001&To=%2B19005550123', 'to=%2B19005550123', 'TO=%2B19005550123', '%54o=%2B19005550123', 'T%6f=%2B19005550123', 'To[]=%2B19005550123', 'To%5B0%5D=%2B19005550123',
    '+To=%2B19005550123', 'From=x;To=%2B19005550123', '\ufeffTo=%2B19005550123', '&&To=%2B19005550123', 'To=+19005550123', 'To=19005550123', 'To=0019005550123', 'To=%2B1 (900) 555-0123', 'To=%2B1%2E900%2E555%2E0123', 'To=tel%3A%2B19005550123',
    'To=%EF%BC%8B19005550123', 'To=%2B1%E2%80%8B9005550123', 'To=%2B1%E2%80%919005550123', 'To=%2B15550001,%2B19005550123', 'To=%2B%2B19005550123'].map((body) => by(`${body}&Body=hi`)),
  ...['APPLICATION/X-WWW-FORM-URLENCODED', 'application/x-www-form-urlencoded;charset=UTF-8', ' application/x-www-form-urlencoded ; x=y'].map((type) => by(PREMIUM, { 'content-type': type })),
  by(PREMIUM, {}), by('', {}, `${MESSAGES}?To=%2B19005550123&Body=hi`), by('Body=hi', FORM, `${MESSAGES}?to=%2B19005550123`),
  by(parts(['name="To"', '+19005550123'], ['name="Body"', 'hi']), MULTIPART), by(parts(['name=To', '+19005550123']), { 'content-type': 'Multipart/Form-Data; boundary="x"' }),
  ...['{"To":"+19005550123"}', '{"to":"+19005550123"}', '{"To":["+15550001","+19005550123"]}', '{"To":19005550123}', '{"T\\u006f":"+19005550123"}', '{"To":"+15550001","To":"+19005550123"}', '{"To":"","to":"+19005550123"}'].map((body) => by(body, JSON_TYPE)),
  by('{"to":[{"address":"+15550001","channel":"PHONE"},{"address":"+19005550123","channel":"PHONE"}]}', JSON_TYPE, '/comms/v1/Messages'),
  by('ToBinding={"binding_type":"sms","address":"%2B15550001"}&ToBinding={"binding_type":"sms","address":"%2B19005550123"}&Body=x', FORM, '/notify/v1/Services/IS1/Notifications'),
  by('MessagingBinding.Address=%2B19005550123', FORM, '/conversations/v1/Conversations/CH1/Participants'), by('PhoneNumber=%2B19005550123', FORM, MESSAGES.replace('Messages', 'OutgoingCallerIds')),
  by('Instruction=call&CallTo=%2B19005550123', FORM, '/taskrouter/v1/Workspaces/WS1/Tasks/WT1/Reservations/WR1'),
  // What nobody can read.
  by(gzipSync(PREMIUM), { ...FORM, 'content-encoding': 'gzip' }), by(PREMIUM, { 'content-type': 'text/plain' }), by(PREMIUM, { 'content-type': 'application/octet-stream' }), by(PREMIUM, { 'content-type': 'application/x-www-form-urlencoded; charset=utf-16' }),
  by(Buffer.from(`\ufeff${PREMIUM}`, 'utf16le'), FORM), by(`${PREMIUM}&x=${'1'.repeat(1_100_000)}`), by('{"To":', JSON_TYPE), by('--x', MULTIPART), by(PREMIUM, { 'content-type': 'multipart/form-data' }), by('x', { 'content-type': 'text/plain' }, CALLS),
  by('x', { 'content-type': 'text/plain' }, '/comms/v1/Messages'), by(PREMIUM, { 'content-type': [FORM['content-type'], 'text/plain'] })
]

t.test('a cap of nothing lets nothing through, however it is spelled', async (t) => {
  const { origin, received } = await answered(t)
  const { proxy } = await startApp(t, origin, { guard: { caps: { never: { prefixes: ['+1900'], max: 0, intervalMs: 1000 } } } })
  for (const row of WRITES) {
    const { status, text } = await sendRaw(proxy, row)
    const what = `${row.method ?? ''} ${row.path} ${JSON.stringify(row.headers)} ${row.body?.toString().slice(0, 90) ?? ''}`
    t.ok([400, 403, 421].includes(status), `${status} ${what}`)
    t.match(JSON.parse(text), { code: Number, message: String, status }, what)
  }
  t.match(JSON.parse((await sendRaw(proxy, at(MESSAGES, { headers: { ...FORM, 'x-http-method-override': 'GET' } }))).text), { status: 400, message: /another method than POST/ })
  t.ok(WRITES.length > 200)
  t.same(received.map(({ method, url, body }) => `${method} ${url} ${body.toString().slice(0, 90)}`), [], 'nothing came through')
})

t.test('a kill switch stops an account and a product, however they are spelled', async (t) => {
  const { origin, received } = await answered(t)
  const { proxy, admin } = await startApp(t, origin)
  const change = createClient(t)
  const parent = { authorization: `Basic ${Buffer.from(`AC${'b'.repeat(32)}:secret`).toString('base64')}` }
  for (const [name, order] of [['account', { account: ACCOUNT }], ['product', { product: 'verify' }]] as const) {
    t.equal((await change(`${admin}/switches/${name}`, { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify(order) })).status, 201)
  }
  const user = (name: string): NonNullable<Row['headers']> => ({ ...FORM, authorization: `Basic ${Buffer.from(`${name}:secret`).toString('base64')}` })
  const rows: Row[] = WRITES.filter(({ path }) => path.includes('ccounts') || /verif/i.test(path)).map((row) => ({ ...row, headers: { ...row.headers, ...(/accounts%2f|%2faccounts/i.test(row.path) ? {} : parent) } }))
  for (const name of [ACCOUNT, ACCOUNT.toLowerCase(), ACCOUNT.toUpperCase(), ` ${ACCOUNT}`]) rows.push({ path: '/v1/Services', body: 'FriendlyName=x', headers: user(name) })
  const credential = Buffer.from(`${ACCOUNT}:sec`).toString('base64')
  for (const spelled of [`basic ${credential}`, `BASIC  ${credential}`, `Basic ${credential.slice(0, 7)}*${credential.slice(7)}`, `Basic ${credential.replace(/=+$/, '')}`]) rows.push({ path: '/v1/Services', body: 'FriendlyName=x', headers: { ...FORM, authorization: spelled } })
  for (const row of rows) {
    const { status } = await sendRaw(proxy, row)
    t.ok([400, 403, 421].includes(status), `${status} ${row.method ?? ''} ${row.path} ${JSON.stringify(row.headers)}`)
  }
  t.same(received.map(({ url, headers }) => `${url} ${headers.authorization ?? ''}`), [], 'nothing came through')
})

t.test('what Twilio\'s users send goes on, byte for byte', async (t) => {
  const { origin, received } = await answered(t)
  const { proxy } = await startApp(t, origin, {
    guard: { caps: { never: { prefixes: ['+1900'], max: 0, intervalMs: 1000 } } },
    pacing: { rules: { lists: { match: { routes: ['/v1/Services/{}/Lists*'] }, perSecond: 1000 } } }
  })
  const fine: readonly Row[] = [
    by('To=%2B15550001&Body=%2B1900;To=x'), by('To=whatsapp%3A%2B19005550123'), by('{"To":"+15550001","Body":"\\"To\\": \\"+1900\\""}', JSON_TYPE), by('FriendlyName=x&FriendlyName=y', FORM, '/v1/Services'),
    by(parts(['name="To"', '+15550001'], ['name="MediaUrl"', 'http://x/']), MULTIPART), by(gzipSync('x'), { 'content-encoding': 'gzip', 'content-type': 'application/octet-stream' }, '/serverless-upload.twilio.com/v1/Services/ZS1/Assets/ZH1/Versions'),
    ...['/lookups/v2/PhoneNumbers/+19005550123', '/lookups/v2/PhoneNumbers/%2B19005550123?Fields=a%2Cb', '/verify/v2/Services/VA1/Verifications/%2B19005550123', '/verify/v2/Services/VA1/Entities/a%2Fb%20c', '/sync/v1/Services/IS1/Documents/users%2F42',
      '/sync/v1/Services/IS1/Documents/Config', '/sync/v1/Services/IS1/Documents/v1.2;x', '/sync/v1/Services/IS1/Documents/report.pdf', '/sync/v1/Services/IS1/Maps/a%5Cb/Items/%E4%BD%A0%E5%A5%BD', '/sync/v1/Services/IS1/Documents/100%25',
      '/conversations/v1/Conversations/jane%40example.com', '/conversations/v1/Users/whatsapp%3A%2B1555', '/taskrouter/v1/Workspaces/WS1/Tasks?TargetWorkersExpression=a%20%3D%3D%20%22b%2F..%2F%22', `${MESSAGES}?PageSize=1&PageToken=PA%2525`, `/2010-04-01/Accounts/${ACCOUNT}/`
    ].map((path) => ({ path, method: 'GET', headers: {} })),
    { path: '/sync/v1/Services/IS1/Documents/users%2F42', body: 'Data=%7B%7D', headers: FORM },
    { path: MESSAGES.replace('.json', '/SM1.json'), method: 'DELETE', headers: { 'x-http-method-override': 'DELETE' } }
  ]
  for (const row of fine) {
    const { status, text } = await sendRaw(proxy, row)
    t.equal(status, 201, `${row.method ?? ''} ${row.path} ${text}`)
    t.ok(row.path.endsWith(received.at(-1)?.url ?? ''), row.path)
    if (row.method === undefined) t.same(received.at(-1)?.body, Buffer.from(row.body ?? ''))
  }
})

t.test('a bulk send takes room for each of its recipients', async (t) => {
  const { origin, received } = await answered(t)
  const { proxy } = await startApp(t, origin, { guard: { caps: { abroad: { except: ['+1'], max: 10, intervalMs: 60_000 } } } })
  const bulk = async (count: number): Promise<{ status: number, text: string }> => {
    const to = Array.from({ length: count }, (_, i) => ({ address: `+44770090${String(i).padStart(4, '0')}`, channel: 'PHONE' }))
    return await sendRaw(proxy, by(JSON.stringify({ to: [...to, { address: '+12125550123', channel: 'PHONE' }], content: { text: 'x' } }), JSON_TYPE, '/comms/v1/Messages'))
  }
  t.equal((await bulk(6)).status, 201)
  t.equal((await bulk(5)).status, 403)
  t.equal((await bulk(4)).status, 201)
  t.match(JSON.parse((await bulk(1)).text), { message: /is used up: 10 sends in 1 minute/ })
  t.match(JSON.parse((await bulk(11)).text), { message: /sends to 11 at once, but cap "abroad" of this proxy allows 10 sends/ })
  t.equal(received.length, 2)
})

t.test('a cap that names routes counts each create there, whoever gets it', async (t) => {
  const { origin, received } = await answered(t)
  const { proxy } = await startApp(t, origin, { guard: { caps: { chat: { match: { routes: ['/v1/Conversations/{}/Messages'] }, max: 1, intervalMs: 60_000 }, all: { max: 1, intervalMs: 60_000 } } } })
  const say = async (): Promise<number> => (await sendRaw(proxy, by('Body=hi', FORM, '/conversations/v1/Conversations/CH1/Messages'))).status
  t.same([await say(), await say(), (await sendRaw(proxy, by('To=%2B1555'))).status, (await sendRaw(proxy, by('To=%2B1555'))).status], [201, 403, 201, 403])
  t.equal(received.length, 2)
})

t.test('a write by another spelling drops the answer that is kept', async (t) => {
  const { origin, received } = await answered(t)
  const { proxy } = await startApp(t, origin, { coalesce: { cache: { services: { match: { products: ['verify'] }, ttlMs: 60_000 } } } })
  const read = async (): Promise<void> => { await sendRaw(proxy, { path: '/verify/v2/Services/VA1', method: 'GET' }) }
  await read()
  await sendRaw(proxy, { path: '/verify/v2/%53ervices/va1.json', body: 'FriendlyName=x', headers: FORM })
  await read()
  t.equal(received.filter(({ method }) => method === 'GET').length, 2)
})
