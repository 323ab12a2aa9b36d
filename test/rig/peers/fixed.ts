/**
 * A fixed limit: as many in flight as it is told, whatever the answers.
 *
 *     W = part × ceiling
 *
 * Source: common practice (maxConcurrent, a semaphore, a connection pool). Units: requests in flight. A 429 is
 * nothing to it: the request waits and comes again, and its slot is free meanwhile.
 */
import type { Peer, PeerLimit } from './peer.ts'
import { windowLimit } from './window.ts'

/** At most as many in flight as `slots` says at the moment; rounded down, at least 1. */
export const createFollowing = (slots: () => number): PeerLimit => windowLimit({ algorithm: 'fixed', slots })

const told = (name: string, ofCeiling: number): Peer =>
  ({ name, ofCeiling, createLimit: (ceilingSlots) => createFollowing(() => ofCeiling * ceilingSlots) })

export const right = told('fixed, told the ceiling (oracle)', 1)
export const half = told('fixed, half the ceiling', 0.5)
export const double = told('fixed, double the ceiling', 2)
