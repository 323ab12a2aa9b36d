import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Histogram } from 'prom-client'
import type { AttemptEvent, ExchangeEvent, Listener } from '../../proxy/events.ts'
import type { ProxyState } from '../../proxy/ports/state.ts'
import { JOB_STATES, type JobCounts } from '../../proxy/ports/deferral.ts'
import {
  DEFERRED_OUTCOMES, OUTCOMES, REFUSAL_REASONS, RETRY_REASONS, SHED_REASONS, TUNNEL_OUTCOMES
} from '../../proxy/reasons.ts'
import { TRAFFIC_CLASSES } from '../../twilio/types.ts'
import { fillAccountGauges } from './account-gauges.ts'
import type { AccountLabels } from '../account-labels.ts'
import { createInstruments } from './instruments.ts'
import {
  CAP_ACTIONS, DUPLICATE_ACTIONS, methodLabel, SDK_LABELS, THROTTLE_KINDS, throttleKind
} from './label-values.ts'

export interface MetricsOptions {
  /** Of twilio-governor, for build_info. */
  readonly version: string
  /** The same as the log's and the admin server's: who is `other` must be so everywhere. */
  readonly labels: AccountLabels
  readonly state: ProxyState
  /** Deletes stored for later, by state; absent where none are. */
  readonly jobCounts?: () => JobCounts
  /** When the authority of interception expires, since 1970; absent without one. */
  readonly authorityExpiresAtMs?: number
}

export interface Scrape {
  readonly contentType: string
  readonly body: string
}

export interface Metrics {
  /** Takes events in; called several times a request, so it counts and returns. */
  readonly listener: Listener
  /** Prometheus' text format: what was counted, and the live numbers of this moment. */
  readonly scrape: () => Promise<Scrape>
}

