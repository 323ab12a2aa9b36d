/** The way to a target that is not looked into. */
import { lookup as resolveName, type LookupAddress } from 'node:dns'
import { connect, isIP, type Socket } from 'node:net'
import { interleaved, race, staggerMs, type Dial } from '../proxy/forward/connect/race.ts'
import type { Clock } from '../proxy/ports/clock.ts'
import { InternalAddressError, isPublicAddress, lookupPublic } from './public-address.ts'

/** For name, addresses and connection together, milliseconds. */
const CONNECT_MS = 10_000

export interface BlindTarget {
  readonly host: string
  readonly port: number
  /** The settings name this very host: it may lead to any address. */
  readonly anywhere: boolean
}

/**
 * Connects to the first of its addresses that answers.
 * @throws InternalAddressError where only public addresses are allowed and it has none; what the network says; the
 * reason of `signal`; an Error after 10 seconds
 */
export async function reach (
  target: BlindTarget,
  clock: Clock,
  signal: AbortSignal,
  dial: Dial = ({ address, family }) => connect({ host: address, family, port: target.port })
): Promise<Socket> {
  const ending = new AbortController()
  const end = (): void => { ending.abort(signal.reason) }
  signal.addEventListener('abort', end)
  const timer = clock.setTimer(() => { ending.abort(new Error('no connection in time')) }, CONNECT_MS)
  try {
    const addresses = await addressesOf(target)
    ending.signal.throwIfAborted()
    return await race(interleaved(addresses), dial, staggerMs(addresses.length, CONNECT_MS), clock, ending.signal)
  } finally {
    clock.clearTimer(timer)
    signal.removeEventListener('abort', end)
  }
}

function addressesOf ({ host, anywhere }: BlindTarget): Promise<readonly LookupAddress[]> {
  const family = isIP(host)
  if (family !== 0) {
    return anywhere || isPublicAddress(host)
      ? Promise.resolve([{ address: host, family }])
      : Promise.reject(new InternalAddressError('internal address'))
  }
  return new Promise((resolve, reject) => {
    const lookup = anywhere ? resolveName : lookupPublic
    lookup(host, { all: true }, (error: Error | null, addresses: string | LookupAddress[]) => {
      if (error !== null || typeof addresses === 'string') reject(error ?? new Error('one address'))
      else resolve(addresses)
    })
  })
}
