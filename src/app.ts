/** The composition root: settings in, two servers out. Nothing here decides anything. */
import type { AddressInfo } from 'node:net'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import { EXPIRES_SOON_MS } from './admin/readiness.ts'
import type { Access } from './access/access.ts'
import type { BrokerContext } from './access/broker.ts'
import type { CredentialChange } from './access/credential.ts'
import { TOKEN_HOST, TOKEN_PATH, type PostForm } from './access/oauth.ts'
import { createAdmin } from './admin/server.ts'
import { egressOf } from './config/egress.ts'
import type { Environment } from './config/environment.ts'
import type { Settings } from './config/schema/settings.ts'
import { openDeferral } from './deferral/deferral.ts'
import type { Authority } from './interception/authority.ts'
import { lineOptions, ruleOpenHours } from './line-options.ts'
import type { Limit } from './policy/limit/limit.ts'
import type { Clock } from './proxy/ports/clock.ts'
import { systemClock } from './system-clock.ts'
import { ConnectionShares } from './proxy/clients/connection-shares.ts'
import { descriptorLimit, descriptorShares } from './proxy/clients/descriptors.ts'
import type { Listener } from './proxy/events.ts'
import type { ProxyState } from './proxy/ports/state.ts'
import { createProxy } from './proxy/proxy.ts'
import type { CreateTunnels } from './proxy/ports/tunnels.ts'
import { openStateMemory } from './storage/memory.ts'
import { openSwitchFile } from './storage/switches.ts'
import { createAccountLabels, hashedAccount } from './telemetry/account-labels.ts'
import { createAccountNames } from './telemetry/account-names.ts'
import { createExchangeLog } from './telemetry/log/exchange-log.ts'
import { createMetrics } from './telemetry/metrics/metrics.ts'
import { createRefusalLines } from './telemetry/log/refusal-lines.ts'
import { createHosts } from './twilio/hosts.ts'

export interface AppDependencies {
  readonly logger: Logger
  readonly version: string
  /** Whose proxy variables `upstream.proxy: environment` takes. */
  readonly env?: Environment
  /** As it was given; absent without one. */
  readonly settingsFile?: string | undefined
  readonly clock?: Clock
  /** Uniform in [0, 1). */
  readonly random?: () => number
  /** Another limit than the settings name, for measurements. */
  readonly createLimit?: () => Limit
}

export interface App {
  /** Resolves with the base URLs of both servers, by the addresses that they are bound to, once both accept. */
  readonly listen: () => Promise<{ readonly proxy: string, readonly admin: string }>
  readonly state: ProxyState
  /** Admits nobody new, finishes what is in flight and waiting within the grace period, then closes. */
  readonly drain: () => Promise<void>
  /** Refuses queued requests and cuts those in flight. */
  readonly close: () => Promise<void>
}

/** Time for the answers to refused queued requests to leave the machine before connections are cut, milliseconds. */
const LAST_ANSWERS_MS = 500

/** What a scraper may leave its answer unread, milliseconds. */
const ADMIN_UNREAD_MS = 30_000

/**
 * Connections that the system takes in before we do; it has a bound of its own (net.core.somaxconn). With Node's 511,
 * thousands of clients that come at once wait a second, until TCP tries again.
 */
const BACKLOG = 65_535

