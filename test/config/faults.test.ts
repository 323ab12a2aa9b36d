import { writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import t from 'tap'
import { VARIABLES } from '../../src/config/environment.ts'
import { ConfigError } from '../../src/config/faults.ts'
import { loadSettings } from '../../src/config/load.ts'
import { validate } from '../../src/config/validate.ts'
import { leaves } from '../../src/config/schema/leaves.ts'
import { withDefaults, withValue } from '../../src/config/tree.ts'
import { errorOf, faults, load } from './loading.ts'

const SID = 'AC00000000000000000000000000000001'

t.test('all faults are reported at once, in the order of the file, with key, line and what is accepted', async (t) => {
  const text = [
    'listen:',
    '  port: 70000',
    '  names: [ok.example, "http://x"]',
    'limit:',
    '  mode: of',
    '  min: "3"',
    'admin: 5',
    'retry:',
    '  throttled: 1',
    'shutdown: { graceMs: ~ }'
  ].join('\n')
  t.strictSame(faults(t, text, { LOG_LEVEL: 'loud' }), [
    { path: 'listen.port', message: 'must be a whole number from 0 to 65535; found the number 70000 (line 2)' },
    { path: 'listen.names[1]', message: 'must be a host name, without scheme, port or path (line 3)' },
    { path: 'limit.mode', message: 'must be enforce, shadow or off; found the text "of" (line 5)' },
    { path: 'limit.min', message: 'must be a whole number from 1 to 100000; found the text "3" (line 6)' },
    { path: 'admin', message: 'must be a mapping of keys to values; found the number 5 (line 7)' },
    { path: 'retry.throttled', message: 'must be true or false; found the number 1 (line 9)' },
    { path: 'shutdown.graceMs', message: 'must be a whole number from 0 to 600000; found nothing (line 10)' },
    { path: 'LOG_LEVEL', message: 'must be fatal, error, warn, info, debug, trace or silent; found the text "loud"' }
  ])
})

t.test('the error lists its file and its faults, a line each', async (t) => {
  const error = errorOf(() => load(t, 'limit: { min: 0, max: 0 }'))
  t.equal(error.name, 'ConfigError')
  t.equal(error.file, 'config.yaml')
  t.match(error.message, /^2 faults in config\.yaml\n {2}limit\.min: must .*\n {2}limit\.max: must .*$/)
  const alone = errorOf(() => loadSettings({ cwd: t.testdir({}), env: { GOVERNOR_PORT: '-1' } }))
  t.match(alone.message, /^1 fault in the environment\n {2}GOVERNOR_PORT: /)
})

t.test('an unknown key is refused at every level, with what was probably meant', async (t) => {
  const text = 'acounts: {}\nretry: { unsent_attempts: 1, zzz: 1 }\nqueue: { weights: { bulck: 1 } }\nmaxBytes: 1\nport: 1\n"a b": 1'
  t.strictSame(faults(t, text).map(({ path, message }) => `${path}: ${message}`).sort(), [
    '"a b": unknown key (line 6)',
    'acounts: unknown key; did you mean accounts? (line 1)',
    'maxBytes: unknown key; did you mean body.maxBytes? (line 4)',
    'port: unknown key; did you mean listen.port or admin.port? (line 5)',
    'queue.weights.bulck: unknown key; did you mean bulk? (line 3)',
    'retry.unsent_attempts: unknown key; did you mean unsentAttempts? (line 2)',
    'retry.zzz: unknown key (line 2)'
  ])
})

t.test('a fault stands at the first line of its value, and a long name is cut', async (t) => {
  t.match(faults(t, 'listen:\n  names:\n    - a: 1\n      b: 2\n'), [{ path: 'listen.names[0]', message: /\(line 3\)$/ }])
  t.strictSame(faults(t, `${'a-'.repeat(30)}: 1`).map(({ path }) => path), [`${'a-'.repeat(20)}…`])
})

t.test('a word in place of a number with a fraction is repeated', async (t) => {
  t.match(faults(t, 'retry: { budgetRatio: x }'), [{ message: /^must be a number from 0 to 1; found the text "x"/ }])
})

t.test('names of object internals are unknown keys like any other', async (t) => {
  const paths = faults(t, '__proto__: { a: 1 }\nconstructor: 1\nlimit: { toString: 1, __proto__: { min: 5 } }').map(({ path }) => path)
  t.strictSame([...paths].sort(), ['__proto__', 'constructor', 'limit.__proto__', 'limit.toString'])
  t.equal(Object.hasOwn(Object.prototype, 'min'), false)
})

t.test('a file that is no mapping is one fault', async (t) => {
  t.strictSame(faults(t, '- a'), [{ path: 'the file', message: 'must be a mapping of keys to values; found a list' }])
  t.strictSame(faults(t, 'word'), [{ path: 'the file', message: 'must be a mapping of keys to values; found text' }])
})

t.test('numbers that are none are refused', async (t) => {
  for (const value of ['.nan', '.inf', '1e400', '-1', '1.5', '""', '[]', '{}', 'yes', '0x']) {
    t.match(faults(t, `limit: { min: ${value} }`), [{ path: 'limit.min', message: /whole number from 1 to 100000; found/ }], value)
  }
})

t.test('the ends of each range are accepted, one beyond them is refused', async (t) => {
  for (const { key, node: { minimum, maximum, type } } of leaves()) {
    if (minimum === undefined || maximum === undefined) continue
    const step = type === 'integer' ? 1 : 0.01
    const judged = (value: number): readonly string[] => validate(withValue(withDefaults({}), key, value)).map(({ path }) => path)
    t.strictSame([minimum, maximum].flatMap(judged), [], key)
    t.strictSame([minimum - step, maximum + step].flatMap(judged), [key, key], key)
  }
})

t.test('accounts are mapped from API keys and client ids to account SIDs only', async (t) => {
  const key = 'SK00000000000000000000000000000001'
  t.strictSame(load(t, `accounts: { map: { ${key}: ${SID}, OQclient-1: ${SID} } }`).accounts.map, { [key]: SID, 'OQclient-1': SID })
  t.match(faults(t, `accounts:\n  map:\n    ${key}: AC1\n    SK12: ${SID}\n    ${key.replace('1', '2')}: [1]`), [
    { path: 'accounts.map', message: /^a value must be an account SID.* \(line 3\)$/ },
    { path: 'accounts.map', message: /^a key must be an API key SID .* \(line 4\)$/ },
    { path: 'accounts.map', message: /^a value must be an account SID.*; found a list \(line 5\)$/ }
  ])
})

t.test('what may be a misplaced secret is not repeated', async (t) => {
  const secret = 'deadbeefdeadbeefdeadbeefdeadbeef'
  const places = [
    `accounts: { map: { SK00000000000000000000000000000001: ${secret} } }`,
    `accounts: { map: { ${secret}: 5 } }`,
    `accounts: { map: { "${secret}!": ${SID} } }`,
    `accounts: { aliases: { ${secret}: name } }`,
    `accounts: { aliases: { ${SID}: "${secret} x" } }`,
    `accounts: ${secret}`,
    `upstream: { origin: "https://user:${secret}@twilio.example" }`,
    `upstream: { caFile: [${secret}] }`,
    `listen: { host: "a ${secret}", names: ["${secret} b"] }`,
    `log: { level: "a word and then ${secret}" }`,
    `${secret}: 1`,
    `limit: { ${secret}: 1 }`,
    `pacing: { rules: { ${secret}: { match: { methods: [GET] }, perSecond: -1 } } }`,
    `pacing: { rules: { a: { match: { methods: [GET] }, openHours: [{ from: "22:00", to: "06:00", timeZone: ${secret} }] } } }`,
    `guard: { caps: { ${secret}: { max: x } } }`,
    ...['listen.port', 'limit.mode', 'limit.initial', 'limit.announcements', 'retry.budgetRatio', 'log.level', 'admin.changesFrom', 'deferral.key', 'deferral.max', 'callbacks.retries'].map((key) =>
      `${key.replace('.', ': { ')}: ${secret} }`),
    `queue: { classes: [{ match: { methods: [${secret}] }, class: ${secret} }] }`,
    `%${secret}\n---\na: 1`,
    `a: !<${secret}> 1`,
    `a: "\\x${secret}"`,
    `a: |${secret}\n  b`,
    `a: @${secret}`,
    `a: b: ${secret}`,
    `- a\n${secret}`,
    `? [${secret}]\n: 1`,
    secret,
    `a: "${secret}`,
    `a: *${secret}`,
    `a: !${secret} 1`,
    `${secret}: 1\n${secret}: 2\n- x`
  ]
  for (const text of places) {
    t.notMatch(errorOf(() => load(t, text)).message, secret, text)
  }
  for (const name of VARIABLES.map((variable) => variable.name)) {
    const value = name === 'GOVERNOR_UPSTREAM' ? `http://x:${secret}@h` : `${secret} ${secret}\u0001`
    t.notMatch(errorOf(() => load(t, '', { [name]: value })).message, secret, name)
  }
  for (const number of ['15550001111', '12345678901234567890123456789012', '-15550001111', '1555000111122223.5']) {
    for (const text of [`listen: { port: ${number} }`, `limit: { mode: ${number} }`, `limit: { mode: "${number}" }`, `log: ${number}`]) t.notMatch(errorOf(() => load(t, text)).message, /\d{8}/, text)
  }
})

t.test('whatever is in the file, it gives settings or a ConfigError', async (t) => {
  const cwd = t.testdir({})
  const file = 'any.yaml'
  const names = fc.constantFrom('listen', 'port', 'limit', 'min', 'queue', 'weights', 'accounts', 'map', '__proto__', 'a.b', '')
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof({ maxDepth: 4 }, fc.jsonValue(), fc.dictionary(names, tie('tree')), fc.array(tie('tree'), { maxLength: 3 }))
  }))
  fc.assert(fc.property(fc.oneof(tree.map((value) => JSON.stringify(value)), fc.string()), (text) => {
    writeFileSync(resolve(cwd, file), text)
    try {
      return Object.isFrozen(loadSettings({ cwd, file, env: {} }))
    } catch (error) {
      return error instanceof ConfigError && error.faults.length > 0
    }
  }), { numRuns: 300 })
  t.pass('300 files')
})
