import t from 'tap'
import { cleaned, idleVariables, VARIABLES } from '../../src/config/environment.ts'
import { loadSettings } from '../../src/config/load.ts'
import { valueAt } from '../../src/config/tree.ts'
import { faults, load } from './loading.ts'

const VALUES: Readonly<Record<string, string | number | boolean>> = {
  GOVERNOR_HOST: '0.0.0.0',
  GOVERNOR_PORT: 0,
  GOVERNOR_ADMIN_HOST: '::',
  GOVERNOR_ADMIN_PORT: 65535,
  GOVERNOR_REWRITE_PAGE_URLS: true,
  GOVERNOR_UPSTREAM: 'http://127.0.0.1:4010',
  GOVERNOR_UPSTREAM_PROXY: 'http://proxy.example:3128',
  GOVERNOR_CA_DIR: '/var/lib/twilio-governor',
  GOVERNOR_LIMIT_MODE: 'shadow',
  GOVERNOR_LIMIT_ALGORITHM: 'aimd',
  GOVERNOR_DEFERRAL_FILE: '/var/lib/deferred.db',
  GOVERNOR_DEFERRAL_KEY: 'ab'.repeat(32),
  GOVERNOR_STATE_FILE: '/var/lib/state.json',
  GOVERNOR_TOKENS_FILE: '/var/lib/tokens.json',
  LOG_LEVEL: 'debug',
  GOVERNOR_LOG_LEVEL: 'debug'
}

t.test('each variable sets its key', async (t) => {
  t.strictSame(VARIABLES.map(({ name }) => name).sort(), Object.keys(VALUES).sort())
  const env = Object.fromEntries(Object.entries(VALUES).map(([name, value]) => [name, String(value)]))
  const settings = loadSettings({ cwd: t.testdir({}), env })
  for (const { name, key } of VARIABLES) t.equal(valueAt(settings, key), VALUES[name], name)
})

t.test('an empty variable counts as unset', async (t) => {
  const env = Object.fromEntries(VARIABLES.map(({ name }) => [name, '']))
  t.equal(load(t, 'listen: { port: 7000 }', env).listen.port, 7000)
})

t.test('GOVERNOR_DEFAULT_HOST gives way to the file and to the variables of its keys', async (t) => {
  const hosts = (text: string, env: Record<string, string> = {}): readonly string[] => {
    const { listen, admin } = load(t, text, { GOVERNOR_DEFAULT_HOST: '0.0.0.0', ...env })
    return [listen.host, admin.host]
  }
  t.strictSame(hosts(''), ['0.0.0.0', '0.0.0.0'])
  t.strictSame(hosts('listen:\nadmin: { port: 7000 }'), ['0.0.0.0', '0.0.0.0'], 'a section without the key')
  t.strictSame(hosts('admin: { host: 127.0.0.1 }'), ['0.0.0.0', '127.0.0.1'])
  t.strictSame(hosts('listen: { host: "::1" }', { GOVERNOR_ADMIN_HOST: '127.0.0.2' }), ['::1', '127.0.0.2'])
  t.strictSame(hosts('', { GOVERNOR_DEFAULT_HOST: '' }), ['127.0.0.1', '127.0.0.1'], 'an empty one counts as unset')
  t.match(faults(t, '', { GOVERNOR_DEFAULT_HOST: 'http://all' }), [{ path: 'GOVERNOR_DEFAULT_HOST', message: /^must be an IP address/ }])
  t.equal(faults(t, '', { GOVERNOR_DEFAULT_HOST: 'http://all' }).length, 1, 'told once, though it serves two keys')
  t.match(faults(t, '', { GOVERNOR_DEFAULT_HOST: '0.0.0.0', GOVERNOR_HOST: 'http://all' }), [{ path: 'GOVERNOR_HOST' }])
})

t.test('a faulty variable is named as such, even over a sound file', async (t) => {
  for (const [text, shown] of [['80x', '"80x"'], ['0x50', '"0x50"'], [' 80', '" 80"'], ['1e3', '"1e3"'], ['65536', '65536'], ['-1', '-1'], ['80.5', '"80.5"']] as const) {
    const [fault] = faults(t, 'listen: { port: 7000 }', { GOVERNOR_PORT: text })
    t.equal(fault?.path, 'GOVERNOR_PORT')
    t.match(fault?.message, `must be a whole number from 0 to 65535; found the ${/^-?\d+$/.test(text) ? 'number' : 'text'} ${shown}`)
  }
})

