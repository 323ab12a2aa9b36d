/** Products that requests are matched by: those that have a host, and those that upstream.hosts adds. */
import { PRODUCTS } from '../../twilio/products.ts'
import type { Check } from './check.ts'
import { nearest } from '../suggest.ts'
import { placeIn, placesIn, type Place } from '../tree.ts'

/** Everywhere that a match stands. */
const MATCHED = [['pacing', 'rules'], ['guard', 'caps'], ['queue', 'classes'], ['coalesce', 'cache']] as const

export function productChecks (root: Place): readonly Check[] {
  const hosts = placeIn(placeIn(root, 'upstream'), 'hosts')
  const known = (): ReadonlySet<unknown> =>
    new Set([...PRODUCTS, ...placesIn(hosts).map(({ value }) => String(value).toLowerCase().split('.')[0])])
  return MATCHED.flatMap(([section, key]) => placesIn(placeIn(placeIn(root, section), key)))
    .flatMap((rule) => placesIn(placeIn(placeIn(rule, 'match'), 'products')))
    .map(({ steps, value }): Check => ({
      steps,
      reads: [steps, hosts.steps],
      fault: () => known().has(value) ? undefined : refusal(String(value))
    }))
}

function refusal (product: string): string {
  const meant = nearest(product, PRODUCTS)
  const advice = meant === undefined
    ? 'list a product that is newer than this version in upstream.hosts'
    : `did you mean ${meant}?`
  return `must be a product, the first label of its API host; ${advice}`
}
