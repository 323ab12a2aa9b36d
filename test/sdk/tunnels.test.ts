/** Clients as they are, with nothing but variables in their environment: every request of theirs comes through CONNECT. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { run } from '../support/programs.ts'
import { SID } from './stage.ts'
import { allCame, MEDIA_BYTES, MESSAGES, REQUESTS, script, SEEN, setTunnels } from './tunnelled.ts'

const PYTHON = '/usr/bin/python3'
const CURL = '/usr/bin/curl'

/** What curl's user looks for in answers. */
interface Shown {
  readonly sid: string
  readonly messages: readonly unknown[]
  readonly services: readonly unknown[]
  readonly recordings: readonly [{ readonly sid: string }]
  readonly next_page_uri: string
  readonly meta: { readonly next_page_url: string }
}

for (const [name, sdk] of [['Twilio\'s SDK for Node', 'twilio'], ['the SDK for Node one major version back', 'twilio-previous']] as const) {
  t.test(`${name}, with HTTP_PROXY and NODE_EXTRA_CA_CERTS`, async (t) => {
    const set = await setTunnels(t)
    const { code, stdout, stderr } = await run(t, process.execPath, [script('tunnel-node.mjs'), SID, String(MESSAGES), sdk], {
      env: { HTTP_PROXY: set.governor.proxy, NODE_EXTRA_CA_CERTS: set.ca }
    }).ended
    t.equal(code, 0, stderr)
    t.same(JSON.parse(stdout), SEEN)
    allCame(t, set, REQUESTS)
  })
}

t.test('the SDK for Node without the certificate has its own TLS error, and the log says what to set', async (t) => {
  const { twilio, governor } = await setTunnels(t)
  const { code, stderr } = await run(t, process.execPath, [script('tunnel-node.mjs'), SID, '1'], { env: { HTTP_PROXY: governor.proxy } }).ended
  t.equal(code, 1)
  t.match(stderr, /unable to (verify|get local issuer)|self.signed/i)
  t.equal(twilio.stats().received, 0)
  t.match(governor.log().filter(({ msg }) => msg === 'tunnel'), [{ level: 'warn', host: 'api.twilio.com', advice: /NODE_EXTRA_CA_CERTS/ }])
})

t.test('Twilio\'s library for Python, with HTTPS_PROXY and the certificate', { skip: hasPython() ? false : 'python3-twilio is not installed' }, async (t) => {
  const set = await setTunnels(t)
  const { code, stdout, stderr } = await run(t, PYTHON, [script('tunnel-python.py'), SID, String(MESSAGES)], {
    env: { HTTPS_PROXY: set.governor.proxy, REQUESTS_CA_BUNDLE: set.ca, PYTHONDONTWRITEBYTECODE: '1' }
  }).ended
  t.equal(code, 0, stderr)
  t.same(JSON.parse(stdout), SEEN)
  allCame(t, set, REQUESTS)
})

t.test('curl, with HTTPS_PROXY and CURL_CA_BUNDLE', { skip: existsSync(CURL) ? false : 'curl is not installed' }, async (t) => {
  const set = await setTunnels(t)
  const env = { HTTPS_PROXY: set.governor.proxy, CURL_CA_BUNDLE: set.ca }
  const curl = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(t, CURL, ['-sS', '--fail', '-u', `${SID}:secret`, ...args], { env }).ended
    t.equal(code, 0, stderr)
    return stdout
  }
  const ask = async (...args: string[]): Promise<Shown> => JSON.parse(await curl(...args)) as Shown
  const account = `https://api.twilio.com/2010-04-01/Accounts/${SID}`
  const created: string[] = []
  for (let i = 0; i < MESSAGES; i++) created.push((await ask('-d', 'To=%2B15550001111', '-d', 'From=%2B15550002222', '-d', 'Body=hello', `${account}/Messages.json`)).sid)
  t.equal((await ask(`${account}/Messages/${created[0]}.json`)).sid, created[0])
  const first = await ask(`${account}/Messages.json?PageSize=3`)
  const second = await ask(`https://api.twilio.com${first.next_page_uri}`)
  t.equal(first.messages.length + second.messages.length, MESSAGES)
  for (let i = 0; i < 3; i++) await ask('-d', `FriendlyName=shop${i}`, 'https://verify.twilio.com/v2/Services')
  const { meta, services } = await ask('https://verify.twilio.com/v2/Services?PageSize=2')
  t.equal(services.length + (await ask(meta.next_page_url)).services.length, 3)
  t.equal(await curl('-X', 'DELETE', `${account}/Messages/${created[0]}.json`), '')
  const { recordings: [recording] } = await ask(`${account}/Recordings.json`)
  const file = join(dirname(set.ca), 'recording.mp3')
  await curl('-o', file, `${account}/Recordings/${recording.sid}.mp3`)
  t.equal(readFileSync(file).length, MEDIA_BYTES)
  allCame(t, set, REQUESTS)
})

function hasPython (): boolean { return existsSync('/usr/lib/python3/dist-packages/twilio') }
