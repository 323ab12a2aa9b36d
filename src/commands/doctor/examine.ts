/** Finds out what is judged: who answers, whom it is believed by, and what its metrics say. */
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { CERTIFICATE_FILE } from '../../interception/authority.ts'
import { BUNDLE_FILE, SYSTEM_FILES, type Environment } from '../run/bundle.ts'
import { derOf, holds, readCertificates } from './checks/certificates.ts'
import { proxyAddress, type Facts, type Probe, type Trust } from './facts.ts'
import type { Sdk } from './finding.ts'
import { believes, get, openTunnel, whoAnswers } from './checks/probe.ts'
import { wayOf } from './checks/proxy-variables.ts'
import { stackedRetries } from './checks/stacked.ts'
import { trustsOf } from './checks/trust-files.ts'

const DEFAULT_PROXY = 'http://127.0.0.1:8080'
const TWILIO = new URL('https://api.twilio.com/')

export interface Examined {
  readonly env: Environment
  /** Origin of the proxy; undefined: what the environment names. */
  readonly proxy: string | undefined
  readonly baseUrl: string | undefined
  /** Origin of the admin listener. */
  readonly admin: string
  /** Folder of the authority. */
  readonly folder: string
  readonly sdks: readonly Sdk[]
  readonly versions: Facts['versions']
  readonly nowMs: number
}

/** The facts, and whether the admin listener had its part in them. */
export async function examine (
  { env, proxy, baseUrl, admin, folder, sdks, versions, nowMs }: Examined
): Promise<{ readonly facts: Facts, readonly hasAdmin: boolean }> {
  const systemFile = await firstThere(SYSTEM_FILES)
  const certificateFile = join(folder, CERTIFICATE_FILE)
  const bundle = join(folder, BUNDLE_FILE)
  const files = [...new Set([
    certificateFile,
    bundle,
    systemFile,
    ...sdks.flatMap((sdk) => trustsOf(sdk, env, systemFile).files.map(({ file }) => file))
  ])]
  const own = await readCertificates(certificateFile)
  const authority = own.kind === 'pem' ? derOf(own.text)[0] : undefined
  const named = sdks.flatMap((sdk) => originOf(wayOf(sdk, env, TWILIO)))
  const based = baseUrl !== undefined && URL.canParse(baseUrl)
    ? originOf({ to: 'proxy', value: baseUrl, variable: '' })
    : []
  const origins = [...new Set(
    [...proxy === undefined ? [] : [proxy], ...based, ...named, ...proxy === undefined ? [DEFAULT_PROXY] : []]
  )]
  const [metrics, ...probed] = await Promise.all([
    get(`${admin}/metrics`).catch(() => undefined),
    ...origins.map(async (origin) => [origin, await look(origin, files, authority, nowMs)] as const)
  ])
  const probes = new Map(probed)
  // Of those that the environment names, the one that is ours is meant.
  const meant = proxy ??
    origins.find((origin) => probes.get(origin)?.answers === 'governor') ??
    based[0] ??
    named[0] ??
    DEFAULT_PROXY
  const trust = probes.get(meant)?.trust
  const hasAdmin = metrics?.statusCode === 200
  return {
    hasAdmin,
    facts: {
      proxy: meant,
      probes,
      authority: {
        folder,
        state: authority === undefined
          ? 'missing'
          : trust?.get(certificateFile) === 'unknown_issuer' ? 'another' : 'known',
        bundled: trust?.get(bundle) === 'trusted'
      },
      systemFile,
      versions,
      baseUrl,
      stacked: hasAdmin ? stackedRetries(metrics.body) : {}
    }
  }
}

async function look (
  origin: string,
  files: readonly string[],
  authority: Buffer | undefined,
  nowMs: number
): Promise<Probe> {
  const answers = await whoAnswers(origin)
  const tunnel = answers === 'governor' ? await openTunnel(origin) : undefined
  tunnel?.destroy()
  const trust = new Map<string, Trust>()
  for (const file of files) {
    const certificates = await readCertificates(file)
    const within = tunnel !== undefined && certificates.kind === 'pem' ? await openTunnel(origin) : undefined
    trust.set(file, within !== undefined && certificates.kind === 'pem'
      ? await believes(within, certificates.text)
      : holds(certificates, authority, nowMs))
  }
  return { answers, tunnels: tunnel !== undefined, trust }
}

function originOf (way: ReturnType<typeof wayOf>): readonly string[] {
  // An exception of NO_PROXY may bypass a proxy. It is the proxy meant, all the same.
  const address = way.to === 'unset' ? undefined : proxyAddress(way.value)
  return address?.kind === 'http' || address?.kind === 'bare' ? [address.origin] : []
}

async function firstThere (paths: readonly string[]): Promise<string> {
  for (const path of paths) if (await isThere(path)) return path
  return paths[0] ?? ''
}

async function isThere (path: string): Promise<boolean> {
  return access(path).then(() => true, () => false)
}
