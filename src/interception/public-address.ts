/** Which addresses a tunnel may lead to whose host the settings do not name: those of the public internet. */
import { lookup as resolveName, type LookupAddress, type LookupAllOptions } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { canonicalAddress } from '../proxy/ingress/addresses.ts'

/** Not of the public internet: the registries of special-purpose addresses (RFC 6890), and multicast. */
const INTERNAL_V4: ReadonlyArray<readonly [first: string, bits: number]> = [
  ['0.0.0.0', 8], ['10.0.0.0', 8], [
    '100.64.0.0',
    10
  ], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24], ['192.0.2.0', 24],
  [
    '192.88.99.0',
    24
  ], ['192.168.0.0', 16], ['198.18.0.0', 15], ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 3],
  // Azure's own services, for its virtual machines alone.
  ['168.63.129.16', 32]
]

/** True for an address that anybody on the internet could reach as well. False for what is no address. */
export function isPublicAddress (text: string): boolean {
  const address = canonicalAddress(text)
  if (address === undefined) return false
  if (!address.includes(':')) {
    return !INTERNAL_V4.some(([first, bits]) => numberOf(address) >>> (32 - bits) === numberOf(first) >>> (32 - bits))
  }
  const groups = address.split(':').map((group) => parseInt(group, 16))
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = groups
  // NAT64 (RFC 6052): how a network that has IPv6 alone reaches IPv4.
  if (a === 0x64 && b === 0xff9b && c + d + e + f === 0) {
    return isPublicAddress([g >> 8, g & 255, h >> 8, h & 255].join('.'))
  }
  // Unicast, without 2001::/23 (Teredo among it), documentation, and 6to4, which holds an IPv4 address.
  const isSpecial = (a === 0x2001 && (b < 0x200 || b === 0xdb8)) || a === 0x2002 || (a === 0x3fff && b < 0x1000)
  return a >> 13 === 1 && !isSpecial
}

const numberOf = (address: string): number => address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)

/** The name leads to internal addresses alone. */
export class InternalAddressError extends Error {
  readonly code = 'INTERNAL_ADDRESS'
}

/**
 * Resolves a name to its public addresses. What it gives is what is connected to, whatever the name means a moment
 * later.
 */
export const lookupPublic: LookupFunction = (hostname, options, callback) => {
  const all: LookupAllOptions = { ...options, all: true }
  resolveName(hostname, all, (error, addresses) => {
    if (error !== null) {
      callback(error, [])
      return
    }
    const found: readonly LookupAddress[] = addresses.filter(({ address }) => isPublicAddress(address))
    const [first] = found
    if (first === undefined) callback(new InternalAddressError('internal address'), [])
    else if (options.all === true) callback(null, [...found])
    else callback(null, first.address, first.family)
  })
}
