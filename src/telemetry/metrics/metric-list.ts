/**
 * Every metric of our own, once: the exporter is built from this list, docs/metrics.md is tested
 * against it, and so are the dashboard's queries. Base units; the name says the unit.
 */
import { LIMIT_REASONS } from '../../policy/limit/limit.ts'
import { JOB_STATES } from '../../proxy/ports/deferral.ts'
import {
  DEFERRED_OUTCOMES, GUARD_REASONS, OUTCOMES, REFUSAL_REASONS, RETRY_REASONS, SHED_REASONS, TUNNEL_OUTCOMES
} from '../../proxy/reasons.ts'
import { TRAFFIC_CLASSES } from '../../twilio/types.ts'
import {
  CACHE_RESULTS, CAP_ACTIONS, DUPLICATE_ACTIONS, METHOD_LABELS, SDK_LABELS, THROTTLE_KINDS
} from './label-values.ts'

export const METRIC_PREFIX = 'twilio_governor_'

/** The values a label may take: all of them, or a sentence that says what bounds them. */
export type LabelDomain = readonly string[] | string

export interface MetricSpec {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly unit: string
  readonly help: string
  readonly labels: Readonly<Record<string, LabelDomain>>
  /** Upper bounds of a histogram, in its unit. */
  readonly buckets?: readonly number[]
}

const product = 'a Twilio product: the first label of its API host'
const account = 'SID, alias or hash, as the settings say; at most `maxLabels`, the rest is `other`'
const rule = 'a pacing rule of the settings'
const cap = 'a name of `guard.caps`'
const status = 'the status as a number, or `left` when the client had left'

// Calls to Twilio take tens of milliseconds to seconds; nothing outlives a minute.
const CALL_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60]
// Most requests do not wait at all: the first bucket tells them apart from the rest.
const WAIT_BUCKETS = [0.001, 0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60]
// Ours to answer for, in fractions of a millisecond; the tail shows a busy event loop or a slow upload.
const OVERHEAD_BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5]

type Spec<T extends MetricSpec['type']> = MetricSpec & { readonly type: T }

const counter = (unit: string, help: string, labels: Record<string, LabelDomain>): Spec<'counter'> =>
  ({ type: 'counter', unit, help, labels })
const gauge = (unit: string, help: string, labels: Record<string, LabelDomain> = {}): Spec<'gauge'> =>
  ({ type: 'gauge', unit, help, labels })
const seconds = (help: string, labels: Record<string, LabelDomain>, buckets: number[]): Spec<'histogram'> =>
  ({ type: 'histogram', unit: 'seconds', help, labels, buckets })

