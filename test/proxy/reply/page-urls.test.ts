import fc from 'fast-check'
import { once } from 'node:events'
import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { request as send } from 'undici'
import { rewrite } from '../../../src/proxy/reply/page-urls.ts'
import { KNOWN_HOSTS } from '../../../src/twilio/hosts.ts'
import { AUTHORIZATION, startApp, startUpstream, type Upstream, until } from '../../support/app.ts'
import { holds } from '../../twilio/holds.ts'

const BASE = 'http://127.0.0.1:8080'
const PAGES = { url: BASE, hosts: KNOWN_HOSTS }
const NEXT = 'https://verify.twilio.com/v2/Services?PageSize=50&Page=1&PageToken=PAVA%2F1'

t.test('every meta.*_url at Twilio is moved under the base, the host in its path; not a byte besides', async (t) => {
  const text = `{ "meta" : {"page":0, "first_page_url": "https:\\/\\/verify.twilio.com\\/v2\\/Services?Page=0",
    "previous_page_url": null,  "url": "${NEXT}", "next_page_url":"${NEXT}", "page_size": 5e1},
    "services": [{"url": "${NEXT}", "links": {"next_page_url": "${NEXT}"}, "price": 0.10000000000000000001, "name": "\u00e9\\u00e9"}] }`
  const local = `${BASE}/verify.twilio.com/v2/Services?PageSize=50&Page=1&PageToken=PAVA%2F1`
  t.equal(rewrite(text, PAGES), text
    .replace('"https:\\/\\/verify.twilio.com\\/v2\\/Services?Page=0"', `"${BASE}/verify.twilio.com/v2/Services?Page=0"`)
    .replace(`"next_page_url":"${NEXT}"`, `"next_page_url":"${local}"`))
})

t.test('where nothing in meta leads to Twilio, nothing is touched', async (t) => {
  for (const text of [
    '', '{}', '[]', 'not json', '{"meta":{"next_page_url":null}}', '{"meta":[{"next_page_url":"x"}]}',
    `{"services":[{"meta":{"next_page_url":"${NEXT}"}}]}`, `{"meta":{"deeper":{"next_page_url":"${NEXT}"}}}`, `[{"meta":{"next_page_url":"${NEXT}"}}]`,
    '{"meta":{"next_page_url":"https://example.com/v2/Services"}}', '{"meta":{"next_page_url":"https://verify.twilio.com.example.com/v2"}}',
    '{"meta":{"next_page_url":"https://user@verify.twilio.com/v2"}}', '{"meta":{"next_page_url":"http://verify.twilio.com/v2"}}',
    `{"meta":{"page_url":{"a":"${NEXT}"}}}`, `{"meta":{"page_url":["${NEXT}"]}}`, `{"meta":{"next_page_url":null},"meta":["${NEXT}"]}`, `{"meta":{"next_page_url":"${NEXT}#x"}}`,
    `{"links":{"next_page_url":"${NEXT}","messages_url":"${NEXT}"},"url":"${NEXT}","next_page_url":"${NEXT}"}`, `{"meta":{"key":"x_url"},"links":{"next_page_url":"${NEXT}"}}`,
    `{"meta":{"next_page_url":"${NEXT}"}`, `{"meta":{"next_page_url":"${NEXT}"}} trailing`, `{"next_page_uri":"/2010-04-01/Accounts","meta":["next_page_url","${NEXT}"]}`
  ]) t.equal(rewrite(text, PAGES), undefined, text)
})

t.test('whatever the JSON, what is rewritten differs in the meta URLs alone', async (t) => {
  const page = fc.record({ meta: fc.dictionary(fc.constantFrom('next_page_url', 'url', 'first_page_url', 'key', '"_url"'), fc.oneof(fc.constant(NEXT), fc.jsonValue())), items: fc.jsonValue() })
  holds(t, fc.property(page, fc.nat(4), (value, indent) => {
    const text = JSON.stringify(value, null, indent)
    const found = JSON.parse(rewrite(text, PAGES) ?? text) as typeof value
    const wanted = JSON.parse(text) as typeof value
    for (const [key, url] of Object.entries(wanted.meta)) if (key.endsWith('_url') && url === NEXT) wanted.meta[key] = NEXT.replace('https:/', BASE)
    return JSON.stringify(found) === JSON.stringify(wanted)
  }))
})

interface Asked { readonly status: number, readonly headers: NodeJS.Dict<string | string[]>, readonly body: string }

async function ask (proxy: string, { path = '/verify/v2/Services', method = 'GET', headers = {} }: { path?: string, method?: 'GET' | 'POST', headers?: Record<string, string> } = {}): Promise<Asked> {
  const answer = await send(proxy + path, { method, headers: { authorization: AUTHORIZATION, ...headers } })
  return { status: answer.statusCode, headers: answer.headers, body: Buffer.from(await answer.body.arrayBuffer()).toString() }
}

const list = (filler = ''): string => JSON.stringify({ services: [{ filler }], meta: { next_page_url: NEXT } })
const moved = (proxy: string, filler = ''): string => list(filler).replace('https:/', proxy)

function upstream (t: Test, body: string | Buffer, headers: Record<string, string> = {}, status = 200): Promise<Upstream> {
  return startUpstream(t, (_request, response) => { response.writeHead(status, { 'content-type': 'application/json;charset=utf-8', ...headers }).end(body) })
}

const REWRITE = { listen: { rewritePageUrls: true } } as const

