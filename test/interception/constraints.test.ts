/** What a client believes of an authority of ours, when its key has been stolen: nothing but leaves for Twilio's host names. */
import 'reflect-metadata'
import {
  BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, SubjectAlternativeNameExtension, X509Certificate, X509CertificateGenerator, type JsonGeneralName
} from '@peculiar/x509'
import { createPrivateKey, KeyObject, webcrypto } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer } from 'node:tls'
import t, { type Test } from 'tap'
import { initAuthority } from '../../src/interception/authority.ts'
import type { KeyedCertificate } from '../../src/interception/certificates.ts'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const DAY_MS = 86_400_000

/** Whatever somebody signs who has the key. */
async function issue (by: KeyedCertificate, names: JsonGeneralName[], isAuthority = false): Promise<KeyedCertificate> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const signingKey = await webcrypto.subtle.importKey('pkcs8', createPrivateKey(by.key).export({ type: 'pkcs8', format: 'der' }), ALGORITHM, false, ['sign'])
  const made = await X509CertificateGenerator.create({
    subject: [{ CN: [isAuthority ? 'another authority' : 'leaf'] }],
    issuer: new X509Certificate(by.certificate).subjectName,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    serialNumber: Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString('hex').replace(/^./, '4'),
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
    extensions: [
      new BasicConstraintsExtension(isAuthority, undefined, true),
      new KeyUsagesExtension(isAuthority ? KeyUsageFlags.keyCertSign : KeyUsageFlags.digitalSignature, true),
      ...names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)]
    ]
  })
  return { certificate: `${made.toString('pem')}\n`, key: KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }).toString() }
}

/** What a client that trusts the authority says of a server. */
async function outcome (t: Test, ca: string, { certificate, key }: KeyedCertificate, chain = '', servername = 'api.twilio.com'): Promise<string> {
  const server = createServer({ key, cert: certificate + chain }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const client = connect({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', ca, ...servername === '' ? {} : { servername }, checkServerIdentity: () => undefined })
  t.teardown(() => client.destroy())
  return new Promise((resolve) => { client.once('secureConnect', () => { resolve('secure') }).once('error', ({ message }) => { resolve(message) }) })
}

t.test('a leaf for a host below twilio.com is believed; for another host or any address it is not', async (t) => {
  const authority = await initAuthority(t.testdir({}), Date.now())
  const of = async (name: JsonGeneralName): Promise<string> => outcome(t, authority.certificate, await issue(authority, [name]))
  t.equal(await of({ type: 'dns', value: 'api.twilio.com' }), 'secure')
  t.equal(await of({ type: 'dns', value: 'twilio.com.evil.example' }), 'permitted subtree violation')
  for (const value of ['127.0.0.1', '203.0.113.7', '::1', '2001:db8::7']) t.equal(await of({ type: 'ip', value }), 'excluded subtree violation', value)
})

t.test('an authority signed by ours is not believed', async (t) => {
  const authority = await initAuthority(t.testdir({}), Date.now())
  const below = await issue(authority, [], true)
  t.match(await outcome(t, authority.certificate, await issue(below, [{ type: 'dns', value: 'api.twilio.com' }]), below.certificate), /path length/)
})
