import t from 'tap'
import { diagnose } from '../../../src/commands/doctor/diagnose.ts'
import { SDKS, type Sdk } from '../../../src/commands/doctor/finding.ts'
import { CA, facts, findings, fixOf, governor, nobody, PROXY, SYSTEM, verdicts } from './situation.ts'

/** What each of them needs to come through a tunnel. */
const NEEDS: Readonly<Record<Exclude<Sdk, 'php'>, Record<string, string>>> = {
  node: { HTTP_PROXY: PROXY, NODE_EXTRA_CA_CERTS: CA },
  'twilio-cli': { HTTP_PROXY: PROXY, NODE_EXTRA_CA_CERTS: CA },
  python: { HTTPS_PROXY: PROXY, REQUESTS_CA_BUNDLE: CA },
  java: { JAVA_TOOL_OPTIONS: `-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=8080 -Djavax.net.ssl.trustStore=${CA}` },
  go: { HTTPS_PROXY: PROXY, SSL_CERT_FILE: CA },
  ruby: { https_proxy: PROXY, SSL_CERT_FILE: CA },
  csharp: { HTTPS_PROXY: PROXY, SSL_CERT_FILE: CA },
  curl: { https_proxy: PROXY, CURL_CA_BUNDLE: CA }
}
const sdks = Object.keys(NEEDS) as Array<keyof typeof NEEDS>

t.test('with a proxy variable and the certificate each comes through', async (t) => {
  for (const sdk of sdks) t.same(verdicts(sdk, NEEDS[sdk]), ['through tunnel'], sdk)
  t.same(verdicts('php', { HTTPS_PROXY: PROXY }, facts({ at: { [PROXY]: governor({ [SYSTEM]: 'trusted' }) } })), ['through tunnel'], 'php, where the system trusts it')
})

t.test('with nothing set each bypasses, and the fix is what it reads', async (t) => {
  for (const sdk of SDKS) t.match(verdicts(sdk, {}), ['bypasses no_variable'], sdk)
  t.same(fixOf('no_variable', findings('node', {})), [`export HTTP_PROXY='${PROXY}'`])
  t.same(fixOf('no_variable', findings('go', {})), [`export HTTPS_PROXY='${PROXY}'`])
  t.same(fixOf('no_variable', findings('java', {})), ['export JAVA_TOOL_OPTIONS="$JAVA_TOOL_OPTIONS -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=8080"'])
})

t.test('a variable that it does not read is told from none', async (t) => {
  const wrong: ReadonlyArray<readonly [Sdk, string]> = [
    ['node', 'http_proxy'], ['node', 'HTTPS_PROXY'], ['twilio-cli', 'http_proxy'], ['python', 'HTTP_PROXY'], ['go', 'ALL_PROXY'], ['java', 'HTTPS_PROXY'], ['curl', 'HTTP_PROXY']
  ]
  for (const [sdk, variable] of wrong) t.equal(verdicts(sdk, { [variable]: PROXY })[0], 'bypasses wrong_variable', `${sdk}, ${variable}`)
  t.equal(verdicts('twilio-cli', { HTTPS_PROXY: PROXY })[0], 'unknown left_to_axios', 'the CLI leaves these to axios')
})

t.test('what it meets next is told as well: one run names all there is to mend', async (t) => {
  t.same(verdicts('node', { http_proxy: PROXY, TWILIO_REGION: 'au1' }), ['bypasses wrong_variable', 'fails untrusted', 'fails region_without_edge'])
  t.same(verdicts('go', { HTTPS_PROXY: PROXY, NO_PROXY: '*' }), ['bypasses excluded', 'fails untrusted'])
})

t.test('NO_PROXY that has Twilio\'s hosts, all or some: the fix keeps the rest of it', async (t) => {
  const all = findings('python', { ...NEEDS.python, NO_PROXY: 'localhost, .twilio.com,db.internal' })
  t.match(all[0], { verdict: 'bypasses', code: 'excluded', sentence: 'NO_PROXY keeps Twilio\'s hosts away from the proxy, by ".twilio.com".' })
  t.same(fixOf('excluded', all), ['export NO_PROXY=\'localhost,db.internal\'', 'export no_proxy=\'localhost,db.internal\''])
  const some = findings('csharp', { ...NEEDS.csharp, NO_PROXY: 'verify.twilio.com,LOOKUPS.twilio.com' })
  t.match(some[0], { verdict: 'bypasses', sentence: /^NO_PROXY keeps lookups, verify away from the proxy/ })
  t.same(fixOf('excluded', some), ['export NO_PROXY=\'\'', 'export no_proxy=\'\''])
  const jvm = findings('java', { JAVA_TOOL_OPTIONS: `${NEEDS.java['JAVA_TOOL_OPTIONS'] ?? ''} -Dhttp.nonProxyHosts=*.twilio.com|localhost` })
  t.same(fixOf('excluded', jvm), ['# in JAVA_TOOL_OPTIONS: -Dhttp.nonProxyHosts=\'localhost\''])
})

