import { createRouteState, type RouteState } from './route-pace.ts'

/** Routes remembered for an account; the one unused for longest gives way. */
const ROUTES_MOST = 256

export interface RouteTable {
  readonly routes: Map<string, RouteState>
  /** Those that have refused so much of late that it may be their own doing. */
  readonly suspects: Set<RouteState>
}

export const createRouteTable = (): RouteTable => ({ routes: new Map(), suspects: new Set() })

/** What is known of a route, from its first request on. */
export function routeOf ({ routes, suspects }: RouteTable, route: string, nowMs: number): RouteState {
  let state = routes.get(route)
  if (state !== undefined) return state
  if (routes.size >= ROUTES_MOST) {
    let oldest: RouteState | undefined
    for (const candidate of routes.values()) {
      if (oldest === undefined || candidate.seenAtMs < oldest.seenAtMs) oldest = candidate
    }
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
