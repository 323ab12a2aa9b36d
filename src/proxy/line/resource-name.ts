import { hash, randomBytes } from 'node:crypto'
import type { Identity } from '../exchange-state.ts'

/**
 * Of this process alone, and never written: whoever reads the log cannot try paths, phone numbers or credentials on it.
 */
const KEY = randomBytes(32).toString('latin1')
/** Nine bytes: of a hundred million names that differ, two are the same with a chance of one in a million. */
const NAME_CHARS = 12

/**
 * Names what a GET asks for: the same account, credential, host, path and query have the same name for the life of the
 * process. Undefined for what is no GET.
 */
export function resourceName ({ method, account, upstream, path, authorization = '' }: Identity): string | undefined {
  if (method !== 'GET') return undefined
  return hash('sha256', `${KEY}${account.key}\n${upstream.host}\n${authorization}\n${path}`, 'base64').slice(
    0,
    NAME_CHARS
  )
}
