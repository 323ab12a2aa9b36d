/**
 * Ceiling: a limit for a concurrency ceiling that nobody publishes. Here it is judged whose a refusal was, the
 * account's or a route's; the account's move the window (ceiling-window.ts), a route's its pace (route-pace.ts).
 */
import { createAccountLoad, highestAdmitted, observeLevel, saneLevel } from './account-load.ts'
import { createWindow, cut, grow, leap, lift, noteCeiling, type CeilingOptions } from './ceiling-window.ts'
import type { Feedback, Limit, LimitReason, Refusal, Ticket } from './limit.ts'
import {
  deservesPace,
  growPace,
  isMeasured,
  observeAnswer,
  pace,
  standsOut,
  takeTurn,
  type RouteState
} from '../routes/route-pace.ts'
import { createRouteTable, routeOf } from '../routes/route-table.ts'
import { noteRefusal, noteStart } from './suspicion.ts'

/** The window counts as full from this part of it on. */
const FULL = 0.9

const ROUTE: Refusal = { by: 'route', reason: 'route', holds: false }
/**
 * Only its level speaks for a route: after a fall of the ceiling the same is seen for a moment, and slots set free
 * would all be refused again at once.
 */
const ROUTE_PERHAPS: Refusal = { by: 'route', reason: 'route', holds: true }
const PACE: Refusal = { by: 'route', reason: 'pace', holds: false }
const CUT_MADE: Refusal = { by: 'account', reason: 'cut', holds: true }
const SAME_FLIGHT: Refusal = { by: 'account', reason: 'same_flight', holds: true }

export function createCeiling (options: CeilingOptions): Limit {
  const state = createWindow(options)
  const load = createAccountLoad()
  const table = createRouteTable()
  const { routes, suspects } = table
  let starts = 0
  const slots = (): number => Math.max(1, Math.round(state.window))

  function start (route: string, inflight: number, held: number, nowMs: number): Ticket {
    state.bornAtMs ??= nowMs
    const known = routeOf(table, route, nowMs)
    noteStart(known, ++starts)
    const paced = takeTurn(known, nowMs)
    const full = inflight + held >= FULL * slots()
    if (full) state.filledAtMs ??= nowMs
    return { route, sentAtMs: nowMs, inflight, full, paced }
  }

  function admitted (ticket: Ticket, feedback: Feedback, nowMs: number): LimitReason {
    const route = routeOf(table, ticket.route, nowMs)
    observeAnswer(route, suspects, false, nowMs)
    const level = saneLevel(load, feedback.concurrency, ticket.inflight)
    if (level !== undefined) {
      observeLevel(
        load,
        level,
        ticket.inflight,
        ticket.sentAtMs,
        nowMs - ticket.sentAtMs,
        feedback.durationMs,
        state.window
      )
    }
    const lifted = level !== undefined && lift(state, level, ticket.sentAtMs, nowMs)
    if (state.fresh) leap(state, load, options, ticket.sentAtMs)
    growPace(route, ticket.paced, nowMs)
    if (ticket.sentAtMs > state.cutAtMs) state.successSinceCut = true
    if (!ticket.full || ticket.paced) return lifted ? 'lift' : 'not_full'
    const reason = grow(state, load, options, ticket.sentAtMs, nowMs)
    return lifted ? 'lift' : reason
  }

  function refused (ticket: Ticket, feedback: Feedback, nowMs: number): Refusal {
    const route = routeOf(table, ticket.route, nowMs)
    observeAnswer(route, suspects, true, nowMs)
    const level = saneLevel(load, feedback.concurrency, ticket.inflight)
    if (route.perSecond > 0 && (level === undefined || state.ceiling === null || level < state.ceiling)) {
      return paceIfDeserved(route, ticket, nowMs)
    }
    if (route.perSecond === 0 && standsOut(route, level === undefined)) return paceOnceMeasured(route, nowMs)
    // The account's refusals fall on all routes alike; so many on this one do not.
    if (noteRefusal(route, routes.values(), starts)) return paceIfDeserved(route, ticket, nowMs)
    // Refused below a level at which others were admitted a moment ago: not the account's doing.
    if (level !== undefined && level < highestAdmitted(load, nowMs)) {
      const refusal = paceIfDeserved(route, ticket, nowMs)
      return refusal === ROUTE ? ROUTE_PERHAPS : refusal
    }
    noteCeiling(state, load, level, ticket.sentAtMs, nowMs)
    if (ticket.sentAtMs <= state.cutAtMs) return SAME_FLIGHT
    cut(state, load, options, nowMs)
    return CUT_MADE
  }

  function routeRefused (ticket: Ticket, _feedback: Feedback, nowMs: number): Refusal {
    const route = routeOf(table, ticket.route, nowMs)
    observeAnswer(route, suspects, true, nowMs)
    if (route.perSecond === 0 && standsOut(route, true)) return paceOnceMeasured(route, nowMs)
    return paceIfDeserved(route, ticket, nowMs)
  }

  return {
    algorithm: 'ceiling',
    slots,
    readyAtMs: (route) => {
      const known = routes.get(route)
      return known === undefined || known.perSecond === 0 ? 0 : known.nextAtMs
    },
    pacePerSecond: (route) => routes.get(route)?.perSecond ?? 0,
    start,
    admitted,
    refused,
    routeRefused,
    settled: () => !state.ramping && state.window >= state.peak / 2,
    ceiling: () => state.ceiling,
    pacedRoutes: () => [...routes.values()]
      .filter((route) => route.perSecond > 0)
      .map(({ route, perSecond }) => ({ route, perSecond, source: 'refusals' }))
  }
}

function paceOnceMeasured (route: RouteState, nowMs: number): Refusal {
  if (!isMeasured(route, nowMs)) return ROUTE
  pace(route, nowMs)
  return PACE
}

function paceIfDeserved (route: RouteState, ticket: Ticket, nowMs: number): Refusal {
  if (!deservesPace(route, ticket.sentAtMs, nowMs)) return ROUTE
  pace(route, nowMs)
  return PACE
}
