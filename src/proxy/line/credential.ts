/** The proxy's own credential on the way of an exchange. */
import { AccessError } from '../errors.ts'
import type { Exchange } from '../exchange-state.ts'
import { refuseIfOver } from '../gate/waiting.ts'
import type { Broker } from '../ports/access.ts'

const NONE: ReadonlySet<string> = new Set()

/**
 * Gives the exchange the credential of its next attempt, if it is to have one of the proxy's. Returns what it has to
 * wait for first, without a permit.
 * @throws AccessError when there is none that can be used
 */
export function takeCredential (exchange: Exchange, broker: Broker | undefined): Promise<void> | undefined {
  if (exchange.identity.brokered !== true || exchange.credential !== undefined) return undefined
  const choice = broker?.choose(exchange, exchange.refusedCredentials ?? NONE)
  if (choice === undefined) throw new AccessError('no_credential', 0)
  if ('ready' in choice) return choice.ready
  if ('none' in choice) throw new AccessError(choice.none, choice.retryAfterMs)
  exchange.credential = choice.credential
  return undefined
}

/** Waits for what is to be ready, or throws when the exchange is interrupted or taken out meanwhile. */
export async function untilReady (exchange: Exchange, ready: Promise<void>): Promise<void> {
  try {
    await Promise.race([ready, new Promise<void>((resolve, reject) => {
      exchange.onInterrupt(() => { resolve() })
      exchange.leaveWait = reject
    })])
  } finally {
    exchange.onInterrupt(undefined)
    exchange.leaveWait = undefined
  }
  refuseIfOver(exchange)
}

/**
 * Twilio has answered, or its connection has ended (status 0). True when it refused the proxy's credential, once, and
 * another is to be tried: it did not look at the request.
 */
export function credentialJudged (exchange: Exchange, status: number, broker: Broker | undefined): boolean {
  const { credential } = exchange
  if (credential === undefined || broker === undefined) return false
  exchange.credential = undefined
  credential.answered(status)
  if (status !== 401 || exchange.refusedCredentials !== undefined) return false
  exchange.refusedCredentials = new Set([credential.id])
  const choice = broker.choose(exchange, exchange.refusedCredentials)
  if (!('credential' in choice)) return false
  exchange.credential = choice.credential
  exchange.rejected++
  return true
}
