import type { ProxyState } from '../proxy/ports/state.ts'

/** Why no request should be sent here now. */
export type UnreadyReason =
  | 'starting' // the listener does not accept yet
  | 'draining' // shutting down: what is in flight is finished, nothing new is admitted
  | 'wedged' // requests wait, none is at Twilio, and nothing has moved for a while

/** All reasons that hold; ready when there is none. Twilio's own health is none of them. */
export function unreadyReasons (ready: boolean, state: ProxyState): UnreadyReason[] {
  const reasons: UnreadyReason[] = []
  // A draining proxy has already started. To report both would mislead.
  if (state.draining()) reasons.push('draining')
  else if (!ready) reasons.push('starting')
  if (state.wedged()) reasons.push('wedged')
  return reasons
}

/** What stops some requests now, or will before long, while this proxy is ready. */
export type Warning =
  | 'authority_expires' // clients that come by CONNECT will trust it no more in less than 30 days
  | 'authority_expired' // they trust it no more
  | 'switch_on' // a kill switch stops some of it

/** The admin server warns of the authority's expiry from this long before its end, milliseconds. */
export const EXPIRES_SOON_MS = 30 * 86_400_000

/** `authorityExpiresAtMs`: since 1970; undefined without an authority. `switchesOn`: kill switches that are on. */
export function warnings (authorityExpiresAtMs: number | undefined, epochMs: number, switchesOn: number): Warning[] {
  const all: Warning[] = []
  if (authorityExpiresAtMs !== undefined && authorityExpiresAtMs - epochMs < EXPIRES_SOON_MS) {
    all.push(authorityExpiresAtMs > epochMs ? 'authority_expires' : 'authority_expired')
  }
  if (switchesOn > 0) all.push('switch_on')
  return all
}