t.test('a variable that is true or false takes no other word', async (t) => {
  const rewrites = (text: string): boolean => load(t, '', { GOVERNOR_REWRITE_PAGE_URLS: text }).listen.rewritePageUrls
  t.same(['true', 'TRUE', 'false', ''].map(rewrites), [true, true, false, false])
  t.match(faults(t, '', { GOVERNOR_REWRITE_PAGE_URLS: 'yes' }), [{ path: 'GOVERNOR_REWRITE_PAGE_URLS', message: /^must be true or false; found the text "yes"/ }])
})

t.test('a sound variable does not hide that the file is faulty', async (t) => {
  t.match(faults(t, 'listen: { port: x }', { GOVERNOR_PORT: '7000' }), [{ path: 'listen.port', message: /\(line 1\)$/ }])
})

t.test('a port that Kubernetes made up counts as unset', async (t) => {
  t.equal(load(t, 'listen: { port: 7000 }', { GOVERNOR_PORT: 'tcp://10.96.0.1:8080' }).listen.port, 7000)
  t.match(faults(t, '', { GOVERNOR_PORT: 'http://10.96.0.1:8080' }), [{ path: 'GOVERNOR_PORT' }])
  const elsewhere = faults(t, '', { GOVERNOR_UPSTREAM: 'tcp://10.96.0.1:8080' })
  t.match(elsewhere, [{ path: 'GOVERNOR_UPSTREAM' }], 'somebody has set what is no port')
})

t.test('line ends that Windows leaves in a file of variables are no part of a value, and no path has another control character', async (t) => {
  const { state, listen, limit, log } = load(t, '', { GOVERNOR_STATE_FILE: '/var/lib/state.json\r', GOVERNOR_PORT: '7000\r\n', GOVERNOR_LIMIT_MODE: 'shadow\r', LOG_LEVEL: 'WARNING\r' })
  t.same([state.file, listen.port, limit.mode, log.level], ['/var/lib/state.json', 7000, 'shadow', 'warn'])
  for (const name of ['GOVERNOR_STATE_FILE', 'GOVERNOR_DEFERRAL_FILE', 'GOVERNOR_CA_DIR']) {
    for (const text of ['/a\rb', '/a\tb', '/a\u0007', '\r/a']) t.match(faults(t, '', { [name]: text }), [{ path: name, message: /^must be the path/ }], JSON.stringify(text))
  }
  t.match(faults(t, 'state: { file: "state.json\\r" }'), [{ path: 'state.file' }])
})

t.test('the level of the log may be in any case, and the proxy\'s own variable goes before the application\'s', async (t) => {
  const level = (env: Record<string, string>): string => load(t, 'log: { level: debug }', env).log.level
  t.same([{ LOG_LEVEL: 'ERROR' }, { LOG_LEVEL: 'warning' }, { LOG_LEVEL: 'loud', GOVERNOR_LOG_LEVEL: 'Warn' }, {}].map(level), ['error', 'warn', 'warn', 'debug'])
})

t.test('variables that are not ours are left alone', async (t) => {
  t.equal(load(t, '', { GOVERNOR_SERVICE_HOST: '10.96.0.1', PORT: '1' }).listen.port, 8080)
})

t.test('a variable that Kubernetes has made of a Service, or that is empty, is no slip of anybody', async (t) => {
  const links = ['SERVICE_HOST', 'SERVICE_PORT', 'SERVICE_PORT_PROXY', 'PORT_8080_TCP', 'PORT_8080_TCP_ADDR', 'ADMIN_SERVICE_HOST', 'ADMIN_PORT_9090_TCP_PROTO', 'NAME', 'ENV_PATH'].map((name) => `GOVERNOR_${name}`)
  t.strictSame(idleVariables(Object.fromEntries([...links, 'OTHER'].map((name) => [name, '10.96.0.1']))), [])
  t.strictSame(idleVariables({ GOVERNOR_PROT: '', GOVERNOR_CONFIG: 'a.yaml', GOVERNOR_PORT: '1' }), [])
  t.match(idleVariables({ GOVERNOR_PROT: '1', governor_port: '1' }), [{ name: 'GOVERNOR_PROT' }, { name: 'governor_port' }])
})

t.test('line ends are cut from our variables alone', async (t) => {
  t.strictSame(cleaned({ GOVERNOR_PORT: '1\r\n', LOG_LEVEL: 'warn\r', LOG_LEVELS: 'x\r', HTTPS_PROXY: 'http://a\r', MY_GOVERNOR_PORT: '1\n' }),
    { GOVERNOR_PORT: '1', LOG_LEVEL: 'warn', LOG_LEVELS: 'x\r', HTTPS_PROXY: 'http://a\r', MY_GOVERNOR_PORT: '1\n' })
})
