/**
 * No limit, with the proxy's retries. Source: what most applications do. A 429 moves nothing: the request waits
 * (full jitter, doubling) and comes again until its deadline.
 */
import type { Peer } from './peer.ts'
import { UNLIMITED, windowLimit } from './window.ts'

export const unlimited: Peer = { name: 'unlimited', createLimit: () => windowLimit({ algorithm: 'unlimited', slots: () => UNLIMITED }) }
