/**
 * Clients in other languages through CONNECT, with nothing but variables in their environment. They need runtimes and
 * packages of Debian's (.ci/system), and twilio-cli hundreds of packages of its own, so they are not part of `npm test`:
 * npm ci --prefix test/sdk/twilio-cli; npm run test:clients
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { run, runGovernor, type Ended } from '../support/programs.ts'
import { simulator } from '../simulator/support.ts'
import { startRelay } from './relay.ts'
import { SID } from './stage.ts'
import { allCame, MEDIA_BYTES, MESSAGES, REQUESTS, script, SEEN, setTunnels, type Tunnelled } from './tunnelled.ts'

const PHP = '/usr/bin/php'
const RUBY = '/usr/bin/ruby'
const GO = '/usr/bin/go'
const JAVA = '/usr/bin/java'
const JARS = ['httpclient5', 'httpcore5', 'httpcore5-h2', 'slf4j-api', 'slf4j-nop'].map((name) => `/usr/share/java/${name}.jar`)
const CLI = script('twilio-cli/node_modules/.bin/twilio')

/** Tells tap to skip a test, and why. */
const needs = (...files: string[]): { skip: string | false } => {
  const missing = files.find((file) => !existsSync(file))
  return { skip: missing === undefined ? false : `${missing} is not here` }
}

function assertDone (t: Test, set: Tunnelled, ended: Ended): void {
  assertSeen(t, ended)
  allCame(t, set, REQUESTS)
}

function assertSeen (t: Test, ended: Ended): void {
  t.match(ended, { code: 0 })
  t.same(JSON.parse(ended.stdout), SEEN)
}

/** Settings of PHP that name the certificate: it looks at no variable for one. */
function phpSettings (ca: string): string {
  const folder = join(dirname(ca), 'php')
  mkdirSync(folder)
  writeFileSync(join(folder, 'ca.ini'), `curl.cainfo="${ca}"\n`)
  return `:${folder}`
}

t.test('libcurl in PHP as Twilio\'s SDK uses it, with HTTPS_PROXY and curl.cainfo', needs(PHP), async (t) => {
  const set = await setTunnels(t)
  assertDone(t, set, await run(t, PHP, [script('tunnel-php.php'), SID, String(MESSAGES)], {
    env: { HTTPS_PROXY: set.governor.proxy, PHP_INI_SCAN_DIR: phpSettings(set.ca) }
  }).ended)
})

t.test('PHP under `run`, with nothing set up', needs(PHP), async (t) => {
  const twilio = await simulator(t, { media: { bytes: MEDIA_BYTES } })
  const program = await runGovernor(t, ['run', '--', PHP, script('tunnel-php.php'), SID, String(MESSAGES)], {
    env: { GOVERNOR_UPSTREAM: twilio.origin, XDG_DATA_HOME: t.testdir({}) }
  })
  assertSeen(t, await program.ended)
  t.equal(twilio.stats().received, REQUESTS)
})

t.test('the PHP client is as strict as the SDK: it takes our answer to CONNECT, and with another cannot read what comes after', needs(PHP), async (t) => {
  const answers = {
    'HTTP/1.1 200 Connection established\r\n\r\n': 0,
    'HTTP/1.1 200 Connection Established\r\n\r\n': 255,
    'HTTP/1.1 200 Connection established\r\nProxy-agent: x\r\n\r\n': 255,
    'HTTP/1.1 200 OK\r\n\r\n': 255
  }
  for (const [answer, code] of Object.entries(answers)) {
    await t.test(JSON.stringify(answer), async (t) => {
      const { twilio, governor, ca } = await setTunnels(t)
      const env = { HTTPS_PROXY: await startRelay(t, governor.proxy, answer), PHP_INI_SCAN_DIR: phpSettings(ca) }
      t.match(await run(t, PHP, [script('tunnel-php.php'), SID, '1'], { env }).ended, { code })
      t.equal(twilio.stats().creates.byKind['Messages'], 1, 'the message was sent all the same')
    })
  }
})

