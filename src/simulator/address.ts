/** Which Twilio host and path a request means. */
import type { Product } from '../twilio/types.ts'

export interface Address {
  /** First label of the host: `api`, `verify`. */
  readonly product: Product
  /** As Twilio's own links spell it: `verify.twilio.com`. */
  readonly host: string
  readonly region: string
  /** Without the host prefix and the query. */
  readonly path: string
  /** Without the question mark. */
  readonly query: string
}

const SUFFIX = '.twilio.com'
const PRODUCT = /^[a-z][a-z-]*$/
const VERSION = /^(v\d+|2010-04-01)$/

/**
 * The product is that of the Host header; else of a first path segment that is a Twilio host, or a product name
 * before a version (`/verify/v2/…`); else api.
 */
export function addressOf (hostHeader: string, url: string): Address {
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const query = mark < 0 ? '' : url.slice(mark + 1)
  const named = hostHeader.toLowerCase().replace(/:\d+$/, '')
  if (named.endsWith(SUFFIX)) return { ...hostParts(named), path, query }
  const [, first = '', second = ''] = path.split('/', 3)
  const rest = path.slice(first.length + 1)
  if (first.endsWith(SUFFIX)) return { ...hostParts(first), path: rest === '' ? '/' : rest, query }
  if (PRODUCT.test(first) && VERSION.test(second)) return { ...hostParts(first + SUFFIX), path: rest, query }
  return { ...hostParts(`api${SUFFIX}`), path, query }
}

function hostParts (host: string): Pick<Address, 'product' | 'host' | 'region'> {
  const labels = host.slice(0, -SUFFIX.length).split('.')
  return { product: labels[0] ?? 'api', host, region: labels.length > 1 ? labels.at(-1) ?? 'us1' : 'us1' }
}
