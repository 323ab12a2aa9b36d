/** The file for clients whose variable replaces all that they trust: what the system trusts, and the authority. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import type { Authority } from '../../interception/authority.ts'
import { readSmallFile, replaceFile } from '../../storage/file.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Where distributions store the authorities that they trust. */
export const SYSTEM_FILES = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/cert.pem',
  '/etc/ssl/ca-bundle.pem'
]

/** Its name, beside the authority's. */
export const BUNDLE_FILE = 'all.pem'

/** Writes `all.pem` beside the authority and resolves with its path. */
export async function writeBundle (authority: Authority, folder: string, env: Environment): Promise<string> {
  const bundle = join(folder, BUNDLE_FILE)
  await replaceUnlessSame(
    bundle,
    `${systemCertificates(env, bundle)}\n${readFileSync(authority.certificateFile, 'utf8')}`
  )
  return bundle
}

/** Programs that run already may read the file at this moment. */
export async function replaceUnlessSame (file: string, text: string): Promise<void> {
  const there = await readSmallFile(file)
  if (there === undefined || !('text' in there) || there.text !== text) await replaceFile(file, text, 0o644)
}

/** Where `env` was taken in before, SSL_CERT_FILE names our own bundle: it would grow with every time. */
function systemCertificates (env: Environment, bundle: string): string {
  for (const file of [env['SSL_CERT_FILE'], ...SYSTEM_FILES]) {
    try {
      if (file !== undefined && file !== '' && file !== bundle) return readFileSync(file, 'utf8')
    } catch { /* not on this system */ }
  }
  return rootCertificates.join('\n')
}
