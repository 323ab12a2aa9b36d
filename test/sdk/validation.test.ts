/** Public Key Client Validation: the SDK signs what it sends, the Host header with it. */
import { generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'
import { until } from '../support/app.ts'
import { run, type Program } from '../support/programs.ts'
import { SID } from './stage.ts'
import { script, setTunnels, type Tunnelled } from './tunnelled.ts'

const CREDENTIAL = `CR${'4'.repeat(32)}`

/** A simulator that believes signed requests alone, and a way to run the SDK with the key. */
async function setSigned (t: Test): Promise<Tunnelled & { readonly sdk: (args: readonly string[], env: Readonly<Record<string, string>>) => Program }> {
  const set = await setTunnels(t)
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048, publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }
  })
  const keyFile = join(dirname(set.ca), 'key.pem')
  writeFileSync(keyFile, privateKey)
  set.twilio.settings({ publicKeys: { [CREDENTIAL]: publicKey } })
  const sdk = (args: readonly string[], env: Readonly<Record<string, string>>): Program =>
    run(t, process.execPath, [script('validation-node.mjs'), SID, CREDENTIAL, keyFile, ...args], { env })
  return { ...set, sdk }
}

t.test('what the SDK has signed is believed after a retry, through interception', async (t) => {
  const { twilio, governor, ca, sdk } = await setSigned(t)
  twilio.settings({ limit: 0 })
  const { ended } = sdk([], { HTTP_PROXY: governor.proxy, NODE_EXTRA_CA_CERTS: ca })
  await until(() => twilio.stats().throttled.total > 0)
  twilio.settings({ limit: 100 })
  const { code, stdout, stderr } = await ended
  t.equal(code, 0, stderr)
  t.same(JSON.parse(stdout), { status: 'queued', listed: 1 })
  t.match(twilio.stats(), { unauthorised: 0, creates: { total: 1 } })
  const [create] = governor.log().filter(({ msg }) => msg === 'exchange')
  t.match(create, { method: 'POST', status: 201 })
  t.ok(Number(create?.['attempts']) >= 2, `${String(create?.['attempts'])} attempts`)
})

t.test('behind a base URL it is not: the SDK signs the name of the proxy', async (t) => {
  const { twilio, governor, sdk } = await setSigned(t)
  const { code, stdout, stderr } = await sdk([governor.proxy], {}).ended
  t.equal(code, 0, stderr)
  t.same(JSON.parse(stdout), { status: 401, code: 70156 })
  t.match(twilio.stats(), { unauthorised: 1, creates: { total: 0 } }, 'and it is not tried again')
})
