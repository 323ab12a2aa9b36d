import t from 'tap'
import { baseUrl, trustIn } from '../../../src/proxy/ingress/forwarded.ts'
import { AUTHORIZATION, createClient, startApp, startUpstream } from '../../support/app.ts'

const trusts = trustIn(['10.0.0.0/8', 'fd00::/8', '192.0.2.7', 'loopback'])

t.test('addresses and networks are trusted in each spelling, and nobody where none is named', async (t) => {
  for (const address of ['10.1.2.3', '::ffff:10.1.2.3', 'fd00::1', '192.0.2.7', '127.0.0.1', '127.9.9.9', '::1']) t.ok(trusts(address), address)
  for (const address of ['11.0.0.1', 'fe80::1', '192.0.2.8', '::ffff:192.0.2.8', 'junk', undefined]) t.notOk(trusts(address), String(address))
  t.notOk(trustIn([])('127.0.0.1'))
})

t.test('the base URL is the one that the trusted proxy next to us tells', async (t) => {
  const cases: ReadonlyArray<readonly [Record<string, string>, string]> = [
    [{}, 'http://governor:8080'],
    [{ 'x-forwarded-proto': 'https' }, 'https://governor:8080'],
    [{ 'x-forwarded-proto': 'HTTPS' }, 'https://governor:8080'],
    [{ 'x-forwarded-proto': 'https, http' }, 'http://governor:8080'],
    [{ 'x-forwarded-proto': 'http,https' }, 'https://governor:8080'],
    [{ 'x-forwarded-proto': 'https://evil' }, 'http://governor:8080'],
    [{ 'x-forwarded-proto': 'javascript' }, 'http://governor:8080'],
    [{ 'x-forwarded-proto': '' }, 'http://governor:8080'],
    [{ 'x-forwarded-proto': 'https', 'x-forwarded-host': 'public.example' }, 'https://public.example'],
    [{ 'x-forwarded-host': 'a.example, b.example:8443' }, 'http://b.example:8443'],
    [{ 'x-forwarded-host': 'b.example/path' }, 'http://governor:8080'],
    [{ 'x-forwarded-host': 'user@b.example' }, 'http://governor:8080'],
    [{ forwarded: 'for=192.0.2.1;proto=https;host=b.example' }, 'https://b.example'],
    [{ forwarded: 'for="[fd00::1]:1234";Proto="https";host="[fd00::2]:8443"' }, 'https://[fd00::2]:8443'],
    [{ forwarded: 'proto=http, for="a,b";proto=https' }, 'https://governor:8080'],
    [{ forwarded: 'proto=https, for=10.0.0.1', 'x-forwarded-proto': 'https' }, 'https://governor:8080'],
    [{ forwarded: 'proto=https;"' }, 'https://governor:8080'],
    [{ forwarded: '=;=,,;"' }, 'http://governor:8080']
  ]
  for (const [headers, url] of cases) {
    t.equal(baseUrl({ host: 'governor:8080', ...headers }, '10.0.0.1', trusts), url, JSON.stringify(headers))
    t.equal(baseUrl({ host: 'governor:8080', ...headers }, '11.0.0.1', trusts), 'http://governor:8080', `${JSON.stringify(headers)} of somebody else`)
  }
  t.equal(baseUrl({ 'x-forwarded-proto': 'https' }, '10.0.0.1', trusts), undefined)
})

t.test('page URLs lead back over TLS where a trusted proxy ends it', async (t) => {
  const upstream = await startUpstream(t, (_request, response) => {
    response.setHeader('content-type', 'application/json').end('{"meta":{"next_page_url":"https://verify.twilio.com/v2/Services?Page=1"},"services":[]}')
  })
  for (const [trustedProxies, scheme] of [[['loopback'], 'https'], [[], 'http']] as const) {
    const { proxy } = await startApp(t, upstream.origin, { listen: { rewritePageUrls: true, trustedProxies: [...trustedProxies] } })
    const answer = await createClient(t)(`${proxy}/verify/v2/Services`, { headers: { authorization: AUTHORIZATION, 'x-forwarded-proto': 'https' } })
    t.match(answer.json(), { meta: { next_page_url: `${proxy.replace('http', scheme)}/verify.twilio.com/v2/Services?Page=1` } })
  }
})

t.test('Forwarded counts before the older headers, and quoted values are read as what they mean', async (t) => {
  const told = (headers: Record<string, string>): string | undefined =>
    baseUrl({ host: 'localhost:8080', ...headers }, '127.0.0.1', trustIn(['loopback']))
  t.equal(told({ forwarded: 'host=new.example;proto=https', 'x-forwarded-host': 'old.example', 'x-forwarded-proto': 'http' }), 'https://new.example')
  t.equal(told({ forwarded: 'host="gover\\nor.example:8443"' }), 'http://governor.example:8443')
  t.equal(told({ forwarded: 'host="no, name"', 'x-forwarded-host': 'old.example' }), 'http://old.example')
})
