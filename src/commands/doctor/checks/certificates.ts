/** Files of certificates, as clients are told to trust them. */
import { X509Certificate } from 'node:crypto'
import { open } from 'node:fs/promises'
import { constants } from 'node:fs'
import type { Trust } from '../facts.ts'

const MOST_BYTES = 8 * 1024 * 1024
/** First bytes: Java's own format begins with 0xFEEDFEED, PKCS #12 with an ASN.1 sequence. */
const JKS = 0xfe
const PKCS12 = 0x30
const PEM = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END/g

export type Certificates =
  | { readonly kind: 'pem', readonly text: string }
  /** A key store of Java's, or another that is not text. */
  | { readonly kind: 'store', readonly bytes: Buffer }
  | { readonly kind: 'folder' }
  | { readonly kind: 'none' }

export async function readCertificates (path: string): Promise<Certificates> {
  try {
    // Without O_NONBLOCK a named pipe would make us wait for a writer.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const status = await handle.stat()
      if (status.isDirectory()) return { kind: 'folder' }
      if (!status.isFile() || status.size > MOST_BYTES) return { kind: 'none' }
      return kindOf(await handle.readFile())
    } finally {
      await handle.close()
    }
  } catch {
    return { kind: 'none' }
  }
}

function kindOf (bytes: Buffer): Certificates {
  if (bytes[0] === JKS || bytes[0] === PKCS12) return { kind: 'store', bytes }
  const text = bytes.toString('latin1')
  return derOf(text).length > 0 ? { kind: 'pem', text } : { kind: 'none' }
}

/** The certificates of a PEM text as bytes: however they are wrapped, the same certificate is the same bytes. */
export function derOf (text: string): readonly Buffer[] {
  return [...text.matchAll(PEM)].map(([, base64 = '']) => Buffer.from(base64, 'base64'))
}

/** Where no proxy can be asked: is this authority's certificate among those of a file? */
export function holds (certificates: Certificates, authority: Buffer | undefined, nowMs: number): Trust {
  if (certificates.kind === 'none') return 'unreadable'
  if (authority === undefined || certificates.kind === 'folder') return 'undetermined'
  if (certificates.kind === 'store') {
    if (certificates.bytes.includes(authority)) return 'trusted'
    // In Java's own format certificates are not encrypted; in PKCS #12 they mostly are.
    return certificates.bytes[0] === JKS ? 'unknown_issuer' : 'undetermined'
  }
  if (!derOf(certificates.text).some((der) => der.equals(authority))) return 'unknown_issuer'
  return Date.parse(new X509Certificate(authority).validTo) < nowMs ? 'expired' : 'trusted'
}
