/** Lines to paste that more than one finding offers. */
import { BUNDLE_FILE } from '../run/bundle.ts'
import { exports } from '../run/variables.ts'
import type { Facts } from './facts.ts'

/** Where the proxy's authority is not where it was looked for. */
const UNKNOWN_FOLDER = '/path/to'

export const exportOf = (variable: string, value: string): string => exports({ [variable]: value })

/** The exceptions of every client: some read the upper case, some the lower. */
export const exportExceptions = (list: readonly string[]): readonly string[] =>
  exports({ NO_PROXY: list.join(','), no_proxy: list.join(',') }).split('\n')

/** A path as a word of a shell. */
export const quoted = (path: string): string => /^[\w./~-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`

export interface CertificatePaths {
  readonly certificate: string
  /** That, and the system's. */
  readonly bundle: string
}

export function certificatePaths ({ authority: { folder, state } }: Facts): CertificatePaths {
  const at = state === 'known' ? folder : UNKNOWN_FOLDER
  return { certificate: `${at}/ca.pem`, bundle: `${at}/${BUNDLE_FILE}` }
}

/** Everything that a tunnel needs, at once; `what` is said behind it. */
export function takeInAll (facts: Facts, what: string): string {
  const folder = facts.authority.state === 'known' ? ` --dir ${quoted(facts.authority.folder)}` : ''
  const first = facts.probes.get(facts.proxy)?.tunnels === true ? '' : '; first start the proxy with GOVERNOR_CA_DIR'
  return `eval "$(twilio-governor env${folder} --proxy ${facts.proxy})"  # ${what}${first}`
}
