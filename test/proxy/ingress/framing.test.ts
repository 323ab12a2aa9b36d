import t from 'tap'
import { framingRefusal, HEADERS_MOST, twoHostsRefusal, type FramingRefusal } from '../../../src/proxy/ingress/framing.ts'
import { MESSAGES, startApp, startUpstream } from '../../support/app.ts'
import { connectRaw, statuses } from '../../support/raw-client.ts'

interface Request { readonly version?: string, readonly method?: string, readonly target?: string, readonly host?: readonly string[] }

function judge (headers: readonly string[], { version = '1.1', method = 'POST', target = '/a', host = ['Host', 'api.twilio.com'] }: Request = {}): FramingRefusal | undefined {
  return framingRefusal({ httpVersion: version, method, target, rawHeaders: [...host, ...headers] })
}

t.test('a request that every parser reads alike passes', async (t) => {
  const length = ['Content-Length', '3']
  for (const headers of [[], length, ['content-length', '0003'], ['Transfer-Encoding', 'Chunked'], ['X-A', '1', 'X-A', '2', 'Cookie', 'a', 'Cookie', 'b'],
    ['Connection', 'keep-alive, X-Hop'], ['Expect', '100-Continue'], ['X_A', '1'], Array.from({ length: 2 * HEADERS_MOST - 2 }, () => 'a')]) {
    t.equal(judge(headers), undefined, headers.slice(0, 4).join(' '))
  }
  t.equal(judge(length, { version: '1.0', host: [] }), undefined)
  t.equal(judge([], { version: '1.0', method: 'GET' }), undefined)
  t.equal(judge([], { method: 'CONNECT', target: 'api.twilio.com:443' }), undefined)
  for (const host of ['localhost:8080', '[::1]:8080', '127.0.0.1', 'API.twilio.com.', 'name_with_underscore']) t.equal(judge([], { host: ['Host', host] }), undefined, host)
})

t.test('a request that another parser could read differently is refused, and the sentence names what is wrong', async (t) => {
  const rows: ReadonlyArray<readonly [FramingRefusal['status'], RegExp, readonly string[], Request?]> = [
    [431, /more than 1000 header fields/, Array.from({ length: 2 * HEADERS_MOST }, () => 'a')],
    [400, /HTTP\/2\.0/, [], { version: '2.0' }],
    [400, /HTTP\/0\.9/, [], { version: '0.9' }],
    [400, /fragment/, [], { target: '/a#b' }],
    [400, /percent-encoded/, [], { target: '/\xe9' }],
    [400, /Host: HTTP\/1.1 requires it/, [], { host: [] }],
    [400, /Host: the request has it twice/, ['host', 'api.twilio.com']],
    [400, /Host: it is not a host name/, [], { host: ['Host', ''] }],
    [400, /Host: it is not a host name/, [], { host: ['Host', 'a, b'] }],
    [400, /Host: it is not a host name/, [], { host: ['Host', 'user@api.twilio.com'] }],
    [400, /Content-Length: the request has it twice/, ['Content-Length', '3', 'content-length', '3']],
    [400, /Content-Length: it must be a whole number/, ['Content-Length', '+3']],
    [400, /Content-Length: it must be a whole number/, ['Content-Length', '3, 3']],
    [400, /Content-Length: it must be a whole number/, ['Content-Length', '9999999999999999']],
    [400, /both Transfer-Encoding and Content-Length/, ['Content-Length', '3', 'Transfer-Encoding', 'chunked']],
    [400, /HTTP\/1.0 does not have it/, ['Transfer-Encoding', 'chunked'], { version: '1.0' }],
    [400, /POST of HTTP\/1.0 requires it/, [], { version: '1.0' }],
    [501, /only "chunked"/, ['Transfer-Encoding', 'gzip, chunked']],
    [501, /only "chunked"/, ['Transfer-Encoding', 'identity']],
    [400, /only "chunked"/, ['Transfer-Encoding', 'chunked, chunked']],
    [400, /only "chunked"/, ['Transfer-Encoding', '']],
    [400, /Transfer-Encoding: the request has it twice/, ['Transfer-Encoding', 'gzip', 'Transfer-Encoding', 'chunked']],
    [400, /Authorization: the request has it twice/, ['Authorization', 'a', 'AUTHORIZATION', 'a']],
    [400, /Content-Type: the request has it twice/, ['Content-Type', 'a', 'Content-Type', 'b']],
    [400, /some servers read it as Content-Length/, ['Content_Length', '3']],
    [400, /some servers read it as If-Modified-Since/, ['If_Modified_Since', 'x']],
    [400, /Date: the request has it twice/, ['Date', 'a', 'date', 'b']],
    [400, /Connection: it lists Prefer/, ['Connection', 'Prefer']],
    [400, /PUT of HTTP\/1.0 requires it/, [], { version: '1.0', method: 'PUT' }],
    [400, /PATCH of HTTP\/1.0 requires it/, [], { version: '1.0', method: 'PATCH' }],
    [400, /Connection: it lists Content-Length/, ['Connection', 'close, content-length']],
    [400, /Connection: it lists Authorization/, ['Connection', 'Authorization']],
    [400, /Connection: it lists Governor-Class/, ['Connection', 'governor-class']],
    [417, /Expect: only 100-continue/, ['Expect', '100-continue, x']],
    [400, /CONNECT request has no body/, ['Content-Length', '3'], { method: 'CONNECT', target: 'a:443' }],
    [400, /CONNECT request has no body/, ['Transfer-Encoding', 'chunked'], { method: 'CONNECT', target: 'a:443' }]
  ]
  for (const [status, sentence, headers, request] of rows) t.match(judge(headers, request), { status, sentence }, `${sentence} ${headers.slice(0, 4).join(' ')}`)
})