t.test('Faraday in Ruby as Twilio\'s SDK uses it, with HTTPS_PROXY and SSL_CERT_FILE', needs(RUBY), async (t) => {
  const set = await setTunnels(t)
  assertDone(t, set, await run(t, RUBY, [script('tunnel-ruby.rb'), SID, String(MESSAGES)], {
    // Ruby looks the host's name up before it asks the proxy; without the internet nobody may answer.
    env: { HTTPS_PROXY: set.governor.proxy, SSL_CERT_FILE: set.ca, RES_OPTIONS: 'timeout:1 attempts:1' }
  }).ended)
})

t.test('net/http in Go as Twilio\'s SDK uses it, with HTTPS_PROXY and SSL_CERT_FILE', needs(GO), async (t) => {
  const set = await setTunnels(t)
  const program = join(dirname(set.ca), 'tunnel')
  const cache = { GOCACHE: join(dirname(set.ca), 'go'), GO111MODULE: 'off' }
  t.match(await run(t, GO, ['build', '-o', program, script('tunnel-go.go')], { env: cache }).ended, { code: 0 })
  assertDone(t, set, await run(t, program, [SID, String(MESSAGES)], { env: { HTTPS_PROXY: set.governor.proxy, SSL_CERT_FILE: set.ca } }).ended)
})

t.test('Apache\'s HttpClient in Java as Twilio\'s SDK uses it, with properties in JAVA_TOOL_OPTIONS', needs(JAVA, ...JARS), async (t) => {
  const set = await setTunnels(t)
  const store = join(dirname(set.ca), 'trusted.p12')
  const entry = ['-importcert', '-noprompt', '-alias', 'twilio-governor', '-file', set.ca]
  t.match(await run(t, 'keytool', [...entry, '-keystore', store, '-storepass', 'changeit']).ended, { code: 0 })
  const { hostname, port } = new URL(set.governor.proxy)
  const options = { 'https.proxyHost': hostname, 'https.proxyPort': port, 'javax.net.ssl.trustStore': store, 'javax.net.ssl.trustStorePassword': 'changeit' }
  assertDone(t, set, await run(t, JAVA, ['-cp', JARS.join(':'), script('tunnel-java.java'), SID, String(MESSAGES)], {
    env: { JAVA_TOOL_OPTIONS: Object.entries(options).map(([name, value]) => `-D${name}=${value}`).join(' ') }
  }).ended)
})

t.test('twilio-cli, with HTTP_PROXY and NODE_EXTRA_CA_CERTS', needs(CLI), async (t) => {
  const set = await setTunnels(t)
  const env = {
    HTTP_PROXY: set.governor.proxy,
    NODE_EXTRA_CA_CERTS: set.ca,
    TWILIO_ACCOUNT_SID: SID,
    TWILIO_AUTH_TOKEN: 'secret',
    HOME: dirname(set.ca),
    // It would ask npm's registry, through the same proxy.
    TWILIO_SKIP_NEW_VERSION_CHECK: 'true'
  }
  const twilio = async (...args: string[]): Promise<Array<{ readonly sid: string }>> => {
    const ended = await run(t, CLI, [...args, '-o', 'json'], { env }).ended
    t.match(ended, { code: 0 })
    return ended.stdout === '' ? [] : JSON.parse(ended.stdout) as Array<{ readonly sid: string }>
  }
  const first = await Promise.all(Array.from({ length: MESSAGES }, (_, i) =>
    twilio('api:core:messages:create', '--to', '+15550001111', '--from', '+15550002222', '--body', `hello & ${i}`)))
  const sid = first[0]![0]!.sid
  t.equal((await twilio('api:core:messages:fetch', '--sid', sid))[0]?.sid, sid)
  t.equal((await twilio('api:core:messages:list', '--page-size', '3', '--no-limit')).length, MESSAGES)
  for (const name of ['a', 'b', 'c']) await twilio('api:verify:v2:services:create', '--friendly-name', name)
  t.equal((await twilio('api:verify:v2:services:list', '--page-size', '2', '--no-limit')).length, 3)
  await twilio('api:core:messages:remove', '--sid', sid)
  // It has no command for media.
  t.ok((await twilio('api:core:recordings:list')).length > 0)
  allCame(t, set, REQUESTS - 1)
})
