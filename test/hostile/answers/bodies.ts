import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import { again, head, json, passes, SID, type Case, type Expected } from './table.ts'

const FINAL = Buffer.from('{"code":60203,"message":"Max send attempts reached","status":429}')
const AGAIN = '{"code":20429,"message":"Too Many Requests","status":429}'
const LATIN = 'latin1'

const packed = (status: number, encoding: string, body: Buffer): Buffer =>
  Buffer.concat([Buffer.from(head(status, 'Content-Type: application/json', `Content-Encoding: ${encoding}`, `Content-Length: ${body.length}`)), body])

const PACKINGS: ReadonlyArray<[string, string, Buffer]> = [
  ['gzip', 'gzip', gzipSync(FINAL)],
  ['x-gzip', 'x-gzip', gzipSync(FINAL)],
  ['GZIP', ' GZIP ', gzipSync(FINAL)],
  ['deflate', 'deflate', deflateSync(FINAL)],
  ['raw deflate', 'deflate', deflateRawSync(FINAL)],
  ['br', 'br', brotliCompressSync(FINAL)],
  ['gzip, br', 'gzip, br', brotliCompressSync(gzipSync(FINAL))],
  ['raw deflate, gzip', 'deflate ,, gzip', gzipSync(deflateRawSync(FINAL))],
  ['identity', 'identity', FINAL],
  ['gzip and identity', 'identity, gzip', gzipSync(FINAL)],
  ['zstd, which may not be known', 'zstd', FINAL],
  ['compress, which is not known', 'compress', FINAL],
  ['gzip that is cut off', 'gzip', gzipSync(FINAL).subarray(0, -6)],
  ['gzip that is none', 'gzip', Buffer.from('hello')],
  ['a gzip bomb', 'gzip', gzipSync(Buffer.alloc(2_000_000, 32))]
]

function throttledFinal (name: string, bytes: Buffer, body: string): Case {
  return passes(`429 that is final, ${name}`, bytes, 429, body)
}

const utf16 = Buffer.from(`\ufeff${FINAL.toString()}`, 'utf16le')
const seconds = (value: string, ...lines: readonly string[]): string => json(429, AGAIN, `Retry-After: ${value}`, ...lines)
/** Beyond any deadline: the client gets Twilio's own refusal at once. */
const passedOn = (name: string, bytes: string): Case => passes(name, bytes, 429, AGAIN)

const DEEP = `{"meta":{"next_page_url":"https://api.twilio.com/x"},"deep":${'['.repeat(400_000)}${']'.repeat(400_000)}}`

function afterRefusals (name: string, answers: Case['answers'], expected: Case['expected']): Case {
  return { name, answers, then: 'keep', expected }
}

const doubtful: Expected = { status: 503, outcome: 'unknown' }

