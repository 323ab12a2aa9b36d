import type { AccountState, CapState, PacedRule, PolledRoute, ProxyState } from '../proxy/ports/state.ts'
import { pollingAdvice } from '../telemetry/advice.ts'
import type { AccountLabels } from '../telemetry/account-labels.ts'
import { TRAFFIC_CLASSES } from '../twilio/types.ts'
import type { TrafficClass } from '../twilio/types.ts'
import { viewSwitch, type SwitchesOptions, type SwitchView } from './switches.ts'

export interface StateViewOptions {
  readonly version: string
  readonly state: ProxyState
  readonly labels: AccountLabels
  /** Absent where nothing can be stopped. */
  readonly switches?: SwitchesOptions
  /** The settings file; null without one. */
  readonly settingsFile?: string | null
  /** Where requests go. */
  readonly upstream?: string
  /** Of accounts that have none of their own. */
  readonly configuredMode?: AccountState['mode']
}

export interface StateView {
  readonly version: string
  readonly uptimeSeconds: number
  readonly settingsFile: string | null
  readonly upstream: string | null
  /** `mixed` when accounts differ; before the first account that of the settings. */
  readonly mode: AccountState['mode'] | 'mixed' | null
  readonly draining: boolean
  readonly wedged: boolean
  readonly totals: {
    readonly accounts: number
    readonly inflight: number
    readonly held: number
    readonly queued: Readonly<Record<TrafficClass, number>>
    readonly waitingRequests: number
    readonly waitingBodyBytes: number
  }
  /** Routes whose resources are read over and over, with what would save it. */
  readonly polledRoutes: ReadonlyArray<PolledRoute & { readonly advice: string }>
  readonly pacingRules: readonly PacedRule[]
  /** Kill switches that are on. */
  readonly switches: readonly SwitchView[]
  readonly spendCaps: readonly CapState[]
  /** `account` is the account's label, not its key. */
  readonly accounts: readonly AccountState[]
}

/** The proxy at this moment, as one JSON value without a secret; SIDs only if labels show them. */
export function viewState (
  { version, settingsFile, upstream, configuredMode, state, labels, switches }: StateViewOptions,
  uptimeMs: number
): StateView {
  const accounts = state.accounts()
  return {
    version,
    uptimeSeconds: Math.round(uptimeMs / 1000),
    settingsFile: settingsFile ?? null,
    upstream: upstream ?? null,
    mode: commonMode(accounts) ?? configuredMode ?? null,
    draining: state.draining(),
    wedged: state.wedged(),
    totals: {
      accounts: accounts.length,
      inflight: sum(accounts, (account) => account.inflight),
      held: sum(accounts, (account) => account.held),
      queued: queuedByClass((name) => sum(accounts, (account) => account.queued[name])),
      waitingRequests: state.waitingRequests(),
      waitingBodyBytes: state.waitingBodyBytes()
    },
    polledRoutes: state.polledRoutes().map(
      ({ route, product, polls }) => ({ route, product, polls, advice: pollingAdvice(product, route) })
    ),
    pacingRules: state.pacingRules().map(({ rule, keys, waiting }) => ({ rule, keys, waiting })),
    switches: state.switches().map((one) => viewSwitch(one, switches?.names.show ?? labels)),
    spendCaps: state.caps().map((cap) => viewCap(cap, labels)),
    accounts: accounts.map((account) => viewAccount(account, labels))
  }
}

// Field by field: a key that someone adds to the contract must not show up here unseen.
function viewAccount (of: AccountState, labels: AccountLabels): AccountState {
  return {
    account: labels(of.account),
    mode: of.mode,
    algorithm: of.algorithm,
    limit: of.limit,
    inflight: of.inflight,
    held: of.held,
    queued: queuedByClass((name) => of.queued[name]),
    waitingCallers: of.waitingCallers,
    queuedBytes: of.queuedBytes,
    reportedConcurrency: of.reportedConcurrency,
    ceiling: viewCeiling(of.ceiling),
    drainPerSecond: hundredths(of.drainPerSecond),
    oldestWaiterMs: Math.round(of.oldestWaiterMs),
    lastChange: of.lastChange === null
      ? null
      : { reason: of.lastChange.reason, limit: of.lastChange.limit, agoMs: Math.round(of.lastChange.agoMs) },
    pacedRoutes: of.pacedRoutes.map(
      ({ route, perSecond, source }) => ({ route, perSecond: hundredths(perSecond), source })
    ),
    idleMs: Math.round(of.idleMs)
  }
}

function viewCeiling (
  { estimate, low, high, basis, confidence, evidence }: AccountState['ceiling']
): AccountState['ceiling'] {
  return {
    estimate,
    low,
    high,
    basis,
    confidence,
    evidence: evidence.map(({ agoMs, reported, inflight, limitBefore, limitAfter }) =>
      ({ agoMs: Math.round(agoMs), reported, inflight, limitBefore, limitAfter }))
  }
}

function viewCap (
  { name, mode, max, intervalMs, per, counts, usedRatio, fullest }: CapState,
  labels: AccountLabels
): CapState {
  return {
    name,
    mode,
    max,
    intervalMs,
    per,
    counts,
    usedRatio: hundredths(usedRatio),
    fullest: fullest.map(({ caller, account, prefix, country, used }) => ({
      ...caller === undefined ? {} : { caller },
      ...account === undefined ? {} : { account: labels(account) },
      ...prefix === undefined ? {} : { prefix },
      ...country === undefined ? {} : { country },
      used
    }))
  }
}

function commonMode (accounts: readonly AccountState[]): StateView['mode'] {
  const modes = new Set(accounts.map((account) => account.mode))
  const [first = null] = modes
  return modes.size > 1 ? 'mixed' : first
}

const queuedByClass = (count: (name: TrafficClass) => number): Record<TrafficClass, number> =>
  Object.fromEntries(TRAFFIC_CLASSES.map((name) => [name, count(name)])) as Record<TrafficClass, number>

const sum = (accounts: readonly AccountState[], pick: (account: AccountState) => number): number =>
  accounts.reduce((total, account) => total + pick(account), 0)

const hundredths = (value: number): number => Math.round(value * 100) / 100
