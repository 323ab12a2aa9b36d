/** What an application's environment needs to come through the proxy, whatever it is written in. */
import type { Authority } from '../../interception/authority.ts'
import { writeBundle, type Environment } from './bundle.ts'
import { withFolder, writePhpSettings } from './php-settings.ts'

const LOCAL = ['localhost', '127.0.0.1', '::1']

/** Node adds a certificate to those that it trusts; all others take a file in their place. */
export async function variables (
  proxy: string,
  authority: Authority,
  folder: string,
  env: Environment
): Promise<Readonly<Record<string, string>>> {
  const bundle = await writeBundle(authority, folder, env)
  const phpSettings = await writePhpSettings(bundle, folder)
  const direct = [...new Set(
    [...(env['NO_PROXY'] ?? env['no_proxy'] ?? '').split(',').filter((name) => name !== ''), ...LOCAL]
  )].join(',')
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
    PHP_INI_SCAN_DIR: withFolder(env['PHP_INI_SCAN_DIR'] ?? '', phpSettings)
  }
}

/** For a POSIX shell. */
export function exports (names: Readonly<Record<string, string>>): string {
  return Object.entries(names).map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`).join('\n')
}
