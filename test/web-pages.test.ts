/** What a web page in a browser on this machine can do with our ports: nothing. Browsers are played by the headers that they send. */
import t from 'tap'
import { AUTHORIZATION, createClient, MESSAGES, startApp, startUpstream } from './support/app.ts'
import { ask as askSimulator, simulator } from './simulator/support.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

t.test('the admin server answers under addresses, localhost, near names and configured names, and under no other', async (t) => {
  const { origin } = await startUpstream(t, (_, response) => { response.end('{}') })
  const { admin } = await startApp(t, origin, { admin: { names: ['Metrics.Example.com'] }, listen: { names: ['proxy.example.com'] } })
  const ask = createClient(t)
  const pages = ['/state', '/metrics', '/switches', '/switches/x', '/jobs', '/jobs/x', '/', '/nothing']
  for (const host of ['127.0.0.1:9090', '10.1.2.3:9090', '203.0.113.7', '[::1]:9090', '[2001:db8::7]:9090', 'localhost:9090', 'LOCALHOST', 'governor.localhost:9090', 'localhost.:9090',
    'governor:9090', 'twilio_governor', 'host.docker.internal:9090', 'governor.shop.svc:9090', 'governor.shop.svc.cluster.local:9090', 'metrics.example.com:9090', 'metrics.example.com.', 'proxy.example.com']) {
    t.equal((await ask(`${admin}/state`, { headers: { host } })).status, 200, host)
  }
  for (const host of ['evil.example:9090', 'evil.local:9090', 'evil.svc', 'evil.internal', 'x.docker.internal', '127.0.0.1.nip.io:9090', 'localhost.evil.example', 'metrics.example.com.evil.example',
    'a.metrics.example.com', '2130706433', '0x7f000001', '127.1', 'shop.svc.cluster.local.evil.example', 'evil.example:80:80', 'local', 'a b', '']) {
    const answers = await Promise.all((host === 'local' ? [] : pages).map((page) => ask(`${admin}${page}`, { headers: { host } })))
    t.ok(answers.every(({ status }) => status === 403), `${host}: ${answers.map(({ status }) => status).join()}`)
    for (const health of ['/livez', '/readyz', '/readyz/']) t.equal((await ask(`${admin}${health}`, { headers: { host } })).status, 200, `${health} for ${host}`)
  }
  t.match((await ask(`${admin}/state`, { headers: { host: 'evil.example' } })).json(), { error: 'forbidden', message: /admin\.names/ })
})

t.test('a page under a name that leads here changes nothing', async (t) => {
  const { origin } = await startUpstream(t, (_, response) => { response.end('{}') })
  const { admin } = await startApp(t, origin, { admin: { names: ['metrics.example.com'] } })
  const ask = createClient(t)
  const put = async (host: string, more: Record<string, string> = {}): Promise<number> =>
    (await ask(`${admin}/switches/x`, { method: 'PUT', headers: { host, 'content-type': 'application/json', ...more }, body: '{"all":true}' })).status
  for (const host of ['evil.local:9090', 'evil.example:9090', 'evil:9090', 'evil.shop.svc:9090', 'host.docker.internal:9090']) {
    t.equal(await put(host, { origin: `http://${host}` }), 403, host)
    t.equal(await put(host, { origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }), 403, host)
  }
  t.same((await ask(`${admin}/switches`)).json(), { switches: [] })
  for (const [host, more] of [['governor:9090', {}], ['metrics.example.com', { origin: 'http://metrics.example.com' }], ['localhost:9090', { origin: 'http://localhost:9090' }]] as const) {
    t.ok(await put(host, more) < 300, host)
  }
})

t.test('a page\'s request never goes on to Twilio', async (t) => {
  const upstream = await startUpstream(t, (_, response) => { response.setHeader('access-control-allow-origin', '*').end('{}') })
  const { proxy } = await startApp(t, upstream.origin, { listen: { origins: ['http://localhost:3000'] } })
  const ask = createClient(t)
  const port = new URL(proxy).port
  const pages: Array<readonly [method: string, headers: Record<string, string>]> = [
    ['POST', { origin: 'https://evil.example', ...FORM }],
    ['POST', { origin: 'null', 'content-type': 'text/plain' }],
    ['POST', { origin: `http://127.0.0.1:${port}`, ...FORM }],
    ['POST', { origin: `http://evil.local:${port}`, host: `evil.local:${port}`, ...FORM }],
    ['POST', { origin: 'http://localhost:3001', ...FORM }],
    ['POST', { origin: 'https://localhost:3000', ...FORM }],
    ['POST', { origin: 'https://evil.example', host: 'api.twilio.com', ...FORM }],
    ['GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' }],
    ['GET', { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' }],
    ['POST', { 'sec-fetch-site': 'same-site', ...FORM }],
    ['GET', { 'sec-fetch-site': 'same-origin, cross-site' }],
    ['OPTIONS', { origin: 'https://evil.example', 'access-control-request-method': 'DELETE', 'access-control-request-headers': 'authorization' }],
    ['DELETE', { origin: 'https://evil.example' }]
  ]
  for (const [method, headers] of pages) {
    for (const path of [MESSAGES, '/verify/v2/Services', '/api.twilio.com/2010-04-01/Accounts.json']) {
      const answer = await ask(`${proxy}${path}`, { method, headers, ...method === 'POST' ? { body: 'To=%2B15550001111' } : {} })
      const shape = { status: 403, code: 20403, message: /^Header (Origin|Sec-Fetch-Site): .* listen\.origins .* Nothing was sent to Twilio\.$/ }
      t.match(answer.json(), shape, `${method} ${JSON.stringify(headers)}`)
      t.equal(answer.headers['access-control-allow-origin'], undefined)
    }
  }
  t.equal(upstream.received.length, 0)
  const programs: Array<Record<string, string>> = [
    { authorization: AUTHORIZATION },
    // Node's own fetch.
    { authorization: AUTHORIZATION, 'sec-fetch-mode': 'cors' },
    // An address that somebody has typed, and a page that is allowed.
    { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' },
    { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-site' }
  ]
  for (const headers of programs) t.equal((await ask(`${proxy}${MESSAGES}`, { headers })).status, 200, JSON.stringify(headers))
})

t.test('no page steers the simulator', async (t) => {
  const subject = await simulator(t, { limit: 7 })
  for (const headers of [{ origin: 'https://evil.example' }, { origin: subject.origin }, { 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
    t.equal((await askSimulator(subject, '/_simulator/reset', { method: 'POST', headers })).status, 403)
    t.equal((await askSimulator(subject, '/_simulator/settings', { method: 'PATCH', json: { limit: 1 }, headers })).status, 403)
  }
  t.equal((await askSimulator(subject, '/_simulator/settings')).json().limit, 7)
})
