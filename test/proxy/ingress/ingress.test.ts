import { once } from 'node:events'
import { connect } from 'node:net'
import { PassThrough } from 'node:stream'
import t from 'tap'
import { ACCOUNT, AUTHORIZATION, createClient, MESSAGES, startApp, startUpstream, until } from '../../support/app.ts'
import { startIngress } from './ingress-fixture.ts'

const FORM = 'application/x-www-form-urlencoded; charset=UTF-8'

t.test('what a client sends reaches Twilio byte for byte', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'))
  const { proxy } = await startApp(t, upstream.origin)
  const client = createClient(t)
  const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i))
  const query = '?Page=1&To=%2b1415&a=b+c%20d&a=%C3%BC&empty=&x=%zz#not'.replace('#not', '')
  const cases: Array<[string, string, Buffer]> = [
    ['a form', FORM, Buffer.from('To=%2B15005550001&StatusCallback=https%3A%2F%2Fa.example%2F%23rc%3D3&Body=%C3%BC')],
    ['JSON as it is spaced', 'application/json; charset=utf-8', Buffer.from('{ "a" : 1.0,\n"b":"\\u00fc"}')],
    ['any byte', 'application/octet-stream', every],
    ['a multipart body', 'multipart/form-data; boundary="--x"', Buffer.from('----x\r\n\r\n----x--')],
    ['a type in odd case', 'Text/PLAIN;Charset=LATIN1', every]
  ]
  for (const [what, type, body] of cases) {
    await client(proxy + MESSAGES + query, { method: 'POST', headers: { authorization: AUTHORIZATION, 'content-type': type }, body })
    const last = upstream.received.at(-1)!
    t.ok(last.body.equals(body), `${what}: the body`)
    t.equal(last.headers['content-type'], type, `${what}: its type`)
    t.equal(last.headers['content-length'], String(body.length), `${what}: its length`)
    t.equal(last.url, MESSAGES + query, `${what}: path and query`)
    t.equal(last.headers.authorization, AUTHORIZATION, `${what}: the credential`)
    t.equal(last.headers.host, 'api.twilio.com', `${what}: the host`)
  }
})

t.test('headers of the connection and our own stay here; all others go on, repeated ones too', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'))
  const { proxy } = await startApp(t, upstream.origin)
  await createClient(t)(proxy + MESSAGES, {
    headers: [
      'Authorization', AUTHORIZATION, 'Governor-Class', 'bulk', 'Governor-Anything', '1', 'Keep-Alive', 'timeout=5',
      'X-Many', 'one', 'X-Many', 'two', 'User-Agent', 'twilio-node/6.2.0', 'Twilio-Client-Validation', 'a.b.c', 'Accept-Encoding', 'utf-8'
    ].filter((_, i, all) => all[i - (i % 2)] !== 'Keep-Alive')
  })
  const [request] = upstream.received
  t.strictSame(Object.keys(request!.headers).filter((name) => name.startsWith('governor')), [])
  t.match(request!.rawHeaders.join('|'), /X-Many\|one\|X-Many\|two/)
  t.match(request!.headers, { 'user-agent': 'twilio-node/6.2.0', 'twilio-client-validation': 'a.b.c', 'accept-encoding': 'utf-8' })
})

t.test('a header that Connection names, and a chunked upload, are handled as HTTP says', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'))
  const { proxy } = await startApp(t, upstream.origin)
  const { port } = new URL(proxy)
  const socket = connect(Number(port), '127.0.0.1')
  t.teardown(() => { socket.destroy() })
  socket.write(`POST ${MESSAGES} HTTP/1.1\r\nHost: localhost\r\nConnection: close, X-Hop\r\nX-Hop: 1\r\nX-Stay: 2\r\nTE: trailers\r\n` +
    'Expect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n')
  let text = ''
  socket.setEncoding('latin1').on('data', (data: string) => { text += data })
  await until(() => text.includes('HTTP/1.1 200'))
  t.match(upstream.received[0]!.headers, { 'x-stay': '2', 'content-length': '7' })
  t.notMatch(upstream.received[0]!.headers, { 'x-hop': '1' })
  t.equal(upstream.received[0]!.headers['te'], undefined)
  t.equal(upstream.received[0]!.body.toString(), 'abcdefg')
})

