import t from 'tap'
import promClient from 'prom-client'
import type { GovernorEvent } from '../../../src/proxy/events.ts'
import type { ProxyState } from '../../../src/proxy/ports/state.ts'
import { createMetrics } from '../../../src/telemetry/metrics/metrics.ts'
import type { Metrics } from '../../../src/telemetry/metrics/metrics.ts'
import { METRIC_PREFIX, METRICS } from '../../../src/telemetry/metrics/metric-list.ts'
import type { MetricSpec } from '../../../src/telemetry/metrics/metric-list.ts'
import { account, attempt, cap, ceiling, exchange, killSwitch, lateOutcome, proxyState, SID, UNKNOWN_CEILING } from '../fakes.ts'
import { familyOf, readSamples, valueOf } from './scrape.ts'
import { createAccountLabels } from '../../../src/telemetry/account-labels.ts'
import type { Sample } from './scrape.ts'

const JOB_COUNTS = { queued: 40, running: 4, done: 300, failed: 2, cancelled: 1 }
const labels = { label: 'full', aliases: {}, maxLabels: 100 } as const
const create = (state: ProxyState = proxyState()): Metrics => createMetrics({ version: '1.2.3', labels: createAccountLabels(labels), state, jobCounts: () => JOB_COUNTS, authorityExpiresAtMs: 1_800_000_000_000 })

async function scrapeAfter (events: readonly GovernorEvent[], metrics = create()): Promise<Sample[]> {
  for (const event of events) metrics.listener(event)
  return readSamples((await metrics.scrape()).body)
}

const everyEvent: readonly GovernorEvent[] = [
  exchange(),
  exchange({ status: 0, clientLeft: true, reason: 'client_left' }),
  { type: 'poll', account: SID, product: 'api', route: 'GET api/x', isFirst: true },
  exchange({ reason: 'coalesced', attempts: 0 }),
  { type: 'paced', account: SID, product: 'api', rule: 'slow-deletes', waitMs: 400 },
  exchange({ reason: 'cached', attempts: 0 }),
  exchange({ reason: 'revalidated', attempts: 1 }),
  { type: 'deferred', outcome: 'done', job: 'f'.repeat(32), account: SID, route: 'DELETE api/x', rule: 'nightly', run: { runs: 1, status: 204, twilioRequestId: undefined, errorCode: undefined, alreadyGone: false } },
  { type: 'stacked_retry', account: SID, product: 'api', route: 'POST api/x', method: 'POST', sdk: 'java', status: 503, agoMs: 100 },
  { type: 'duplicate', account: SID, product: 'api', route: 'POST api/x', method: 'POST', sdk: 'other', first: 'unknown', agoMs: 100, refused: true },
  { type: 'guard_refused', account: SID, product: 'api', reason: 'spend_cap' },
  { type: 'spend_cap', cap: 'abroad', max: 50, intervalMs: 3_600_000, prefix: '+44', refused: true, tell: true, account: SID, product: 'api', route: 'POST api/x', caller: 'campaigns' },
  { type: 'kill_switch', change: 'thrown', killSwitch: killSwitch(), refused: 2 },
  attempt(),
  attempt({ outcome: 'throttled_account', status: 429, reportedConcurrency: undefined }),
  { type: 'retry', account: SID, product: 'api', reason: 'throttled_account', delayMs: 120 },
  { type: 'limit', account: SID, reason: 'cut', limit: 45 },
  { type: 'shed', account: SID, product: 'api', class: 'bulk', reason: 'queue_full' },
  { type: 'shadow', account: SID, class: 'read' },
  lateOutcome(),
  { type: 'refused', status: 413, reason: 'body_too_large' }
]

t.test('every series that is exported is in the list, with the labels and values listed', async (t) => {
  const specs: Readonly<Record<string, MetricSpec>> = METRICS
  const samples = (await scrapeAfter(everyEvent)).filter(({ name }) => name.startsWith(METRIC_PREFIX))
  for (const { name, labels: found } of samples) {
    const spec = specs[name.slice(METRIC_PREFIX.length)] ?? specs[familyOf(name).slice(METRIC_PREFIX.length)]
    if (!t.ok(spec, `${name} is in the list`)) continue
    const { le, ...own } = found
    t.equal(le !== undefined, name.endsWith('_bucket'))
    t.same(Object.keys(own).sort(), Object.keys(spec!.labels).sort(), `${name} has the labels of the list`)
    for (const [label, value] of Object.entries(own)) {
      const domain = spec!.labels[label]
      if (Array.isArray(domain)) t.ok(domain.includes(value), `${name} ${label}=${value} is of the closed set`)
    }
  }
})