t.test('NO_PROXY is asked about the hosts of the region', async (t) => {
  const env = { ...NEEDS.go, TWILIO_REGION: 'ie1', TWILIO_EDGE: 'dublin', NO_PROXY: '.ie1.twilio.com' }
  t.same(verdicts('go', env), ['bypasses excluded'])
  t.same(verdicts('ruby', { ...NEEDS.ruby, TWILIO_REGION: 'ie1', NO_PROXY: '.ie1.twilio.com' }), ['through tunnel'], 'which Ruby does not read')
})

t.test('where a variable leads is looked at', async (t) => {
  const other = 'http://corp:3128'
  const given = facts({ at: { [PROXY]: governor(), [other]: nobody('other'), 'http://gone:1': nobody('nothing'), 'http://plain:1': governor({}, false) } })
  t.same(verdicts('go', { HTTPS_PROXY: other }, given), ['bypasses other_proxy'])
  t.same(verdicts('go', { HTTPS_PROXY: 'http://gone:1' }, given), ['fails unreachable'])
  t.same(verdicts('go', { HTTPS_PROXY: 'http://unknown:1' }, given), ['fails unreachable'])
  t.same(verdicts('go', { HTTPS_PROXY: 'http://plain:1' }, given), ['fails connect_not_offered'])
  t.same(fixOf('other_proxy', findings('go', { https_proxy: other }, given)), [`export https_proxy='${PROXY}'`])
})

t.test('a proxy URL has to be one that the client can use', async (t) => {
  t.same(verdicts('go', { ...NEEDS.go, HTTPS_PROXY: 'https://127.0.0.1:8080' }), ['fails proxy_url'])
  t.same(verdicts('curl', { ...NEEDS.curl, https_proxy: 'socks5://127.0.0.1:1080' }), ['bypasses proxy_url'])
  t.same(verdicts('node', { ...NEEDS.node, HTTP_PROXY: '127.0.0.1:8080' }), ['fails proxy_url'])
  t.same(verdicts('ruby', { ...NEEDS.ruby, https_proxy: '127.0.0.1:8080' }), ['fails proxy_url'])
  t.same(verdicts('go', { ...NEEDS.go, HTTPS_PROXY: '127.0.0.1:8080' }), ['through tunnel'], 'which most complete')
  t.same(verdicts('curl', { ...NEEDS.curl, https_proxy: 'http://:::' }), ['fails proxy_url'])
})

t.test('credentials in a proxy URL are of no account, and not shown', async (t) => {
  const env = { ...NEEDS.curl, https_proxy: 'http://jane:hunter2@127.0.0.1:8080/' }
  t.same(verdicts('curl', env), ['through tunnel'])
  for (const value of ['http://jane:hunter2@corp:3128', 'http://jane:hun/ter2@corp:3128', 'http://jane:123/hunter2@corp:3128', 'https://jane:hunter2@x', 'jane:hunter2@x']) {
    for (const sdk of SDKS) t.notMatch(JSON.stringify(diagnose({ https_proxy: value, HTTP_PROXY: value, HTTPS_PROXY: value }, facts(), [sdk])), /hun|jane|123/, `${sdk}, ${value}`)
  }
})

t.test('the proxy itself is judged first', async (t) => {
  const of = (probe: ReturnType<typeof governor>, over: Parameters<typeof facts>[0] = {}): unknown => diagnose({}, facts({ ...over, at: { [PROXY]: probe } }), [])
  t.match(of(governor()), [{ sdk: 'proxy', verdict: 'through', code: 'proxy_ready' }])
  t.match(of(nobody('other')), [{ verdict: 'fails', code: 'not_ours' }])
  t.match(of(nobody('nothing')), [{ verdict: 'fails', code: 'unreachable', fix: [/^GOVERNOR_CA_DIR='\/governor' .* twilio-governor start$/] }])
  const without = { authority: { folder: '/governor', state: 'missing', bundled: false } } as const
  t.match(of(governor({}, false), without), [{ verdict: 'fails', code: 'connect_not_offered', fix: ['twilio-governor ca init --dir \'/governor\'', /start$/] }])
  t.match(of(governor({}, false), { baseUrl: `${PROXY}/api` }), [{ verdict: 'through', code: 'proxy_ready' }], 'a base URL needs no CONNECT')
})

t.test('what nobody else sees: retries of its own, and a client that reads nothing', async (t) => {
  t.match(findings('java', NEEDS.java).at(-1), { verdict: 'advice', code: 'own_retries' })
  t.match(findings('node', NEEDS.node, facts({ stacked: { node: 3, go: 1 } })).at(-1), { verdict: 'advice', code: 'stacked_retries', sentence: /3 so far/, fix: [/autoRetry: false/] })
  t.match(findings('go', NEEDS.go, facts({ stacked: { go: 1 } })).at(-1), { code: 'stacked_retries', sentence: /no retries of its own/ })
  t.match(findings('python', NEEDS.python).at(-1), { verdict: 'advice', code: 'async_client' })
})
