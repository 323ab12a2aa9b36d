import type { ServerResponse } from 'node:http'
import t from 'tap'
import { AUTHORIZATION, createClient, MESSAGES, startApp, startUpstream } from '../../support/app.ts'

const FORM = { method: 'POST', headers: { authorization: AUTHORIZATION, 'content-type': 'application/x-www-form-urlencoded' }, body: 'To=%2B1&Body=hello' }
const QUICK = { retry: { backoffBaseMs: 5, backoffMaxMs: 20 } }

function refuse (response: ServerResponse, code: number | undefined = 20429, headers: Record<string, string> = {}): void {
  response.writeHead(429, { 'content-type': 'application/json', 'twilio-concurrent-requests': '5', ...headers })
    .end(JSON.stringify({ code, message: 'Too Many Requests', more_info: '', status: 429 }))
}

t.test('a 429 is tried again whatever the method, with the same bytes each time', async (t) => {
  for (const method of ['POST', 'PUT', 'DELETE', 'GET']) {
    const upstream = await startUpstream(t, (_request, response, number) => {
      if (number < 4) refuse(response)
      else response.writeHead(201, { 'content-type': 'application/json' }).end('{"sid":"SM1"}')
    })
    const { proxy } = await startApp(t, upstream.origin, QUICK)
    const answer = await createClient(t)(proxy + MESSAGES, method === 'GET' ? { method } : { ...FORM, method })
    t.equal(answer.status, 201, method)
    t.match(answer.headers, { 'governor-attempts': '4' }, method)
    t.strictSame(upstream.received.map(({ body }) => body.toString()), Array(4).fill(method === 'GET' ? '' : FORM.body), method)
    t.strictSame(new Set(upstream.received.map(({ rawHeaders }) => rawHeaders.join())).size, 1, method)
  }
})

t.test('429s in every shape that Twilio has are understood', async (t) => {
  const shapes: Array<[string, string]> = [
    ['application/xml', '<TwilioResponse><RestException><Code>20429</Code></RestException></TwilioResponse>'],
    ['application/problem+json', '{"type":"x","title":"Too many","status":429,"code":20429}'],
    ['application/json', '{"errors":[{"code":20429}]}'],
    ['application/json', '{"code":45780,"status":429}'],
    ['text/html', '<html>slow down</html>'],
    ['application/json', '{"code":204'],
    ['application/json', '']
  ]
  for (const [type, body] of shapes) {
    const upstream = await startUpstream(t, (_request, response, number) => {
      response.writeHead(number === 1 ? 429 : 200, { 'content-type': type }).end(body)
    })
    const { proxy } = await startApp(t, upstream.origin, QUICK)
    t.equal((await createClient(t)(proxy + MESSAGES, FORM)).status, 200, body)
    t.equal(upstream.received.length, 2, body)
  }
})

t.test('a 429 that no quick retry can cure goes to the app at once, and moves no limit', async (t) => {
  for (const code of [60202, 60203, 60212, 60308, 60309, 60310, 60312, 60326]) {
    const upstream = await startUpstream(t, (_request, response) => refuse(response, code))
    const { proxy, app } = await startApp(t, upstream.origin, QUICK)
    const answer = await createClient(t)(`${proxy}/verify/v2/Services/VA1/Verifications`, FORM)
    t.equal(answer.status, 429, String(code))
    t.match(answer.json(), { code })
    t.equal(upstream.received.length, 1)
    t.match(app.state.accounts()[0], { limit: 10, ceiling: { estimate: null, evidence: [] }, lastChange: null })
  }
})

t.test('Retry-After is the least that is waited, and one beyond the deadline is passed on at once', async (t) => {
  const times: number[] = []
  const upstream = await startUpstream(t, (_request, response, number) => {
    times.push(performance.now())
    if (number === 1) refuse(response, 20429, { 'retry-after': '1' })
    else response.end('{}')
  })
  const { proxy } = await startApp(t, upstream.origin, QUICK)
  const client = createClient(t)
  t.equal((await client(proxy + MESSAGES, FORM)).status, 200)
  t.ok(times[1]! - times[0]! >= 995, `waited ${times[1]! - times[0]!} ms`)
  const stubborn = await startUpstream(t, (_request, response) => refuse(response, 20429, { 'retry-after': '3600' }))
  const other = await startApp(t, stubborn.origin, QUICK)
  const answer = await client(other.proxy + MESSAGES, FORM)
  t.equal(answer.status, 429)
  t.match(answer.headers, { 'retry-after': '3600', 'governor-attempts': '1' })
})