t.test('every metric in the list is exported with its type and help', async (t) => {
  const { body } = await create().scrape()
  for (const [name, { type, help }] of Object.entries<MetricSpec>(METRICS)) {
    t.ok(body.includes(`# HELP ${METRIC_PREFIX}${name} ${help}\n# TYPE ${METRIC_PREFIX}${name} ${type}\n`), name)
  }
})

t.test('every metric in the list has a series once everything has happened', async (t) => {
  const samples = await scrapeAfter(everyEvent)
  const seen = new Set(samples.flatMap(({ name }) => [name, familyOf(name)]))
  for (const name of Object.keys(METRICS)) t.ok(seen.has(METRIC_PREFIX + name), name)
})

t.test('units are in the names, and only histograms have buckets, which rise', async (t) => {
  for (const [name, { type, unit, buckets }] of Object.entries<MetricSpec>(METRICS)) {
    t.equal(name.endsWith('_total'), type === 'counter', name)
    if (unit === 'seconds' || unit === 'bytes') t.ok(name.endsWith(`_${unit}`), name)
    t.equal(buckets !== undefined, type === 'histogram', name)
    if (buckets !== undefined) t.same(buckets, [...buckets].sort((a, b) => a - b), name)
  }
})

t.test('a request counts under its status, and as left when its client had left', async (t) => {
  const samples = await scrapeAfter([exchange(), exchange(), exchange({ status: 0, clientLeft: true })])
  const name = 'twilio_governor_requests_total'
  t.equal(valueOf(samples, name, { product: 'api', class: 'standard', method: 'POST', status: '201' }), 2)
  t.equal(valueOf(samples, name, { status: 'left' }), 1)
})

t.test('an answer that was kept counts by whether Twilio was asked about it', async (t) => {
  const samples = await scrapeAfter([exchange({ reason: 'cached' }), exchange({ reason: 'cached' }), exchange({ reason: 'revalidated' }), exchange()], create(proxyState({ cachedBytes: () => 5_000 })))
  t.equal(valueOf(samples, 'twilio_governor_cached_total', { product: 'api', result: 'hit' }), 2)
  t.equal(valueOf(samples, 'twilio_governor_cached_total', { product: 'api', result: 'revalidated' }), 1)
  t.equal(valueOf(samples, 'twilio_governor_cached_bytes'), 5_000)
})

t.test('a method nobody knows is other', async (t) => {
  const samples = await scrapeAfter([exchange({ method: 'BREW' })])
  t.equal(valueOf(samples, 'twilio_governor_requests_total', { method: 'other' }), 1)
})

t.test('overhead is what queue, pace, backoff and upstream do not explain, never below zero', async (t) => {
  const samples = await scrapeAfter([
    exchange({ totalMs: 4_302, queueMs: 100, paceMs: 4_000, backoffMs: 100, upstreamMs: 100 }),
    exchange({ totalMs: 4_300, queueMs: 100, paceMs: 4_000, backoffMs: 100, upstreamMs: 100.5 })
  ])
  t.equal(valueOf(samples, 'twilio_governor_overhead_seconds_count'), 2)
  t.equal(valueOf(samples, 'twilio_governor_overhead_seconds_sum'), 0.002)
  t.equal(valueOf(samples, 'twilio_governor_overhead_seconds_bucket', { le: '0.001' }), 1)
})

t.test('a client that left adds to the queue wait, not to durations', async (t) => {
  const samples = await scrapeAfter([exchange({ clientLeft: true, status: 0, queueMs: 500 })])
  t.equal(valueOf(samples, 'twilio_governor_queue_wait_seconds_sum', { class: 'standard' }), 0.5)
  t.equal(valueOf(samples, 'twilio_governor_exchange_duration_seconds_count'), undefined)
  t.equal(valueOf(samples, 'twilio_governor_overhead_seconds_count'), 0)
})

t.test('attempts are timed in seconds, ours and Twilio\'s own', async (t) => {
  const samples = await scrapeAfter([attempt({ upstreamMs: 80, twilioMs: 60 })])
  t.equal(valueOf(samples, 'twilio_governor_upstream_duration_seconds_sum', { product: 'api' }), 0.08)
  t.equal(valueOf(samples, 'twilio_governor_twilio_duration_seconds_sum', { product: 'api' }), 0.06)
})

t.test('an attempt without an answer is counted, but neither timed nor missed for its feedback', async (t) => {
  const samples = await scrapeAfter([attempt({ outcome: 'unsent', status: 0, upstreamMs: 0, twilioMs: undefined, reportedConcurrency: undefined })])
  t.equal(valueOf(samples, 'twilio_governor_attempts_total', { outcome: 'unsent' }), 1)
  t.equal(valueOf(samples, 'twilio_governor_upstream_duration_seconds_count'), undefined)
  t.equal(valueOf(samples, 'twilio_governor_feedback_missing_total'), undefined)
})

