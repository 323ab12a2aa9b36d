import { createDigest } from '../digest.ts'
import type { Identity } from '../exchange-state.ts'

const digest = createDigest()
/** Nine bytes: of a hundred million names that differ, two are the same with a chance of one in a million. */
const NAME_CHARS = 12

/**
 * Names what a GET asks for: the same account, credential, host, path and query have the same name for the life of the
 * process. Undefined for what is no GET.
 */
export function resourceName ({ method, account, upstream, path, authorization = '' }: Identity): string | undefined {
  if (method !== 'GET') return undefined
  return digest(`${account.key}\n${upstream.host}\n${authorization}\n${path}`).slice(0, NAME_CHARS)
}
