/** Whose share of bounded things a request takes. */
const MAPPED = '::ffff:'
/** Groups of an IPv6 address that name a network: a host has all addresses of its own (RFC 4291, section 2.5.4). */
const NETWORK_GROUPS = 4

/** An address as a peer: IPv4 whole, IPv6 by its network of 64 bits. */
export function peerAddress (address: string | undefined): string {
  if (address === undefined) return 'unknown'
  if (!address.includes(':')) return address
  if (address.startsWith(MAPPED)) return address.slice(MAPPED.length)
  const [whole = ''] = address.split('%', 1)
  const [head = '', tail] = whole.split('::')
  const groups = head === '' ? [] : head.split(':')
  if (tail !== undefined) {
    const after = tail === '' ? [] : tail.split(':')
    while (groups.length + after.length < 8) groups.push('0')
    groups.push(...after)
  }
  const [first, ...rest] = groups
  // Loopback is one host.
  if (groups.length === 8 && rest.at(-1) === '1' && [first, ...rest.slice(0, -1)].every((group) => group === '0')) {
    return '::1'
  }
  return `${groups.slice(0, NETWORK_GROUPS).join(':')}::/64`
}
