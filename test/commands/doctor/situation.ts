/** A machine where all is well, and what differs on it. */
import { diagnose } from '../../../src/commands/doctor/diagnose.ts'
import type { Facts, Probe, Trust } from '../../../src/commands/doctor/facts.ts'
import type { Finding, Sdk } from '../../../src/commands/doctor/finding.ts'

export const PROXY = 'http://127.0.0.1:8080'
export const CA = '/governor/ca.pem'
export const SYSTEM = '/etc/system.crt'

export type Environment = Readonly<Record<string, string>>

/** twilio-governor, and which files make a client believe it. */
export const governor = (trust: Readonly<Record<string, Trust>> = { [CA]: 'trusted', [SYSTEM]: 'unknown_issuer' }, tunnels = true): Probe =>
  ({ answers: 'governor', tunnels, trust: new Map(Object.entries(trust)) })

export const nobody = (answers: 'other' | 'nothing'): Probe => ({ answers, tunnels: false, trust: new Map() })

export function facts (over: Partial<Facts> & { readonly at?: Readonly<Record<string, Probe>> } = {}): Facts {
  const { at, ...rest } = over
  return {
    proxy: PROXY,
    probes: new Map(Object.entries(at ?? { [PROXY]: governor() })),
    authority: { folder: '/governor', state: 'known', bundled: true },
    systemFile: SYSTEM,
    versions: {},
    baseUrl: undefined,
    stacked: {},
    ...rest
  }
}

/** What is found of one client, and not of the proxy. */
export const findings = (sdk: Sdk, env: Environment, given: Facts = facts()): readonly Finding[] =>
  diagnose(env, given, [sdk]).filter((finding) => finding.sdk === sdk)

/** In short, without advice. */
export const verdicts = (sdk: Sdk, env: Environment, given?: Facts): readonly string[] =>
  findings(sdk, env, given).filter(({ verdict }) => verdict !== 'advice').map(({ verdict, code }) => `${verdict} ${code}`)

/** The lines to paste of a finding. */
export const fixOf = (code: Finding['code'], all: readonly Finding[]): readonly string[] => all.find((finding) => finding.code === code)?.fix ?? []
