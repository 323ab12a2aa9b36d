import type { ProxyState } from '../proxy/events.ts'

/** Why no request should be sent here now. */
export type UnreadyReason =
  | 'starting' // the listener does not accept yet
  | 'draining' // shutting down: what is in flight is finished, nothing new is admitted
  | 'wedged' // requests wait, none is at Twilio, and nothing has moved for a while

/** All reasons that hold; ready when there is none. Twilio's own health is none of them. */
export function unreadyReasons (ready: boolean, state: ProxyState): UnreadyReason[] {
  const reasons: UnreadyReason[] = []
  // What is draining has started; saying both would mislead.
  if (state.draining()) reasons.push('draining')
  else if (!ready) reasons.push('starting')
  if (state.wedged()) reasons.push('wedged')
  return reasons
}
