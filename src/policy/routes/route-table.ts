import { createRouteState, type RouteState } from './route-pace.ts'

/** Routes remembered for an account; the one unused for longest gives way. */
export const ROUTES_MOST = 256

export interface RouteTable {
  readonly routes: Map<string, RouteState>
  /** Routes that were throttled so much recently that it may be their own limit. */
  readonly suspects: Set<RouteState>
}

export const createRouteTable = (): RouteTable => ({ routes: new Map(), suspects: new Set() })

/** What is known of a route, from its first request on. */
export function routeOf ({ routes, suspects }: RouteTable, route: string, nowMs: number): RouteState {
  let state = routes.get(route)
  if (state !== undefined) return state
  if (routes.size >= ROUTES_MOST) {
    const oldest = routes.get(longestUnused(routes.values()))
    if (oldest !== undefined) {
      routes.delete(oldest.route)
      suspects.delete(oldest)
    }
  }
  state = createRouteState(route)
  state.seenAtMs = nowMs
  routes.set(route, state)
  return state
}

/** Of several routes, the name of the one that was seen least lately. */
export function longestUnused (routes: Iterable<{ readonly route: string, readonly seenAtMs: number }>): string {
  let oldest = { route: '', seenAtMs: Infinity }
  for (const candidate of routes) if (candidate.seenAtMs < oldest.seenAtMs) oldest = candidate
  return oldest.route
}