t.test('what Twilio answers arrives as it was sent, with our headers added', async (t) => {
  const answers: Record<string, [number, Record<string, string | string[]>, string]> = {
    '/created': [201, { 'content-type': 'application/json', 'Twilio-Request-Id': 'RQ1', 'set-cookie': ['a=1', 'b=2'], etag: '"x"' }, '{"a":1}'],
    '/xml': [200, { 'content-type': 'application/xml' }, '<a/>'],
    '/bare': [200, {}, 'no type at all'],
    '/empty': [202, {}, ''],
    '/gone': [204, {}, ''],
    '/unchanged': [304, { etag: '"x"' }, ''],
    '/elsewhere': [307, { location: '/2010-04-01/Elsewhere?a=b' }, ''],
    '/missing': [404, { 'content-type': 'application/json' }, '{"code":20404}']
  }
  const upstream = await startUpstream(t, ({ url }, response) => {
    const [status, headers, body] = answers[url]!
    response.writeHead(status, headers).end(body)
  })
  const { proxy } = await startApp(t, upstream.origin)
  const client = createClient(t)
  for (const [path, [status, headers, body]] of Object.entries(answers)) {
    const answer = await client(proxy + path)
    t.equal(answer.status, status, path)
    t.equal(answer.body.toString(), body, path)
    t.match(answer.headers, Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])), path)
    t.equal(answer.headers['content-type'], headers['content-type'], path)
    t.match(answer.headers, { 'governor-attempts': '1', 'governor-account-limit': /^\d+$/, 'governor-queue-ms': /^[\d.]+$/, 'governor-upstream-ms': /^[\d.]+$/ }, path)
  }
  t.equal(upstream.received.length, Object.keys(answers).length, 'no redirect was followed')
  const head = await client(`${proxy}/created`, { method: 'HEAD' })
  t.equal(head.status, 201)
  t.equal(head.body.length, 0)
})

t.test('the host comes from Host, else from the first path segment, else it is api.twilio.com', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'))
  const { proxy } = await startApp(t, upstream.origin, { listen: { names: ['governor.example'] } })
  const client = createClient(t)
  const table: Array<[string, string, string, string]> = [
    ['verify.twilio.com', '/v2/Services', 'verify.twilio.com', '/v2/Services'],
    ['api.dublin.ie1.twilio.com', '/x', 'api.dublin.ie1.twilio.com', '/x'],
    ['localhost', '/verify.twilio.com/v2/Services?a=1', 'verify.twilio.com', '/v2/Services?a=1'],
    ['127.0.0.1', '/verify/v2/Services', 'verify.twilio.com', '/v2/Services'],
    ['twilio-governor:8080', '/lookups/v2/PhoneNumbers/1', 'lookups.twilio.com', '/v2/PhoneNumbers/1'],
    ['governor.example', '/2010-04-01/Accounts.json', 'api.twilio.com', '/2010-04-01/Accounts.json']
  ]
  for (const [host, path, upstreamHost, upstreamPath] of table) {
    t.equal((await client(proxy + path, { headers: { host, authorization: AUTHORIZATION } })).status, 200, `${host}${path}`)
    t.equal(upstream.received.at(-1)!.headers.host, upstreamHost)
    t.equal(upstream.received.at(-1)!.url, upstreamPath)
  }
})

