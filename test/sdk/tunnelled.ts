/** What every test of a client in a tunnel needs: a simulator that is Twilio, a proxy with an authority, counts at both ends. */
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { initAuthority } from '../../src/interception/authority.ts'
import type { Simulator } from '../../src/simulator/server.ts'
import { simulator } from '../simulator/support.ts'
import { startApp, type Started } from '../support/app.ts'
import { SID } from './stage.ts'

/** How many messages each client creates: two pages, where two or three are on one. */
export const MESSAGES = 5
export const MEDIA_BYTES = 3_000_001

/** What each client prints when it has done all there is to do. */
export const SEEN = { created: MESSAGES, fetched: true, listed: MESSAGES, services: 3, servicesListed: 3, removed: true, mediaBytes: MEDIA_BYTES }
/** Creates, a fetch, two pages, three services, two pages of them, a delete, a list of recordings and one of them. */
export const REQUESTS = MESSAGES + 1 + 2 + 3 + 2 + 1 + 2

export const script = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

export interface Tunnelled {
  readonly twilio: Simulator
  readonly governor: Started
  /** Path of the authority's certificate. */
  readonly ca: string
}

export async function setTunnels (t: Test): Promise<Tunnelled> {
  const caDir = t.testdir({})
  const { certificateFile } = await initAuthority(caDir, Date.now())
  const twilio = await simulator(t, { media: { bytes: MEDIA_BYTES } })
  return { twilio, governor: await startApp(t, twilio.origin, { interception: { caDir } }), ca: certificateFile }
}

/** Everything the client did came through the proxy, and from there to Twilio: counted at both ends. */
export function allCame (t: Test, { governor, twilio }: Pick<Tunnelled, 'governor' | 'twilio'>, requests: number): void {
  const exchanges = governor.log().filter(({ msg }) => msg === 'exchange')
  t.equal(exchanges.length, requests, 'at the proxy')
  t.equal(twilio.stats().received, requests, 'at Twilio')
  t.ok(exchanges.every(({ account }) => String(account).startsWith(SID)))
  t.same(governor.log().filter(({ msg }) => msg === 'refused'), [])
}