/** Keyed by name without the prefix, in the order of a request's way through the proxy. */
export const METRICS = {
  requests_total: counter(
    'requests',
    'Requests answered, or left by their client',
    { product, class: TRAFFIC_CLASSES, method: METHOD_LABELS, status }
  ),
  refused_total: counter('requests', 'Requests refused before they became an exchange', { reason: REFUSAL_REASONS }),
  tunnels_total: counter('tunnels', 'Tunnels opened by CONNECT, by how they ended', { outcome: TUNNEL_OUTCOMES }),
  shed_total: counter('requests', 'Requests shed: answered with a 429 of the proxy', { reason: SHED_REASONS }),
  guard_refused_total: counter(
    'requests',
    'Requests that the proxy refused with 403: a spend cap is used up, or a kill switch is on',
    { reason: GUARD_REASONS, product }
  ),
  spend_cap_over_total: counter(
    'sends',
    'Sends above a spend cap, by whether the proxy refused them',
    { cap, action: CAP_ACTIONS }
  ),
  attempts_total: counter('attempts', 'Attempts upstream, by their classified result', { product, outcome: OUTCOMES }),
  throttled_total: counter(
    'attempts',
    'Attempts that Twilio throttled (429), by whose limit it was',
    { product, kind: THROTTLE_KINDS }
  ),
  retries_total: counter(
    'attempts',
    'Retries, by what went wrong before',
    { reason: RETRY_REASONS }
  ),
  unknown_writes_total: counter(
    'requests',
    'Writes answered while their outcome was unknown (Governor-Outcome: unknown): Twilio may have processed them',
    {}
  ),
  late_outcomes_total: counter(
    'requests',
    'Writes whose outcome came after the answer to their client, or after the client had left',
    { outcome: OUTCOMES }
  ),
  stacked_retries_total: counter(
    'requests',
    'Requests that their client sent again within seconds of an error: its retries are stacked on those of the proxy',
    { sdk: SDK_LABELS }
  ),
  duplicate_sends_total: counter(
    'requests',
    'Creates that repeated one whose outcome was unknown to their client',
    { action: DUPLICATE_ACTIONS }
  ),
  coalesced_total: counter('requests', 'Reads that got the answer of an identical read in flight', { product }),
  cached_total: counter(
    'requests',
    'Reads that got a cached answer, at once or after Twilio confirmed it (304)',
    { product, result: CACHE_RESULTS }
  ),
  polls_total: counter(
    'requests',
    'Reads that asked Twilio for the same resource again and again; a callback or a cached answer would save them',
    { product }
  ),
  deferred_total: counter(
    'deletes',
    'Deletes stored until their rule opens, by outcome',
    { outcome: DEFERRED_OUTCOMES }
  ),
  shadow_would_wait_total: counter(
    'attempts',
    'Attempts that mode shadow let through and mode enforce would have queued',
    { class: TRAFFIC_CLASSES }
  ),
  feedback_missing_total: counter(
    'attempts',
    'Answers of Twilio without a usable Twilio-Concurrent-Requests header',
    { product }
  ),
  limit_changes_total: counter('changes', 'Changes of an account\'s limit', { reason: LIMIT_REASONS }),

  queue_wait_seconds: seconds(
    'Time a request waited at the gate, all attempts together',
    { class: TRAFFIC_CLASSES },
    WAIT_BUCKETS
  ),
  pace_wait_seconds: seconds(
    'Time a request waited for the pace of a rule, once for each attempt',
    { rule },
    WAIT_BUCKETS
  ),
  exchange_duration_seconds: seconds(
    'Time from a request\'s arrival to its answer, for clients that stayed',
    { product, class: TRAFFIC_CLASSES },
    CALL_BUCKETS
  ),
  upstream_duration_seconds: seconds(
    'Time from an attempt\'s first byte sent to its response headers',
    { product },
    CALL_BUCKETS
  ),
  twilio_duration_seconds: seconds(
    'Time that an attempt took inside Twilio, from Twilio-Request-Duration',
    { product },
    CALL_BUCKETS
  ),
  overhead_seconds: seconds(
    'Time that the proxy added to a request beyond queue, backoff and upstream, from the end of its body; includes opening connections',
    {},
    OVERHEAD_BUCKETS
  ),

  limit: gauge('requests', 'Requests that the account may have in flight', { account }),
  inflight: gauge('requests', 'Requests of the account in flight', { account }),
  held: gauge('requests', 'Slots that throttled requests hold during their backoff', { account }),
  queued: gauge('requests', 'Requests queued at the account\'s gate', { account, class: TRAFFIC_CLASSES }),
  reported_concurrency: gauge(
    'requests',
    'Last Twilio-Concurrent-Requests; no series before the first one, and none for an idle account',
    { account }
  ),
  ceiling: gauge(
    'requests',
    'Estimate of the account\'s ceiling at Twilio, all its clients together; no series while unknown',
    { account }
  ),
  ceiling_low: gauge('requests', 'Lower bound of that ceiling; no series while the estimate has none', { account }),
  ceiling_high: gauge('requests', 'Upper bound of that ceiling; no series while the estimate has none', { account }),
  spend_cap_used_ratio: gauge(
    'ratio',
    'Used part of the fullest count of a spend cap: 1 is used up; no series without caps',
    { cap }
  ),
  kill_switches: gauge('switches', 'Kill switches that are on'),
  deferred_jobs: gauge('deletes', 'Deletes in deferral.file; no series without that file', { state: JOB_STATES }),
  accounts: gauge('accounts', 'Accounts known now'),
  waiting_requests: gauge('requests', 'Requests waiting, all accounts together'),
  pace_waiting: gauge('requests', 'Requests waiting for the pace or the open hours of a rule', { rule }),
  waiting_body_bytes: gauge('bytes', 'Request bodies in memory, of requests that wait or are in flight'),
  cached_bytes: gauge('bytes', 'Memory of cached answers'),
  authority_expiry_timestamp_seconds: gauge(
    'seconds',
    'When the authority of interception.caDir expires, since 1970; no series without one'
  ),
  build_info: gauge(
    'info',
    'Always 1; version of twilio-governor and of Node.js',
    { version: 'of twilio-governor', node: 'of Node.js' }
  )
} as const satisfies Record<string, MetricSpec>

export type MetricName = keyof typeof METRICS

/** The names of one type of metric. */
export type NameOf<T extends MetricSpec['type']> =
  { [N in MetricName]: (typeof METRICS)[N] extends { readonly type: T } ? N : never }[MetricName]