t.test('what is not for Twilio is refused with a clear error, and nothing is forwarded', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'))
  const { proxy } = await startApp(t, upstream.origin)
  const port = Number(new URL(proxy).port)
  const requests: Array<[string, RegExp, RegExp]> = [
    ['GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n', /^HTTP\/1.1 421/, /evil\.example.*Accepted are/s],
    ['GET http://evil.example/a HTTP/1.1\r\nHost: api.twilio.com\r\n\r\n', /^HTTP\/1.1 421/, /evil\.example/],
    ['GET http://169.254.169.254/a HTTP/1.1\r\nHost: localhost\r\n\r\n', /^HTTP\/1.1 421/, /169\.254/],
    ['GET /evil.example/a HTTP/1.1\r\nHost: localhost\r\n\r\n', /^HTTP\/1.1 421/, /evil\.example/],
    ['GET / HTTP/1.1\r\nHost: api.twilio.com.evil.example\r\n\r\n', /^HTTP\/1.1 421/, /evil\.example/],
    ['GET / HTTP/1.1\r\nHost: 8.8.8.8\r\n\r\n', /^HTTP\/1.1 421/, /8\.8\.8\.8/],
    ['GET /verify/../api/x HTTP/1.1\r\nHost: localhost\r\n\r\n', /^HTTP\/1.1 400/, /dot segment/],
    ['GET /a HTTP/1.1\r\nHost: localhost\r\nGovernor-Class: urgent\r\n\r\n', /^HTTP\/1.1 400/, /Governor-Class.*urgent.*critical, standard, read, bulk/],
    ['GET /a HTTP/1.1\r\nHost: localhost\r\nGovernor-Timeout-Ms: soon\r\n\r\n', /^HTTP\/1.1 400/, /Governor-Timeout-Ms.*soon.*whole number/],
    ['TRACE /a HTTP/1.1\r\nHost: localhost\r\n\r\n', /^HTTP\/1.1 405/, /does not forward this method/],
    ['nonsense\r\n\r\n', /^HTTP\/1.1 400/, /cannot read this as an HTTP request/],
    [`GET /a HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, /^HTTP\/1.1 431/, /Too Large/]
  ]
  for (const [text, status, message] of requests) {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.setEncoding('latin1').on('data', (data: string) => { answer += data }).on('error', () => {})
    socket.write(text)
    await until(() => answer.includes('}'))
    socket.destroy()
    const what = text.slice(0, 60)
    t.match(answer, status, what)
    const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)) as { message: string }
    t.match(body, { code: Number, message, more_info: /^https:\/\/www\.twilio\.com\/docs\/errors\/\d+$/, status: Number }, what)
  }
  t.equal(upstream.received.length, 0)
})

t.test('a body that is too large is refused whole, and the client gets to read why', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'))
  const { proxy, app } = await startApp(t, upstream.origin)
  const client = createClient(t)
  for (const body of [Buffer.alloc(20 << 20), Buffer.alloc((10 << 20) + 1)]) {
    const answer = await client(proxy + MESSAGES, { method: 'POST', body })
    t.equal(answer.status, 413)
    t.match(answer.json(), { status: 413, message: /larger than 10485760 bytes.*body\.maxBytes/ })
  }
  t.equal(upstream.received.length, 0)
  t.equal((await client(proxy + MESSAGES, { method: 'POST', body: Buffer.alloc(10 << 20) })).status, 200, 'one of exactly the largest size goes through')
  t.equal(app.state.waitingBodyBytes(), 0)
})

t.test('bodies of all waiting requests together are bounded, and let go of when their client leaves', async (t) => {
  const open: Array<() => void> = []
  const upstream = await startUpstream(t, (_request, response) => { open.push(() => response.end('{}')) })
  const { proxy, app } = await startApp(t, upstream.origin, { body: { maxBytes: 1024, maxWaitingBytes: 2048 } })
  const client = createClient(t)
  const body = Buffer.alloc(1000)
  const first = client(proxy + MESSAGES, { method: 'POST', body })
  const second = client(proxy + MESSAGES, { method: 'POST', body })
  await until(() => open.length === 2)
  t.equal(app.state.waitingBodyBytes(), 2000)
  const third = await client(proxy + MESSAGES, { method: 'POST', body })
  t.equal(third.status, 429)
  t.match(third.headers, { 'governor-shed': 'queue_bytes', 'retry-after': /^\d+$/ })
  t.match(third.json(), { code: 20429, status: 429 })
  for (const end of open) end()
  t.strictSame([(await first).status, (await second).status], [200, 200])
  t.equal(app.state.waitingBodyBytes(), 0)
  const socket = connect(Number(new URL(proxy).port), '127.0.0.1')
  socket.write(`POST ${MESSAGES} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 900\r\n\r\n${'x'.repeat(500)}`)
  await until(() => app.state.waitingBodyBytes() === 500)
  socket.destroy()
  await until(() => app.state.waitingBodyBytes() === 0)
  t.equal(upstream.received.length, 2)
})

t.test('a region has a limit of its own', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'))
  const { proxy, app } = await startApp(t, upstream.origin)
  const client = createClient(t)
  for (const host of ['api.twilio.com', 'api.us1.twilio.com', 'api.dublin.ie1.twilio.com']) {
    await client(proxy + MESSAGES, { headers: { host, authorization: AUTHORIZATION } })
  }
  t.strictSame(app.state.accounts().map(({ account }) => account), [ACCOUNT, `${ACCOUNT}@ie1`])
})

t.test('a Content-Type that no standard knows, and a body with a GET, reach Twilio as they are', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'))
  const { proxy } = await startApp(t, upstream.origin)
  const client = createClient(t)
  for (const type of ['', 'text', 'application/json charset=utf-8', 'application/json, application/json', 'application / json']) {
    const { status } = await client(proxy + MESSAGES, { method: 'POST', headers: { authorization: AUTHORIZATION, 'content-type': type }, body: 'To=1' })
    t.equal(status, 200, `"${type}"`)
    t.match(upstream.received.at(-1), { headers: { 'content-type': type }, body: Buffer.from('To=1') })
  }
  for (const method of ['GET', 'DELETE', 'OPTIONS']) {
    t.equal((await client(proxy + MESSAGES, { method, headers: { authorization: AUTHORIZATION, 'content-type': FORM }, body: 'a=b' })).status, 200)
    t.match(upstream.received.at(-1), { method, headers: { 'content-type': FORM, 'content-length': '3' }, body: Buffer.from('a=b') })
  }
  t.equal((await client(proxy + MESSAGES, { method: 'POST', headers: { authorization: AUTHORIZATION, 'content-type': FORM } })).status, 200)
  t.match(upstream.received.at(-1), { headers: { 'content-type': FORM, 'content-length': '0' }, body: Buffer.alloc(0) })
})

/** Writes to a connection of its own, and reads until it is closed. */
async function raw (url: string, text: string): Promise<{ readonly text: () => string, readonly closed: Promise<void> }> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  let received = ''
  socket.setEncoding('latin1').on('data', (data: string) => { received += data }).on('error', () => {})
  const closed = once(socket, 'close').then(() => {})
  await once(socket, 'connect')
  socket.write(text)
  return { text: () => received, closed }
}

t.test('a client that asks before it uploads is told at once when its body is too large, and goes on when it is not', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'))
  const { proxy } = await startApp(t, upstream.origin)
  const head = (bytes: number): string => `POST ${MESSAGES} HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: ${bytes}\r\n\r\n`
  const large = await raw(proxy, head(20_000_000))
  await large.closed
  t.match(large.text(), /^HTTP\/1.1 413 [^]*"code":20413/)
  t.notMatch(large.text(), /100 Continue/)
  const small = await raw(proxy, head(4))
  await until(() => small.text().includes('100 Continue'))
  t.equal(upstream.received.length, 0)
})

t.test('an upload that is not there at its deadline is answered then, and its memory is free', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'))
  const { proxy, app } = await startApp(t, upstream.origin)
  const stalled = await raw(proxy, `POST ${MESSAGES} HTTP/1.1\r\nHost: localhost\r\nGovernor-Timeout-Ms: 300\r\nContent-Length: 100000\r\n\r\n${'x'.repeat(50_000)}`)
  await until(() => app.state.waitingBodyBytes() === 50_000)
  await stalled.closed
  t.match(stalled.text(), /^HTTP\/1.1 408 [^]*deadline passed[^]*Nothing was sent/)
  t.equal(app.state.waitingBodyBytes(), 0)
  t.equal(upstream.received.length, 0)
})

t.test('CONNECT is refused with an error that can be read', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'))
  const { proxy } = await startApp(t, upstream.origin)
  const tunnel = await raw(proxy, 'CONNECT api.twilio.com:443 HTTP/1.1\r\nHost: api.twilio.com:443\r\n\r\n')
  await tunnel.closed
  t.match(tunnel.text(), /^HTTP\/1.1 405 [^]*"code":20004/)
})

t.test('a Governor header of the upstream\'s is not taken for ours', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.writeHead(201, { 'Governor-Outcome': 'unknown', 'Governor-Shed': 'x', 'Governor-Attempts': '9' }).end('{}'))
  const { proxy } = await startApp(t, upstream.origin)
  const { headers } = await createClient(t)(proxy + MESSAGES)
  t.match(headers, { 'governor-attempts': '1' })
  t.same([headers['governor-outcome'], headers['governor-shed']], [undefined, undefined])
})

t.test('a 304 may name the length of the body that it does not send', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => {
    response.socket?.end('HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 120\r\n\r\n')
  })
  const { proxy } = await startApp(t, upstream.origin)
  const unchanged = await raw(proxy, `GET ${MESSAGES} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)
  await unchanged.closed
  t.match(unchanged.text(), /^HTTP\/1.1 304 Not Modified\r\n[^]*etag: "x"[^]*\r\n\r\n$/i)
  t.equal(upstream.received.length, 1)
})

