import t from 'tap'
import type { Probe } from '../../../src/commands/doctor/facts.ts'
import { CA, facts, findings, fixOf, governor, nobody, PROXY, verdicts } from './situation.ts'

const with_ = (baseUrl: string, at: Readonly<Record<string, Probe>> = { [PROXY]: governor() }): ReturnType<typeof facts> => facts({ baseUrl, at })
const API = with_(`${PROXY}/api`)

t.test('a base URL that leads to the proxy: through, for those that have one', async (t) => {
  for (const sdk of ['node', 'python', 'curl'] as const) {
    for (const path of ['', '/', '/api', '/api/', '/api.twilio.com', '/api.dublin.ie1.twilio.com']) t.same(verdicts(sdk, {}, with_(PROXY + path)), ['through base_url'], `${sdk}, ${path}`)
  }
  for (const sdk of ['java', 'go', 'php', 'ruby', 'csharp'] as const) t.same(verdicts(sdk, {}, API), ['unknown no_base_url'], sdk)
  t.same(verdicts('twilio-cli', {}, API)[0], 'bypasses no_variable', 'the CLI takes no client of anyone\'s')
  t.same(verdicts('go', { HTTPS_PROXY: PROXY, SSL_CERT_FILE: CA }, API), ['through tunnel'], 'a tunnel is as good')
})

t.test('one that the proxy refuses, or that leads elsewhere', async (t) => {
  t.same(verdicts('node', {}, with_('127.0.0.1:8080')), ['fails base_url_refused'])
  t.same(verdicts('node', {}, with_('https://127.0.0.1:8080/api')), ['fails base_url_refused'])
  t.same(verdicts('node', {}, with_(`${PROXY}/example.com`)), ['fails base_url_refused'])
  t.same(verdicts('node', {}, with_(`${PROXY}/api`, { [PROXY]: nobody('nothing') })), ['fails unreachable'])
  t.same(verdicts('node', {}, with_(`${PROXY}/api`, { [PROXY]: nobody('other') })), ['bypasses other_proxy'])
})

t.test('region and edge mangle it, or are lost; the fix puts them into the path', async (t) => {
  const env = { TWILIO_REGION: 'au1' }
  const local = 'http://localhost:8080'
  const mangled = findings('node', env, with_(`${local}/verify`, { [local]: governor() }))
  t.match(mangled, [{ verdict: 'fails', code: 'region_mangles_base_url', sentence: /localhost\.au1\.localhost/ }])
  t.same(fixOf('region_mangles_base_url', mangled), ['unset TWILIO_REGION TWILIO_EDGE', `# base URL: ${local}/verify.sydney.au1.twilio.com`])
  t.match(findings('python', env, API), [{ verdict: 'fails', code: 'region_mangles_base_url', sentence: /127\.au1\.0\.1:8080/ }])
  t.match(findings('node', env, API)[1], { verdict: 'advice', code: 'region_lost', sentence: /leads to us1/ }, 'an address survives in Node')
})

t.test('a proxy for http takes the base URL itself, unless NO_PROXY has it', async (t) => {
  const foreign = { HTTP_PROXY: 'http://corp:3128', http_proxy: 'http://corp:3128' }
  const found = findings('python', { ...foreign, NO_PROXY: 'db.internal' }, API)
  t.match(found, [{ verdict: 'fails', code: 'base_url_proxied', sentence: /NO_PROXY lacks 127\.0\.0\.1/ }])
  t.same(fixOf('base_url_proxied', found), ['export NO_PROXY=\'db.internal,127.0.0.1\'', 'export no_proxy=\'db.internal,127.0.0.1\''])
  t.same(verdicts('curl', foreign, API), ['fails base_url_proxied'])
  for (const list of ['127.0.0.1', '127.0.0.0/8']) t.same(verdicts('python', { ...foreign, NO_PROXY: list }, API), ['through base_url'], list)
  t.same(verdicts('curl', { HTTP_PROXY: 'http://corp:3128' }, API), ['through base_url'], 'curl does not read the upper case')
  t.same(verdicts('node', foreign, API), ['through base_url'], 'Node\'s SDK takes no proxy for http')
})

t.test('what leads past a base URL: next pages, tokens, signed requests', async (t) => {
  const codes = ['next_pages', 'oauth_tokens', 'client_validation']
  for (const sdk of ['node', 'python'] as const) t.same(findings(sdk, {}, API).slice(1).map(({ verdict, code }) => `${verdict} ${code}`), codes.map((code) => `advice ${code}`), sdk)
  t.same(findings('curl', {}, API).length, 1, 'curl sends what it is told')
  t.same(verdicts('python', {}, with_(`${PROXY}/verify`)), ['unknown next_pages'], 'lists of other products have absolute URLs')
  t.same(fixOf('next_pages', findings('node', {}, API)), ['export GOVERNOR_REWRITE_PAGE_URLS=true  # for the proxy; restart it', `eval "$(twilio-governor env --dir /governor --proxy ${PROXY})"  # a tunnel for the rest`])
  t.match(fixOf('next_pages', findings('node', {}, with_(`${PROXY}/api`, { [PROXY]: governor({}, false) }))).at(-1), 'first start the proxy with GOVERNOR_CA_DIR')
})

t.test('with a tunnel for the rest nothing leads past the proxy', async (t) => {
  t.same(findings('node', { HTTP_PROXY: PROXY, NODE_EXTRA_CA_CERTS: CA }, with_(`${PROXY}/verify`)).map(({ code }) => code), ['base_url'])
  t.same(verdicts('python', { HTTPS_PROXY: PROXY, REQUESTS_CA_BUNDLE: CA, NO_PROXY: '127.0.0.1' }, with_(`${PROXY}/verify`)), ['through base_url'])
})
