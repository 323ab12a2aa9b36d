import { TRAFFIC_CLASSES, type Product, type TrafficClass } from './types.ts'

const CLASSES: ReadonlyMap<string, TrafficClass> = new Map(TRAFFIC_CLASSES.map((name) => [name, name]))

/** Reads a class as a caller writes it: in any case, with spaces around it. */
export const parseClass = (value: string): TrafficClass | undefined =>
  value.length > 32 ? undefined : CLASSES.get(value.trim().toLowerCase())

/** A call, or what is done to a call: somebody waits on the line. `Auth/Calls` under a SIP domain is a setting. */
const LIVE_CALL = /^\/20\d\d-\d\d-\d\d\/Accounts\/{}\/(?:Calls|Conferences\/{}\/Participants)(?:[./]|$)/

/**
 * The class of a request whose caller named none.
 *
 * @param method upper case
 * @param route a template as routeTemplate makes it
 */
export function classOf (method: string, product: Product, route: string): TrafficClass {
  if (method === 'DELETE' || product === 'bulkexports') return 'bulk'
  if (method === 'GET' || method === 'HEAD' || method === 'OPTIONS') return 'read'
  if (product === 'verify' || product === 'voice') return 'critical'
  return product === 'api' && LIVE_CALL.test(route) ? 'critical' : 'standard'
}
