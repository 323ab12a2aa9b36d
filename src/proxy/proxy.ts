/** The plumbing put together: accounts, connections, the line and its listener. */
import type { FastifyInstance } from 'fastify'
import { randomBytes } from 'node:crypto'
import { RetryBudget, type RetryBudgetOptions } from '../policy/retry/retry-budget.ts'
import type { RetryOptions } from '../policy/retry/retry-policy.ts'
import { overrideFragment, type CallbackOverrides } from '../twilio/bodies/callback-overrides.ts'
import type { Hosts } from '../twilio/hosts.ts'
import { RuleBook, type Match } from './match.ts'
import {
  Accounts,
  isIdle,
  type AccountsOptions,
  type LearntAccount,
  type LimitFactory,
  type Recall
} from './gate/accounts.ts'
import type { Guard } from './guard/authorise.ts'
import { BodyMemory, type BodyOptions } from './ingress/body-memory.ts'
import type { Clock } from './ports/clock.ts'
import { Credentials } from './gate/credentials.ts'
import { Coalescing, type CoalesceOptions } from './reads/coalesce.ts'
import { ConnectionShares, type ConnectionOptions } from './clients/connection-shares.ts'
import type { Deferral } from './ports/deferral.ts'
import { ShedError } from './errors.ts'
import type { GovernorEvent, Listener } from './events.ts'
import type { ProxyState } from './state.ts'
import { runExchange, type Line } from './line/exchange.ts'
import type { Exchange } from './exchange-state.ts'
import { trustIn } from './ingress/forwarded.ts'
import type { GateOptions } from './gate/gate.ts'
import { Gates } from './gate/gates.ts'
import type { ClassRule, DeadlineOptions } from './ingress/identify.ts'
import { createIngress } from './ingress/ingress.ts'
import { Pacing } from './pacing/pacing.ts'
import type { PacingRule } from './pacing/pacing-rule.ts'
import { Polling } from './reads/polling.ts'
import { refuseWaiting, refuseYoungest } from './gate/refuse-waiting.ts'
import { Repeats, type DuplicateOptions } from './repeats/repeats.ts'
import { fromStore, type RunAgain } from './pacing/rerun.ts'
import { SpendCaps, type Cap } from './guard/spend-caps.ts'
import { Switches, type SwitchOptions } from './guard/switches.ts'
import type { CreateTunnels } from './ports/tunnels.ts'
import { Upstreams, type Egress, type UpstreamOptions } from './forward/upstreams.ts'
import { Wake } from './forward/wake.ts'

/** What the straight line needs, whatever listens before it and whatever answers behind it. */
export interface LineOptions {
  readonly accounts: AccountsOptions
  readonly gate: GateOptions
  readonly deadline: DeadlineOptions
  readonly classes: readonly ClassRule[]
  readonly retry: RetryOptions & RetryBudgetOptions
  readonly duplicates: DuplicateOptions
  readonly coalesce: CoalesceOptions
  readonly pacing: readonly PacingRule[]
  readonly deferral: Deferral
  /** Caps on sends, by name. */
  readonly caps: Readonly<Record<string, Cap>>
  readonly switches: SwitchOptions
  readonly callbacks: CallbackOverrides
  readonly createLimit: LimitFactory
  readonly recall: Recall
  readonly clock: Clock
  /** Uniform in [0, 1). */
  readonly random: () => number
}

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
  /** Absent where CONNECT is not offered. */
  readonly createTunnels?: CreateTunnels
}

export interface Proxy {
  /** The listener; whoever composes the application starts it. */
  readonly app: FastifyInstance
  readonly state: ProxyState
  /** Kill switches, for whoever may throw them. */
  readonly switches: Switches
  /** Whether Twilio has accepted a credential for an account, by its key. */
  readonly isAccepted: (account: string) => boolean
  /** What the limits have learnt, for whoever keeps it over a restart. */
  readonly learnt: () => Iterable<LearntAccount>
  /** Takes a request that was kept along the line. */
  readonly runAgain: RunAgain
  /**
   * Refuses newcomers, and resolves when nobody waits or is in flight and every answer is written, or after the grace
   * period, when those who still wait are refused.
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
/** What is told to those who still wait then: another instance can take them at once. */
const DRAINING_RETRY_AFTER_MS = 1_000
/** What is told to those who had to make room for another peer, milliseconds. */
const ROOM_RETRY_AFTER_MS = 1_000

const bookOf = <R extends { readonly match: Match }> (rules: readonly R[]): RuleBook<R> | undefined =>
  rules.length === 0 ? undefined : new RuleBook(rules)

/** All that say by a match which requests they are for. */
const rulesIn = ({ classes, pacing, caps, coalesce }: LineOptions): ReadonlyArray<{ readonly match: Match }> =>
  [...classes, ...pacing, ...Object.values(caps).map(({ match = {} }) => ({ match })), ...Object.values(coalesce.cache)]

/** What the line is given by what surrounds it. */
type Surroundings = Pick<Line, 'awake' | 'outOfDescriptors' | 'letGo'>
const ALONE: Surroundings = { awake: () => {}, outOfDescriptors: () => {}, letGo: () => {} }

/**
 * The straight line and the accounts it keeps. What `plan` plays a log through is this very line, on a clock of its
 * own.
 */
export function createLine (
  options: LineOptions, upstreams: Line['upstreams'], emit: Listener, {
    awake,
    outOfDescriptors,
    letGo
  }: Surroundings = ALONE
): { readonly line: Line, readonly accounts: Accounts, readonly credentials: Credentials } {
  const { clock } = options
  const accounts = new Accounts(options.accounts, options.gate, options.createLimit, clock, emit, options.recall)
  const credentials = new Credentials()
  const polling = new Polling(clock, emit)
  const running = new Set<Exchange>()
  const guard: Guard = {
    caps: new SpendCaps(options.caps, clock, emit),
    switches: new Switches(
      options.switches,
      clock,
      emit,
      () => refuseWaiting(running, ({ identity }) => guard.switches.refusalOf(identity))
    )
  }
  const reads = new Coalescing(options.coalesce, clock)
  const pacing = new Pacing(options.pacing, options.gate, clock, emit, options.deferral)
  const line: Line = {
    upstreams,
    retry: options.retry,
    budget: new RetryBudget(options.retry),
    repeats: new Repeats(options.duplicates, clock, emit),
    guard,
    reads,
    polling,
    pacing,
    callbackFragment: overrideFragment(options.callbacks),
    clock,
    random: options.random,
    awake,
    emit,
    running,
    gates: new Gates(credentials, accounts, running),
    outOfDescriptors,
    letGo,
    learn: ({ identity }) => accounts.learn(identity.authorization, identity.path)
  }
  return { line, accounts, credentials }
}

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
    runAgain: (request, times) => {
      const exchange = fromStore(request, order++, clock.nowMs(), times, accounts, credentials)
      return { exchange, answer: runExchange(exchange, line) }
    },
    drain,
    close
  }
}
