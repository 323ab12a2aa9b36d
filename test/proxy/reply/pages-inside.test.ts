import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import t from 'tap'
import type { Answer } from '../../../src/proxy/reply/answers.ts'
import { keepPagesInside, mayRewritePages } from '../../../src/proxy/reply/page-urls.ts'
import { KNOWN_HOSTS } from '../../../src/twilio/hosts.ts'

const PAGE_MOST_BYTES = 16 * 1024 * 1024
const BASE = { url: 'http://127.0.0.1:8080', hosts: KNOWN_HOSTS }
const LIST = '{"meta":{"next_page_url":"https://verify.twilio.com/v2/Services?Page=1"},"name":"é"}'
const MOVED = LIST.replace('https:/', BASE.url)

const answerOf = (body: Answer['body'], headers: Answer['headers'] = {}): Answer =>
  ({ statusCode: 200, headers: { 'content-type': 'application/json', ...headers }, body })

const inside = (body: Answer['body'], headers?: Answer['headers'], method = 'GET'): Promise<Answer> =>
  keepPagesInside(answerOf(body, headers), method, BASE)

const bytesOf = async ({ body }: Answer): Promise<Buffer> => Buffer.isBuffer(body) ? body : await buffer(body)

t.test('the length is that of the new bytes, and what spoke of the old ones is gone', async (t) => {
  const { headers, body } = await inside(Buffer.from(LIST), {
    'content-length': '1', 'content-md5': 'x', digest: 'x', 'content-digest': 'x', 'repr-digest': 'x', etag: '"a"', 'x-kept': '1'
  })
  t.same(headers, {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(MOVED)),
    etag: 'W/"a"',
    'x-kept': '1',
    'governor-page-urls': 'rewritten'
  })
  t.same(body, Buffer.from(MOVED))
})

t.test('a mark of the order of bytes stays where it was', async (t) => {
  const marked = Buffer.from(`\uFEFF${LIST}`)
  const { body, headers } = await inside(marked)
  const isRewritten = headers['governor-page-urls'] === 'rewritten'
  t.same(body, isRewritten ? Buffer.from(`\uFEFF${MOVED}`) : marked)
})

t.test('what is no answer to a reader of lists is the very same', async (t) => {
  const body = Buffer.from(LIST)
  const cases: ReadonlyArray<readonly [string, Answer]> = [
    ['POST', answerOf(body)], ['HEAD', answerOf(body)], ['GET', { ...answerOf(body), statusCode: 206 }],
    ['GET', answerOf(body, { 'content-type': 'text/plain' })], ['GET', answerOf(body, { 'twilio-x-signature': 'x' })],
    ['GET', answerOf(body, { 'content-type': 'application/jsonp' })]
  ]
  for (const [method, answer] of cases) t.equal(await keepPagesInside(answer, method, BASE), answer)
  t.equal((await inside(body, { 'content-type': 'Application/hal+JSON; charset=utf-8' })).headers['governor-page-urls'], 'rewritten')
})

t.test('a stream of as much as is looked at is gathered and rewritten; one of a byte more goes on as it came', async (t) => {
  for (const [more, isRewritten] of [[0, true], [1, false]] as const) {
    const fill = PAGE_MOST_BYTES - Buffer.byteLength(LIST) + more
    const text = LIST + ' '.repeat(fill)
    const whole = Buffer.from(text)
    const answer = await inside(Readable.from([whole.subarray(0, 10), whole.subarray(10)], { objectMode: false }))
    t.equal(answer.headers['governor-page-urls'], isRewritten ? 'rewritten' : undefined, `${more} more`)
    t.equal(Buffer.isBuffer(answer.body), isRewritten)
    const got = await bytesOf(answer)
    t.ok(got.equals(isRewritten ? Buffer.from(MOVED + ' '.repeat(fill)) : whole))
  }
})

t.test('a stream that breaks off hands on what had come, and breaks', async (t) => {
  const broken = (async function * () {
    yield Buffer.from('{"a":')
    throw new Error('gone')
  })()
  const { body } = await inside(Readable.from(broken, { objectMode: false }))
  let got = ''
  await t.rejects(async () => { for await (const chunk of body as Readable) got += String(chunk) }, { message: 'gone' })
  t.equal(got, '{"a":')
})

t.test('nor is anything touched for who signs its requests or checks its pages', async (t) => {
  t.ok(mayRewritePages({}))
  t.ok(mayRewritePages({ 'user-agent': 'mine twilio-java/9' }))
  t.notOk(mayRewritePages({ 'user-agent': 'twilio-java/9.0.0' }))
  t.notOk(mayRewritePages({ 'twilio-client-validation': 'x' }))
})
