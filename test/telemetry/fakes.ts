import type { AccountState, AttemptEvent, ExchangeEvent, LateOutcomeEvent, ProxyState } from '../../src/proxy/events.ts'

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
  queueMs: 40,
  paceMs: 0,
  backoffMs: 100,
  upstreamMs: 160.04,
  totalMs: 300.44,
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
  queuedBytes: 2400,
  reportedConcurrency: 47,
  ceiling: ceiling(),
  oldestWaiterMs: 812.4,
  drainPerSecond: 301.267,
  lastChange: { reason: 'probe', agoMs: 1403.7, limit: 50 },
  pacedRoutes: [{ route: '/v2/Services/{}/Verifications', perSecond: 18.004 }],
  idleMs: 0,
  ...over
})

export const proxyState = (over: Partial<ProxyState> = {}): ProxyState => ({
  accounts: () => [account()],
  waitingRequests: () => 24,
  waitingBodyBytes: () => 2400,
  polledRoutes: () => [{ route: 'GET api/2010-04-01/Accounts/{}/Messages/{}.json', product: 'api', polls: 41 }],
  pacingRules: () => [{ rule: 'slow-deletes', keys: 2, waiting: 7 }],
  wedged: () => false,
  draining: () => false,
  ...over
})
