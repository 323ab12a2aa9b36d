/** A request that is stored for later, and the exchange it becomes then. */
import type { Accounts } from '../gate/accounts.ts'
import type { Credentials } from '../gate/credentials.ts'
import { Exchange, type Identity } from '../exchange-state.ts'
import { upstreamHeaders } from '../forward/headers.ts'
import type { Answer } from '../reply/answers.ts'

/** All that is needed to send a request without a body as its client would have sent it. */
export interface StoredRequest {
  readonly method: string
  readonly upstream: Identity['upstream']
  readonly path: string
  readonly route: string
  readonly caller: string
  readonly authorization: string | undefined
  /** Key of the account whose credential the proxy holds; absent where the client sent its own. */
  readonly brokeredFor?: string | undefined
  /** Names and values in turn, without those that belonged to the connection or to the proxy. */
  readonly rawHeaders: readonly string[]
}

/** A stored request on its way along the line. */
export interface Rerun {
  readonly exchange: Exchange
  readonly answer: Promise<Answer>
}

/** When an attempt may start at the latest, and when all of it has to be over, milliseconds from now. */
export interface RerunTimes {
  readonly startMs: number
  readonly endMs: number
}

/** Where what was stored comes from, for those whose credentials Twilio does not know. */
const STORED = 'stored'

export type RunAgain = (request: StoredRequest, times: RerunTimes) => Rerun

export function toStore ({ identity }: Exchange): StoredRequest {
  const { method, upstream, path, route, caller, authorization, brokered, account, rawHeaders } = identity
  const kept: string[] = []
  const headers = upstreamHeaders(rawHeaders, upstream.host)
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const [name = '', value = ''] = [headers[i], headers[i + 1]]
    const lower = name.toLowerCase()
    // Its runner waits for its answer. A token of ours is not stored: it may be revoked, and the job goes on.
    if (lower !== 'prefer' && !(brokered === true && lower === 'authorization')) kept.push(name, value)
  }
  const request = { method, upstream, path, route, caller, authorization, rawHeaders: kept }
  return brokered === true ? { ...request, brokeredFor: account.key } : request
}

/** What was stored, as an exchange of class bulk. */
export function fromStore (
  request: StoredRequest,
  order: number,
  nowMs: number,
  { startMs, endMs }: RerunTimes,
  accounts: Accounts,
  credentials: Credentials
): Exchange {
  const { method, upstream, path, route, caller, authorization, brokeredFor, rawHeaders } = request
  const account = brokeredFor === undefined
    ? accounts.of(authorization, path, upstream.region)
    : accounts.withKey(brokeredFor)
  return new Exchange({
    order,
    method,
    upstream,
    path,
    route,
    class: 'bulk',
    account,
    caller,
    authorization,
    brokered: brokeredFor !== undefined,
    ...brokeredFor !== undefined
      ? {}
      : { bearer: { credential: credentials.nameOf(authorization, account.key), address: STORED } },
    allowsDuplicate: false,
    rawHeaders,
    pageBase: undefined,
    deadlineMs: nowMs + endMs,
    latestStartMs: nowMs + startMs
  })
}
