import { readFileSync } from 'node:fs'
import t from 'tap'
import { ConfigError } from '../../src/config/faults.ts'
import { loadSettings } from '../../src/config/load.ts'
import { faults, load, told } from './loading.ts'

t.test('keys must agree with each other', async (t) => {
  t.strictSame(faults(t, [
    'body: { maxBytes: 4096, maxWaitingBytes: 2048 }',
    'limit: { min: 20, initial: 10, max: 5 }',
    'deadline: { maxMs: 1000 }',
    'retry: { backoffBaseMs: 500, backoffMaxMs: 400 }'
  ].join('\n')), [
    { path: 'body.maxWaitingBytes', message: 'must be at least body.maxBytes (4096); found the number 2048 (line 1)' },
    { path: 'limit.initial', message: 'must be at least limit.min (20); found the number 10 (line 2)' },
    { path: 'limit.max', message: 'must be at least limit.initial (10); found the number 5 (line 2)' },
    { path: 'deadline.maxMs', message: 'must be at least deadline.defaultMs (25000); found the number 1000 (line 3)' },
    { path: 'retry.backoffMaxMs', message: 'must be at least retry.backoffBaseMs (500); found the number 400 (line 4)' }
  ])
})

t.test('equal bounds agree', async (t) => {
  const { limit } = load(t, 'limit: { min: 7, initial: 7, max: 7 }\nbody: { maxBytes: 4096, maxWaitingBytes: 4096 }')
  t.strictSame([limit.min, limit.initial, limit.max], [7, 7, 7])
})

t.test('a key that is faulty by itself, or whose section is, is not compared', async (t) => {
  t.strictSame(faults(t, 'limit: { min: 20, initial: ten }').map(({ path }) => path), ['limit.initial'])
  t.strictSame(faults(t, 'listen: 5\nadmin: { port: 8080 }').map(({ path }) => path), ['listen'])
})

t.test('both servers cannot have one address, unless the system picks the ports', async (t) => {
  t.strictSame(faults(t, 'admin: { port: 8080 }'), [
    { path: 'admin.port', message: 'must differ from listen.port (8080), because both have the same host (line 1)' }
  ])
  t.equal(load(t, 'admin: { port: 8080, host: "::1" }').admin.port, 8080)
  t.equal(load(t, 'listen: { port: 0 }\nadmin: { port: 0 }').admin.port, 0)
})

t.test('a disagreement caused by a variable names the variable', async (t) => {
  t.match(faults(t, 'listen: { port: 7000 }', { GOVERNOR_ADMIN_PORT: '7000' }), [
    { path: 'GOVERNOR_ADMIN_PORT', message: /^must differ from listen\.port \(7000\)/ }
  ])
})

t.test('an upstream origin is scheme, host and port', async (t) => {
  const refused = ['ftp://h', 'h:80', 'http://h/', 'http://h/p', 'http://h?q', 'http://h#f', 'http://u@h', 'http://u:p@h', 'http://h:99999', 'http://[::1', 'http://999.1.1.1', '']
  for (const origin of refused) {
    t.match(faults(t, `upstream: { origin: "${origin}" }`), [{ path: 'upstream.origin' }], origin)
  }
  for (const key of ['upstream: { origin', 'admin: { url']) {
    for (const credential of ['user:secret', 'user:s@cret', 'us@er:p@ss@secret', 'user:sec/ret']) {
      const [fault] = faults(t, `${key}: "http://${credential}@twilio.example" }`)
      t.ok(fault)
      t.notMatch(fault?.message, /sec|cret|us@er|p@ss/, 'and no fault shows a credential')
    }
  }
  for (const origin of ['http://127.0.0.1:4010', 'https://twilio.example', 'http://[::1]:80']) {
    t.equal(load(t, `upstream: { origin: "${origin}" }`).upstream.origin, origin)
  }
})

t.test('an alias belongs to one account and is not the name of the rest', async (t) => {
  const aliases = (one: string, two: string): string =>
    `accounts: { aliases: { AC00000000000000000000000000000001: ${one}, AC00000000000000000000000000000002: ${two} } }`
  t.match(faults(t, aliases('a', 'a')), [{ path: 'accounts.aliases', message: /each name to one account only/ }])
  for (const name of ['other', 'overflow', 'bearer', 'anonymous']) {
    t.match(faults(t, aliases('a', name)), [{ path: 'accounts.aliases', message: new RegExp(`"${name}"`) }])
  }
  for (const sid of ['AC00000000000000000000000000000002', 'SKabcdefabcdefabcdefabcdefabcdefab']) {
    t.match(faults(t, aliases(sid, 'b')), [{ path: 'accounts.aliases', message: /looks like a SID/ }])
  }
  const all = ['a', 'a', 'other', '5 %', 'a', 'SKabcdefabcdefabcdefabcdefabcdefab'].map((name, i) => `    AC0000000000000000000000000000000${i}: ${name}`)
  t.strictSame(told(faults(t, `accounts:\n  aliases:\n${all.join('\n')}`)), [
    'accounts.aliases: must give each name to one account only, or their metrics would overwrite each other (line 4)',
    'accounts.aliases: must not use the name "other", which metrics use for accounts without a name (line 5)',
    'accounts.aliases: a value must be a name of 1 to 64 letters, digits, dots, hyphens or underscores (line 6)',
    'accounts.aliases: must give each name to one account only, or their metrics would overwrite each other (line 7)',
    'accounts.aliases: must not use a name that looks like a SID: another account or key may have it (line 8)'
  ], 'all at once')
  t.equal(load(t, aliases('a', 'b')).accounts.aliases['AC00000000000000000000000000000002'], 'b')
})

