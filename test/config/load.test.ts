import { chmodSync } from 'node:fs'
import { resolve } from 'node:path'
import t from 'tap'
import { loadSettings } from '../../src/config/load.ts'
import { errorOf, load } from './loading.ts'

t.test('without file and environment every key has its default', async (t) => {
  const settings = loadSettings({ cwd: t.testdir({}), env: {} })
  t.equal(settings.listen.port, 8080)
  t.equal(settings.listen.host, '127.0.0.1')
  t.equal(settings.upstream.origin, null)
  t.equal(settings.limit.algorithm, 'ceiling')
  t.strictSame(settings.queue.weights, { critical: 8, standard: 4, read: 2, bulk: 1 })
  t.strictSame([settings.queue.ageingMs, settings.queue.minShare], [10_000, 0.02])
  t.strictSame(settings.accounts.map, {})
})

t.test('an empty file, and one of comments only, mean the defaults', async (t) => {
  const defaults = loadSettings({ cwd: t.testdir({}), env: {} })
  t.strictSame(load(t, ''), defaults)
  t.strictSame(load(t, '# nothing yet\n'), defaults)
})

t.test('an empty section means its defaults', async (t) => {
  t.equal(load(t, 'limit:\n  # min: 3\nqueue:\n  weights:\n').limit.min, 1)
})

t.test('a key of the file leaves the defaults of its neighbours alone', async (t) => {
  const { weights } = load(t, 'queue: { weights: { bulk: 7 } }').queue
  t.strictSame(weights, { critical: 8, standard: 4, read: 2, bulk: 7 })
})

t.test('JSON is a configuration, too', async (t) => {
  t.equal(load(t, '{"limit": {"min": 3}}').limit.min, 3)
})

t.test('a byte order mark is skipped', async (t) => {
  t.equal(load(t, '\ufefflimit: { min: 3 }').limit.min, 3)
})

t.test('the environment comes before the file, the file before the default', async (t) => {
  const text = 'listen: { port: 1111 }\nadmin: { port: 2222 }'
  const settings = load(t, text, { GOVERNOR_PORT: '3333' })
  t.equal(settings.listen.port, 3333)
  t.equal(settings.admin.port, 2222)
  t.equal(settings.limit.initial, 10)
})

t.test('the settings are frozen to the last leaf', async (t) => {
  const settings = load(t, 'listen: { names: [a.example] }\naccounts: { aliases: { AC00000000000000000000000000000001: a } }')
  const parts = [settings, settings.listen, settings.listen.names, settings.queue.weights, settings.accounts.aliases, settings.accounts.map]
  t.ok(parts.every((part) => Object.isFrozen(part)))
  t.throws(() => Object.assign(settings.limit, { min: 5 }), TypeError)
})

t.test('two loads share nothing', async (t) => {
  const cwd = t.testdir({})
  t.not(loadSettings({ cwd, env: {} }).accounts.map, loadSettings({ cwd, env: {} }).accounts.map)
})

t.test('the file is --config, else GOVERNOR_CONFIG, else config.yaml', async (t) => {
  const file = (min: number): string => `limit: { min: ${min} }`
  const cwd = t.testdir({ 'config.yaml': file(2), 'named.yaml': file(3), deep: { 'option.yaml': file(4) } })
  const env = { GOVERNOR_CONFIG: 'named.yaml' }
  t.equal(loadSettings({ cwd, env: {} }).limit.min, 2)
  t.equal(loadSettings({ cwd, env: { GOVERNOR_CONFIG: '' } }).limit.min, 2, 'an empty variable counts as unset')
  t.equal(loadSettings({ cwd, env }).limit.min, 3)
  t.equal(loadSettings({ cwd, env, file: 'deep/option.yaml' }).limit.min, 4)
  t.equal(loadSettings({ cwd: '/', env, file: resolve(cwd, 'deep/option.yaml') }).limit.min, 4)
})

t.test('without a working directory no config.yaml is looked for', async (t) => {
  const cwd = t.testdir({ 'config.yaml': 'limit: { min: 2 }' })
  const before = process.cwd()
  process.chdir(cwd)
  t.teardown(() => { process.chdir(before) })
  t.equal(loadSettings({ env: {} }).limit.min, 1)
  t.equal(loadSettings({ env: {}, file: resolve(cwd, 'config.yaml') }).limit.min, 2, 'unless one is named')
})

t.test('a file that was named and is not there is a fault of what named it', async (t) => {
  const cwd = t.testdir({ 'config.yaml': '', folder: {} })
  const option = errorOf(() => loadSettings({ cwd, env: {}, file: 'nope.yaml' }))
  t.equal(option.file, 'nope.yaml')
  t.strictSame(option.faults, [{ path: '--config', message: 'no such file: nope.yaml' }])
  const variable = errorOf(() => loadSettings({ cwd, env: { GOVERNOR_CONFIG: 'gone.yaml' } }))
  t.strictSame(variable.faults, [{ path: 'GOVERNOR_CONFIG', message: 'no such file: gone.yaml' }])
  const folder = errorOf(() => loadSettings({ cwd, env: {}, file: 'folder' }))
  t.strictSame(folder.faults, [{ path: '--config', message: 'is a directory, not a file: folder' }])
})

t.test('a secret in the name of a file is not repeated', async (t) => {
  const name = `https://clerk:hunter22@files.example/${'0af1'.repeat(8)}.yaml`
  const { message } = errorOf(() => loadSettings({ cwd: t.testdir({}), env: {}, file: name })).faults[0] ?? {}
  t.match(message, /^no such file: /)
  t.notMatch(message, '0af10af1')
})

t.test('an option hides its variable, and its fault is named after it', async (t) => {
  const source = { cwd: t.testdir({}), env: { GOVERNOR_UPSTREAM: 'http://127.0.0.1:1' } }
  t.equal(loadSettings({ ...source, flags: { upstream: 'http://127.0.0.1:2' } }).upstream.origin, 'http://127.0.0.1:2')
  t.match(errorOf(() => loadSettings({ ...source, flags: { upstream: 'nowhere' } })).faults, [{ path: '--upstream' }])
})

t.test('a file that may not be read is a fault', async (t) => {
  const cwd = t.testdir({ 'config.yaml': '' })
  chmodSync(resolve(cwd, 'config.yaml'), 0)
  if (process.getuid?.() === 0) {
    t.equal(loadSettings({ cwd, env: {} }).limit.min, 1, 'root may read everything')
  } else {
    t.match(errorOf(() => loadSettings({ cwd, env: {} })).faults, [{ path: 'config.yaml', message: /no permission/ }])
  }
})

t.test('a missing file does not hide the faults of the environment', async (t) => {
  const { faults } = errorOf(() => loadSettings({ cwd: t.testdir({}), env: { GOVERNOR_PORT: 'x' }, file: 'nope.yaml' }))
  t.strictSame(faults.map(({ path }) => path), ['--config', 'GOVERNOR_PORT'])
})
