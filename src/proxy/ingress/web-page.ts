import type { IncomingHttpHeaders } from 'node:http'

/**
 * The header by which a browser says that a page of another site sent the request; undefined if none does. Only
 * browsers send these headers, and no page can leave them out. `isOwn` says whether an Origin is allowed. An `Origin`
 * decides alone: an allowed page may be of another site.
 */
export function foreignPage (
  { origin, 'sec-fetch-site': site }: IncomingHttpHeaders,
  isOwn: (origin: string) => boolean
): 'Origin' | 'Sec-Fetch-Site' | undefined {
  if (origin !== undefined) return isOwn(origin) ? undefined : 'Origin'
  // `none` is an address that somebody has typed. Node's own fetch sends Sec-Fetch-Mode, and no Sec-Fetch-Site.
  return site === undefined || site === 'same-origin' || site === 'none' ? undefined : 'Sec-Fetch-Site'
}
