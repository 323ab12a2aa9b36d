/** Clients as they are, with nothing but variables in their environment: every request of theirs comes through CONNECT. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { initAuthority } from '../../src/interception/authority.ts'
import type { Simulator } from '../../src/simulator/server.ts'
import { simulator } from '../simulator/support.ts'
import { startApp, type Started } from '../support/app.ts'
import { run } from '../support/programs.ts'
import { SID } from './stage.ts'

const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const PYTHON = '/usr/bin/python3'
const CURL = '/usr/bin/curl'
const MESSAGES = 5

async function set (t: Test): Promise<{ twilio: Simulator, governor: Started, ca: string }> {
  const caDir = t.testdir({})
  const { certificateFile } = await initAuthority(caDir, Date.now())
  const twilio = await simulator(t, { media: { bytes: 3_000_001 } })
  return { twilio, governor: await startApp(t, twilio.origin, { interception: { caDir } }), ca: certificateFile }
}

/** Everything the client did came through tunnels, and what came through them reached Twilio: counted at both ends. */
function allCame (t: Test, { log, admin }: Started, twilio: Simulator, requests: number): void {
  const exchanges = log().filter(({ msg }) => msg === 'exchange')
  t.equal(exchanges.length, requests, `at the proxy (${admin})`)
  t.equal(twilio.stats().received, requests, 'at Twilio')
  t.ok(exchanges.every(({ account }) => account === SID))
  t.same(log().filter(({ msg }) => msg === 'refused'), [])
}

const SEEN = { created: MESSAGES, fetched: true, listed: MESSAGES, services: 3, servicesListed: 3, removed: true }
/** Creates, a fetch, two pages, three services, two pages of them, a delete. */
const REQUESTS = MESSAGES + 1 + 2 + 3 + 2 + 1

t.test('Twilio\'s SDK for Node, with HTTP_PROXY and NODE_EXTRA_CA_CERTS', async (t) => {
  const { twilio, governor, ca } = await set(t)
  const { code, stdout, stderr } = await run(t, process.execPath, [script('tunnel-node.mjs'), SID, String(MESSAGES)], {
    env: { HTTP_PROXY: governor.proxy, NODE_EXTRA_CA_CERTS: ca }
  }).ended
  t.equal(code, 0, stderr)
  t.same(JSON.parse(stdout), SEEN)
  allCame(t, governor, twilio, REQUESTS)
})

t.test('the SDK for Node without the certificate has its own TLS error, and the log says what to set', async (t) => {
  const { twilio, governor } = await set(t)
  const { code, stderr } = await run(t, process.execPath, [script('tunnel-node.mjs'), SID, '1'], { env: { HTTP_PROXY: governor.proxy } }).ended
  t.equal(code, 1)
  t.match(stderr, /unable to (verify|get local issuer)|self.signed/i)
  t.equal(twilio.stats().received, 0)
  t.match(governor.log().filter(({ msg }) => msg === 'tunnel'), [{ level: 'warn', host: 'api.twilio.com', advice: /NODE_EXTRA_CA_CERTS/ }])
})

t.test('Twilio\'s library for Python, with HTTPS_PROXY and the certificate', { skip: hasPython() ? false : 'python3-twilio is not installed' }, async (t) => {
  const { twilio, governor, ca } = await set(t)
  const { code, stdout, stderr } = await run(t, PYTHON, [script('tunnel-python.py'), SID, String(MESSAGES)], {
    env: { HTTPS_PROXY: governor.proxy, REQUESTS_CA_BUNDLE: ca }
  }).ended
  t.equal(code, 0, stderr)
  t.same(JSON.parse(stdout), SEEN)
  allCame(t, governor, twilio, REQUESTS)
})

t.test('curl, with HTTPS_PROXY and CURL_CA_BUNDLE: a create, and a recording as a stream', { skip: existsSync(CURL) ? false : 'curl is not installed' }, async (t) => {
  const { twilio, governor, ca } = await set(t)
  const env = { HTTPS_PROXY: governor.proxy, CURL_CA_BUNDLE: ca }
  const base = `https://api.twilio.com/2010-04-01/Accounts/${SID}`
  const created = await run(t, CURL, ['-sS', '-u', `${SID}:secret`, '-d', 'To=%2B15550001111', '-d', 'From=%2B15550002222', '-d', 'Body=hello', `${base}/Messages.json`], { env }).ended
  t.equal(created.code, 0, created.stderr)
  t.match(JSON.parse(created.stdout), { sid: /^SM/, status: 'queued' })
  const listed = await run(t, CURL, ['-sS', '-u', `${SID}:secret`, `${base}/Recordings.json`], { env }).ended
  const { recordings: [recording] } = JSON.parse(listed.stdout) as { recordings: Array<{ sid: string }> }
  const file = join(dirname(ca), 'recording.mp3')
  const media = await run(t, CURL, ['-sS', '-u', `${SID}:secret`, '-o', file, `${base}/Recordings/${recording?.sid}.mp3`], { env }).ended
  t.equal(media.code, 0, media.stderr)
  t.equal(readFileSync(file).length, 3_000_001)
  allCame(t, governor, twilio, 3)
})

function hasPython (): boolean { return existsSync('/usr/lib/python3/dist-packages/twilio') }