export async function createApp (settings: Settings, dependencies: AppDependencies): Promise<App> {
  const { logger, version, env = {}, clock = systemClock, random = Math.random } = dependencies
  const openHours = ruleOpenHours(settings)
  const line = lineOptions(settings, openHours)
  const { label, aliases, maxLabels } = settings.accounts
  // What the files of an earlier life name counts.
  let isAccepted: (account: string) => boolean = () => true
  const labels = createAccountLabels({ label, aliases, maxLabels, isAccepted: (account) => isAccepted(account) })
  const names = createAccountNames({ label, aliases })
  const refusalLines = createRefusalLines(logger, clock)
  const listeners: Listener[] = [createExchangeLog(logger, labels, refusalLines)]
  let accepting = false
  const memory = await openStateMemory(settings.state, {
    clock,
    // The file tells no more of accounts than the metrics do.
    nameOf: label === 'hashed' ? hashedAccount : (account) => account,
    warn: (file, fault) => { logger.warn({ file, fault }, 'state file') }
  })
  const { restored, keep } = await openSwitchFile(settings.guard.switchesFile, clock, (file, fault) => {
    logger.warn({ file, fault }, 'switches file')
  })
  const deferral = await openDeferral(settings.deferral, {
    openHours,
    clock,
    emit: (event) => { for (const listener of listeners) listener(event) },
    labels,
    urlOf: (id) => `${settings.admin.url ?? baseUrl(reachable(admin.server.address()))}/jobs/${id}`,
    warn: (about) => { logger.warn(about, 'deferral file') }
  })
  // At once: the start reports a folder without an authority, not the first client.
  const { caDir } = settings.interception
  const interception = caDir === null ? undefined : await openInterception(caDir, settings.interception, clock)
  const authority = interception?.authority
  if (authority !== undefined && authority.expiresAtMs - clock.epochMs() < EXPIRES_SOON_MS) {
    const expires = new Date(authority.expiresAtMs).toISOString()
    logger.warn({ file: authority.certificateFile, expires }, 'authority expires')
  }
  let send: PostForm = () => Promise.reject(new Error('not open yet'))
  const access = await createAccessTo(settings, {
    clock,
    random,
    env,
    post: (form) => send(form),
    tell: (change) => { logger[isTroubled(change) ? 'warn' : 'info'](change, 'credential') },
    warn: (name, fault) => { logger.warn({ name, fault }, 'credential') }
  })
  const descriptors = descriptorShares(descriptorLimit())
  const hosts = createHosts(settings.upstream.hosts)
  const proxy = await createProxy({
    names: settings.listen.names,
    hosts,
    trustedProxies: settings.listen.trustedProxies,
    egress: egressOf(settings.upstream, env),
    origins: settings.listen.origins,
    rewritePageUrls: settings.listen.rewritePageUrls,
    upstream: settings.upstream,
    body: settings.body,
    headersTimeoutMs: settings.listen.headersTimeoutMs,
    connections: {
      max: settings.listen.maxConnections ?? descriptors.clients, unreadMs: settings.upstream.bodyTimeoutMs
    },
    ...line,
    createLimit: dependencies.createLimit ?? line.createLimit,
    deferral,
    broker: access?.broker,
    callers: access?.callers,
    switches: { restored, keep, isAccount: names.isAccount },
    recall: memory.recall,
    clock,
    random,
    listeners,
    ...interception === undefined ? {} : { createTunnels: interception.createTunnels }
  })
  const { state } = proxy
  send = (form) => proxy.post(TOKEN_HOST, TOKEN_PATH, form)
  await access?.open()
  isAccepted = proxy.isAccepted
  const expiry = authority === undefined ? {} : { authorityExpiresAtMs: authority.expiresAtMs }
  const { jobs } = deferral
  const jobCounts = jobs === undefined ? {} : { jobCounts: () => jobs.counts() }
  const metrics = createMetrics({ version, labels, state, ...expiry, ...jobCounts })
  listeners.push(metrics.listener)
  const admin = createAdmin({
    metrics,
    jobs,
    state,
    labels,
    switches: { switches: proxy.switches, names, products: hosts.products },
    hostNames: adminNames(settings),
    changesFromAnywhere: settings.admin.changesFrom === 'anywhere',
    version,
    settingsFile: dependencies.settingsFile ?? null,
    upstream: upstreamOf(settings),
    configuredMode: settings.limit.mode,
    ready: () => accepting,
    startedAtMs: clock.nowMs(),
    now: clock.nowMs,
    epochMs: clock.epochMs,
    failed: (page, error) => { logger.error({ page, type: error.name, at: framesOf(error) }, 'admin page failed') },
    ...expiry
  })

  // However many connections come to either, some descriptors are left for the other.
  new ConnectionShares({ max: descriptors.admin, unreadMs: ADMIN_UNREAD_MS }, clock).bound(admin.server)

  async function close (): Promise<void> {
    accepting = false
    const stopped = deferral.stop()
    // A server closes when its last request has ended; one that hangs at Twilio would never let it.
    const cut = clock.setTimer(() => { proxy.app.server.closeAllConnections() }, LAST_ANSWERS_MS)
    await proxy.close()
    await stopped
    clock.clearTimer(cut)
    refusalLines.flush()
    access?.close()
    await memory.close()
    await admin.close()
    await deferral.close()
  }

  return {
    state,
    listen: async () => {
      await admin.listen({ host: settings.admin.host, port: settings.admin.port })
      await proxy.app.listen({ host: settings.listen.host, port: settings.listen.port, backlog: BACKLOG })
      memory.follow(proxy.learnt)
      deferral.start(proxy.runAgain)
      accepting = true
      return { proxy: baseUrl(proxy.app.server.address()), admin: baseUrl(admin.server.address()) }
    },
    drain: async () => {
      void deferral.stop()
      await proxy.drain(settings.shutdown.graceMs)
      await close()
    },
    close
  }
}

/** Somebody should look. */
const isTroubled = ({ change }: CredentialChange): boolean => change === 'rejected' || change === 'token_failed'

/** Where it happened, without what it says: that may name somebody. */
const framesOf = ({ stack = '' }: Error): readonly string[] =>
  stack.split('\n').filter((line) => /^ +at /.test(line)).slice(0, 5).map((line) => line.trim())

/** What the settings call the admin server, and what the machine is called. */
function adminNames ({ listen, admin }: Settings): readonly string[] {
  const named = admin.url === null ? [] : [new URL(admin.url).hostname]
  return [...admin.names, ...listen.names, admin.host, listen.host, ...named, hostname()]
}

interface OpenInterception {
  readonly authority: Authority
  readonly createTunnels: CreateTunnels
}

/** To load what certificates need is a third of the start, so it is loaded only where there is an authority. */
async function openInterception (
  caDir: string, options: Settings['interception'], clock: Clock
): Promise<OpenInterception> {
  const [{ readAuthority }, { Leaves }, { Interception }] = await Promise.all([
    import('./interception/authority.ts'), import('./interception/leaves.ts'), import('./interception/tunnels.ts')
  ])
  const authority = readAuthority(caDir)
  const leaves = new Leaves(authority, clock)
  return { authority, createTunnels: (context) => new Interception(leaves, options, context) }
}

/** What is not set up is not loaded. */
async function createAccessTo ({ access }: Settings, context: BrokerContext): Promise<Access | undefined> {
  if (Object.keys(access.credentials).length === 0 && access.tokensFile === null) return undefined
  const { createAccess } = await import('./access/access.ts')
  return createAccess(access, context)
}

/** Where requests go. */
export const upstreamOf = ({ upstream: { origin } }: Settings): string => origin ?? 'https://*.twilio.com'

/** Where a server on this machine can be reached: a wildcard address is no address to connect to. */
function reachable (address: AddressInfo | string | null): AddressInfo | string | null {
  if (address === null || typeof address === 'string') return address
  const host = address.address === '0.0.0.0' ? '127.0.0.1' : address.address === '::' ? '::1' : address.address
  return { ...address, address: host }
}

function baseUrl (address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  const { address: host, port } = address
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`
}