t.test('refusals that last are given up when no more is in time', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => refuse(response))
  const { proxy, log } = await startApp(t, upstream.origin, QUICK)
  const answer = await createClient(t)(proxy + MESSAGES, { ...FORM, headers: { ...FORM.headers, 'governor-timeout-ms': '300' } })
  t.equal(answer.status, 429)
  t.ok(upstream.received.length > 0)
  t.match(answer.json(), { code: 20429 })
  t.match(log().find(({ msg }) => msg === 'exchange'), { status: 429, reason: 'deadline', attempts: upstream.received.length })
})

t.test('after 500, 502, 503 and 504 a read is tried three times in all, a write never again', async (t) => {
  for (const status of [500, 502, 503, 504]) {
    const upstream = await startUpstream(t, (_request, response) => {
      response.writeHead(status, { 'content-type': 'application/json', 'twilio-request-id': 'RQ7' }).end(`{"code":20${status}}`)
    })
    const { proxy } = await startApp(t, upstream.origin, QUICK)
    const client = createClient(t)
    for (const method of ['GET', 'HEAD', 'DELETE']) {
      upstream.received.length = 0
      const answer = await client(proxy + MESSAGES, { method })
      t.equal(answer.status, status, method)
      t.equal(answer.headers['governor-outcome'], method === 'DELETE' ? 'unknown' : undefined, method)
      t.equal(upstream.received.length, 3, `${method} ${status}`)
    }
    for (const method of ['POST', 'PUT', 'PATCH']) {
      upstream.received.length = 0
      const answer = await client(proxy + MESSAGES, { ...FORM, method })
      t.equal(answer.status, status, method)
      t.match(answer.headers, { 'governor-outcome': 'unknown', 'twilio-request-id': 'RQ7', 'governor-attempts': '1' }, method)
      t.match(answer.json(), { code: Number(`20${status}`) }, method)
      t.equal(upstream.received.length, 1, `${method} ${status}`)
    }
  }
})

t.test('a connection that breaks after sending: a read goes again, a write is told that its outcome is unknown', async (t) => {
  const upstream = await startUpstream(t, ({ method }, response, number) => {
    if (method === 'GET' && number === 3) response.end('{}')
    else if (number === 2) response.writeHead(201, { 'content-length': '100', 'twilio-request-id': 'RQ9' }).write('cut')
    if (!response.writableEnded) setImmediate(() => { response.destroy() })
  })
  const { proxy } = await startApp(t, upstream.origin, QUICK)
  const client = createClient(t)
  t.equal((await client(proxy + MESSAGES)).status, 200)
  t.equal(upstream.received.length, 3)
  upstream.received.length = 0
  const reset = await client(proxy + MESSAGES, FORM)
  t.equal(reset.status, 502)
  t.match(reset.headers, { 'governor-outcome': 'unknown', 'governor-attempts': '1', 'content-type': 'application/json' })
  t.match(reset.json(), { code: 20500, status: 502, message: /may have processed the request/ })
  const cut = await client(proxy + MESSAGES, FORM)
  t.equal(cut.status, 502)
  t.match(cut.headers, { 'governor-outcome': 'unknown', 'twilio-request-id': 'RQ9' })
  t.equal(upstream.received.length, 2)
})

t.test('an answer that does not come in time: 504, outcome unknown for a write, whose own outcome is logged when it comes', async (t) => {
  const late: ServerResponse[] = []
  const upstream = await startUpstream(t, (_request, response) => { late.push(response) })
  const { proxy, app, log } = await startApp(t, upstream.origin, QUICK)
  const client = createClient(t)
  const headers = { ...FORM.headers, 'governor-timeout-ms': '200' }
  const write = await client(proxy + MESSAGES, { ...FORM, headers })
  t.equal(write.status, 504)
  t.match(write.headers, { 'governor-outcome': 'unknown', 'governor-attempts': '1' })
  t.match(app.state.accounts()[0], { inflight: 1 }, 'it still counts as in flight')
  late[0]!.writeHead(201, { 'twilio-request-id': 'RQlate' }).end('{}')
  while (!log().some(({ msg }) => msg === 'late outcome')) await new Promise((resolve) => { setImmediate(resolve) })
  t.match(log().find(({ msg }) => msg === 'late outcome'), { status: 201, outcome: 'success', twilioRequestId: 'RQlate' })
  t.match(app.state.accounts()[0], { inflight: 0 })
  const read = await client(proxy + MESSAGES, { headers })
  t.equal(read.status, 504)
  t.equal(read.headers['governor-outcome'], undefined)
  t.match(app.state.accounts()[0], { inflight: 0, held: 0 })
})

t.test('retries can be turned off', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => refuse(response))
  const { proxy } = await startApp(t, upstream.origin, { retry: { throttled: false } })
  t.equal((await createClient(t)(proxy + MESSAGES, FORM)).status, 429)
  t.equal(upstream.received.length, 1)
})
