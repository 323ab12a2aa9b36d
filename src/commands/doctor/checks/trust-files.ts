/**
 * Which files a client takes its authorities from, by the variables of its environment, when it comes through a tunnel.
 */
import type { Environment } from '../../run/bundle.ts'
import type { Sdk } from '../finding.ts'
import { jvmProperty } from './jvm-options.ts'

export interface TrustFile {
  readonly file: string
  /** What names it; undefined where the client takes it by itself. */
  readonly variable: string | undefined
}

export interface Trusts {
  /** One that has the authority is enough. */
  readonly files: readonly TrustFile[]
  /** There may be more that cannot be seen from here. */
  readonly more: boolean
  /** A file that some builds of the client take. */
  readonly perhaps?: string
  /** The variable that turns verification off. */
  readonly off?: string
}

export function trustsOf (sdk: Sdk, env: Environment, systemFile: string): Trusts {
  const system: TrustFile = { file: systemFile, variable: undefined }
  const firstOf = (...variables: string[]): TrustFile | undefined => {
    for (const variable of variables) {
      const file = env[variable]
      if (file !== undefined && file !== '') return { file, variable }
    }
    return undefined
  }
  const directory = firstOf('SSL_CERT_DIR') !== undefined
  switch (sdk) {
    // TWILIO_CA_BUNDLE is read, and has no effect once there is a proxy.
    case 'node':
    case 'twilio-cli': {
      const options = env['NODE_OPTIONS'] ?? ''
      const openssl = options.includes('--use-openssl-ca')
      const own = options.includes('--use-system-ca') || env['NODE_USE_SYSTEM_CA'] === '1'
      const files = [
        firstOf('NODE_EXTRA_CA_CERTS'),
        openssl ? firstOf('SSL_CERT_FILE') ?? system : undefined,
        own ? system : undefined
      ]
      const off = 'NODE_TLS_REJECT_UNAUTHORIZED'
      return {
        files: files.filter((file) => file !== undefined),
        more: openssl && directory,
        ...env[off] === '0' ? { off } : {}
      }
    }
    // requests has a bundle of its own, which nobody adds to. Debian's takes the system's instead.
    case 'python': {
      const named = firstOf('REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE')
      return named === undefined ? { files: [], more: false, perhaps: systemFile } : { files: [named], more: false }
    }
    case 'curl': {
      const named = firstOf('CURL_CA_BUNDLE')
      return { files: [named ?? firstOf('SSL_CERT_FILE') ?? system], more: named === undefined && directory }
    }
    // php.ini may name a file: curl.cainfo or openssl.cafile.
    case 'php': return { files: [system], more: true }
    case 'go':
    case 'ruby':
    case 'csharp': return { files: [firstOf('SSL_CERT_FILE') ?? system], more: directory }
    case 'java': {
      const named = jvmProperty(env, 'javax.net.ssl.trustStore')
      if (named !== undefined) return { files: [{ file: named.value, variable: named.variable }], more: false }
      // Where JAVA_HOME is not set: Debian's.
      const folder = env['JAVA_HOME'] ? `${env['JAVA_HOME']}/lib/security` : '/etc/ssl/certs/java'
      return { files: [{ file: `${folder}/cacerts`, variable: undefined }], more: true }
    }
  }
}
