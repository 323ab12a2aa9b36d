import { pinnedSteps } from '../../test/rig/scenario/capacity.ts'
import { governor, startGovernor, type Contestant } from '../../test/rig/scenario/contestant.ts'
import type { Reference } from '../../test/rig/scenario/format.ts'
import { haproxyDouble, haproxyInstalled, haproxyRight } from './haproxy.ts'
import { ORACLE, PEERS } from './limits.ts'
import { nginxConnections, nginxInstalled, nginxRate } from './nginx.ts'
import { sdkAutoRetry } from './sdk.ts'

/** Something to compare with; `start` is absent where it is not installed. */
export interface Peer {
  readonly name: string
  readonly contestant: Contestant | undefined
}

const program = new URL('governor.js', import.meta.url).pathname

/** The proxy with a limit of limits.ts in place of its own. */
const withLimit = (name: string): Contestant => ({
  name,
  start: (upstream, scenario, number) => startGovernor([program], upstream, scenario.proxies.config, {
    GOVERNOR_BENCH_LIMIT: JSON.stringify({ name, told: pinnedSteps(scenario), number })
  })
})

export const ours = (main: string): Contestant => governor('twilio-governor', main)

/** The runs that expectations refer to. A ceiling that moves is followed by a limit that is told each move. */
export function references (main: string): Readonly<Record<Exclude<Reference, 'ideal'>, Contestant>> {
  const pinned = governor('fixed', main, (scenario) => ({ limit: { algorithm: 'fixed', fixed: pinnedSteps(scenario)[0].slots } }))
  const oracle = withLimit(ORACLE)
  return {
    fixed: { name: 'told the ceiling', start: (upstream, scenario, number) => (pinnedSteps(scenario).length > 1 ? oracle : pinned).start(upstream, scenario, number) },
    unlimited: governor('unlimited', main, () => ({ limit: { mode: 'off' } })),
    alone: { ...ours(main), name: 'the same without the other streams' }
  }
}

const installed = (contestant: Contestant, is: boolean): Peer => ({ name: contestant.name, contestant: is ? contestant : undefined })

/** Known ways to do it, in the order of the tables. */
export function peers (main: string): readonly Peer[] {
  return [
    ...[references(main).unlimited, ...PEERS.map(withLimit)].map((contestant) => installed(contestant, true)),
    installed(haproxyRight, haproxyInstalled),
    installed(haproxyDouble, haproxyInstalled),
    installed(nginxConnections, nginxInstalled),
    installed(nginxRate, nginxInstalled),
    installed(sdkAutoRetry, true)
  ]
}
