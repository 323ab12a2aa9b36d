import 'reflect-metadata'
import { AuthorityKeyIdentifierExtension, KeyUsageFlags, KeyUsagesExtension, SubjectKeyIdentifierExtension, X509Certificate as Parsed } from '@peculiar/x509'
import { X509Certificate } from 'node:crypto'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { CERTIFICATE_FILE, initAuthority, KEY_FILE, readAuthority, rotateAuthority } from '../../src/interception/authority.ts'
import { createLeaf, createLeafKeys } from '../../src/interception/certificates.ts'
import { Leaves } from '../../src/interception/leaves.ts'
import { FakeClock } from '../support/fake-clock.ts'

const DAY_MS = 86_400_000
const validity = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) }

t.test('an authority is made once: its key is for its owner alone, and nothing is overwritten', async (t) => {
  const folder = join(t.testdir({}), 'made', 'here')
  const authority = await initAuthority(folder, Date.now())
  t.equal(statSync(join(folder, KEY_FILE)).mode & 0o777, 0o600)
  t.equal(statSync(join(folder, CERTIFICATE_FILE)).mode & 0o777, 0o644)
  const { ca, publicKey, validTo } = new X509Certificate(authority.certificate)
  t.ok(ca)
  t.equal(publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
  t.ok(Math.abs(Date.parse(validTo) - Date.now() - 730 * DAY_MS) < DAY_MS)
  t.notMatch(readFileSync(authority.certificateFile, 'utf8'), 'PRIVATE')
  await t.rejects(initAuthority(folder, Date.now()), { name: 'AuthorityError', message: /already/ })
  t.equal(readAuthority(folder).fingerprint, authority.fingerprint)
})

t.test('after a rotation clients that start trust both, and the old key is gone', async (t) => {
  const folder = t.testdir({})
  const old = await initAuthority(folder, Date.now())
  const fresh = await rotateAuthority(folder, Date.now())
  t.not(fresh.fingerprint, old.fingerprint)
  const bundle = readFileSync(fresh.certificateFile, 'utf8')
  t.equal(bundle, fresh.certificate + old.certificate)
  t.notMatch(readFileSync(join(folder, KEY_FILE), 'utf8'), old.key.split('\n')[1] ?? '')
})

t.test('a rotation that is cut short between its two files leaves an authority that works', async (t) => {
  const folder = t.testdir({})
  const old = await initAuthority(folder, Date.now())
  await rotateAuthority(folder, Date.now())
  writeFileSync(join(folder, KEY_FILE), old.key)
  t.equal(readAuthority(folder).fingerprint, old.fingerprint)
  t.equal(readAuthority(folder).certificate, old.certificate)
})

t.test('a key whose certificate is missing is not overwritten', async (t) => {
  const folder = t.testdir({ [KEY_FILE]: 'somebody may need it' })
  await t.rejects(initAuthority(folder, Date.now()), { name: 'AuthorityError', message: /Move it away/ })
  t.equal(readFileSync(join(folder, KEY_FILE), 'utf8'), 'somebody may need it')
})

t.test('what is missing, damaged or does not belong together is told of', async (t) => {
  const root = t.testdir({})
  const folder = join(root, 'one')
  t.throws(() => readAuthority(folder), { name: 'AuthorityError', message: /ca init/ })
  await initAuthority(folder, Date.now())
  const other = await initAuthority(join(root, 'other'), Date.now())
  writeFileSync(join(folder, KEY_FILE), other.key)
  t.throws(() => readAuthority(folder), { message: /do not belong together/ })
  writeFileSync(join(folder, KEY_FILE), 'no key')
  t.throws(() => readAuthority(folder), { message: /damaged/ })
  writeFileSync(join(folder, KEY_FILE), other.key)
  writeFileSync(join(folder, CERTIFICATE_FILE), 'no certificate')
  t.throws(() => readAuthority(folder), { message: /damaged/ })
})

t.test('a leaf is good for its host, and the authority for no host outside twilio.com and no address', async (t) => {
  const authority = await initAuthority(t.testdir({}), Date.now())
  const { publicKey, key } = await createLeafKeys()
  for (const [host, good] of [['api.twilio.com', true], ['api.dublin.ie1.twilio.com', true], ['example.com', false], ['nottwilio.com', false]] as const) {
    const server = createServer({ key, cert: await createLeaf(host, publicKey, authority, validity) }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', servername: host, ca: authority.certificate })
    const outcome = await new Promise<string>((resolve) => {
      client.once('secureConnect', () => { resolve('secure') })
      client.once('error', ({ message }) => { resolve(message) })
    })
    t.equal(outcome, good ? 'secure' : 'permitted subtree violation', host)
    client.destroy()
    server.close()
  }
})

t.test('a leaf is made once, by however many it is asked for, and made anew a day before it ends', async (t) => {
  const authority = await initAuthority(t.testdir({}), Date.now())
  const clock = new FakeClock()
  const leaves = new Leaves(authority, { nowMs: () => clock.nowMs(), epochMs: () => Date.now() + clock.nowMs(), setTimer: () => ({}), clearTimer: () => {}, afterInput: () => {} })
  const [first, second] = await Promise.all([leaves.for('api.twilio.com'), leaves.for('api.twilio.com')])
  t.equal(first, second)
  t.not(await leaves.for('verify.twilio.com'), first)
  await clock.advance(5 * DAY_MS)
  t.equal(await leaves.for('api.twilio.com'), first)
  await clock.advance(1.1 * DAY_MS)
  const renewed = await leaves.for('api.twilio.com')
  t.not(renewed.cert, first.cert)
  t.equal(renewed.key, first.key)
})

t.test('no leaf outlives its authority', async (t) => {
  const authority = await initAuthority(t.testdir({}), Date.now() - 727 * DAY_MS)
  const clock = new FakeClock()
  const leaves = new Leaves(authority, { nowMs: () => clock.nowMs(), epochMs: () => Date.now(), setTimer: () => ({}), clearTimer: () => {}, afterInput: () => {} })
  const { cert } = await leaves.for('api.twilio.com')
  t.equal(Date.parse(new X509Certificate(cert).validTo), authority.expiresAtMs)
})

t.test('a leaf is made anew at the very moment for it, which is never in the past', async (t) => {
  const madeMs = Math.floor(Date.now() / 1000) * 1000
  const authority = await initAuthority(t.testdir({}), madeMs)
  let nowMs = madeMs
  const clock = Object.assign(new FakeClock(), { epochMs: () => nowMs })
  const leaves = new Leaves(authority, clock)
  const first = await leaves.for('api.twilio.com')
  t.equal(first.renewAtMs - madeMs, 6 * DAY_MS)
  nowMs = first.renewAtMs - 1
  t.equal(await leaves.for('api.twilio.com'), first)
  nowMs = first.renewAtMs
  t.not(await leaves.for('api.twilio.com'), first)
  nowMs = authority.expiresAtMs - DAY_MS / 2
  t.equal((await leaves.for('api.twilio.com')).renewAtMs, nowMs, 'an authority that ends today')
})

t.test('of many hosts the leaf that was used longest ago is forgotten, and never one in use', async (t) => {
  const authority = await initAuthority(t.testdir({}), Date.now())
  const leaves = new Leaves(authority, { nowMs: () => 0, epochMs: () => Date.now(), setTimer: () => ({}), clearTimer: () => {}, afterInput: () => {} })
  const [api, edge] = [await leaves.for('api.twilio.com'), await leaves.for('api.edge0.us1.twilio.com')]
  for (let i = 1; i < 70; i++) {
    await leaves.for(`api.edge${i}.us1.twilio.com`)
    await leaves.for('api.twilio.com')
  }
  t.equal(await leaves.for('api.twilio.com'), api)
  t.not(await leaves.for('api.edge0.us1.twilio.com'), edge)
})

t.test('a leaf is good a day before it is made and a week after, and so old is its authority', async (t) => {
  const nowMs = Math.floor(Date.now() / 1000) * 1000
  const authority = await initAuthority(t.testdir({}), nowMs)
  const leaves = new Leaves(authority, { nowMs: () => 0, epochMs: () => nowMs, setTimer: () => ({}), clearTimer: () => {}, afterInput: () => {} })
  const leaf = new X509Certificate((await leaves.for('api.twilio.com')).cert)
  t.same([leaf.validFrom, leaf.validTo].map((text) => Date.parse(text) - nowMs), [-DAY_MS, 7 * DAY_MS])
  t.equal(Date.parse(new X509Certificate(authority.certificate).validFrom) - nowMs, -DAY_MS)
})

t.test('a leaf is no authority, is for servers alone, names its issuer\'s key, and has a number of its own', async (t) => {
  const authority = await initAuthority(t.testdir({}), Date.now())
  const issuer = new X509Certificate(authority.certificate)
  const { publicKey } = await createLeafKeys()
  const long = `api.${'x'.repeat(60)}.twilio.com`
  const [leaf, other] = [await createLeaf('api.twilio.com', publicKey, authority, validity), await createLeaf(long, publicKey, authority, validity)].map((pem) => new X509Certificate(pem))
  t.notOk(leaf?.ca)
  t.same(leaf?.keyUsage, ['1.3.6.1.5.5.7.3.1'], 'serverAuth')
  t.not(leaf?.serialNumber, other?.serialNumber)
  t.match(leaf?.serialNumber, /^[4-7][0-9A-F]{31}$/, 'positive, and always of one length')
  t.equal(other?.checkHost(long), long, 'a name that is too long for a common name')
  t.ok((other?.subject.length ?? 0) <= 'CN='.length + 64)
  t.equal(issuer.fingerprint256, authority.fingerprint)
  const parsed = new Parsed(authority.certificate)
  t.ok(parsed.getExtension('2.5.29.30')?.critical, 'who does not know name constraints believes nothing')
  const parsedLeaf = new Parsed(leaf?.toString() ?? '')
  t.equal(parsedLeaf.getExtension(AuthorityKeyIdentifierExtension)?.keyId, parsed.getExtension(SubjectKeyIdentifierExtension)?.keyId)
  t.equal(parsedLeaf.getExtension(KeyUsagesExtension)?.usages, KeyUsageFlags.digitalSignature)
})

t.test('an authority that has ended is not trusted on after a rotation, and the new one may be read by all', async (t) => {
  const folder = t.testdir({})
  await initAuthority(folder, Date.now() - 800 * DAY_MS)
  const fresh = await rotateAuthority(folder, Date.now())
  t.equal(readFileSync(fresh.certificateFile, 'utf8'), fresh.certificate)
  t.same([CERTIFICATE_FILE, KEY_FILE].map((name) => statSync(join(folder, name)).mode & 0o777), [0o644, 0o600])
})

t.test('a file that is there and cannot be read does not count as missing', async (t) => {
  const folder = t.testdir({})
  mkdirSync(join(folder, KEY_FILE))
  await t.rejects(initAuthority(folder, Date.now()), { name: 'AuthorityError', message: /ca-key\.pem cannot be read \(EISDIR\)/ })
  t.throws(() => readAuthority(folder), { message: /cannot be read/ })
})

t.test('a leaf that could not be made is made when it is asked for again', async (t) => {
  const authority = await initAuthority(t.testdir({}), Date.now())
  let certificate = 'damaged'
  const leaves = new Leaves({ ...authority, get certificate () { return certificate } }, { nowMs: () => 0, epochMs: () => Date.now(), setTimer: () => ({}), clearTimer: () => {}, afterInput: () => {} })
  await t.rejects(leaves.for('api.twilio.com'))
  certificate = authority.certificate
  t.match(await leaves.for('api.twilio.com'), { cert: /BEGIN CERTIFICATE/ })
})
