/**
 * The base URL that a client used, as the proxies before us name it: in RFC 7239's header, or in the older X-Forwarded
 * headers. Everybody who can reach us can send such headers, so only those of trusted proxies count.
 */
import type { IncomingHttpHeaders } from 'node:http'
import { BlockList, isIP } from 'node:net'
import { canonicalAddress } from './addresses.ts'

export type Trusts = (address: string | undefined) => boolean

/** @param networks addresses, networks such as 10.0.0.0/8, and `loopback` */
export function trustIn (networks: readonly string[]): Trusts {
  if (networks.length === 0) return () => false
  const list = new BlockList()
  for (const network of networks.flatMap((name) => name === 'loopback' ? ['127.0.0.0/8', '::1'] : [name])) {
    const [address = '', prefix] = network.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return (address) => {
    // An IPv4 address on a socket that speaks IPv6 is the same address.
    const canonical = address === undefined ? undefined : canonicalAddress(address)
    return canonical !== undefined && list.check(canonical, canonical.includes(':') ? 'ipv6' : 'ipv4')
  }
}

const AUTHORITY = /^(?:\[[0-9a-f:.]+\]|[a-z0-9._-]{1,253})(?::[0-9]{1,5})?$/i

/**
 * Such as `https://governor.example`; undefined where the client named no host. What makes no sense is left out of
 * account.
 */
export function baseUrl (
  headers: IncomingHttpHeaders,
  address: string | undefined,
  trusts: Trusts
): string | undefined {
  const { host } = headers
  if (host === undefined || host === '') return undefined
  if (!trusts(address)) return `http://${host}`
  const told = parameters(lastOf(headers.forwarded))
  const scheme = [told.get('proto'), lastOf(headers['x-forwarded-proto'])].map((value) => value?.toLowerCase()).find(
    (value) => value === 'https' || value === 'http'
  )
  const authority = [told.get('host'), lastOf(headers['x-forwarded-host'])].find(
    (value) => value !== undefined && AUTHORITY.test(value)
  )
  return `${scheme ?? 'http'}://${authority ?? host}`
}

/** The element of a list that the proxy next to us has added. A comma within quotes separates nothing. */
function lastOf (list: string | string[] | undefined): string | undefined {
  const text = Array.isArray(list) ? list.join(',') : list
  return text?.match(/(?:[^,"]|"(?:[^"\\]|\\.)*")+/g)?.at(-1)?.trim()
}

/** The pairs of one forwarded-element; names in lower case. */
function parameters (element: string | undefined): ReadonlyMap<string, string> {
  const pairs = element?.match(/[^;="\s]+=(?:"(?:[^"\\]|\\.)*"|[^;"\s]+)/g) ?? []
  return new Map(pairs.map((pair) => {
    const at = pair.indexOf('=')
    return [pair.slice(0, at).toLowerCase(), pair.slice(at + 1).replace(/^"(.*)"$/, '$1').replaceAll(/\\(.)/g, '$1')]
  }))
}
