/** Who gets which variables, and the files that they name. */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { replaceUnlessSame, writeBundle } from '../../../src/commands/run/bundle.ts'
import { forApplication, forProxy } from '../../../src/commands/run/environments.ts'
import { withFolder } from '../../../src/commands/run/php-settings.ts'
import { exports, variables } from '../../../src/commands/run/variables.ts'
import type { Authority } from '../../../src/interception/authority.ts'

/** A folder with an authority and a file of what the system trusts; nothing here looks into either. */
function stage (t: Test): { folder: string, authority: Authority, system: string } {
  const folder = t.testdir({ 'ca.pem': 'OURS\n', 'system.pem': 'SYSTEM\n' })
  const certificateFile = join(folder, 'ca.pem')
  const authority = { certificate: 'OURS\n', key: '', certificateFile, expiresAtMs: 0, fingerprint: '' }
  return { folder, authority, system: join(folder, 'system.pem') }
}

t.test('an application has the proxy, its authority, and files that name it, in all spellings', async (t) => {
  const { folder, authority, system } = stage(t)
  const bundle = join(folder, 'all.pem')
  t.strictSame(await variables('http://127.0.0.1:7', authority, folder, { SSL_CERT_FILE: system }), {
    HTTP_PROXY: 'http://127.0.0.1:7',
    HTTPS_PROXY: 'http://127.0.0.1:7',
    https_proxy: 'http://127.0.0.1:7',
    NO_PROXY: 'localhost,127.0.0.1,::1',
    no_proxy: 'localhost,127.0.0.1,::1',
    NODE_EXTRA_CA_CERTS: authority.certificateFile,
    REQUESTS_CA_BUNDLE: bundle,
    CURL_CA_BUNDLE: bundle,
    SSL_CERT_FILE: bundle,
    PHP_INI_SCAN_DIR: `:${folder}/php`
  })
  t.equal(readFileSync(bundle, 'utf8'), 'SYSTEM\n\nOURS\n')
  t.equal(statSync(bundle).mode & 0o777, 0o644)
  const settings = join(folder, 'php', 'twilio-governor.ini')
  t.equal(readFileSync(settings, 'utf8'), `curl.cainfo="${bundle}"\nopenssl.cafile="${bundle}"\n`)
})

t.test('what goes past a proxy already still does, each name once', async (t) => {
  const { folder, authority, system } = stage(t)
  const direct = async (env: Record<string, string>): Promise<string | undefined> =>
    (await variables('http://p', authority, folder, { SSL_CERT_FILE: system, ...env }))['NO_PROXY']
  t.equal(await direct({ NO_PROXY: 'db.internal,,localhost' }), 'db.internal,localhost,127.0.0.1,::1')
  t.equal(await direct({ no_proxy: 'small' }), 'small,localhost,127.0.0.1,::1')
  t.equal(await direct({ no_proxy: 'small', NO_PROXY: 'large' }), 'large,localhost,127.0.0.1,::1')
})

t.test('a bundle holds what SSL_CERT_FILE names or else the system, and never itself', async (t) => {
  const { folder, authority } = stage(t)
  const bundle = join(folder, 'all.pem')
  for (const file of [undefined, '', '/no/such/file', bundle]) {
    writeFileSync(bundle, 'an older bundle')
    t.equal(await writeBundle(authority, folder, { SSL_CERT_FILE: file }), bundle)
    const text = readFileSync(bundle, 'utf8')
    t.ok(text.split('BEGIN CERTIFICATE').length > 50, String(file))
    t.ok(text.endsWith('\nOURS\n'), String(file))
    t.notMatch(text, 'an older bundle', String(file))
  }
})

t.test('a file that others may read at this moment is replaced only by another text', async (t) => {
  const file = join(t.testdir({}), 'file')
  const inode = async (text: string): Promise<number> => {
    await replaceUnlessSame(file, text)
    t.equal(readFileSync(file, 'utf8'), text)
    return statSync(file).ino
  }
  const [first, same, other] = [await inode('a'), await inode('a'), await inode('b')]
  t.equal(same, first)
  t.not(other, first)
})

t.test('a folder of PHP\'s is in its list once, behind the one that PHP has of its own', async (t) => {
  t.equal(withFolder('', '/x/php'), ':/x/php')
  t.equal(withFolder(':/x/php', '/x/php'), ':/x/php')
  t.equal(withFolder('/etc/php:/x/ph', '/x/php'), '/etc/php:/x/ph:/x/php')
})

t.test('a shell takes in every value as it is', async (t) => {
  t.equal(exports({ A: 'b', C: "it's $HOME" }), "export A='b'\nexport C='it'\\''s $HOME'")
})

t.test('the proxy gets what any program needs and what is its own, and listens where nobody else does', async (t) => {
  const kept = {
    PATH: '/bin',
    HOME: '/h',
    TMPDIR: '/t',
    TZ: 'UTC',
    LC_ALL: 'C',
    XDG_DATA_HOME: '/x',
    NODE_EXTRA_CA_CERTS: '/c',
    https_proxy: 'http://a',
    HTTP_PROXY: 'http://b',
    no_proxy: 'c',
    GOVERNOR_LIMIT_MODE: 'shadow'
  }
  const dropped = {
    NODE_OPTIONS: '--title=x',
    NODE_ENV: 'test',
    LOG_LEVEL: 'debug',
    PORT: '1',
    DEBUG: '*',
    SSL_CERT_FILE: '/s',
    MY_PATH: '1',
    PATHS: '2',
    governor_x: '3',
    NODE_TLS_REJECT_UNAUTHORIZED: '0'
  }
  const ours = {
    GOVERNOR_LOG_LEVEL: 'warn',
    GOVERNOR_PORT: '0',
    GOVERNOR_ADMIN_PORT: '0',
    GOVERNOR_HOST: '127.0.0.1',
    GOVERNOR_ADMIN_HOST: '127.0.0.1',
    GOVERNOR_CA_DIR: '/ca'
  }
  t.strictSame(forProxy({ ...kept, ...dropped }, '/ca'), { ...kept, ...ours })
  const steered = Object.fromEntries(Object.keys(ours).map((name) => [name, 'other']))
  t.strictSame(forProxy(steered, '/ca'), { ...ours, GOVERNOR_LOG_LEVEL: 'other' })
})

t.test('the application keeps all it has but the key of the deferral', async (t) => {
  const env = { PATH: '/bin', GOVERNOR_PORT: '1', LOG_LEVEL: 'debug' }
  t.strictSame(forApplication({ ...env, GOVERNOR_DEFERRAL_KEY: 'ab' }), env)
})
