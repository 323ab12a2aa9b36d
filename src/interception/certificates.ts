/**
 * The certificates of interception: an authority that is good for twilio.com alone, and leaves under it. The library
 * makes them with WebCrypto, which works off the event loop. It takes 20 MB and 0.3 s to load: bring this file in only
 * where a certificate is to be made.
 */
import 'reflect-metadata'
import { GeneralName, GeneralSubtree, GeneralSubtrees, NameConstraints } from '@peculiar/asn1-x509'
import { AsnConvert } from '@peculiar/asn1-schema'
import {
  AuthorityKeyIdentifierExtension, BasicConstraintsExtension, ExtendedKeyUsage, ExtendedKeyUsageExtension, Extension,
  KeyUsageFlags, KeyUsagesExtension, SubjectAlternativeNameExtension, SubjectKeyIdentifierExtension, X509Certificate,
  X509CertificateGenerator
} from '@peculiar/x509'
import { createPrivateKey, KeyObject, webcrypto } from 'node:crypto'

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
/** Name constraints (RFC 5280, section 4.2.1.10). */
const NAME_CONSTRAINTS = '2.5.29.30'
/** The only domain that an authority of ours may speak for, with everything below it. */
const DOMAIN = 'twilio.com'

export interface Validity {
  readonly notBefore: Date
  readonly notAfter: Date
}

/** PEM texts. */
export interface KeyedCertificate {
  readonly certificate: string
  readonly key: string
}

/** A self-signed authority on P-256, constrained to twilio.com: a thief of its key can impersonate nobody else. */
export async function createAuthority (name: string, validity: Validity): Promise<KeyedCertificate> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    keys,
    signingAlgorithm: ALGORITHM,
    serialNumber: serial(),
    ...validity,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new Extension(NAME_CONSTRAINTS, true, AsnConvert.serialize(constraints())),
      await SubjectKeyIdentifierExtension.create(keys.publicKey)
    ]
  })
  return { certificate: `${certificate.toString('pem')}\n`, key: pemOf(keys.privateKey) }
}

/** A key for leaves: one serves all of them, since all of them are ours. */
export async function createLeafKeys (): Promise<{ readonly publicKey: webcrypto.CryptoKey, readonly key: string }> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  return { publicKey: keys.publicKey, key: pemOf(keys.privateKey) }
}

/** A certificate for one host, in PEM. */
export async function createLeaf (
  host: string,
  publicKey: webcrypto.CryptoKey,
  authority: KeyedCertificate,
  validity: Validity
): Promise<string> {
  const issuer = new X509Certificate(authority.certificate)
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8', createPrivateKey(authority.key).export({ type: 'pkcs8', format: 'der' }), ALGORITHM, false, ['sign'])
  const leaf = await X509CertificateGenerator.create({
    // A common name has room for 64 characters; what counts is the alternative name.
    subject: [{ CN: [host.slice(0, 64)] }],
    issuer: issuer.subjectName,
    publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    serialNumber: serial(),
    ...validity,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([{ type: 'dns', value: host }]),
      await AuthorityKeyIdentifierExtension.create(issuer),
      await SubjectKeyIdentifierExtension.create(publicKey)
    ]
  })
  return `${leaf.toString('pem')}\n`
}

/** Host names under the domain; no address of any kind, which names alone would leave open. */
function constraints (): NameConstraints {
  const subtrees = (names: GeneralName[]): GeneralSubtrees =>
    new GeneralSubtrees(names.map((base) => new GeneralSubtree({ base })))
  return new NameConstraints({
    permittedSubtrees: subtrees([new GeneralName({ dNSName: DOMAIN })]),
    excludedSubtrees: subtrees(['0.0.0.0/0.0.0.0', '::/::'].map((iPAddress) => new GeneralName({ iPAddress })))
  })
}

/** 16 random bytes, positive. */
function serial (): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16))
  bytes[0] = (bytes[0] ?? 0) & 0x7f | 0x40
  return Buffer.from(bytes).toString('hex')
}

function pemOf (key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString()
}
