/**
 * A limit that also knows what Twilio says of its routes: an announced limit sets a route's pace before refusals have
 * to (announced-pace.ts), and a wait that is asked for holds the route. It stands around any limit, which judges whose
 * a refusal was wherever what Twilio says of the route does not settle it.
 */
import {
  announcedPerSecond,
  announcedSuccess,
  contradict,
  createAnnouncedPace,
  hear,
  isAnnounced,
  isContradicted,
  nothingLeft,
  ranOver,
  takeAnnouncedTurn,
  type AnnouncedPace
} from './announced-pace.ts'
import type { Feedback, Limit, LimitReason, PacedRoute, Refusal, Ticket } from '../limit/limit.ts'
import { createRouteHold, holdFor, holdUntil, noteAnswer, slowDown, type RouteHold } from './route-hold.ts'
import { longestUnused, ROUTES_MOST } from './route-table.ts'

interface Route extends AnnouncedPace, RouteHold {}

const ROUTE: Refusal = { by: 'route', reason: 'route', holds: false }

export function withRouteLimits (inner: Limit): Limit {
  const routes = new Map<string, Route>()

  function routeOf (name: string, nowMs: number): Route {
    let route = routes.get(name)
    if (route !== undefined) return route
    if (routes.size >= ROUTES_MOST) routes.delete(longestUnused(routes.values()))
    route = { ...createAnnouncedPace(name, nowMs), ...createRouteHold() }
    routes.set(name, route)
    return route
  }

  /** The inner limit's own pace counts where nothing is announced, and where refusals contradict what is. */
  const usesInner = (route: Route | undefined): boolean =>
    route === undefined || !isAnnounced(route) || isContradicted(route)

  function pacePerSecond (name: string): number {
    const route = routes.get(name)
    const announced = route === undefined ? 0 : announcedPerSecond(route)
    const learnt = usesInner(route) ? inner.pacePerSecond(name) : 0
    return announced === 0 || learnt === 0 ? announced + learnt : Math.min(announced, learnt)
  }

  function readyAtMs (name: string): number {
    const route = routes.get(name)
    const learntAtMs = usesInner(route) ? inner.readyAtMs(name) : 0
    if (route === undefined) return learntAtMs
    return Math.max(route.heldUntilMs, isAnnounced(route) ? route.nextAtMs : 0, learntAtMs)
  }

  function start (name: string, inflight: number, held: number, nowMs: number): Ticket {
    const route = routeOf(name, nowMs)
    const ticket = inner.start(name, inflight, held, nowMs)
    const paced = takeAnnouncedTurn(route, nowMs) || (ticket.paced && usesInner(route))
    return paced === ticket.paced ? ticket : { ...ticket, paced }
  }

  function heard (route: Route, { routeLimit }: Feedback, { sentAtMs }: Ticket, nowMs: number): void {
    if (routeLimit !== undefined) hear(route, routeLimit, sentAtMs, nowMs)
  }

  function admitted (ticket: Ticket, feedback: Feedback, nowMs: number): LimitReason {
    const route = routeOf(ticket.route, nowMs)
    const { routeLimit } = feedback
    noteAnswer(route, false)
    heard(route, feedback, ticket, nowMs)
    announcedSuccess(route, routeLimit !== undefined, nowMs)
    if (routeLimit?.remaining === undefined || routeLimit.remaining >= 1) route.zeros = 0
    else if (isAnnounced(route)) holdUntil(route, nothingLeft(route, ticket.sentAtMs, ticket.paced, nowMs))
    if (feedback.reachedRouteLimit === true) slowDown(route, nowMs)
    return inner.admitted(ticket, feedback, nowMs)
  }

  function refused (ticket: Ticket, feedback: Feedback, nowMs: number): Refusal {
    const route = routeOf(ticket.route, nowMs)
    noteAnswer(route, true)
    heard(route, feedback, ticket, nowMs)
    const ceiling = inner.ceiling()
    const atCeiling = feedback.concurrency !== undefined && ceiling !== null && feedback.concurrency >= ceiling
    const refusal = atCeiling || !isOwn(route, ticket, feedback)
      ? inner.refused(ticket, feedback, nowMs)
      : learnFrom(route, ticket, feedback, nowMs)
    if (feedback.routeLimit !== undefined) route.toldOnRefusal = true
    if (refusal.by === 'route' && !refusal.holds) obey(route, ticket, feedback, saysSo(feedback), nowMs)
    return refusal
  }

  function routeRefused (ticket: Ticket, feedback: Feedback, nowMs: number): Refusal {
    const route = routeOf(ticket.route, nowMs)
    noteAnswer(route, true)
    heard(route, feedback, ticket, nowMs)
    const refusal = learnFrom(route, ticket, feedback, nowMs)
    obey(route, ticket, feedback, true, nowMs)
    return refusal
  }

  /** What was to be expected from the announcement says nothing of the pace that the route would accept. */
  function learnFrom (route: Route, ticket: Ticket, feedback: Feedback, nowMs: number): Refusal {
    return ranOver(route, ticket.sentAtMs) ? ROUTE : inner.routeRefused(ticket, feedback, nowMs)
  }

  function pacedRoutes (nowMs?: number): PacedRoute[] {
    const paced = new Map(inner.pacedRoutes(nowMs).map((route) => [route.route, route]))
    for (const route of routes.values()) {
      const name = route.route
      const isHeld = nowMs !== undefined && route.askedUntilMs > nowMs
      const source = isHeld ? 'retry_after' : isContradicted(route) ? 'refusals' : 'announced'
      if (isHeld || isAnnounced(route)) paced.set(name, { route: name, perSecond: pacePerSecond(name), source })
    }
    return [...paced.values()]
  }

  return { ...inner, readyAtMs, pacePerSecond, start, admitted, refused, routeRefused, pacedRoutes }
}

/** Does what Twilio says of the route show that the refusal is the route's own? */
function isOwn (route: Route, { sentAtMs }: Ticket, feedback: Feedback): boolean {
  if (saysSo(feedback)) return true
  return feedback.routeLimit?.remaining === undefined && !route.toldOnRefusal && ranOver(route, sentAtMs)
}

function saysSo ({ routeLimit, reachedRouteLimit }: Feedback): boolean {
  return reachedRouteLimit === true || (routeLimit?.remaining !== undefined && routeLimit.remaining < 1)
}

/** After a refusal that is the route's own. */
function obey (route: Route, { sentAtMs }: Ticket, { retryAfterMs }: Feedback, sure: boolean, nowMs: number): void {
  contradict(route, sentAtMs, sure, nowMs)
  if (retryAfterMs !== undefined) holdFor(route, retryAfterMs, nowMs)
}
