import type { Gauge } from 'prom-client'
import type { AccountState } from '../../proxy/ports/state.ts'
import { TRAFFIC_CLASSES } from '../../twilio/types.ts'
import type { AccountLabels } from '../account-labels.ts'

const NAMES = [
  'limit',
  'inflight',
  'held',
  'queued',
  'reported_concurrency',
  'ceiling',
  'ceiling_low',
  'ceiling_high'
] as const

/** After so long without a request, what Twilio reported last says nothing of now, milliseconds. */
const REPORT_HOLDS_MS = 5_000

/** The gauges with an `account` label. */
export type AccountGauges = Readonly<Record<(typeof NAMES)[number], Gauge>>

/**
 * Reads all accounts into the gauges. Accounts that share a label (`other`, or one alias for two)
 * are added up; an evicted account's series goes.
 */
export function fillAccountGauges (
  gauges: AccountGauges,
  accounts: readonly AccountState[],
  labels: AccountLabels
): void {
  for (const name of NAMES) gauges[name].reset()
  for (const state of accounts) {
    const account = labels(state.account)
    gauges.limit.inc({ account }, state.limit)
    gauges.inflight.inc({ account }, state.inflight)
    gauges.held.inc({ account }, state.held)
    for (const name of TRAFFIC_CLASSES) gauges.queued.inc({ account, class: name }, state.queued[name])
    if (state.reportedConcurrency !== null && state.idleMs < REPORT_HOLDS_MS) {
      gauges.reported_concurrency.inc({ account }, state.reportedConcurrency)
    }
    const { estimate, low, high } = state.ceiling
    if (estimate === null || high === null) continue
    gauges.ceiling.inc({ account }, estimate)
    gauges.ceiling_low.inc({ account }, low)
    gauges.ceiling_high.inc({ account }, high)
  }
}
