import t from 'tap'
import { egressOf } from '../../src/config/egress.ts'
import type { ConfigError } from '../../src/config/faults.ts'
import { loadSettings } from '../../src/config/load.ts'
import { faults, load, told } from './loading.ts'

const dir = t.testdir({ empty: '', secret: 'clerk:s3cr3t' })
const upstream = (proxy: string | null, proxyCredentialsFile: string | null = null) => ({ proxy, proxyCredentialsFile })

/** The faults of what the environment names. */
function inEnvironment (env: Record<string, string>): string[] {
  try {
    loadSettings({ env: { GOVERNOR_UPSTREAM_PROXY: 'environment', ...env } })
    return []
  } catch (error) {
    return (error as ConfigError).faults.map(({ path, message }) => `${path}: ${message}`)
  }
}

t.test('the environment counts only where it is asked for', async (t) => {
  const env = { HTTPS_PROXY: 'http://proxy.example:3128', HTTP_PROXY: 'http://plain.example' }
  t.equal(egressOf(upstream(null), env)(true, 'api.twilio.com'), undefined)
  t.match(egressOf(upstream('http://own.example'), env)(true, 'api.twilio.com'), { host: 'own.example', port: 80, secure: false, headers: [] })
  t.match(egressOf(upstream('environment'), env)(true, 'api.twilio.com'), { host: 'proxy.example', port: 3128 })
  t.match(egressOf(upstream('environment'), env)(false, '127.0.0.1'), { host: 'plain.example', port: 80 })
  t.match(egressOf(upstream('environment'), { all_proxy: 'proxy.example:3128' })(true, 'api.twilio.com'), { host: 'proxy.example', port: 3128 })
  t.equal(egressOf(upstream('environment'), {})(true, 'api.twilio.com'), undefined)
})

t.test('NO_PROXY keeps names, what is below them, and addresses from the proxy', async (t) => {
  const past = (list: string, host: string): boolean => egressOf(upstream('environment'), { https_proxy: 'http://p.example', NO_PROXY: list })(true, host) === undefined
  for (const list of ['*', 'twilio.com', '.twilio.com', '*.twilio.com', 'a.example, API.twilio.com:443', 'x api.twilio.com']) t.ok(past(list, 'api.twilio.com'), list)
  for (const list of ['', 'lio.com', 'verify.twilio.com', 'api.twilio.com.example']) t.notOk(past(list, 'api.twilio.com'), list)
  t.ok(past('127.0.0.1', '127.0.0.1'))
  t.ok(past('[::1]', '::1'))
})

t.test('an empty variable counts as unset: the other spelling of its name is read', async (t) => {
  const env = { https_proxy: '', HTTPS_PROXY: 'http://p.example', no_proxy: '', NO_PROXY: 'twilio.com' }
  const egress = egressOf(upstream('environment'), env)
  t.equal(egress(true, 'api.twilio.com'), undefined)
  t.match(egress(true, 'api.example'), { host: 'p.example' })
})

t.test('credentials are decoded, and those of a file count', async (t) => {
  const file = `${t.testdir({ secret: 'clerk:from file\n' })}/secret`
  t.strictSame(egressOf(upstream('https://clerk:p%40ss@[::1]'), {})(true, 'api.twilio.com'), {
    host: '::1', port: 443, secure: true, headers: [['Proxy-Authorization', `Basic ${Buffer.from('clerk:p@ss').toString('base64')}`]]
  })
  t.strictSame(egressOf(upstream('http://p.example', file), {})(true, 'x')?.headers, [['Proxy-Authorization', `Basic ${Buffer.from('clerk:from file').toString('base64')}`]])
})

