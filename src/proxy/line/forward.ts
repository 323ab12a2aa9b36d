import type { Clock } from '../ports/clock.ts'
import type { Exchange } from '../exchange-state.ts'
import { Attempt } from '../forward/attempt.ts'
import { withCallbackOverrides } from '../forward/callback-body.ts'
import { upstreamHeaders } from '../forward/headers.ts'
import type { Upstreams } from '../forward/upstreams.ts'

/** What sends an attempt. */
export interface Sending {
  readonly upstreams: Pick<Upstreams, 'for' | 'bodyTimeoutMs'>
  /** Added to callback URLs that have no connection overrides; undefined where there are none to add. */
  readonly callbackFragment: string | undefined
  readonly clock: Clock
  /** Notices that this process was stopped: before a connection is taken, and before a time is measured. */
  readonly awake: () => void
}

/** Starts one attempt. `onSent` is called when its first byte goes out. */
export function forward (exchange: Exchange, line: Sending, onSent: (() => void) | undefined): Attempt {
  const { identity } = exchange
  exchange.attempts++
  line.awake()
  return new Attempt({
    dispatcher: line.upstreams.for(identity.upstream.host),
    method: identity.method,
    path: identity.path,
    headers: upstreamHeaders(identity.rawHeaders, identity.upstream.host, {
      etag: exchange.cached?.etag,
      authorization: exchange.credential?.authorization
    }),
    body: withCallbackOverrides(exchange, line.callbackFragment),
    unreadMs: line.upstreams.bodyTimeoutMs,
    onSent
  }, line.clock)
}
