import type { AttemptEvent, ExchangeEvent, LateOutcomeEvent } from '../../src/proxy/events.ts'
import type { AccountState, CapState, ProxyState } from '../../src/proxy/ports/state.ts'
import type { KillSwitch } from '../../src/proxy/guard/kill-switch.ts'

export const SID = 'AC00000000000000000000000000000001'

export const exchange = (over: Partial<ExchangeEvent> = {}): ExchangeEvent => ({
  type: 'exchange',
  account: SID,
  product: 'api',
  route: '/2010-04-01/Accounts/{}/Messages.json',
  class: 'standard',
  caller: 'campaigns',
  method: 'POST',
  status: 201,
  attempts: 2,
  throttled: 1,
  queueMs: 40,
  paceMs: 0,
  backoffMs: 100,
  upstreamMs: 160.04,
  twilioMs: 120.06,
  totalMs: 300.44,
  allowedMs: 25_000,
  resource: () => undefined,
  twilioRequestId: 'RQ0123456789abcdef0123456789abcdef',
  reason: 'answered',
  errorCode: undefined,
  clientLeft: false,
  ...over
})

export const attempt = (over: Partial<AttemptEvent> = {}): AttemptEvent => ({
  type: 'attempt',
  account: SID,
  product: 'api',
  route: '/2010-04-01/Accounts/{}/Messages.json',
  class: 'standard',
  attempt: 1,
  outcome: 'success',
  status: 201,
  upstreamMs: 80,
  twilioMs: 60,
  reportedConcurrency: 12,
  ...over
})

export const lateOutcome = (over: Partial<LateOutcomeEvent> = {}): LateOutcomeEvent => ({
  type: 'late_outcome',
  account: SID,
  product: 'api',
  route: '/2010-04-01/Accounts/{}/Messages.json',
  method: 'POST',
  outcome: 'success',
  status: 201,
  twilioRequestId: 'RQ0123456789abcdef0123456789abcdef',
  ...over
})

export const ceiling = (over: Partial<AccountState['ceiling']> = {}): AccountState['ceiling'] => ({
  estimate: 51,
  low: 51,
  high: 52,
  basis: 'reported',
  confidence: 'high',
  evidence: [{ agoMs: 1403.7, reported: 52, inflight: 56, limitBefore: 56, limitAfter: 50 }],
  ...over
})

export const UNKNOWN_CEILING = ceiling({ estimate: null, low: 7, high: null, confidence: 'none', evidence: [] })

export const account = (over: Partial<AccountState> = {}): AccountState => ({
  account: SID,
  mode: 'enforce',
  algorithm: 'ceiling',
  limit: 50,
  inflight: 48,
  held: 2,
  queued: { critical: 1, standard: 20, read: 3, bulk: 0 },
  waitingCallers: 3,
  queuedBytes: 2400,
  reportedConcurrency: 47,
  ceiling: ceiling(),
  oldestWaiterMs: 812.4,
  drainPerSecond: 301.267,
  lastChange: { reason: 'probe', agoMs: 1403.7, limit: 50 },
  pacedRoutes: [{ route: '/v2/Services/{}/Verifications', perSecond: 18.004, source: 'announced' }],
  idleMs: 0,
  ...over
})

export const cap = (over: Partial<CapState> = {}): CapState => ({
  name: 'abroad',
  mode: 'refuse',
  max: 50,
  intervalMs: 3_600_000,
  per: ['account', 'country', 'destination'],
  counts: 12,
  usedRatio: 0.964,
  fullest: [{ account: SID, country: '+44', used: 48 }],
  ...over
})

export const killSwitch = (over: Partial<KillSwitch> = {}): KillSwitch => ({
  name: 'pumping',
  account: SID,
  product: 'verify',
  caller: null,
  reads: false,
  reason: 'Pumped verifications',
  thrownAtMs: Date.UTC(2026, 0, 1),
  untilMs: null,
  ...over
})

export const proxyState = (over: Partial<ProxyState> = {}): ProxyState => ({
  accounts: () => [account()],
  waitingRequests: () => 24,
  waitingBodyBytes: () => 2400,
  cachedBytes: () => 0,
  polledRoutes: () => [{ route: 'GET api/2010-04-01/Accounts/{}/Messages/{}.json', product: 'api', polls: 41 }],
  pacingRules: () => [{ rule: 'slow-deletes', keys: 2, waiting: 7 }],
  caps: () => [cap()],
  switches: () => [],
  wedged: () => false,
  draining: () => false,
  ...over
})
