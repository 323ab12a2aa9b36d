/** The plumbing put together: accounts, connections, the line and its listener. */
import type { FastifyInstance } from 'fastify'
import { randomBytes } from 'node:crypto'
import type { Hosts } from '../twilio/hosts.ts'
import { RuleBook, type Match } from './match.ts'
import { createLine, type LineOptions } from './create-line.ts'
import { isIdle, type LearntAccount } from './gate/accounts.ts'
import { BodyMemory, type BodyOptions } from './ingress/body-memory.ts'
import { ConnectionShares, type ConnectionOptions } from './clients/connection-shares.ts'
import { ShedError } from './errors.ts'
import type { GovernorEvent, Listener } from './events.ts'
import type { ProxyState } from './ports/state.ts'
import { runExchange } from './line/exchange.ts'
import type { Exchange } from './exchange-state.ts'
import { trustIn } from './ingress/forwarded.ts'
import { createIngress } from './ingress/ingress.ts'
import { refuseWaiting, refuseYoungest } from './gate/refuse-waiting.ts'
import { fromStore, type RunAgain } from './pacing/rerun.ts'
import type { Switches } from './guard/switches.ts'
import type { Callers } from './ports/access.ts'
import type { CreateTunnels } from './ports/tunnels.ts'
import { postForm, type FormAnswer } from './forward/post-form.ts'
import { Upstreams, type Egress, type UpstreamOptions } from './forward/upstreams.ts'
import { Wake } from './forward/wake.ts'

export interface ProxyOptions extends LineOptions {
  readonly names: readonly string[]
  readonly hosts: Hosts
  /** Addresses and networks of proxies before this one. */
  readonly trustedProxies: readonly string[]
  readonly egress: Egress
  readonly origins: readonly string[]
  readonly rewritePageUrls: boolean
  readonly upstream: UpstreamOptions
  readonly body: BodyOptions
  readonly connections: ConnectionOptions
  readonly headersTimeoutMs: number
  readonly listeners: readonly Listener[]
  /** Absent where callers need no token. */
  readonly callers?: Callers | undefined
  /** Absent where CONNECT is not offered. */
  readonly createTunnels?: CreateTunnels
}

export interface Proxy {
  /** The listener; the application starts it. */
  readonly app: FastifyInstance
  readonly state: ProxyState
  /** Kill switches, for the admin server that throws them. */
  readonly switches: Switches
  /** Whether Twilio has accepted a credential for an account, by its key. */
  readonly isAccepted: (account: string) => boolean
  /** What the limits have learnt, for the storage that stores it over a restart. */
  readonly learnt: () => Iterable<LearntAccount>
  /** Sends a form of the proxy's own to a host of Twilio's, past every limit. Rejects when no whole answer comes. */
  readonly post: (host: string, path: string, form: string) => Promise<FormAnswer>
  /** Takes a request that the line has stored for later. */
  readonly runAgain: RunAgain
  /**
   * Sheds newcomers. Resolves when nobody waits or is in flight and every answer is written, or after the grace period.
   * Then it sheds those that still wait.
   */
  readonly drain: (graceMs: number) => Promise<void>
  /**
   * Ends at once: what waits is refused, a read in flight is cut, and a write in flight is answered with an unknown
   * outcome.
   */
  readonly close: () => Promise<void>
}

/** How often a drain looks whether it is done, milliseconds. */
const DRAIN_LOOK_MS = 20
/** `Retry-After` for those that still wait then: another instance can take them at once. */
const DRAINING_RETRY_AFTER_MS = 1_000
/** `Retry-After` for those that had to make room for another peer, milliseconds. */
const ROOM_RETRY_AFTER_MS = 1_000

const bookOf = <R extends { readonly match: Match }> (rules: readonly R[]): RuleBook<R> | undefined =>
  rules.length === 0 ? undefined : new RuleBook(rules)

/** All that say by a match which requests they are for. */
const rulesIn = ({ classes, pacing, caps, coalesce }: LineOptions): ReadonlyArray<{ readonly match: Match }> =>
  [...classes, ...pacing, ...Object.values(caps).map(({ match = {} }) => ({ match })), ...Object.values(coalesce.cache)]

