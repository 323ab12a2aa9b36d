/**
 * The authority's two files: `ca.pem`, which clients trust, and `ca-key.pem`, which nobody but the proxy reads. After a
 * rotation the old certificate stays in ca.pem behind the new one, for clients that start before the proxy does.
 */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { mkdirSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { codeOf, replaceFile } from '../storage/file.ts'
import type { KeyedCertificate } from './certificates.ts'

export const CERTIFICATE_FILE = 'ca.pem'
export const KEY_FILE = 'ca-key.pem'

const DAY_MS = 86_400_000
const VALID_DAYS = 730
/** How long before it is made a certificate is valid already: clocks differ. */
export const EARLIER_MS = DAY_MS

/** A file that is missing, damaged or in the way: told to the user as it is. */
export class AuthorityError extends Error {
  override readonly name = 'AuthorityError'
  readonly faults: readonly string[]

  constructor (message: string) {
    super(message)
    this.faults = [message]
  }
}

export interface Authority extends KeyedCertificate {
  readonly certificateFile: string
  readonly expiresAtMs: number
  /** SHA-256, in hexadecimal pairs. */
  readonly fingerprint: string
}

/** Makes an authority in a folder. @throws AuthorityError where there is one already, or a part of one. */
export async function initAuthority (folder: string, nowMs: number): Promise<Authority> {
  const [certificate, key] = [CERTIFICATE_FILE, KEY_FILE].map((name) => textOf(join(folder, name)))
  if (certificate !== undefined) {
    throw new AuthorityError(`${folder} already has an authority. To replace it, use twilio-governor ca rotate.`)
  }
  if (key !== undefined) {
    throw new AuthorityError(
    `${folder} has a ${KEY_FILE} without a ${CERTIFICATE_FILE}. Move it away to make a new authority.`
    )
  }
  const made = await make(nowMs)
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  // The key first: a certificate without its key would be trusted for nothing.
  await replaceFile(join(folder, KEY_FILE), made.key)
  await replaceFile(join(folder, CERTIFICATE_FILE), made.certificate, 0o644)
  return readAuthority(folder)
}

/**
 * Replaces an authority; the certificate it had stays trusted beside the new one. The certificates come first: cut
 * short between the two files, the old key still finds its own.
 */
export async function rotateAuthority (folder: string, nowMs: number): Promise<Authority> {
  const { certificate, expiresAtMs } = readAuthority(folder)
  const made = await make(nowMs)
  await replaceFile(join(folder, CERTIFICATE_FILE), made.certificate + (expiresAtMs > nowMs ? certificate : ''), 0o644)
  await replaceFile(join(folder, KEY_FILE), made.key)
  return readAuthority(folder)
}

/** @throws AuthorityError when a file is missing or damaged, or the two do not belong together. */
export function readAuthority (folder: string): Authority {
  const certificateFile = join(folder, CERTIFICATE_FILE)
  const bundle = textOf(certificateFile)
  const key = textOf(join(folder, KEY_FILE))
  if (bundle === undefined || key === undefined) {
    throw new AuthorityError(
      `There is no ${bundle === undefined ? CERTIFICATE_FILE : KEY_FILE} in ${folder}. To make an authority, use twilio-governor ca init.`
    )
  }
  let found: { readonly certificate: string, readonly parsed: X509Certificate } | undefined
  try {
    found = certificateOf(bundle, createPrivateKey(key))
  } catch {
    throw new AuthorityError(`${CERTIFICATE_FILE} or ${KEY_FILE} in ${folder} is damaged.`)
  }
  if (found === undefined) {
    throw new AuthorityError(`${CERTIFICATE_FILE} and ${KEY_FILE} in ${folder} do not belong together.`)
  }
  const { certificate, parsed } = found
  return {
    certificate,
    key,
    certificateFile,
    expiresAtMs: Date.parse(parsed.validTo),
    fingerprint: parsed.fingerprint256
  }
}

/** The certificate of a bundle that belongs to a key. */
function certificateOf (
  bundle: string,
  key: KeyObject
): { readonly certificate: string, readonly parsed: X509Certificate } | undefined {
  const certificates = bundle.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----\n?/g) ?? ['']
  return certificates
    .map((certificate) => ({ certificate, parsed: new X509Certificate(certificate) }))
    .find(({ parsed }) => parsed.checkPrivateKey(key))
}

async function make (nowMs: number): Promise<KeyedCertificate> {
  const { createAuthority } = await import('./certificates.ts')
  return createAuthority(`twilio-governor on ${hostname()}`.slice(0, 64), {
    notBefore: new Date(nowMs - EARLIER_MS), notAfter: new Date(nowMs + VALID_DAYS * DAY_MS)
  })
}

function textOf (file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new AuthorityError(`${file} cannot be read (${codeOf(error)}).`)
  }
}
