import { double, half, right } from './fixed.ts'
import type { Peer } from './peer.ts'

/** In the order of the tables; the first is the yardstick. */
export const peers: readonly [Peer, ...Peer[]] = [right, half, double]