export const bodies: readonly Case[] = [
  ...PACKINGS.map(([name, encoding, body]) => throttledFinal(name, packed(429, encoding, body), body.toString(LATIN))),
  ...PACKINGS.map(([name, encoding, body]) => passes(`an answer in ${name}`, packed(200, encoding, body), 200, body.toString(LATIN), { headers: { 'content-encoding': encoding.trim() } })),
  throttledFinal('in UTF-16', Buffer.concat([Buffer.from(head(429, 'Content-Type: application/json', `Content-Length: ${utf16.length}`)), utf16]), utf16.toString(LATIN)),
  throttledFinal('in chunks', Buffer.from(`${head(429, 'Transfer-Encoding: chunked')}${FINAL.length.toString(16)}\r\n${FINAL.toString()}\r\n0\r\n\r\n`), FINAL.toString()),
  throttledFinal('too large to be gathered', Buffer.from(json(429, `{"code":60203,"message":"${'x'.repeat(70_000)}"}`)), `{"code":60203,"message":"${'x'.repeat(70_000)}"}`),
  again('429', json(429, AGAIN)),
  again('429 in XML', json(429, '<TwilioResponse><RestException><Code>20429</Code></RestException></TwilioResponse>')),
  again('429 in CSV', json(429, 'code,message\r\n20429,x')),
  again('429 as a problem', json(429, '{"type":"about:blank","title":"x","status":429,"code":20429}')),
  again('429 with a list of errors', json(429, '{"errors":[{"code":20429}]}')),
  again('429 without a body', head(429, 'Content-Length: 0')),
  again('429 without a body, said to be packed', head(429, 'Content-Length: 0', 'Content-Encoding: gzip')),
  again('429 of a machine in between', head(429, 'Content-Type: text/html', 'Content-Length: 9') + 'slow down'),
  again('429 with half a body', json(429, '{"code":204')),
  again('429 that is deep', json(429, '['.repeat(30_000))),
  again('429 with a name that objects have', json(429, '{"__proto__":{"code":60203}}')),
  again('429 after a 100', `HTTP/1.1 100 Continue\r\n\r\n${json(429, AGAIN)}`),
  again('429 with Retry-After: 0', seconds('0')),
  again('429 with Retry-After that has passed', seconds('Sun, 06 Nov 1994 08:49:37 GMT')),
  again('429 with a date that is this moment\'s, in RFC 850\'s form', seconds('Sunday, 06-Nov-94 08:49:37 GMT', 'Date: Sun Nov  6 08:49:37 1994')),
  again('429 with a negative Retry-After', seconds('-60')),
  again('429 with a Retry-After that is none', seconds('later')),
  passedOn('429 with Retry-After of an hour', seconds('3600')),
  passedOn('429 with Retry-After of 20 digits', seconds('99999999999999999999')),
  passedOn('429 with Retry-After of 400 digits', seconds('9'.repeat(400))),
  passedOn('429 with a fraction', seconds('3600.5')),
  passedOn('429 with two values, the second of an hour', seconds('0, 3600')),
  passedOn('429 with two Retry-Afters, the second of an hour', seconds('0', 'Retry-After: 3600')),
  passedOn('429 until a date', seconds('Sun, 06 Nov 1994 09:49:37 GMT', 'Date: Sun, 06 Nov 1994 08:49:37 GMT')),
  passedOn('429 until a date of RFC 850', seconds('Sunday, 06-Nov-94 09:49:37 GMT', 'Date: Sun, 06 Nov 1994 08:49:37 GMT')),
  passedOn('429 until a date of asctime', seconds('Sun Nov  6 09:49:37 1994', 'Date: Sun, 06 Nov 1994 08:49:37 GMT')),
  passedOn('429 until a date far off', seconds('Fri, 31 Dec 9999 23:59:59 GMT')),
  passes('JSON that is 400,000 deep', json(200, DEEP), 200, DEEP),
  passes('JSON that is 400,000 deep, packed', packed(200, 'gzip', gzipSync(DEEP)), 200, gzipSync(DEEP).toString(LATIN)),
  passes('half a list', json(200, '{"meta":{"next_page_url":"https://api.twilio.com/x"'), 200, '{"meta":{"next_page_url":"https://api.twilio.com/x"'),
  passes('JSON that is none', json(200, '\0\xff\xfe'), 200, '\0\xff\xfe'),
  passes('a list in UTF-16', json(200, utf16.toString(LATIN)), 200, utf16.toString(LATIN)),
  afterRefusals('429, then 503', [json(429, AGAIN), json(503, AGAIN)], { POST: { ...doubtful, attempts: 2 }, GET: { status: 503, attempts: 4 }, DELETE: { ...doubtful, attempts: 4 } }),
  afterRefusals('503, then 429 that is final', [json(503, AGAIN), json(429, FINAL.toString())], { POST: { ...doubtful, attempts: 1 }, GET: { status: 429, attempts: 2 }, DELETE: { status: 429, outcome: 'unknown', attempts: 2 } }),
  afterRefusals('429, then nothing', [json(429, AGAIN), 'x'], { POST: { status: 502, outcome: 'unknown', attempts: 2 }, GET: { status: 502, attempts: 4 }, DELETE: { status: 502, outcome: 'unknown', attempts: 4 } }),
  afterRefusals('garbage, then 204', ['x', head(204)], { POST: { status: 502, outcome: 'unknown', attempts: 1 }, GET: { status: 204, attempts: 2 }, DELETE: { status: 204, attempts: 2 } }),
  { name: 'HEAD with a length', answers: [head(200, 'Content-Length: 4711')], then: 'keep', expected: { HEAD: { status: 200, attempts: 1, headers: { 'content-length': '4711' } } } },
  { name: 'HEAD with a large length', answers: [head(200, 'Content-Length: 4711000')], then: 'keep', expected: { HEAD: { status: 200, attempts: 1, headers: { 'content-length': '4711000' } } } },
  { name: 'HEAD with a body', answers: [json(200, SID)], then: 'keep', expected: { HEAD: { status: 200, attempts: 1, body: '' } } },
  { name: 'HEAD in chunks', answers: [head(200, 'Transfer-Encoding: chunked')], then: 'keep', expected: { HEAD: { status: 200, attempts: 1 } } },
  { name: 'HEAD answered 600', answers: [head(600)], then: 'keep', expected: { HEAD: { status: 600, attempts: 1 } } },
  { name: 'HEAD after 100', answers: [`HTTP/1.1 100 Continue\r\n\r\n${head(200)}`], then: 'keep', expected: { HEAD: { status: 200, attempts: 1 } } }
]