t.test('a proxy that cannot be one is refused, and no part of it is repeated', async (t) => {
  const cases: ReadonlyArray<readonly [string, RegExp]> = [
    ['proxy: "http://clerk:s3cr3t@p.example/path"', /upstream\.proxy: must be the URL of an http or https proxy/],
    ['proxy: "socks5://clerk:s3cr3t@p.example"', /upstream\.proxy: must be the URL of an http or https proxy/],
    ['proxy: "s3cr3t"', /upstream\.proxy: must be the URL/],
    ['proxy: "http://clerk:s3cr3t%zz@p.example"', /upstream\.proxy: must have its user name and password percent-encoded/],
    ['proxy: "http://clerk:s3cr3t@p.example:99999"', /upstream\.proxy: must be the URL/],
    ['proxy: "http://clerk:s3cr3t@localhost:8080"', /upstream\.proxy: must not lead to this proxy itself/],
    [`{ proxy: "http://s3cr3t@p.example", proxyCredentialsFile: ${dir}/secret }`, /upstream\.proxyCredentialsFile: must not be set if the URL/],
    [`{ proxy: "http://p.example", proxyCredentialsFile: ${dir}/empty }`, /upstream\.proxyCredentialsFile: must hold user:password/],
    [`{ proxy: "http://p.example", proxyCredentialsFile: ${dir}/none }`, /upstream\.proxyCredentialsFile: cannot be read \(ENOENT\)/]
  ]
  for (const [text, message] of cases) {
    const [fault, ...more] = told(faults(t, `upstream: ${text.startsWith('{') ? text : `{ ${text} }`}`))
    t.match(fault, message, text)
    t.notMatch(fault, /s3cr3t|clerk/)
    t.equal(more.length, 0)
  }
})

t.test('no proxy leads to our own listener, by whatever name it goes', async (t) => {
  for (const [host, names, proxy] of [
    ['127.0.0.1', '[]', 'http://127.0.0.1:8080'], ['0.0.0.0', '[]', 'http://localhost:8080'], ['"::"', '[]', 'http://[::1]:8080/'],
    ['10.0.0.5', '[]', 'http://10.0.0.5:8080'], ['10.0.0.5', '[governor.example]', 'http://Governor.example:8080']
  ] as const) t.match(told(faults(t, `listen: { host: ${host}, names: ${names} }\nupstream: { proxy: "${proxy}" }`)), [/must not lead to this proxy itself/], proxy)
  for (const [port, proxy] of [[80, 'http://127.0.0.1'], [443, 'https://127.0.0.1']] as const) {
    t.match(told(faults(t, `listen: { port: ${port} }\nupstream: { proxy: "${proxy}" }`)), [/must not lead to this proxy itself/], 'the port that goes without saying')
    t.ok(load(t, `listen: { port: ${port === 80 ? 443 : 80} }\nupstream: { proxy: "${proxy}" }`))
  }
  t.ok(load(t, 'upstream: { proxy: "http://127.0.0.1:3128" }'))
  t.ok(load(t, 'listen: { host: 10.0.0.5 }\nupstream: { proxy: "http://127.0.0.1:8080" }'))
  t.strictSame(inEnvironment({ HTTPS_PROXY: 'http://127.0.0.1:8080' }), ['GOVERNOR_UPSTREAM_PROXY: takes HTTPS_PROXY, which must not lead to this proxy itself (listen.host, listen.port and listen.names)'])
  t.strictSame(inEnvironment({ https_proxy: 'socks5://x' }), ['GOVERNOR_UPSTREAM_PROXY: takes https_proxy, which must be the URL of an http or https proxy, such as http://proxy.example:3128'])
  t.strictSame(inEnvironment({ HTTPS_PROXY: 'http://127.0.0.1:3128' }), [])
})

t.test('trusted proxies are addresses and networks', async (t) => {
  t.strictSame(load(t, 'listen: { trustedProxies: [loopback, 10.0.0.0/8, "fd00::/8", "2001:db8::/128", 192.0.2.7] }').listen.trustedProxies.length, 5)
  for (const bad of ['300.0.0.1', '10.0.0.0/40', '"fd00::/129"', '"fd00:::1"', 'proxy.example', '10.0.0.0/']) t.equal(faults(t, `listen: { trustedProxies: [${bad}] }`).length, 1, bad)
})