t.test('a file of authorities holds certificates, and whole ones', async (t) => {
  const whole = readFileSync('test/support/certificates/authority.pem', 'utf8')
  const garbage = '-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n'
  const faultOf = (pem: string): string | undefined => {
    const cwd = t.testdir({ 'config.yaml': `upstream: { caFile: '${t.testdirName}/ca.pem' }`, 'ca.pem': pem })
    try {
      loadSettings({ cwd, env: {} })
    } catch (error) {
      if (error instanceof ConfigError) return error.faults.map(({ path, message }) => `${path}: ${message}`).join('\n')
      throw error
    }
  }
  t.equal(faultOf(whole), undefined)
  t.equal(faultOf(`a comment\n${whole}\n${whole}`), undefined)
  t.equal(faultOf('nothing of the kind'), 'upstream.caFile: holds no certificate in PEM form (line 1)')
  t.equal(faultOf(garbage), 'upstream.caFile: holds a certificate that is damaged: number 1 of 1 (line 1)')
  t.equal(faultOf(whole + garbage), 'upstream.caFile: holds a certificate that is damaged: number 2 of 2 (line 1)')
  t.equal(faultOf(whole.replace('-----END CERTIFICATE-----', '')), 'upstream.caFile: holds a certificate that is damaged: number 1 of 1 (line 1)')
})

t.test('a file of keys holds keys of 32 bytes, one a line, and is the only place that has one', async (t) => {
  const [hex, base64] = ['0f'.repeat(32), Buffer.alloc(32, 9).toString('base64')]
  const faultOf = (keys: string, env: Record<string, string> = {}): string | undefined => {
    const cwd = t.testdir({ 'config.yaml': `deferral: { keyFile: '${t.testdirName}/key' }`, key: keys })
    try {
      loadSettings({ cwd, env })
    } catch (error) {
      if (error instanceof ConfigError) return error.faults.map(({ path, message }) => `${path}: ${message}`).join('\n')
      throw error
    }
  }
  t.equal(faultOf(`${hex}\n`), undefined)
  t.equal(faultOf(`${base64}\r\n\n${hex}`), undefined)
  t.match(faultOf(''), /^deferral\.keyFile: holds no key/)
  const wrong = faultOf(`${hex}\n${hex.slice(1)}`)
  t.match(wrong, /^deferral\.keyFile: holds a line that is not 32 bytes in hexadecimal or base64: number 2 of 2/)
  t.notMatch(wrong, '0f0f', 'no key is repeated')
  t.match(faultOf(hex, { GOVERNOR_DEFERRAL_KEY: hex }), /must not be set beside deferral\.key/)
})

t.test('a key that is too short is told of without repeating it', async (t) => {
  t.match(faults(t, '', { GOVERNOR_DEFERRAL_KEY: 'c2hvcnQ=' }), [
    { path: 'GOVERNOR_DEFERRAL_KEY', message: /^must be 32 bytes in hexadecimal or base64, as "openssl rand -base64 32" makes them/ }
  ])
})

t.test('the URL of the admin server has no slash at its end, no query and no user name', async (t) => {
  for (const url of ['ftp://h', 'http://h/', 'http://h?q', 'http://u@h', 'http://h:99999', 'h:9090', '']) t.match(faults(t, `admin: { url: "${url}" }`), [{ path: 'admin.url' }], url)
  for (const url of ['http://governor.internal:9090', 'https://ops.example/governor', 'http://[::1]:9090']) t.equal(load(t, `admin: { url: "${url}" }`).admin.url, url)
})

t.test('a limit that is asked for has connections enough', async (t) => {
  t.strictSame(faults(t, 'limit: { algorithm: fixed, fixed: 2000 }'), [
    { path: 'upstream.maxConnectionsPerHost', message: 'must be at least limit.fixed (2000), or requests wait for a connection; found the number 1024' }
  ])
  t.strictSame(faults(t, 'limit: { min: 10 }\nupstream: { maxConnectionsPerHost: 5 }').map(({ path }) => path), ['upstream.maxConnectionsPerHost'])
  t.equal(load(t, 'limit: { algorithm: fixed, fixed: 1024 }\nupstream: { maxConnectionsPerHost: 1024 }').limit.fixed, 1024)
})
