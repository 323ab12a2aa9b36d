import { aimd } from './aimd.ts'
import { awsAdaptive } from './aws-adaptive.ts'
import { double, half, right } from './fixed.ts'
import { gradient2 } from './gradient2.ts'
import type { Peer } from './peer.ts'
import { sreThrottle } from './sre-throttle.ts'
import { twilioNode } from './twilio-node.ts'
import { unlimited } from './unlimited.ts'
import { vectorArc } from './vector-arc.ts'
import { vegas } from './vegas.ts'

/** In the order of the tables; the first is the yardstick. */
export const peers: readonly [Peer, ...Peer[]] =
  [right, half, double, unlimited, twilioNode, aimd, vegas, gradient2, vectorArc, awsAdaptive, sreThrottle]
