import t from 'tap'
import { egressOf, proxyUrl, readCredentials } from '../../src/config/egress.ts'
import { faults, load, told } from './loading.ts'

const dir = t.testdir({
  secret: ' clerk:pässword \r\nother:line\n', none: 'clerk', nobody: ':secret', empty: 'clerk:', ok: 'a:b'
})
const ENVIRONMENT = { proxy: 'environment', proxyCredentialsFile: null }
const passwordOf = (headers: ReadonlyArray<readonly [string, string]> | undefined): string =>
  Buffer.from(headers?.[0]?.[1].replace('Basic ', '') ?? '', 'base64').toString('utf8')

t.test('credentials are those of a file\'s first line, without what surrounds them', async (t) => {
  t.equal(readCredentials(`${dir}/secret`), 'clerk:pässword')
  const own = egressOf({ proxy: 'http://a:b@p.example', proxyCredentialsFile: `${dir}/secret` }, {})
  t.equal(passwordOf(own(true, 'x')?.headers), 'clerk:pässword')
  const fromEnvironment = egressOf(
    { ...ENVIRONMENT, proxyCredentialsFile: `${dir}/secret` }, { HTTPS_PROXY: 'p.example' }
  )
  t.equal(passwordOf(fromEnvironment(true, 'x')?.headers), 'clerk:pässword')
  const named = egressOf({ proxy: 'http://us%65r:p%C3%A4ss%3A@p.example', proxyCredentialsFile: null }, {})
  t.equal(passwordOf(named(true, 'x')?.headers), 'user:päss:')
})

t.test('a file of credentials needs a user and a password', async (t) => {
  const of = (file: string): string => `upstream: { proxy: "http://p.example", proxyCredentialsFile: ${dir}/${file} }`
  for (const file of ['none', 'nobody', 'empty']) t.match(told(faults(t, of(file))), [/must hold user:password/], file)
  t.ok(load(t, of('ok')))
})

t.test('a proxy may be written without its scheme, or in upper case', async (t) => {
  t.equal(proxyUrl('p.example:3128')?.href, 'http://p.example:3128/')
  t.equal(proxyUrl('HTTPS://P.example')?.href, 'https://p.example/')
  t.same(['socks5://p.example', 'http://', ''].map(proxyUrl), [undefined, undefined, undefined])
})

t.test('the variables count in the order in which curl takes them', async (t) => {
  const names = {
    true: ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'],
    false: ['http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY']
  }
  for (const [secure, order] of Object.entries(names)) {
    for (let i = 0; i < order.length; i++) {
      const env = Object.fromEntries(order.slice(i).map((name) => [name, `http://${name.replace('_', '-')}.example`]))
      const host = `${order[i]!.replace('_', '-')}.example`.toLowerCase()
      t.equal(egressOf(ENVIRONMENT, env)(secure === 'true', 'x')?.host, host, order[i]!)
    }
  }
  const lists = { https_proxy: 'http://p.example', no_proxy: 'lower.example', NO_PROXY: 'upper.example' }
  const egress = egressOf(ENVIRONMENT, lists)
  t.same(['lower.example', 'upper.example'].map((host) => egress(true, host)?.host), [undefined, 'p.example'])
})

t.test('an exception holds for https and http, and below a name only for names', async (t) => {
  const env = { https_proxy: 'http://p.example', http_proxy: 'http://p.example', no_proxy: 'twilio.com:443 0.0.1' }
  const egress = egressOf(ENVIRONMENT, env)
  t.same([true, false].map((secure) => egress(secure, 'api.twilio.com')), [undefined, undefined])
  t.equal(egress(true, '127.0.0.1')?.host, 'p.example')
  t.equal(egress(true, 'eviltwilio.com')?.host, 'p.example')
})

t.test('a proxy leads to our own listener by a wildcard address, in any case, and not where the port is any', async (t) => {
  const refused = [/must not lead to this proxy itself/]
  t.match(told(faults(t, 'listen: { host: 10.0.0.5 }\nupstream: { proxy: "http://0.0.0.0:8080" }')), refused)
  t.match(
    told(faults(t, 'listen: { host: Proxy.Internal }\nupstream: { proxy: "http://proxy.internal:8080" }')), refused
  )
  t.match(
    told(
      faults(t, 'listen: { host: 10.0.0.5, names: [Governor.Example] }\nupstream: { proxy: "http://governor.example:8080" }')
    ),
    refused
  )
  t.match(told(faults(t, 'listen: { host: "::1" }\nupstream: { proxy: "http://127.0.0.1:8080" }')), refused)
  t.ok(load(t, 'listen: { port: 0 }\nupstream: { proxy: "http://127.0.0.1" }'))
  t.ok(load(t, 'upstream: { proxy: "http://proxy.example:8080" }'))
})
