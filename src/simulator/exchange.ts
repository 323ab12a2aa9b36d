import { createHmac } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { Address } from './address.ts'
import { cdnReply, reset, send, sendHalf, sendSlowly, twilioHeaders, type HeaderFields } from './answer.ts'
import { paramsOf, type Call, type Reply } from './routes/call.ts'
import type { Delays } from './delays.ts'
import { identify } from './identity.ts'
import { errorAnswer, serverError, unauthorised, type Refusal } from './model/answers/errors.ts'
import { burstOf } from './model/rate-window.ts'
import { announces, type RateState } from './model/rates.ts'
import type { ErrorFamily, FaultRule } from './model/settings.ts'
import type { Refused, Ticket, World } from './model/world.ts'
import { carryOut } from './routes/routes.ts'
import { isTokenRequest } from './routes/routes-oauth.ts'
import { validate, type Signed } from './validation.ts'

/** A request as it left its socket. */
export interface Incoming extends Address, Signed {
  readonly authorization: string | undefined
  readonly contentType: string
}

export interface Surroundings {
  readonly delays: Delays
  readonly clock: () => number
  /** Keys the fingerprints of creates, so that they tell nothing of their content. */
  readonly fingerprintKey: Buffer
  /** Gets errors that should never have been thrown; the client gets a 500. */
  readonly report: (error: unknown) => void
}

/** One request's way: over the wire, judged, carried out in a slot, and back over the wire. */
export function exchange (
  incoming: Incoming,
  world: World,
  surroundings: Surroundings,
  response: ServerResponse
): void {
  const { delays, clock, report } = surroundings
  const account = identify(incoming.authorization, incoming.path, world.settings.keys) ??
    (isTokenRequest(incoming) ? 'AC00000000000000000000000000000000' : undefined)

  // Nothing is written for a client that has left.
  const sendBack = (run: () => void): void => delays.after(world.wireMs(), () => { if (!response.destroyed) run() })

  const headersFor = (concurrent: string | undefined, tookMs: number): HeaderFields => twilioHeaders(incoming, {
    concurrent,
    duration: world.settings.headers.duration ? (tookMs / 1000).toFixed(3) : undefined,
    requestId: `RQ${world.ids.hex(32)}`
  })
  const refuse = (error: Refusal, family: ErrorFamily, headers: HeaderFields): void =>
    sendBack(() => send(response, errorAnswer(error, family, incoming), headers, false))

  /** Answers that stand in for the real one. True when the fault has dealt with the request. */
  const failInstead = (fault: FaultRule): boolean => {
    switch (fault.kind) {
      case 'reset_before': case 'reset_after':
        sendBack(() => reset(response))
        return true
      case 'hang': return true
      case 'html_503':
        sendBack(() => send(response, cdnReply, {}, false))
        return true
      case 'json_500':
        refuse(serverError, 'auto', headersFor(undefined, 0))
        return true
      default: return false
    }
  }

  const answer = (reply: Reply, headers: HeaderFields, fault: FaultRule | undefined): void => {
    if (fault !== undefined && failInstead(fault)) return
    sendBack(() => {
      if (fault?.kind === 'slow_body') sendSlowly(response, reply, headers, fault, delays)
      else if (fault?.kind === 'truncated_body') sendHalf(response, reply, headers)
      else send(response, reply, headers, world.settings.media.chunked)
    })
  }

  // One request must not end the simulator, nor hold its slot for good.
  const attempt = (call: Call): Reply => {
    try {
      return carryOut(call)
    } catch (error) {
      report(error)
      return errorAnswer(serverError, 'auto', incoming)
    }
  }

  const finish = (ticket: Ticket): void => {
    const call: Call = {
      ...incoming,
      account: ticket.arrival.account,
      params: paramsOf(incoming.contentType, incoming.body),
      world
    }
    const reply = attempt(call)
    if (reply.created !== undefined) tally(call, reply.created, surroundings.fingerprintKey)
    const nowMs = clock()
    const concurrent = world.depart(ticket, nowMs)
    const absurd = ticket.fault?.kind === 'absurd_headers'
    const headers = headersFor(absurd ? world.absurdCount(ticket.fault.value) : concurrent, nowMs - ticket.admittedMs)
    if (absurd) headers['Twilio-Request-Duration'] = 'soon'
    answer(reply, { ...headers, ...rateHeaders(incoming.product, ticket.rate, false) }, ticket.fault)
  }

  const refuseBusy = ({ error, family, retryAfterS, delayMs, concurrent, rate }: Refused): void => {
    const headers = { ...headersFor(concurrent, delayMs), ...rateHeaders(incoming.product, rate, true) }
    if (retryAfterS !== undefined) headers['Retry-After'] = retryAfterS
    delays.after(delayMs, () => refuse(error, family, headers))
  }

  delays.after(world.wireMs(), () => {
    const unsigned = validate(incoming, world.settings.publicKeys, Date.now())
    if (account === undefined || unsigned !== undefined) {
      world.counters.unauthorised()
      refuse(
        account === undefined ? unauthorised : unsigned ?? unauthorised,
        'auto',
        { ...headersFor(undefined, 0), 'WWW-Authenticate': 'Basic realm="Twilio API"' }
      )
      return
    }
    const verdict = world.arrive(
      { method: incoming.method, product: incoming.product, path: incoming.path, query: incoming.query, account },
      clock()
    )
    switch (verdict.kind) {
      case 'failed': failInstead(verdict.fault); break
      case 'refused': refuseBusy(verdict); break
      case 'admitted': delays.after(verdict.ticket.serviceMs, () => finish(verdict.ticket))
    }
  })
}

// The body goes in unchanged: a copy sent again is the same to the byte.
function tally ({ world, path, host, body, params }: Call, kind: string, key: Buffer): void {
  world.contents.add(kind, fingerprint(key, `${host}${path}\n`, body))
  const text = params['Body']
  if (text !== undefined) world.bodies.add(kind, fingerprint(key, '', text))
}

export const fingerprint = (key: Buffer, prefix: string, content: string | Buffer): string =>
  createHmac('sha256', key).update(prefix).update(content).digest('base64').slice(0, 16)

function rateHeaders (product: string, state: RateState | undefined, refusal: boolean): HeaderFields {
  if (state === undefined || !announces(state.rule, product, refusal)) return {}
  const { rule, remaining } = state
  return {
    'X-Rate-Limit-Limit': String(rule.perSecond),
    'X-Rate-Limit-Remaining': String(remaining),
    'X-Rate-Limit-Config': (rule.window ?? 'bucket') === 'bucket'
      ? `${rule.perSecond} per second, burst ${burstOf(rule)}`
      : `${rule.perSecond}/s`
  }
}
