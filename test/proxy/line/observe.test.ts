import t from 'tap'
import { Readable } from 'node:stream'
import zlib, { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import type { AttemptResult } from '../../../src/proxy/forward/attempt.ts'
import { observe, type Observation } from '../../../src/proxy/line/observe.ts'
import { AccountLimit } from '../../../src/proxy/gate/account-limit.ts'
import { Permit } from '../../../src/proxy/gate/permit.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'

type Response = AttemptResult & { kind: 'response' }
type Failure = AttemptResult & { kind: 'failure' }

const response = (status: number, body: Response['body'] = Buffer.from('{}'), headers: Response['headers'] = {}): Response =>
  ({ kind: 'response', status, headers: { 'content-type': 'application/json', ...headers }, body, bodyDone: Promise.resolve() })

const failure = (over: Partial<Failure> = {}): Failure =>
  ({ kind: 'failure', sent: true, timedOut: false, code: 'UND_ERR_SOCKET', headers: undefined, status: 0, ...over })

/** What an attempt means, and what the limit was told of it: admitted, refused by code, or nothing. */
function meaning (result: AttemptResult, by: 'account' | 'route' = 'account'): Observation & { told: string } {
  const script = new ScriptedLimit(5)
  script.refusedBy = { by, reason: by === 'account' ? 'cut' : 'route', holds: by === 'account' }
  const limit = new AccountLimit(script, new FakeClock(), () => {})
  const seen = observe(result, new Permit(limit, limit.start('POST free'), () => {}), Date.UTC(2026, 0, 1))
  return { ...seen, told: [...script.admissions.map(() => 'admitted'), ...script.refusals].join() }
}

t.test('an answer by its status: what it is, whether it may be repeated, and what the limit learns', async (t) => {
  const table: Array<[number, string, string, string]> = [
    [200, 'success', 'final', 'admitted'], [201, 'success', 'final', 'admitted'], [204, 'success', 'final', 'admitted'], [307, 'success', 'final', 'admitted'],
    [400, 'client_error', 'final', 'admitted'], [401, 'client_error', 'final', 'admitted'], [404, 'client_error', 'final', 'admitted'], [499, 'client_error', 'final', 'admitted'],
    [500, 'server_error', 'failed', ''], [502, 'server_error', 'failed', ''], [503, 'server_error', 'failed', ''], [504, 'server_error', 'failed', ''],
    [501, 'server_error', 'server_error', ''], [505, 'server_error', 'server_error', ''], [599, 'server_error', 'server_error', '']
  ]
  for (const [status, outcome, fate, told] of table) {
    t.match(meaning(response(status)), { outcome, fate, status, told, holds: false }, String(status))
  }
})

t.test('a 429 by its code: the account\'s to judge, a route\'s, or final', async (t) => {
  const table: Array<[string, string, string, string, boolean]> = [
    ['{"code":20429}', 'throttled_account', 'throttled', 'account', true],
    ['', 'throttled_account', 'throttled', 'account', true],
    ['not json', 'throttled_account', 'throttled', 'account', true],
    ['{"code":45780}', 'throttled_route', 'throttled', 'route', false],
    ['{"code":60202}', 'throttled_final', 'throttled_final', '', false]
  ]
  for (const [body, outcome, fate, told, holds] of table) {
    t.match(meaning(response(429, Buffer.from(body))), { outcome, fate, told, holds, status: 429 }, body)
  }
})

t.test('a 429 without a telling code is whose the limit says it is; a route\'s holds no slot', async (t) => {
  t.match(meaning(response(429), 'account'), { outcome: 'throttled_account', holds: true })
  t.match(meaning(response(429), 'route'), { outcome: 'throttled_route', holds: false })
})

t.test('a failure by what is known of it', async (t) => {
  const table: Array<[string, Partial<Failure>, string, string]> = [
    ['broke after sending', {}, 'reset', 'failed'],
    ['no answer in time', { timedOut: true, code: 'UND_ERR_HEADERS_TIMEOUT' }, 'timeout', 'failed'],
    ['refused', { sent: false, code: 'ECONNREFUSED' }, 'unsent', 'unsent'],
    ['no such name', { sent: false, code: 'ENOTFOUND' }, 'unsent', 'unsent'],
    ['connect timeout', { sent: false, code: 'UND_ERR_CONNECT_TIMEOUT' }, 'unsent', 'unsent'],
    ['self-signed', { sent: false, code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'unsent', 'final'],
    ['wrong name', { sent: false, code: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'unsent', 'final'],
    ['unknown authority', { sent: false, code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }, 'unsent', 'final'],
    ['cut by us in flight', { code: 'ABANDONED' }, 'abandoned', 'abandoned'],
    ['cut by us before it was sent', { code: 'ABANDONED', sent: false }, 'unsent', 'abandoned']
  ]
  for (const [what, over, outcome, fate] of table) t.match(meaning(failure(over)), { outcome, fate, told: '', holds: false }, what)
})

t.test('feedback is read from any response, and from the head of one that broke off', async (t) => {
  const headers = { 'twilio-concurrent-requests': '12', 'twilio-request-duration': '0.25', 'twilio-request-id': 'RQ1', 'retry-after': '3' }
  const feedback = { concurrency: 12, durationMs: 250, requestId: 'RQ1', retryAfterMs: 3_000 }
  for (const status of [200, 404, 429, 503]) t.match(meaning(response(status, undefined, headers)), { feedback }, String(status))
  t.match(meaning(failure({ headers, status: 200 })), { feedback, status: 200, outcome: 'reset' })
  t.match(meaning(failure()), { feedback: { concurrency: undefined, requestId: undefined }, status: 0 })
})

const body = Buffer.from('{"code":60202,"status":429}')

t.test('the code of a 429 is read whatever its body is packed with', async (t) => {
  const packings: Array<[string | string[], Buffer]> = [
    ['gzip', gzipSync(body)], ['x-gzip', gzipSync(body)], ['GZip', gzipSync(body)], ['deflate', deflateSync(body)], ['deflate', deflateRawSync(body)],
    ['br', brotliCompressSync(body)], ['identity', body], ['', body], [' , ', body], ['gzip, br', brotliCompressSync(gzipSync(body))],
    [['deflate', 'gzip'], gzipSync(deflateRawSync(body))], ['identity,gzip , identity', gzipSync(body)], ['gzip', Buffer.concat([gzipSync(body.subarray(0, 9)), gzipSync(body.subarray(9))])]
  ]
  for (const [encoding, packed] of packings) {
    t.match(meaning(response(429, packed, { 'content-encoding': encoding })), { outcome: 'throttled_final', fate: 'throttled_final', told: '' }, String(encoding))
  }
})

t.test('and in whatever charset', async (t) => {
  const text = body.toString()
  const utf16 = Buffer.from(text, 'utf16le')
  for (const [what, bytes, type] of [
    ['a byte order mark', Buffer.from(`\ufeff${text}`), 'application/json'],
    ['UTF-16, marked', Buffer.from(`\ufeff${text}`, 'utf16le'), 'application/json'],
    ['big-endian UTF-16, marked', Buffer.from(`\ufeff${text}`, 'utf16le').swap16(), 'application/json'],
    ['UTF-16 by its name', utf16, 'application/json; Charset="UTF-16LE"'],
    ['UTF-16 by its zeros', utf16, 'application/json'],
    ['big-endian UTF-16 by its zeros', Buffer.from(utf16).swap16(), 'application/json'],
    ['a charset that nobody knows', body, 'application/json;charset=x-none'],
    ['Latin-1', body, 'application/json; charset=iso-8859-1']
  ] as const) t.match(meaning(response(429, bytes, { 'content-type': type })), { outcome: 'throttled_final', told: '' }, what)
})

t.test('a 429 that cannot be read goes to its client, who may be able to; the limit is told of it', async (t) => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, 32))
  const cases: Array<[string, Response['body'], Response['headers']]> = [
    ['a bomb', bomb, { 'content-encoding': 'gzip' }],
    ['a bomb in a bomb', brotliCompressSync(bomb), { 'content-encoding': 'gzip, br' }],
    ['not packed as it says', Buffer.from('no gzip'), { 'content-encoding': 'gzip' }],
    ['cut off', gzipSync(body).subarray(0, -4), { 'content-encoding': 'gzip' }],
    ['an unknown coding', body, { 'content-encoding': 'compress' }],
    ['one unknown of two', gzipSync(body), { 'content-encoding': 'aes128gcm, gzip' }],
    ['more codings than anybody means', body, { 'content-encoding': Array<string>(5).fill('gzip') }],
    ['too large to be gathered', Readable.from([body]), {}]
  ]
  for (const [what, packed, headers] of cases) {
    t.match(meaning(response(429, packed, headers)), { outcome: 'throttled_final', fate: 'throttled_final', told: 'account', holds: false }, what)
  }
})

t.test('one without a body, or whose body is no error of Twilio\'s, is the account\'s to judge', async (t) => {
  for (const [text, headers] of [['', {}], ['', { 'content-encoding': 'gzip' }], ['slow down', {}], ['<html>', { 'content-type': 'text/html' }]] as const) {
    t.match(meaning(response(429, Buffer.from(text), headers)), { outcome: 'throttled_account', fate: 'throttled', told: 'account' }, text)
  }
})

t.test('zstd is read where Node can', async (t) => {
  const { zstdCompressSync } = zlib as typeof zlib & { zstdCompressSync?: (bytes: Buffer) => Buffer }
  const packed = zstdCompressSync?.(body) ?? body
  t.match(meaning(response(429, packed, { 'content-encoding': 'zstd' })), { outcome: 'throttled_final', told: zstdCompressSync === undefined ? 'account' : '' })
})
