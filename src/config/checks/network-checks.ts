/** Addresses and networks that a pattern cannot judge, such as 300.0.0.1 or 10.0.0.0/40. */
import { BlockList, isIP } from 'node:net'
import type { Check } from './check.ts'
import { placeIn, placesIn, type Place } from '../tree.ts'

export const networkChecks = (
  root: Place
): readonly Check[] => placesIn(placeIn(placeIn(root, 'listen'), 'trustedProxies'))
  .map(({ steps, value }) =>
    ({ steps, reads: [steps], fault: () => isNetwork(String(value)) ? undefined : 'must be an IP address, a network such as 10.0.0.0/8, or loopback' }))

function isNetwork (text: string): boolean {
  if (text === 'loopback') return true
  const [address = '', prefix] = text.split('/')
  const version = isIP(address)
  if (version === 0 || prefix === undefined) return version !== 0
  try {
    new BlockList().addSubnet(address, Number(prefix), version === 6 ? 'ipv6' : 'ipv4')
    return true
  } catch {
    return false
  }
}