t.test('a list that was asked for by base URL leads back to the proxy, with the length and the ETag of the new body', async (t) => {
  const { proxy } = await startApp(t, (await upstream(t, list(), { etag: '"abc"', 'content-md5': 'x', 'x-kept': 'yes' })).origin, REWRITE)
  const { headers, body } = await ask(proxy)
  t.equal(body, moved(proxy))
  t.match(headers, { 'content-length': String(body.length), etag: 'W/"abc"', 'x-kept': 'yes', 'governor-page-urls': 'rewritten' })
  t.equal(headers['content-md5'], undefined)
  const weak = await startApp(t, (await upstream(t, list(), { etag: 'W/"abc"' })).origin, REWRITE)
  t.equal((await ask(weak.proxy)).headers['etag'], 'W/"abc"')
})

t.test('packed and large lists, too', async (t) => {
  const filler = 'x'.repeat(300_000)
  for (const [what, body, headers] of [
    ['gzip', gzipSync(list()), { 'content-encoding': 'gzip' }],
    ['a large one, streamed', list(filler), {}],
    ['a large one, packed', gzipSync(list(filler)), { 'content-encoding': 'gzip' }]
  ] as const) {
    const { proxy } = await startApp(t, (await upstream(t, body, headers)).origin, REWRITE)
    const answer = await ask(proxy, { headers: { 'accept-encoding': 'gzip' } })
    t.equal(answer.body, moved(proxy, what === 'gzip' ? '' : filler), what)
    t.equal(answer.headers['content-encoding'], undefined)
  }
})

t.test('nothing is touched that is signed, checked, no JSON list, or did not come by base URL', async (t) => {
  const cases: Array<[string, Parameters<typeof ask>[1], Parameters<typeof upstream>[2], number?]> = [
    ['a signed request', { headers: { 'twilio-client-validation': 'eyJ' } }, {}],
    ['a request of twilio-java, which checks the host', { headers: { 'user-agent': 'twilio-java/12.0.0 (Linux amd64) java/21' } }, {}],
    ['a signed answer', {}, { 'twilio-verify-rate-signature': 'x' }],
    ['XML', {}, { 'content-type': 'application/xml' }],
    ['CSV', {}, { 'content-type': 'text/csv' }],
    ['an unknown encoding', {}, { 'content-encoding': 'zstd' }],
    ['what is not packed as it says', {}, { 'content-encoding': 'gzip' }],
    ['the answer to a write', { method: 'POST' }, {}],
    ['an error', {}, {}, 404],
    ['a request with Twilio\'s own Host', { path: '/v2/Services', headers: { host: 'verify.twilio.com' } }, {}]
  ]
  for (const [what, request, headers, status] of cases) {
    const { proxy } = await startApp(t, (await upstream(t, list(), { etag: '"abc"', ...headers }, status)).origin, REWRITE)
    const answer = await ask(proxy, request)
    t.equal(answer.body, list(), what)
    t.match(answer.headers, { etag: '"abc"', 'content-length': String(list().length) }, what)
    t.equal(answer.headers['governor-page-urls'], undefined, what)
  }
})

t.test('and nothing at all unless the settings say so', async (t) => {
  const { proxy } = await startApp(t, (await upstream(t, list())).origin)
  t.equal((await ask(proxy)).body, list())
})

t.test('what is too large for a page is passed on as it came', async (t) => {
  const filler = 'x'.repeat(17 * 1024 * 1024)
  const { proxy } = await startApp(t, (await upstream(t, list(filler))).origin, REWRITE)
  const { body } = await ask(proxy)
  t.ok(body === list(filler))
})

t.test('a list that breaks off breaks off, and what comes with wrong bytes is left alone', async (t) => {
  const broken = await startUpstream(t, (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '200000' })
    response.write('x'.repeat(100_000), () => { response.destroy() })
  })
  const { proxy } = await startApp(t, broken.origin, REWRITE)
  await t.rejects(ask(proxy))
  const latin = Buffer.concat([Buffer.from(list().slice(0, -1)), Buffer.from([0x2c, 0x22, 0xe9, 0x22, 0x3a, 0x31, 0x7d])])
  const other = await startApp(t, (await upstream(t, latin)).origin, REWRITE)
  const answer = await send(`${other.proxy}/verify/v2/Services`, { headers: { authorization: AUTHORIZATION } })
  t.same(Buffer.from(await answer.body.arrayBuffer()), latin)
})

t.test('a client that leaves in the middle of what is too large for a page lets go of the connection to Twilio', async (t) => {
  let over: (() => void) | undefined
  const closed = new Promise<void>((resolve) => { over = resolve })
  const endless = await startUpstream(t, (_request, response) => {
    response.on('close', () => { over?.() })
    // More would come, if anybody read it.
    response.writeHead(200, { 'content-type': 'application/json' }).write('x'.repeat(17 * 1024 * 1024))
  })
  const { proxy, app } = await startApp(t, endless.origin, REWRITE)
  const { body } = await send(`${proxy}/verify/v2/Services`, { headers: { authorization: AUTHORIZATION } })
  await once(body, 'data')
  body.destroy()
  await closed
  await until(() => app.state.accounts()[0]?.inflight === 0)
})

t.test('what is nested deeper than 100 is passed on as it is, however deep it goes', (t) => {
  const nested = (deep: number): string =>
    `{"meta":{"next_page_url":"${NEXT}"},"rest":${'['.repeat(deep)}${']'.repeat(deep)}}`
  t.match(rewrite(nested(99), PAGES), /"next_page_url":"http:/)
  for (const deep of [100, 400_000]) t.equal(rewrite(nested(deep), PAGES), undefined)
  t.end()
})