/** Its own registry, never prom-client's global one: two proxies may live in one process. */
export function createMetrics (options: MetricsOptions): Metrics {
  const registry = new Registry()
  const { counters, gauges, histograms, fillCounters } = createInstruments(registry)
  collectDefaultMetrics({ register: registry })
  if (options.authorityExpiresAtMs === undefined) gauges.authority_expiry_timestamp_seconds.remove()
  else gauges.authority_expiry_timestamp_seconds.set(options.authorityExpiresAtMs / 1000)
  gauges.build_info.set({ version: options.version, node: process.version }, 1)
  for (const reason of RETRY_REASONS) counters.retries_total.zero(reason)
  for (const reason of SHED_REASONS) counters.shed_total.zero(reason)
  for (const { name } of options.state.caps()) {
    for (const action of CAP_ACTIONS) {
      counters.spend_cap_over_total.zero(
        name,
        action
      )
    }
  }
  for (const outcome of TUNNEL_OUTCOMES) counters.tunnels_total.zero(outcome)
  for (const sdk of SDK_LABELS) counters.stacked_retries_total.zero(sdk)
  for (const action of DUPLICATE_ACTIONS) counters.duplicate_sends_total.zero(action)
  for (const outcome of DEFERRED_OUTCOMES) counters.deferred_total.zero(outcome)
  for (const reason of REFUSAL_REASONS) counters.refused_total.zero(reason)
  counters.unknown_writes_total.zero()
  for (const outcome of OUTCOMES) counters.late_outcomes_total.zero(outcome)
  for (const name of TRAFFIC_CLASSES) counters.shadow_would_wait_total.zero(name)

  /** Products whose refusals have counters: a first refusal is a rise from zero. */
  const products = new Set<string>()
  const onAttempt = (event: AttemptEvent): void => {
    const { product } = event
    if (!products.has(product)) {
      products.add(product)
      for (const kind of THROTTLE_KINDS) counters.throttled_total.zero(product, kind)
    }
    counters.attempts_total.count(product, event.outcome)
    const kind = throttleKind(event.outcome)
    if (kind !== undefined) counters.throttled_total.count(product, kind)
    // Without an answer there is nothing that Twilio could have said, and no duration to speak of.
    if (event.status === 0) return
    observeMs(histograms.upstream_duration_seconds, { product }, event.upstreamMs)
    if (event.twilioMs !== undefined) observeMs(histograms.twilio_duration_seconds, { product }, event.twilioMs)
    if (event.reportedConcurrency === undefined) counters.feedback_missing_total.count(product)
  }

  const onExchange = (event: ExchangeEvent): void => {
    const status = event.clientLeft ? 'left' : event.status
    counters.requests_total.count(event.product, event.class, methodLabel(event.method), status)
    if (event.reason === 'outcome_unknown' && !event.clientLeft) counters.unknown_writes_total.count()
    if (event.reason === 'coalesced') counters.coalesced_total.count(event.product)
    else if (event.reason === 'cached') counters.cached_total.count(event.product, 'hit')
    else if (event.reason === 'revalidated') counters.cached_total.count(event.product, 'revalidated')
    observeMs(histograms.queue_wait_seconds, { class: event.class }, event.queueMs)
    // A client that left cut the time short: it says nothing of how long an answer takes.
    if (event.clientLeft) return
    observeMs(histograms.exchange_duration_seconds, { product: event.product, class: event.class }, event.totalMs)
    observeMs(
      histograms.overhead_seconds,
      {},
      Math.max(0, event.totalMs - event.queueMs - event.paceMs - event.backoffMs - event.upstreamMs)
    )
  }

  const listener: Listener = (event) => {
    switch (event.type) {
      case 'attempt': onAttempt(event); break
      case 'exchange': onExchange(event); break
      case 'retry': counters.retries_total.count(event.reason); break
      case 'limit': counters.limit_changes_total.count(event.reason); break
      case 'shed': counters.shed_total.count(event.reason); break
      case 'shadow': counters.shadow_would_wait_total.count(event.class); break
      case 'late_outcome': counters.late_outcomes_total.count(event.outcome); break
      case 'paced': observeMs(histograms.pace_wait_seconds, { rule: event.rule }, event.waitMs); break
      case 'poll': counters.polls_total.count(event.product); break
      case 'stacked_retry': counters.stacked_retries_total.count(event.sdk); break
      case 'guard_refused': counters.guard_refused_total.count(event.reason, event.product); break
      case 'spend_cap': counters.spend_cap_over_total.count(event.cap, event.refused ? 'refused' : 'passed'); break
      case 'duplicate': counters.duplicate_sends_total.count(event.refused ? 'refused' : 'passed'); break
      case 'deferred': counters.deferred_total.count(event.outcome); break
      case 'tunnel': counters.tunnels_total.count(event.outcome); break
      case 'refused': counters.refused_total.count(event.reason); break
    }
  }

  return {
    listener,
    scrape: async () => {
      const accounts = options.state.accounts()
      fillAccountGauges(gauges, accounts, options.labels)
      for (const { name, usedRatio } of options.state.caps()) gauges.spend_cap_used_ratio.set({ cap: name }, usedRatio)
      gauges.kill_switches.set(options.state.switches().length)
      gauges.accounts.set(accounts.length)
      gauges.waiting_requests.set(options.state.waitingRequests())
      gauges.pace_waiting.reset()
      for (const { rule, waiting } of options.state.pacingRules()) gauges.pace_waiting.set({ rule }, waiting)
      gauges.waiting_body_bytes.set(options.state.waitingBodyBytes())
      gauges.cached_bytes.set(options.state.cachedBytes())
      const jobs = options.jobCounts?.()
      if (jobs !== undefined) for (const state of JOB_STATES) gauges.deferred_jobs.set({ state }, jobs[state])
      fillCounters()
      return { contentType: registry.contentType, body: await registry.metrics() }
    }
  }
}

// prom-client throws on a value that is no number; a request must not fail for its statistics.
function observeMs (histogram: Histogram, labels: Record<string, string>, ms: number): void {
  if (Number.isFinite(ms)) histogram.observe(labels, ms / 1000)
}
