import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadSettings } from '../../src/config/load.ts'
import type { Settings } from '../../src/config/schema/settings.ts'
import { exposures } from '../../src/commands/exposures.ts'

type Over = { readonly [Section in keyof Settings]?: Partial<Settings[Section]> }

const DEFAULTS = loadSettings({ env: {} })
const told = (over: Over, file?: string): string[] => {
  const sections = Object.entries(over).map(([name, section]) => [name, { ...DEFAULTS[name as keyof Settings], ...section }])
  return exposures({ ...DEFAULTS, ...Object.fromEntries(sections) } as Settings, file).map(({ setting, advice }) => `${setting}: ${advice}`)
}

t.test('the defaults lay nothing open', async (t) => {
  t.same(told({}), [])
  for (const host of ['127.0.0.1', '127.9.9.9', '::1', 'localhost', 'LOCALHOST', '::ffff:127.0.0.1']) t.same(told({ listen: { host }, admin: { host } }), [], host)
})

t.test('listeners that other machines reach, and changes from anywhere', async (t) => {
  for (const host of ['0.0.0.0', '::', '10.0.0.5', 'governor.example', '203.0.113.5']) {
    t.match(told({ listen: { host } }), [new RegExp(`^listen\\.host: ${host} lets other machines in.*8080.*127\\.0\\.0\\.1`)], host)
    t.match(told({ admin: { host } }), [new RegExp(`^admin\\.host: ${host} lets other machines in.*9090.*127\\.0\\.0\\.1`)], host)
  }
  t.match(told({ admin: { changesFrom: 'anywhere' } }), [/^admin\.changesFrom: anywhere .*kill switches/])
})

t.test('an upstream that is not Twilio is told of, and that the way there is not encrypted', async (t) => {
  for (const [origin, plain] of [['http://127.0.0.1:4010', false], ['http://localhost:4010', false], ['http://[::1]:4010', false], ['https://stand-in.example', false], ['http://stand-in.example:80', true], ['http://10.0.0.5:4010', true]] as const) {
    const [line = '', ...more] = told({ upstream: { origin } })
    t.same(more, [])
    t.ok(line.startsWith(`upstream.origin: all requests and their credentials go to ${origin} instead of Twilio`), line)
    t.equal(line.includes('without encryption'), plain, origin)
  }
})

t.test('files that others than their owner can read or change, also behind a link, and folders where they can put others', async (t) => {
  const folder = t.testdir({ 'ca-key.pem': '', key: '', 'jobs.db': '', 'jobs.db-wal': '', 'state.json': '', 'switches.json': '', 'tokens.json': '', 'api-key': '', 'company.pem': '', 'config.yaml': '' })
  const at = (name: string): string => join(folder, name)
  const over: Over = {
    interception: { caDir: folder },
    deferral: { keyFile: at('key'), file: at('jobs.db') },
    state: { file: at('state.json') },
    guard: { switchesFile: at('switches.json') },
    access: { tokensFile: at('tokens.json'), credentials: { shop: { account: `AC${'0'.repeat(32)}`, file: at('api-key') } } },
    upstream: { caFile: at('company.pem') }
  }
  const secret = ['ca-key.pem', 'key', 'jobs.db', 'jobs.db-wal', 'state.json', 'switches.json', 'tokens.json', 'api-key']
  for (const name of [...secret]) chmodSync(at(name), 0o600)
  for (const name of ['company.pem', 'config.yaml']) chmodSync(at(name), 0o644)
  chmodSync(folder, 0o755)
  t.same(told(over, at('config.yaml')), [])
  for (const [name, setting] of [['ca-key.pem', 'interception.caDir'], ['key', 'deferral.keyFile'], ['jobs.db', 'deferral.file'], ['jobs.db-wal', 'deferral.file'], ['state.json', 'state.file'], ['switches.json', 'guard.switchesFile'], ['tokens.json', 'access.tokensFile'], ['api-key', 'access.credentials.shop.file']] as const) {
    for (const [mode, can] of [[0o640, 'read'], [0o604, 'read'], [0o620, 'change'], [0o666, 'read and change']] as const) {
      chmodSync(at(name), mode)
      t.same(told(over, at('config.yaml')), [`${setting}: users other than its owner can ${can} ${at(name)} (mode 0${mode.toString(8)}). Fix it with chmod go-rwx`])
    }
    chmodSync(at(name), 0o600)
  }
  for (const [name, setting] of [['company.pem', 'upstream.caFile'], ['config.yaml', 'the settings file']] as const) {
    chmodSync(at(name), 0o664)
    t.same(told(over, at('config.yaml')), [`${setting}: users other than its owner can change ${at(name)} (mode 0664). Fix it with chmod go-w`])
    chmodSync(at(name), 0o644)
  }
  mkdirSync(at('links'))
  symlinkSync(at('key'), at('links/key'))
  chmodSync(at('key'), 0o644)
  t.match(told({ deferral: { keyFile: at('links/key') } }), [/links\/key \(mode 0644\)/])
  chmodSync(at('key'), 0o600)
  chmodSync(at('links'), 0o777)
  t.match(told({ deferral: { keyFile: at('links/key') } }), [/^deferral\.keyFile: everybody can put files into .*links \(mode 0777\)/])
  chmodSync(at('links'), 0o1777)
  t.same(told({ deferral: { keyFile: at('links/key') } }), [], 'with the sticky bit nobody can')
  t.same(told({ state: { file: at('none/there.json') }, interception: { caDir: at('none') } }), [])
})
