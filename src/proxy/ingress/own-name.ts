import { canonicalAddress, isPrivateAddress } from './addresses.ts'

const LABEL = /^[a-z0-9_-]{1,63}$/
/** `2130706433` and `0x7f000001` are addresses to some resolvers. */
const NUMBER = /^(?:[0-9]+|0x[0-9a-f]*)$/
/** Domains that no public DNS serves. */
const PRIVATE_DOMAINS: ReadonlySet<string> = new Set(['localhost', 'local', 'internal', 'svc'])

/**
 * Is this what a client near us may call the proxy? Public names are refused, so that neither a web page (by DNS
 * rebinding) nor somebody who takes us for an open proxy gets through.
 *
 * @param host the Host header without its port
 * @param extra further names, lower case
 * @param localAddress the address of our end of the socket
 */
export function isOwnName (host: string, extra: ReadonlySet<string>, localAddress: string | undefined): boolean {
  if (host === '' || host.length > 255) return false
  const lower = host.toLowerCase()
  const name = lower.endsWith('.') ? lower.slice(0, -1) : lower
  if (extra.has(name) || extra.has(lower)) return true
  const address = canonicalAddress(name)
  if (address !== undefined) {
    return isPrivateAddress(address) || (localAddress !== undefined && canonicalAddress(localAddress) === address)
  }
  const labels = name.split('.')
  if (!labels.every((label) => LABEL.test(label))) return false
  const last = labels.at(-1) ?? ''
  return labels.length === 1 ? !NUMBER.test(last) : PRIVATE_DOMAINS.has(last)
}
