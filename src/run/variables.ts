/** What an application's environment needs to come through the proxy, whatever it is written in. */
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import type { Authority } from '../interception/authority.ts'
import { readSmallFile, replaceFile } from '../state-file/file.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Where distributions keep the authorities that they trust. */
const SYSTEM_FILES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem', '/etc/ssl/ca-bundle.pem']
const LOCAL = ['localhost', '127.0.0.1', '::1']

/**
 * Node adds a certificate to those that it trusts; all others take a file in their place. That file is written here:
 * what the system trusts, and the authority.
 */
export async function variables (proxy: string, authority: Authority, folder: string, env: Environment): Promise<Readonly<Record<string, string>>> {
  const bundle = join(folder, 'all.pem')
  await write(bundle, `${systemCertificates(env, bundle)}\n${readFileSync(authority.certificateFile, 'utf8')}`)
  // PHP looks at none of these variables, only at its settings; a folder with more of them can be named.
  const settings = join(folder, 'php')
  await mkdir(settings, { recursive: true, mode: 0o755 })
  await write(join(settings, 'twilio-governor.ini'), `curl.cainfo="${bundle}"\nopenssl.cafile="${bundle}"\n`)
  const direct = [...new Set([...(env['NO_PROXY'] ?? env['no_proxy'] ?? '').split(',').filter((name) => name !== ''), ...LOCAL])].join(',')
  return {
    // Node's SDK reads the first, in upper case, and for https too; curl and others want theirs in lower case.
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    https_proxy: proxy,
    NO_PROXY: direct,
    no_proxy: direct,
    NODE_EXTRA_CA_CERTS: authority.certificateFile,
    REQUESTS_CA_BUNDLE: bundle,
    CURL_CA_BUNDLE: bundle,
    SSL_CERT_FILE: bundle,
    PHP_INI_SCAN_DIR: withFolder(env['PHP_INI_SCAN_DIR'] ?? '', settings)
  }
}

/** Programs that run already may read the file at this moment. */
async function write (file: string, text: string): Promise<void> {
  const there = await readSmallFile(file)
  if (there === undefined || !('text' in there) || there.text !== text) await replaceFile(file, text, 0o644)
}

/** PHP's list of folders; an empty name stands for the one that it was built with. */
const withFolder = (list: string, folder: string): string => list.split(':').includes(folder) ? list : `${list}:${folder}`

/** For a POSIX shell. */
export function exports (names: Readonly<Record<string, string>>): string {
  return Object.entries(names).map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`).join('\n')
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