t.test('an absolute URL and Host name the same, in whatever case and with or without the usual port', async (t) => {
  for (const [target, host] of [['/a', 'x'], ['http://api.twilio.com/a', undefined], ['http://API.twilio.com:80/a', 'api.twilio.com'], ['HTTP://api.twilio.com/a', 'api.twilio.com:80'], ['https://api.twilio.com', 'api.twilio.com:443'], ['http://api.twilio.com./', 'api.twilio.com']] as const) {
    t.equal(twoHostsRefusal(target, host), undefined, target)
  }
  for (const [target, host] of [['http://api.twilio.com/a', 'localhost'], ['http://api.twilio.com:443/', 'api.twilio.com'], ['https://api.twilio.com?a', 'verify.twilio.com']] as const) {
    t.match(twoHostsRefusal(target, host), { status: 400, sentence: /Header Host/ }, target)
  }
})

t.test('what is framed in doubt is refused before anything goes to Twilio, and the connection ends with the answer', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'))
  const { proxy } = await startApp(t, upstream.origin)
  const [start, chunked] = [`POST ${MESSAGES} HTTP/1.1\r\n`, '3\r\nabc\r\n0\r\n']
  const rows: ReadonlyArray<readonly [number, string]> = [
    [431, `${start}Host: localhost\r\n${'a:1\r\n'.repeat(2005)}Content-Length: 3\r\n\r\nabc`],
    [400, `POST ${MESSAGES} HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}\r\n`],
    [501, `${start}Host: localhost\r\nTransfer-Encoding: gzip, chunked\r\n\r\n${chunked}\r\n`],
    [400, `${start}Host: localhost\r\nHost: api.twilio.com\r\nContent-Length: 3\r\n\r\nabc`],
    [400, `${start}Content-Length: 3\r\n\r\nabc`],
    [400, `POST http://api.twilio.com${MESSAGES} HTTP/1.1\r\nHost: verify.twilio.com\r\nContent-Length: 3\r\n\r\nabc`],
    [417, `${start}Host: localhost\r\nExpect: 200-ok\r\nContent-Length: 3\r\n\r\n`]
  ]
  for (const [status, bytes] of rows) {
    const client = await connectRaw(t, proxy, `${bytes}${start}Host: localhost\r\nContent-Length: 3\r\n\r\nabc`)
    await client.closed
    t.strictSame(statuses(client.text()), [status])
    t.match(client.text(), /connection: close[^]*"code":20422[^]*Nothing was sent to Twilio/i)
  }
  const trailers = await connectRaw(t, proxy, `${start}Host: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunked}X-Checksum: 1\r\n\r\n`)
  await trailers.closed
  t.match(trailers.text(), /^HTTP\/1\.1 400 [^]*trailer fields/)
  t.equal(upstream.received.length, 0)
})

t.test('an upgrade is not taken up, and the connection ends with its answer', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'))
  const { proxy } = await startApp(t, upstream.origin)
  const upgrade = 'Host: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n'
  const client = await connectRaw(t, proxy, `POST ${MESSAGES} HTTP/1.1\r\n${upgrade}Content-Length: 4\r\n\r\nTo=1POST ${MESSAGES} HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  await client.closed
  t.match(client.text(), /^HTTP\/1\.1 200 [^]*connection: close/i)
  t.equal(upstream.received.length, 1, 'what came behind it, of which Node drops a part, is not sent')
  t.strictSame([upstream.received[0]?.body.toString(), upstream.received[0]?.headers.upgrade], ['To=1', undefined])
})
