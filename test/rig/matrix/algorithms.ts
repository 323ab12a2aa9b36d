import type { Feedback, Limit } from '../../../src/policy/limit/limit.ts'
import { shipped } from '../model/model.ts'
import { createFollowing } from '../peers/fixed.ts'
import { peers } from '../peers/list.ts'
import type { Peer, PeerLimit, RetryRule } from '../peers/peer.ts'

/** A row of the tables. */
export interface Algorithm {
  readonly name: string
  /** Whether it looks at the concurrency that the account reports. */
  readonly reads: boolean
  /** `told` is this sender's part of the ceiling at the moment. */
  readonly createLimit: (told: () => number, seed: number) => PeerLimit
  readonly retry?: RetryRule | undefined
}

/** The same limit when the account reports nothing. */
function blind (limit: Limit): Limit {
  const nothing: Feedback = { concurrency: undefined, durationMs: undefined }
  return {
    ...limit,
    admitted: (ticket, _feedback, nowMs) => limit.admitted(ticket, nothing, nowMs),
    refused: (ticket, _feedback, nowMs) => limit.refused(ticket, nothing, nowMs)
  }
}

/** A peer that is told the ceiling is told of its changes as well. */
function rowOf ({ name, createLimit, ofCeiling, retry }: Peer): Algorithm {
  return {
    name,
    reads: false,
    createLimit: (told, seed) => ofCeiling === undefined ? createLimit(told(), seed) : createFollowing(() => ofCeiling * told()),
    retry
  }
}

const [told, ...others] = peers.map(rowOf) as [Algorithm, ...Algorithm[]]

/** It knows what nobody can know: the yardstick of all others, though no upper bound. */
export const oracle: Algorithm = { ...told, reads: true }

export const algorithms: readonly Algorithm[] = [
  oracle,
  { name: 'Ceiling', reads: true, createLimit: () => shipped() },
  { name: 'Ceiling, blind', reads: true, createLimit: () => blind(shipped()) },
  ...others
]
