import t from 'tap'
import { SDKS, type Sdk } from '../../../src/commands/doctor/finding.ts'
import { variableToSet, wayOf } from '../../../src/commands/doctor/checks/proxy-variables.ts'

const API = new URL('https://api.twilio.com/')
const BASE = new URL('http://10.1.2.3:8080/api')
const P = 'http://proxy:1'

const took = (sdk: Sdk, env: Record<string, string>, url: URL): string | undefined => {
  const way = wayOf(sdk, env, url)
  return way.to === 'proxy' ? way.variable : undefined
}

/** By variable: who takes it for https, and who for http. */
const READERS: ReadonlyArray<readonly [name: string, https: readonly Sdk[], http: readonly Sdk[]]> = [
  ['HTTP_PROXY', ['node', 'twilio-cli'], ['python', 'go', 'ruby', 'csharp']],
  ['http_proxy', [], ['python', 'go', 'php', 'ruby', 'csharp', 'curl']],
  ['HTTPS_PROXY', ['python', 'go', 'php', 'ruby', 'csharp', 'curl'], []],
  ['https_proxy', ['python', 'go', 'php', 'ruby', 'csharp', 'curl'], []],
  ['ALL_PROXY', ['python', 'php', 'csharp', 'curl'], ['python', 'php', 'csharp', 'curl']],
  ['all_proxy', ['python', 'php', 'csharp', 'curl'], ['python', 'php', 'csharp', 'curl']]
]

for (const [name, https, http] of READERS) {
  t.test(`${name} is read by those whose code reads it`, async (t) => {
    for (const sdk of SDKS) {
      t.equal(took(sdk, { [name]: P }, API), https.includes(sdk) ? name : undefined, `${sdk}, https`)
      t.equal(took(sdk, { [name]: P }, BASE), http.includes(sdk) ? name : undefined, `${sdk}, http`)
    }
  })
}

t.test('of two spellings most take the lower case, and Go the upper', async (t) => {
  const both = { HTTPS_PROXY: P, https_proxy: P }
  for (const sdk of ['python', 'php', 'ruby', 'csharp', 'curl'] as const) t.equal(took(sdk, both, API), 'https_proxy', sdk)
  t.equal(took('go', both, API), 'HTTPS_PROXY')
})

t.test('an empty lower case hides the upper one from Python and Ruby, and from no other', async (t) => {
  const hidden = { https_proxy: '', HTTPS_PROXY: P }
  for (const sdk of ['python', 'ruby'] as const) {
    t.equal(took(sdk, hidden, API), undefined, sdk)
    t.equal(variableToSet(sdk, hidden), 'https_proxy', 'and is what has to be set')
  }
  for (const sdk of ['go', 'php', 'csharp', 'curl'] as const) t.equal(took(sdk, hidden, API), 'HTTPS_PROXY', sdk)
  t.equal(took('python', { ...hidden, ALL_PROXY: P }, API), 'ALL_PROXY')
  t.equal(variableToSet('node', {}), 'HTTP_PROXY')
  t.equal(variableToSet('curl', {}), 'HTTPS_PROXY')
})

t.test('the list of exceptions is the first that is set', async (t) => {
  const env = { HTTPS_PROXY: P, no_proxy: 'localhost', NO_PROXY: '.twilio.com' }
  for (const sdk of ['python', 'php', 'ruby', 'csharp', 'curl'] as const) t.match(wayOf(sdk, env, API), { to: 'proxy' }, sdk)
  t.match(wayOf('go', env, API), { to: 'excluded', variable: 'NO_PROXY', entries: ['.twilio.com'] })
  t.match(wayOf('curl', { HTTPS_PROXY: P, no_proxy: '', NO_PROXY: '*' }, API), { to: 'excluded', variable: 'NO_PROXY', entries: ['*'] })
  t.match(wayOf('ruby', { HTTPS_PROXY: P, no_proxy: '', NO_PROXY: '.twilio.com' }, API), { to: 'proxy' })
  t.match(wayOf('node', { HTTP_PROXY: P, NO_PROXY: '*' }, API), { to: 'proxy' })
})

t.test('a JVM has its proxy from its options, wherever they stand; the last one counts', async (t) => {
  const options = '-Dhttps.proxyHost=10.0.0.1 -Dhttps.proxyPort=8080'
  for (const variable of ['JAVA_TOOL_OPTIONS', 'JDK_JAVA_OPTIONS', '_JAVA_OPTIONS']) {
    t.same(wayOf('java', { [variable]: options }, API), { to: 'proxy', variable, value: 'http://10.0.0.1:8080' })
  }
  t.match(wayOf('java', { JAVA_TOOL_OPTIONS: options, _JAVA_OPTIONS: '-Dhttps.proxyHost=b' }, API), { variable: '_JAVA_OPTIONS', value: 'http://b:8080' })
  t.match(wayOf('java', { JAVA_TOOL_OPTIONS: '-Dhttps.proxyHost=a' }, API), { value: 'http://a:443' }, 'the port where none is given')
  t.match(wayOf('java', { JAVA_TOOL_OPTIONS: options }, BASE), { to: 'unset' }, 'http has its own')
  t.match(wayOf('java', { JAVA_TOOL_OPTIONS: `${options} "-Dhttp.nonProxyHosts=localhost|*.twilio.com"` }, API), { to: 'excluded', entries: ['*.twilio.com'] })
})
