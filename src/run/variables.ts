/** What an application's environment needs to come through the proxy, whatever it is written in. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rootCertificates } from 'node:tls'
import type { Authority } from '../interception/authority.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Where distributions keep the authorities that they trust. */
const SYSTEM_FILES = ['/etc/ssl/certs/ca-certificates.crt', '/etc/pki/tls/certs/ca-bundle.crt', '/etc/ssl/cert.pem', '/etc/ssl/ca-bundle.pem']
const LOCAL = ['localhost', '127.0.0.1', '::1']

/**
 * Node adds a certificate to those that it trusts; all others take a file in their place. That file is written here:
 * what the system trusts, and the authority.
 */
export function variables (proxy: string, authority: Authority, folder: string, env: Environment): Readonly<Record<string, string>> {
  const bundle = join(folder, 'all.pem')
  writeFileSync(bundle, `${systemCertificates(env)}\n${readFileSync(authority.certificateFile, 'utf8')}`)
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
    SSL_CERT_FILE: bundle
  }
}

/** For a POSIX shell. */
export function exports (names: Readonly<Record<string, string>>): string {
  return Object.entries(names).map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`).join('\n')
}

function systemCertificates (env: Environment): string {
  for (const file of [env['SSL_CERT_FILE'], ...SYSTEM_FILES]) {
    try {
      if (file !== undefined && file !== '') return readFileSync(file, 'utf8')
    } catch { /* not on this system */ }
  }
  return rootCertificates.join('\n')
}
