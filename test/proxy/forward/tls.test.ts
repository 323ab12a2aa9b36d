import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import t from 'tap'
import { AUTHORIZATION, createClient, listen, MESSAGES, startApp, startUpstream } from '../../support/app.ts'

const file = (name: string): string => new URL(`../../support/certificates/${name}`, import.meta.url).pathname
const pair = (name: string): { key: string, cert: string } =>
  ({ key: readFileSync(file(`${name}.key`), 'utf8'), cert: readFileSync(file(`${name}.pem`), 'utf8') })

const REQUEST = { method: 'POST', headers: { authorization: AUTHORIZATION }, body: 'To=1' }

t.test('an upstream whose certificate nobody we trust has signed gets nothing', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'), pair('good'))
  const { proxy } = await startApp(t, upstream.origin)
  const answer = await createClient(t)(proxy + MESSAGES, REQUEST)
  t.equal(answer.status, 502)
  t.match(answer.json(), { code: 20503, message: /Could not connect to api\.twilio\.com \(\w*(CERT|VERIFY)\w*\)\. Nothing was sent/ })
  t.match(answer.headers, { 'governor-outcome': 'not_sent', 'governor-attempts': '1' })
  t.equal(upstream.received.length, 0)
})

t.test('an upstream whose certificate names another host gets nothing', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'), pair('wrong'))
  const { proxy } = await startApp(t, upstream.origin, { upstream: { caFile: file('authority.pem') } })
  const answer = await createClient(t)(proxy + MESSAGES, REQUEST)
  t.equal(answer.status, 502)
  t.match(answer.json(), { message: /ERR_TLS_CERT_ALTNAME_INVALID/ })
  t.equal(upstream.received.length, 0)
})

t.test('an authority of one\'s own can be trusted; the certificate must name the host we connect to, and Host still names Twilio\'s', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'), pair('good'))
  const { proxy } = await startApp(t, upstream.origin, { upstream: { caFile: file('authority.pem') } })
  const client = createClient(t)
  for (const host of ['api.twilio.com', 'verify.twilio.com']) {
    t.equal((await client(proxy + MESSAGES, { ...REQUEST, headers: { host } })).status, 200)
    t.equal(upstream.received.at(-1)!.headers.host, host)
  }
})

t.test('no setting of the environment makes us skip the check', async (t) => {
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0'
  t.teardown(() => { delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'] })
  const upstream = await startUpstream(t, (_request, response) => response.end('{}'), pair('good'))
  const { proxy } = await startApp(t, upstream.origin)
  t.equal((await createClient(t)(proxy + MESSAGES, REQUEST)).status, 502)
  t.equal(upstream.received.length, 0)
})

t.test('what cannot be reached is tried again whatever the method, and told as not sent', async (t) => {
  const server = createServer()
  const origin = await listen(t, server)
  await new Promise((resolve) => { server.close(resolve) })
  const { proxy } = await startApp(t, `http://${origin}`, { retry: { unsentAttempts: 3, backoffBaseMs: 5 } })
  const answer = await createClient(t)(proxy + MESSAGES, REQUEST)
  t.equal(answer.status, 502)
  t.match(answer.json(), { message: /ECONNREFUSED.*Nothing was sent/ })
  t.match(answer.headers, { 'governor-outcome': 'not_sent', 'governor-attempts': '3' })
})