t.test('an answer without the concurrency header is missed', async (t) => {
  const samples = await scrapeAfter([attempt({ reportedConcurrency: undefined }), attempt()])
  t.equal(valueOf(samples, 'twilio_governor_feedback_missing_total', { product: 'api' }), 1)
})

t.test('429s of Twilio are told apart by whose limit spoke', async (t) => {
  const samples = await scrapeAfter(['throttled_account', 'throttled_route', 'throttled_final', 'success']
    .map((outcome) => attempt({ outcome: outcome as 'success' })))
  for (const kind of ['account', 'route', 'final']) t.equal(valueOf(samples, 'twilio_governor_throttled_total', { kind }), 1, kind)
  t.equal(samples.filter(({ name }) => name === 'twilio_governor_throttled_total').length, 3)
})

t.test('every retry, shed, refusal and late outcome starts at zero, so that the first one shows as a rise', async (t) => {
  const samples = await scrapeAfter([])
  t.equal(valueOf(samples, 'twilio_governor_retries_total', { reason: 'throttled_account' }), 0)
  t.equal(valueOf(samples, 'twilio_governor_shed_total', { reason: 'deadline_unreachable' }), 0)
  t.equal(valueOf(samples, 'twilio_governor_refused_total', { reason: 'unknown_host' }), 0)
  t.equal(valueOf(samples, 'twilio_governor_late_outcomes_total', { outcome: 'timeout' }), 0)
  t.equal(valueOf(samples, 'twilio_governor_stacked_retries_total', { sdk: 'java' }), 0)
  t.equal(valueOf(samples, 'twilio_governor_duplicate_sends_total', { action: 'passed' }), 0)
  t.equal(valueOf(samples, 'twilio_governor_shadow_would_wait_total', { class: 'bulk' }), 0)
})

t.test('a write that is answered as unknown counts when it is answered, from a zero that was there before', async (t) => {
  const metrics = create()
  t.equal(valueOf(await scrapeAfter([], metrics), 'twilio_governor_unknown_writes_total'), 0)
  const answered = exchange({ reason: 'outcome_unknown', status: 504 })
  const others = [exchange(), exchange({ reason: 'outcome_unknown', status: 0, clientLeft: true }), exchange({ reason: 'attempts_spent', status: 502 })]
  t.equal(valueOf(await scrapeAfter([answered, ...others], metrics), 'twilio_governor_unknown_writes_total'), 1)
})

t.test('what Twilio reported of an account that is idle says nothing of now', async (t) => {
  const reported = async (idleMs: number): Promise<number | undefined> =>
    valueOf(await scrapeAfter([], create(proxyState({ accounts: () => [account({ idleMs })] }))), 'twilio_governor_reported_concurrency', { account: SID })
  t.same([await reported(0), await reported(4_999), await reported(5_000), await reported(600_000)], [47, 47, undefined, undefined])
})

t.test('each cap tells how full its fullest count is, and has counters from the start', async (t) => {
  const samples = await scrapeAfter([], create(proxyState({ caps: () => [cap(), cap({ name: 'trial', usedRatio: 1.5 })], switches: () => [killSwitch()] })))
  t.same(['abroad', 'trial'].map((name) => valueOf(samples, 'twilio_governor_spend_cap_used_ratio', { cap: name })), [0.964, 1.5])
  for (const action of ['passed', 'refused']) t.equal(valueOf(samples, 'twilio_governor_spend_cap_over_total', { cap: 'trial', action }), 0, action)
  t.equal(valueOf(samples, 'twilio_governor_kill_switches'), 1)
  t.equal(valueOf(await scrapeAfter([], create(proxyState({ caps: () => [] }))), 'twilio_governor_spend_cap_used_ratio'), undefined)
})

t.test('sends above a cap are told apart by what became of them, refusals by reason and product', async (t) => {
  const over = everyEvent.find(({ type }) => type === 'spend_cap')!
  const samples = await scrapeAfter([over, over, { ...over, refused: false } as GovernorEvent, { type: 'guard_refused', account: SID, product: 'verify', reason: 'kill_switch' }])
  t.equal(valueOf(samples, 'twilio_governor_spend_cap_over_total', { cap: 'abroad', action: 'refused' }), 2)
  t.equal(valueOf(samples, 'twilio_governor_spend_cap_over_total', { cap: 'abroad', action: 'passed' }), 1)
  t.equal(valueOf(samples, 'twilio_governor_guard_refused_total', { reason: 'kill_switch', product: 'verify' }), 1)
})

t.test('counts stand still between two scrapes without events', async (t) => {
  const metrics = create()
  t.equal(valueOf(await scrapeAfter(everyEvent, metrics), 'twilio_governor_limit_changes_total', { reason: 'cut' }), 1)
  t.equal(valueOf(await scrapeAfter([], metrics), 'twilio_governor_limit_changes_total', { reason: 'cut' }), 1)
})

