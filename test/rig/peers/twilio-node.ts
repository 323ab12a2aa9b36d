/**
 * twilio-node with autoRetry: true. No limit; a retry rule alone.
 *
 *     wait = random × min(3000, 100 × 2^retry) ms, retry = 1, 2, 3
 *
 * so full jitter up to 200, 400 and 800 ms; then the 429 is the caller's. Source: twilio-node,
 * src/base/RequestClient.ts. Units: milliseconds. Left out: its agent opens 20 sockets at most, which would be a
 * fixed limit of 20 for each process.
 */
import type { Peer } from './peer.ts'
import { unlimited } from './unlimited.ts'

export const twilioNode: Peer = {
  name: 'twilio-node autoRetry',
  createLimit: unlimited.createLimit,
  retry: { most: 3, delayMs: (failures, chance) => chance * Math.min(3_000, 200 * 2 ** failures) }
}
