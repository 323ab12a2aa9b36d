import { memoised } from '../../policy/counts/memo.ts'

const OCTET = /^(?:0|[1-9][0-9]{0,2})$/

/** Four decimal octets. The octal, short and whole-number spellings that some resolvers take are refused. */
function parseIpv4 (text: string): readonly number[] | undefined {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  const octets: number[] = []
  for (const part of parts) {
    const octet = OCTET.test(part) ? Number(part) : 256
    if (octet > 255) return undefined
    octets.push(octet)
  }
  return octets
}

const GROUP = /^[0-9a-f]{1,4}$/i

function parseGroups (text: string): number[] | undefined {
  if (text === '') return []
  const groups: number[] = []
  for (const part of text.split(':')) {
    if (!GROUP.test(part)) return undefined
    groups.push(parseInt(part, 16))
  }
  return groups
}

/** The eight groups of an IPv6 address without brackets or zone. RFC 4291 §2.2, with all three spellings. */
function parseIpv6 (text: string): readonly number[] | undefined {
  if (text.length > 45 || !text.includes(':')) return undefined
  let hex = text
  const tail = text.slice(text.lastIndexOf(':') + 1)
  if (tail.includes('.')) {
    const octets = parseIpv4(tail)
    if (octets === undefined) return undefined
    const [a = 0, b = 0, c = 0, d = 0] = octets
    hex = `${text.slice(0, -tail.length)}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  }
  const halves = hex.split('::')
  const head = parseGroups(halves[0] ?? '')
  if (head === undefined || halves.length > 2) return undefined
  if (halves.length === 1) return head.length === 8 ? head : undefined
  const rest = parseGroups(halves[1] ?? '')
  if (rest === undefined || head.length + rest.length > 7) return undefined
  return [...head, ...new Array<number>(8 - head.length - rest.length).fill(0), ...rest]
}

/**
 * One spelling per address: `10.0.0.5` for `::ffff:10.0.0.5` too, IPv6 as eight groups; brackets and zone dropped.
 * Undefined when the text is no IP address.
 */
export const canonicalAddress: (text: string) => string | undefined = memoised(256, 64, canonical)

function canonical (text: string): string | undefined {
  if (!text.includes(':')) return parseIpv4(text) === undefined ? undefined : text
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  const zone = bare.indexOf('%')
  const groups = parseIpv6(zone === -1 ? bare : bare.slice(0, zone))
  if (groups === undefined) return undefined
  const [high = 0, low = 0] = groups.slice(6)
  const isMapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)
  return isMapped
    ? [high >> 8, high & 255, low >> 8, low & 255].join('.')
    : groups.map((group) => group.toString(16)).join(':')
}

/** Is it an address, in any spelling, at which a machine reaches itself alone? */
export function isLoopback (text: string): boolean {
  const address = canonicalAddress(text)
  return address !== undefined && (address === '0:0:0:0:0:0:0:1' || address.startsWith('127.'))
}

/**
 * Is a canonical address in the loopback or private ranges, which no public DNS name should resolve to? RFC 1122, RFC
 * 1918, RFC 4193.
 */
export function isPrivateAddress (address: string): boolean {
  if (address.includes(':')) {
    return address === '0:0:0:0:0:0:0:1' || (parseInt(address, 16) & 0xfe00) === 0xfc00
  }
  const [a = 0, b = 0] = address.split('.').map(Number)
  return a === 127 || a === 10 || (a === 192 && b === 168) || (a === 172 && b >= 16 && b <= 31)
}