t.test('gauges are read at the scrape, and an account that is gone has no series', async (t) => {
  let accounts = [account()]
  const metrics = create(proxyState({ accounts: () => accounts }))
  const before = await scrapeAfter([], metrics)
  t.equal(valueOf(before, 'twilio_governor_limit', { account: SID }), 50)
  t.equal(valueOf(before, 'twilio_governor_queued', { account: SID, class: 'standard' }), 20)
  t.equal(valueOf(before, 'twilio_governor_reported_concurrency', { account: SID }), 47)
  t.equal(valueOf(before, 'twilio_governor_accounts'), 1)
  accounts = []
  const after = await scrapeAfter([], metrics)
  t.equal(valueOf(after, 'twilio_governor_limit'), undefined)
  t.equal(valueOf(after, 'twilio_governor_accounts'), 0)
})

t.test('what is not known of an account has no series rather than a zero', async (t) => {
  const samples = await scrapeAfter([], create(proxyState({ accounts: () => [account({ reportedConcurrency: null, ceiling: UNKNOWN_CEILING })] })))
  t.equal(valueOf(samples, 'twilio_governor_reported_concurrency'), undefined)
  for (const name of ['ceiling', 'ceiling_low', 'ceiling_high']) t.equal(valueOf(samples, `twilio_governor_${name}`), undefined, name)
})

t.test('the ceiling is exported with its band', async (t) => {
  const samples = await scrapeAfter([], create(proxyState({ accounts: () => [account({ ceiling: ceiling({ estimate: 60, low: 55, high: 70 }) })] })))
  const found = ['ceiling', 'ceiling_low', 'ceiling_high'].map((name) => valueOf(samples, `twilio_governor_${name}`, { account: SID }))
  t.same(found, [60, 55, 70])
})

t.test('accounts beyond the most labels are added up under other', async (t) => {
  const accounts = ['AC1', 'AC2', 'AC3'].map((name) => account({ account: name, inflight: 5 }))
  const metrics = createMetrics({ version: '1', labels: createAccountLabels({ ...labels, maxLabels: 1 }), state: proxyState({ accounts: () => accounts }) })
  const samples = readSamples((await metrics.scrape()).body)
  t.equal(valueOf(samples, 'twilio_governor_inflight', { account: 'AC1' }), 5)
  t.equal(valueOf(samples, 'twilio_governor_inflight', { account: 'other' }), 10)
})

t.test('two in one process count apart, and prom-client\'s global registry stays empty', async (t) => {
  const [one, two] = [create(), create()]
  one.listener(exchange())
  t.equal(valueOf(await scrapeAfter([], one), 'twilio_governor_requests_total'), 1)
  t.equal(valueOf(await scrapeAfter([], two), 'twilio_governor_requests_total'), undefined)
  t.same(promClient.register.getMetricsAsArray(), [])
})

t.test('a figure that is no number spoils neither the request nor the histogram', async (t) => {
  const samples = await scrapeAfter([exchange({ queueMs: NaN })])
  t.equal(valueOf(samples, 'twilio_governor_requests_total'), 1)
  t.equal(valueOf(samples, 'twilio_governor_queue_wait_seconds_count'), undefined)
})

t.test('deferred deletes are shown by state, what becomes of them by outcome, and neither where nothing is deferred', async (t) => {
  const samples = await scrapeAfter(everyEvent)
  for (const [state, number] of Object.entries(JOB_COUNTS)) t.equal(valueOf(samples, 'twilio_governor_deferred_jobs', { state }), number, state)
  t.equal(valueOf(samples, 'twilio_governor_deferred_total', { outcome: 'done' }), 1)
  t.equal(valueOf(samples, 'twilio_governor_deferred_total', { outcome: 'failed' }), 0, 'known before the first')
  const off = await scrapeAfter([], createMetrics({ version: '1', labels: createAccountLabels(labels), state: proxyState() }))
  t.notOk(off.some(({ name }) => name === 'twilio_governor_deferred_jobs'))
})

t.test('a rule that is gone has no series, and the end of an authority is told in seconds', async (t) => {
  let rules = [{ rule: 'old', keys: 1, waiting: 3 }]
  const metrics = create(proxyState({ pacingRules: () => rules }))
  const before = await scrapeAfter([], metrics)
  t.equal(valueOf(before, 'twilio_governor_pace_waiting', { rule: 'old' }), 3)
  t.equal(valueOf(before, 'twilio_governor_authority_expiry_timestamp_seconds'), 1_800_000_000)
  rules = []
  t.equal(valueOf(await scrapeAfter([], metrics), 'twilio_governor_pace_waiting'), undefined)
})
