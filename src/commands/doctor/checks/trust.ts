/** Does a client that reaches the proxy trust the proxy's certificate? */
import type { Environment } from '../../run/bundle.ts'
import type { Facts, Probe } from '../facts.ts'
import { finding, NAMES, type Finding, type Sdk } from '../finding.ts'
import { certificatePaths, exportOf, quoted } from '../fixes.ts'
import { trustsOf, type TrustFile } from './trust-files.ts'

/** The first version of twilio-python that reads REQUESTS_CA_BUNDLE. */
const PYTHON_READS = 8

export function judgeTrust (sdk: Sdk, env: Environment, { trust }: Probe, facts: Facts): readonly Finding[] {
  const { files, more, perhaps, off } = trustsOf(sdk, env, facts.systemFile)
  if (off !== undefined) {
    return [finding(
      sdk,
      'advice',
      'verification_off',
      `${off} turns off the verification of certificates for every host.`,
      [`unset ${off}`, ...fixFor(sdk, facts)]
    )]
  }
  const major = Number(/^\d+/.exec(facts.versions.python ?? '')?.[0] ?? PYTHON_READS)
  if (sdk === 'python' && files.length > 0 && major < PYTHON_READS) {
    return [finding(sdk, 'unknown', 'trust_file_ignored',
      `twilio-python ${facts.versions.python ?? ''} ignores ${files[0]?.variable ?? ''}: you have to set the file in its session.`,
      [`client.http_client.session.verify = '${files[0]?.file ?? ''}'  # in Python`])]
  }
  const states = files.map(({ file }) => trust.get(file) ?? 'undetermined')
  if (states.includes('trusted')) return []
  const named = files.find(({ variable }) => variable !== undefined)
  const state = named === undefined ? undefined : trust.get(named.file)
  const fix = fixFor(sdk, facts)
  if (named !== undefined && state === 'unreadable') {
    return [finding(
      sdk,
      'fails',
      'trust_file_unreadable',
      `${named.variable ?? ''} names ${named.file}, which cannot be read or holds no certificate.`,
      fix
    )]
  }
  if (states.includes('expired')) {
    return [finding(sdk, 'fails', 'authority_expired', 'The proxy\'s certificate or its authority has expired.',
      [`twilio-governor ca rotate --dir ${quoted(facts.authority.folder)}  # then restart the clients, and the proxy`])]
  }
  if (more || states.includes('undetermined') || (perhaps !== undefined && trust.get(perhaps) === 'trusted')) {
    return [finding(
      sdk,
      'unknown',
      'trust_unseen',
      `doctor cannot see from here whether ${NAMES[sdk]} trusts the proxy's certificate${unseen(sdk)}.`,
      fix
    )]
  }
  return [finding(sdk, 'fails', 'untrusted', `${untrusted(sdk, named)}${ignored(sdk, env)}`, fix)]
}

function untrusted (sdk: Sdk, named: TrustFile | undefined): string {
  return named === undefined
    ? `${NAMES[sdk]} does not trust the proxy's certificate: nothing names its authority.`
    : `${NAMES[sdk]} does not trust the proxy's certificate: ${named.file} (${named.variable ?? ''}) lacks its authority.`
}

function ignored (sdk: Sdk, env: Environment): string {
  return sdk === 'node' && env['TWILIO_CA_BUNDLE'] !== undefined
    ? ' TWILIO_CA_BUNDLE has no effect if there is a proxy.'
    : ''
}

function unseen (sdk: Sdk): string {
  if (sdk === 'php') return ': php.ini decides'
  return sdk === 'java' ? ': its key store decides' : ''
}

/**
 * Node adds a certificate to those it has. All others take a file in their place, which has to have the system's, too.
 */
function fixFor (sdk: Sdk, facts: Facts): readonly string[] {
  const { certificate, bundle } = certificatePaths(facts)
  const together = facts.authority.bundled
    ? []
    : [`cat ${quoted(facts.systemFile)} ${quoted(certificate)} > ${quoted(bundle)}`]
  switch (sdk) {
    case 'node':
    case 'twilio-cli': return [exportOf('NODE_EXTRA_CA_CERTS', certificate)]
    case 'python': return [...together, exportOf('REQUESTS_CA_BUNDLE', bundle)]
    case 'curl': return [...together, exportOf('CURL_CA_BUNDLE', bundle)]
    case 'go':
    case 'ruby':
    case 'csharp': return [...together, exportOf('SSL_CERT_FILE', bundle)]
    case 'php': return [...together, `curl.cainfo = ${bundle}  ; in php.ini`]
    case 'java': return [`keytool -importcert -noprompt -cacerts -storepass changeit -alias twilio-governor -file ${quoted(certificate)}`]
  }
}