export async function createProxy (options: ProxyOptions): Promise<Proxy> {
  const { clock, listeners } = options
  let draining = false
  const emit = (event: GovernorEvent): void => { for (const listener of listeners) listener(event) }
  // Nobody else has this name: a CONNECT that carries it has come back.
  const via = `1.1 twilio-governor-${randomBytes(8).toString('hex')}`
  const upstreams = new Upstreams(options.upstream, clock, options.egress, via)
  const shares = new ConnectionShares(options.connections, clock)
  const wake = new Wake(clock, () => {
    upstreams.renew()
    for (const { gate } of accounts.all()) gate.limit.woke()
  })
  const {
    line,
    accounts,
    credentials
  } = createLine(options, upstreams, emit, { awake: wake.look, outOfDescriptors: () => { shares.relieve() }, letGo })
  const { polling, pacing, guard, reads } = line
  shares.onPressure(closeOneOf)
  const bodies = new BodyMemory(options.body, { clock, refuseOneOf })
  const open = new Set<Exchange>()
  let order = 0
  const { app, tunnels } = await createIngress({
    identifier: {
      accounts,
      credentials,
      callers: options.callers,
      classes: bookOf(options.classes),
      rules: bookOf(rulesIn(options)),
      deadline: options.deadline,
      rewritePageUrls: options.rewritePageUrls,
      hosts: options.hosts,
      trusts: trustIn(options.trustedProxies),
      names: new Set(options.names.map((name) => name.toLowerCase())),
      origins: new Set(options.origins.map((origin) => origin.toLowerCase()))
    },
    bodies,
    shares,
    headersTimeoutMs: options.headersTimeoutMs,
    clock,
    emit,
    run: (exchange) => runExchange(exchange, line),
    letGo,
    nextOrder: () => order++,
    draining: () => draining,
    halfClosed: (exchange) => { line.repeats.halfClosed(exchange) },
    open,
    createTunnels: options.createTunnels,
    via
  })

  /** The memory of its body is free. */
  function letGo (exchange: Exchange): void {
    bodies.release(exchange.bodyBytes, exchange.identity.peer ?? '')
    exchange.body = null
  }

  /** Its body's memory is free before its answer is written. */
  function refuseOneOf (peer: string): boolean {
    const refused = refuseYoungest(
      line.running,
      ({ identity, bodyBytes }) => identity.peer === peer && bodyBytes > 0,
      new ShedError('queue_bytes', ROOM_RETRY_AFTER_MS)
    )
    if (refused === undefined) return false
    letGo(refused)
    return true
  }

  /** Its answer closes its connection. */
  function closeOneOf (peer: string): boolean {
    const refused = refuseYoungest(
      line.running,
      ({ identity }) => identity.peer === peer,
      new ShedError('queue_full', ROOM_RETRY_AFTER_MS)
    )
    if (refused !== undefined) refused.closes = true
    return refused !== undefined
  }

  const busy = (): boolean => open.size > 0 || [...accounts.all()].some((account) => !isIdle(account))

  const refuseWhoWaits = (): void => {
    refuseWaiting(
      line.running,
      () => new ShedError('draining', DRAINING_RETRY_AFTER_MS)
    )
  }

  async function drain (graceMs: number): Promise<void> {
    draining = true
    const untilMs = clock.nowMs() + graceMs
    while (busy() && clock.nowMs() < untilMs) {
      await new Promise<void>((resolve) => { clock.setTimer(resolve, DRAIN_LOOK_MS) })
    }
    refuseWhoWaits()
  }

  async function close (): Promise<void> {
    draining = true
    refuseWhoWaits()
    for (const exchange of line.running) exchange.interrupt('deadline')
    accounts.close()
    pacing.close()
    wake.close()
    guard.switches.close()
    reads.close()
    tunnels?.close()
    await app.close()
    await upstreams.close()
  }

  return {
    app,
    state: {
      accounts: () => accounts.states(),
      waitingRequests: () =>
        [...accounts.all()].reduce((sum, { gate, strangers }) => sum + gate.waiting + (strangers?.waiting ?? 0), 0),
      waitingBodyBytes: () => bodies.bytes,
      cachedBytes: () => reads.cachedBytes,
      polledRoutes: () => polling.routes,
      pacingRules: () => pacing.rules,
      caps: () => guard.caps.states(),
      switches: () => guard.switches.all(),
      wedged: () => [...accounts.all()].some(({ gate, strangers }) => gate.wedged || strangers?.wedged === true),
      draining: () => draining
    },
    switches: guard.switches,
    isAccepted: (account) => accounts.isAccepted(account),
    learnt: () => accounts.learnt(),
    post: (host, path, form) => postForm(upstreams.for(host), host, path, form),
    runAgain: (request, times) => {
      const exchange = fromStore(request, order++, clock.nowMs(), times, accounts, credentials)
      return { exchange, answer: runExchange(exchange, line) }
    },
    drain,
    close
  }
}
