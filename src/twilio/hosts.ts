import { memoised } from './memo.ts'
import type { Product } from './types.ts'

/**
 * First labels of Twilio's API hosts: the ones Twilio's SDKs use, then the ones that are only documented.
 * https://github.com/twilio/twilio-node/tree/main/src/rest, https://github.com/twilio/twilio-oai
 */
export const PRODUCTS: readonly Product[] = [
  'accounts', 'api', 'assistants', 'bulkexports', 'chat', 'content', 'conversations', 'events', 'flex-api',
  'frontline-api', 'iam', 'insights', 'intelligence', 'ip-messaging', 'knowledge', 'lookups', 'marketplace',
  'memory', 'messaging', 'monitor', 'notify', 'numbers', 'oauth', 'preview', 'preview-iam', 'pricing', 'proxy',
  'routes', 'serverless', 'studio', 'supersim', 'sync', 'taskrouter', 'trunking', 'trusthub', 'verify', 'video',
  'voice', 'wireless',
  'comms', 'mcs', 'serverless-upload', 'lookups-upload', 'handler', 'tls-test'
]

export interface TwilioHost {
  /** Lower case, without port or trailing dot. */
  readonly host: string
  readonly product: Product
  /** Such as `ie1`; undefined when the name has none, which Twilio takes for us1. */
  readonly region: string | undefined
}

/** Products that have no host without a region. */
const HOME_REGION: ReadonlyMap<Product, string> = new Map([['mcs', 'us1']])

const BY_PRODUCT: ReadonlyMap<string, TwilioHost> = new Map(PRODUCTS.map((product) => {
  const region = HOME_REGION.get(product)
  return [product, { host: [product, region, 'twilio', 'com'].filter(Boolean).join('.'), product, region }]
}))

/** The host that serves a product when no region is asked for. Product names are lower case. */
export const hostOfProduct = (product: string): TwilioHost | undefined => BY_PRODUCT.get(product)

/**
 * Reads `{product}.twilio.com`, `{product}.{region}.twilio.com` and `{product}.{edge}.{region}.twilio.com`, in any
 * case, with or without `:443`, `:80` and the trailing dot of an absolute name. Undefined for every other text.
 */
export const parseTwilioHost: (name: string) => TwilioHost | undefined = memoised(256, 128, parse)

const MAX_NAME_LENGTH = 128
const DOMAIN = '.twilio.com'
// Only ASCII may be lower-cased: some other letters would turn into ASCII ones (the Kelvin sign into k).
const NAME = /^[a-z0-9.-]+(?::(?:443|80))?$/i
const REGION = /^[a-z]{2}[0-9]{1,2}$/
const EDGE = /^[a-z][a-z0-9-]{0,61}[a-z0-9]$/

function parse (name: string): TwilioHost | undefined {
  if (name.length > MAX_NAME_LENGTH || !NAME.test(name)) return undefined
  const colon = name.indexOf(':')
  let host = (colon === -1 ? name : name.slice(0, colon)).toLowerCase()
  if (host.endsWith('.')) host = host.slice(0, -1)
  if (!host.endsWith(DOMAIN)) return undefined
  const [product = '', ...place] = host.slice(0, -DOMAIN.length).split('.')
  if (!BY_PRODUCT.has(product) || place.length > 2) return undefined
  const region = place.pop()
  const edge = place.pop()
  if (region !== undefined && !REGION.test(region)) return undefined
  if (edge !== undefined && !EDGE.test(edge)) return undefined
  return { host, product, region }
}
