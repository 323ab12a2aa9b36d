/** NO_PROXY has no standard: how each client reads it, as its own code has it. */
import { BlockList, isIP } from 'node:net'

/** The entries of a list by which a URL bypasses the proxy; none if it takes the proxy. */
export type Excludes = (list: string, url: URL) => readonly string[]

const entriesOf = (list: string, separator: RegExp): readonly string[] =>
  list.split(separator).map((entry) => entry.trim()).filter((entry) => entry !== '')
const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '')
const portOf = (url: URL): number => Number(url.port) || (url.protocol === 'https:' ? 443 : 80)
/** Is it the domain, or a name below it? */
const isWithin = (host: string, domain: string): boolean => host === domain || host.endsWith(`.${domain}`)
const withoutDot = (entry: string): string => entry.replace(/^\.+/, '')

export const EXCLUDED_BY = {
  none: () => [],

  /**
   * requests compares endings with no regard to dots, in the case as written; urllib behind it knows domains, and `*`
   * alone.
   */
  requests: (list, url) => {
    const host = hostOf(url)
    const hostAndPort = url.port === '' ? host : `${host}:${url.port}`
    if (list === '*') return ['*']
    return entriesOf(list, /,/).filter((entry) => {
      const ending = isIP(host) === 4 ? inNetwork(host, entry) : host.endsWith(entry) || hostAndPort.endsWith(entry)
      return ending || isWithin(host, withoutDot(entry).toLowerCase())
    })
  },

  /**
   * A domain means itself and what is below; with a dot in front only what is below. Ports and CIDR count. Loopback is
   * never sent to a proxy.
   */
  go: (list, url) => {
    const host = hostOf(url)
    if (host === 'localhost' || host.startsWith('127.') || host === '::1') return [host]
    const entries = entriesOf(list.toLowerCase(), /,/)
    if (entries.includes('*')) return ['*']
    return entries.filter((entry) => {
      if (inNetwork(host, entry)) return true
      const [, name = entry, port] = /^\[?([^\]]*?)\]?:(\d+)$/.exec(isIP(entry) === 6 ? '' : entry) ?? []
      if (port !== undefined && Number(port) !== portOf(url)) return false
      const domain = name.replace(/^\*\./, '.')
      return domain.startsWith('.') ? host.endsWith(domain) : isWithin(host, domain)
    })
  },

  /**
   * Domains with or without a dot in front, and what is below them. An entry with a port never matches; `*` only alone.
   * CIDR since 7.86.
   */
  curl: (list, url) => {
    const host = hostOf(url)
    if (list === '*') return ['*']
    return entriesOf(list, /[,\s]+/).filter((entry) => isIP(host) === 0
      ? isWithin(host, entry.replace(/^\./, '').replace(/\.$/, '').toLowerCase())
      : inNetwork(host, entry))
  },

  /**
   * As Go, with no `*` and no `*.`; an entry with a dot in front does not mean the domain itself. Loopback is never
   * sent to a proxy.
   */
  ruby: (list, url) => {
    const host = hostOf(url)
    if (host === 'localhost' || host.startsWith('127.') || host === '::1') return [host]
    return [...list.matchAll(/([^:,\s]+)(?::(\d+))?/g)].flatMap(([entry, name = '', port]) => {
      if (port !== undefined && Number(port) !== portOf(url)) return []
      const domain = name.toLowerCase()
      const meant = domain.startsWith('.') ? host.endsWith(domain) : isWithin(host, domain)
      return meant || inNetwork(host, name) ? [entry] : []
    })
  },

  /** A name means itself alone; with a dot in front also what is below. Neither `*` nor ports nor CIDR. */
  dotnet: (list, url) => entriesOf(list.toLowerCase(), /,/).filter((entry) => entry.startsWith('.')
    ? isWithin(hostOf(url), entry.slice(1))
    : entry === hostOf(url)),

  /** `http.nonProxyHosts`: `|` between, `*` at either end. */
  jvm: (list, url) => entriesOf(list, /\|/).filter((entry) => {
    const [, before, name = '', after] = /^(\*?)(.*?)(\*?)$/.exec(entry.toLowerCase()) ?? []
    const host = hostOf(url)
    if (before === '') return after === '' ? host === name : host.startsWith(name)
    return after === '' ? host.endsWith(name) : host.includes(name)
  })
} as const satisfies Readonly<Record<string, Excludes>>

function inNetwork (host: string, entry: string): boolean {
  const [network = '', bits = ''] = entry.split('/')
  const family = isIP(network)
  if (family === 0 || isIP(host) !== family) return false
  if (!entry.includes('/')) return host === network
  const most = family === 4 ? 32 : 128
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > most) return false
  const list = new BlockList()
  const name = family === 4 ? 'ipv4' : 'ipv6'
  list.addSubnet(network, Number(bits), name)
  return list.check(host, name)
}
