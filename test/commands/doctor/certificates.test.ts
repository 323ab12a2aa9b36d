import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { derOf, holds, readCertificates } from '../../../src/commands/doctor/checks/certificates.ts'
import { initAuthority } from '../../../src/interception/authority.ts'

const NOW = Date.now()

t.test('certificates are compared, and not how they are written down', async (t) => {
  const dir = t.testdir({})
  const { certificate, certificateFile } = await initAuthority(join(dir, 'ours'), NOW)
  const { certificate: other } = await initAuthority(join(dir, 'other'), NOW)
  const [authority] = derOf(certificate)
  const held = async (name: string, text: string | Buffer, at = NOW): Promise<string> => {
    writeFileSync(join(dir, name), text)
    return holds(await readCertificates(join(dir, name)), authority, at)
  }
  const base64 = authority?.toString('base64') ?? ''
  t.equal(await held('bundle.pem', `# ours\r\n${other}\n${certificate}`), 'trusted')
  t.equal(await held('windows.pem', certificate.replaceAll('\n', '\r\n')), 'trusted')
  t.equal(await held('one-line.pem', `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----`), 'trusted')
  t.equal(await held('other.pem', other), 'unknown_issuer')
  t.equal(await held('comment.pem', `${other}\n# ${base64}`), 'unknown_issuer', 'its text alone is no certificate')
  t.equal(await held('ours.pem', certificate, NOW + 3 * 365 * 86_400_000), 'expired')
  t.equal(await held('empty.pem', ''), 'unreadable')
  t.equal(holds(await readCertificates(join(dir, 'no-such-file')), authority, NOW), 'unreadable')
  t.equal(holds(await readCertificates(dir), authority, NOW), 'undetermined', 'a folder')
  t.equal(holds(await readCertificates(certificateFile), undefined, NOW), 'undetermined', 'nothing to compare with')
  t.ok(readFileSync(certificateFile, 'utf8').includes('BEGIN CERTIFICATE'))
})

t.test('a key store of Java\'s shows what it has; one that is encrypted does not', async (t) => {
  const dir = t.testdir({})
  const [authority = Buffer.alloc(0)] = derOf((await initAuthority(join(dir, 'ours'), NOW)).certificate)
  const held = async (bytes: Buffer): Promise<string> => {
    writeFileSync(join(dir, 'store'), bytes)
    return holds(await readCertificates(join(dir, 'store')), authority, NOW)
  }
  const jks = Buffer.from('feedfeed00000002', 'hex')
  t.equal(await held(Buffer.concat([jks, authority])), 'trusted')
  t.equal(await held(jks), 'unknown_issuer')
  t.equal(await held(Buffer.from('3082000102', 'hex')), 'undetermined')
})
