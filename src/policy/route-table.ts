import { createRouteState, type RouteState } from './route-pace.ts'

/** Routes remembered for an account; the one unused for longest gives way. */
const ROUTES_MOST = 256

/** What is known of a route, from its first request on. */
export function routeOf (routes: Map<string, RouteState>, route: string, nowMs: number): RouteState {
  let state = routes.get(route)
  if (state !== undefined) return state
  if (routes.size >= ROUTES_MOST) {
    let oldest: RouteState | undefined
    for (const candidate of routes.values()) {
      if (oldest === undefined || candidate.seenAtMs < oldest.seenAtMs) oldest = candidate
    }
    if (oldest !== undefined) routes.delete(oldest.route)
  }
  state = createRouteState(route)
  state.seenAtMs = nowMs
  routes.set(route, state)
  return state
}