t.test('the body of a method that is not proxied is let go of', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => { response.end('{}') })
  const { proxy, app } = await startApp(t, upstream.origin)
  const socket = connect(Number(new URL(proxy).port), '127.0.0.1')
  t.teardown(() => { socket.destroy() })
  socket.write(`PROPFIND ${MESSAGES} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n${'x'.repeat(1000)}`)
  const [answer] = await once(socket, 'data') as [Buffer]
  t.match(answer.toString(), /^HTTP\/1\.1 405 /)
  await until(() => app.state.waitingBodyBytes() === 0)
  t.equal(upstream.received.length, 0)
})

t.test('an answer that nobody is left to take is let go of, and so is the stream of one that is being read', async (t) => {
  for (const leavesEarly of [true, false]) {
    const stream = new PassThrough()
    stream.write('first part')
    const url = await startIngress(t, {
      run: async (exchange) => {
        if (leavesEarly) {
          socket.resetAndDestroy()
          await until(() => exchange.interruption === 'client_left')
        }
        return { statusCode: 200, headers: {}, body: stream }
      }
    })
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write('GET /2010-04-01/Accounts.json HTTP/1.1\r\nHost: localhost\r\n\r\n')
    if (!leavesEarly) await once(socket, 'data')
    else await until(() => stream.destroyed)
    socket.resetAndDestroy()
    await until(() => stream.destroyed)
  }
})
