import { memoised } from '../policy/counts/memo.ts'
import { PRODUCTS } from './products.ts'
import type { Product } from './types.ts'

export interface TwilioHost {
  /** Lower case, without port or trailing dot. */
  readonly host: string
  readonly product: Product
  /** Such as `ie1`; undefined when the name has none, which Twilio takes for us1. */
  readonly region: string | undefined
}

/** Products that have no host without a region. */
const HOME_REGION: ReadonlyMap<Product, string> = new Map([['mcs', 'us1']])

/** Twilio's API hosts, as far as they are known. */
export interface Hosts {
  readonly products: ReadonlySet<Product>
  /**
   * Reads `{product}.twilio.com`, `{product}.{region}.twilio.com` and `{product}.{edge}.{region}.twilio.com`, in any
   * case, with or without `:443`, `:80` and the trailing dot of an absolute name. Undefined for every other text.
   */
  readonly parse: (name: string) => TwilioHost | undefined
  /** The host that serves a product when no region is asked for. Product names are lower case. */
  readonly ofProduct: (product: Product) => TwilioHost | undefined
}

/**
 * @param extra further hosts: first labels (`newproduct`), for which every place of them is known, and whole names
 * under twilio.com (`newproduct.us1.twilio.com`), for which only that one is
 */
export function createHosts (extra: readonly string[]): Hosts {
  const names = extra.map((name) => name.toLowerCase())
  const labels = new Set([...PRODUCTS, ...names.filter((name) => !name.includes('.'))])
  const whole = new Map(names.filter((name) => name.includes('.')).map((name) => [name, hostNamed(name)]))
  const byProduct = new Map([...whole.values()].map((host) => [host.product, host]))
  for (const label of labels) {
    byProduct.set(
      label,
      hostNamed([label, HOME_REGION.get(label), 'twilio.com'].filter(Boolean).join('.'))
    )
  }

  function parse (name: string): TwilioHost | undefined {
    const host = nameOf(name)
    if (host === undefined) return undefined
    const exact = whole.get(host)
    if (exact !== undefined) return exact
    const [product = '', ...place] = labelsOf(host)
    return labels.has(product) && placeOf(place) ? hostNamed(host) : undefined
  }
  return {
    products: new Set(byProduct.keys()),
    parse: memoised(256, 128, parse),
    ofProduct: (product) => byProduct.get(product)
  }
}

/** The first label of a name under twilio.com that has the form of an API host, whether or not anybody knows it. */
export function labelOfHost (name: string): string | undefined {
  const host = nameOf(name)
  const [product = '', ...place] = host === undefined ? [] : labelsOf(host)
  return EDGE.test(product) && placeOf(place) ? product : undefined
}

const MAX_NAME_LENGTH = 128
const DOMAIN = '.twilio.com'
// Only ASCII may be lower-cased: some other letters would turn into ASCII ones (the Kelvin sign into k).
const NAME = /^[a-z0-9.-]+(?::(?:443|80))?$/i
const REGION = /^[a-z]{2}[0-9]{1,2}$/
const EDGE = /^[a-z][a-z0-9-]{0,61}[a-z0-9]$/

/** A name under twilio.com, lower case, without port and trailing dot. */
function nameOf (name: string): string | undefined {
  if (name.length > MAX_NAME_LENGTH || !NAME.test(name)) return undefined
  const colon = name.indexOf(':')
  const host = (colon === -1 ? name : name.slice(0, colon)).toLowerCase()
  const relative = host.endsWith('.') ? host.slice(0, -1) : host
  return relative.endsWith(DOMAIN) ? relative : undefined
}

const labelsOf = (host: string): string[] => host.slice(0, -DOMAIN.length).split('.')

/** Nothing, a region, or an edge and a region. */
function placeOf (labels: readonly string[]): boolean {
  const [region, edge, ...more] = [...labels].reverse()
  return more.length === 0 && (region === undefined || REGION.test(region)) && (edge === undefined || EDGE.test(edge))
}

function hostNamed (host: string): TwilioHost {
  const [product = '', ...place] = labelsOf(host)
  const region = place.at(-1)
  return { host, product, region: region !== undefined && REGION.test(region) ? region : undefined }
}

/** The hosts that this version knows by itself. */
export const KNOWN_HOSTS = createHosts([])
export const parseTwilioHost = KNOWN_HOSTS.parse
