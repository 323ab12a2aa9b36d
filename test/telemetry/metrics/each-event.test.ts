/** Each event moves its own series by one, and no other; each closed set stands at zero before anything has happened. */
import t from 'tap'
import type { AccountState } from '../../../src/proxy/ports/state.ts'
import type { GovernorEvent } from '../../../src/proxy/events.ts'
import { createAccountLabels } from '../../../src/telemetry/account-labels.ts'
import {
  DEFERRED_OUTCOMES, OUTCOMES, REFUSAL_REASONS, RETRY_REASONS, SHED_REASONS, TUNNEL_OUTCOMES
} from '../../../src/proxy/reasons.ts'
import { DUPLICATE_ACTIONS, SDK_LABELS } from '../../../src/telemetry/metrics/label-values.ts'
import { createMetrics, type Metrics } from '../../../src/telemetry/metrics/metrics.ts'
import { TRAFFIC_CLASSES } from '../../../src/twilio/types.ts'
import { account, attempt, ceiling, exchange, lateOutcome, proxyState, SID, UNKNOWN_CEILING } from '../fakes.ts'
import { readSamples, valueOf, type Sample } from './scrape.ts'

const PREFIX = 'twilio_governor_'
const labels = createAccountLabels({ label: 'full', aliases: {}, maxLabels: 1 })

const create = (accounts: readonly AccountState[] = []): Metrics =>
  createMetrics({ version: '1', labels, state: proxyState({ accounts: () => accounts }) })

async function samplesOf (metrics: Metrics): Promise<readonly Sample[]> {
  const all = readSamples((await metrics.scrape()).body)
  return all.filter(({ name }) => name.startsWith(PREFIX) && !/_(?:bucket|sum)$/.test(name))
}

/** The counters that an event moves, as `name a b`, with the values of their labels in the order of their names. */
async function movedBy (...events: readonly GovernorEvent[]): Promise<readonly string[]> {
  const metrics = create()
  const key = ({ name, labels: of }: Sample): string => [name.slice(PREFIX.length), ...Object.values(of)].join(' ')
  const before = new Map((await samplesOf(metrics)).map((sample) => [key(sample), sample.value]))
  for (const event of events) metrics.listener(event)
  const after = (await samplesOf(metrics)).map((sample) => [key(sample), sample.value] as const)
  return after.flatMap(([name, value]) => {
    const by = value - (before.get(name) ?? 0)
    return by === 0 ? [] : [by === 1 ? name : `${name} +${by}`]
  })
}

const of = { account: SID, product: 'verify', route: 'POST verify/x' } as const
const cap = { cap: 'abroad', max: 5, intervalMs: 60_000, prefix: '+44', tell: false, caller: 'campaigns' } as const
const job = { job: 'f'.repeat(32), account: SID, route: 'DELETE api/x', rule: 'nightly' } as const

const COUNTED: ReadonlyArray<readonly [GovernorEvent, string]> = [
  [{ type: 'retry', account: SID, product: 'api', reason: 'unsent', delayMs: 1 }, 'retries_total unsent'],
  [{ type: 'limit', account: SID, reason: 'probe', limit: 4 }, 'limit_changes_total probe'],
  [{ type: 'shed', account: SID, product: 'api', class: 'bulk', reason: 'queue_bytes' }, 'shed_total queue_bytes'],
  [{ type: 'shadow', account: SID, class: 'read' }, 'shadow_would_wait_total read'],
  [lateOutcome({ outcome: 'reset' }), 'late_outcomes_total reset'],
  [{ type: 'paced', account: SID, product: 'api', rule: 'slow', waitMs: 5 }, 'pace_wait_seconds_count slow'],
  [{ type: 'poll', ...of, isFirst: false }, 'polls_total verify'],
  [{ type: 'stacked_retry', ...of, method: 'POST', sdk: 'go', status: 503, agoMs: 1 }, 'stacked_retries_total go'],
  [
    { type: 'guard_refused', account: SID, product: 'verify', reason: 'spend_cap' },
    'guard_refused_total spend_cap verify'
  ],
  [{ type: 'spend_cap', ...of, ...cap, refused: true }, 'spend_cap_over_total abroad refused'],
  [{ type: 'spend_cap', ...of, ...cap, refused: false }, 'spend_cap_over_total abroad passed'],
  [{ type: 'duplicate', ...of, method: 'POST', sdk: 'go', first: 'unknown', agoMs: 1, refused: true },
    'duplicate_sends_total refused'],
  [{ type: 'duplicate', ...of, method: 'POST', sdk: 'go', first: 'unknown', agoMs: 1, refused: false },
    'duplicate_sends_total passed'],
  [{ type: 'deferred', ...job, outcome: 'again' }, 'deferred_total again'],
  [{ type: 'tunnel', host: 'h', client: 'c', outcome: 'blind' }, 'tunnels_total blind'],
  [{ type: 'refused', status: 413, reason: 'body_too_large' }, 'refused_total body_too_large']
]

for (const [event, counted] of COUNTED) {
  t.test(`${event.type} moves ${counted}`, async (t) => { t.same(await movedBy(event), [counted]) })
}

t.test('an exchange is counted as a request, and its times are', async (t) => {
  const times = [
    'queue_wait_seconds_count standard', 'exchange_duration_seconds_count verify standard', 'overhead_seconds_count'
  ]
  const moved = async (reason: 'answered' | 'coalesced' | 'cached' | 'revalidated' | 'outcome_unknown'): Promise<readonly string[]> =>
    (await movedBy(exchange({ product: 'verify', reason }))).filter((name) => !times.includes(name))
  const request = 'requests_total verify standard POST 201'
  t.same(await moved('answered'), [request])
  t.same(await moved('outcome_unknown'), [request, 'unknown_writes_total'])
  t.same(await moved('coalesced'), [request, 'coalesced_total verify'])
  t.same(await moved('cached'), [request, 'cached_total verify hit'])
  t.same(await moved('revalidated'), [request, 'cached_total verify revalidated'])
  t.same((await movedBy(exchange({ product: 'verify' }))).filter((name) => times.includes(name)), times)
})

t.test('an attempt is counted by its outcome, and a 429 by whose limit it was', async (t) => {
  const times = ['upstream_duration_seconds_count api', 'twilio_duration_seconds_count api']
  t.same(await movedBy(attempt()), ['attempts_total api success', ...times])
  t.same(await movedBy(attempt({ outcome: 'throttled_final', status: 429, twilioMs: undefined })), [
    'attempts_total api throttled_final', 'throttled_total api final', times[0]
  ])
  t.same(await movedBy(attempt({ reportedConcurrency: undefined, twilioMs: undefined })), [
    'attempts_total api success', 'feedback_missing_total api', times[0]
  ])
})

t.test('a figure that is no number is left out of its histogram, and of no other', async (t) => {
  t.same(
    await movedBy(attempt({ upstreamMs: NaN })), ['attempts_total api success', 'twilio_duration_seconds_count api']
  )
})

t.test('a 429 of a product that is met for the first time is a rise from zero for the other kinds as well', async (t) => {
  const metrics = create()
  metrics.listener(attempt({ product: 'verify' }))
  const samples = await samplesOf(metrics)
  for (const kind of ['account', 'route', 'final']) {
    t.equal(valueOf(samples, `${PREFIX}throttled_total`, { product: 'verify', kind }), 0, kind)
  }
})

t.test('each closed set stands at zero from the start', async (t) => {
  const samples = await samplesOf(create())
  const sets = [
    ['retries_total', 'reason', RETRY_REASONS],
    ['shed_total', 'reason', SHED_REASONS],
    ['refused_total', 'reason', REFUSAL_REASONS],
    ['tunnels_total', 'outcome', TUNNEL_OUTCOMES],
    ['late_outcomes_total', 'outcome', OUTCOMES],
    ['deferred_total', 'outcome', DEFERRED_OUTCOMES],
    ['stacked_retries_total', 'sdk', SDK_LABELS],
    ['duplicate_sends_total', 'action', DUPLICATE_ACTIONS],
    ['shadow_would_wait_total', 'class', TRAFFIC_CLASSES]
  ] as const
  for (const [name, label, values] of sets) {
    for (const value of values) t.equal(valueOf(samples, PREFIX + name, { [label]: value }), 0, `${name} ${value}`)
  }
})

t.test('without an authority there is no moment at which it expires', async (t) => {
  t.equal(valueOf(await samplesOf(create()), `${PREFIX}authority_expiry_timestamp_seconds`), undefined)
})

t.test('accounts that share a label are added up in each gauge, those whose ceiling is not known as well', async (t) => {
  const state = (over: Partial<AccountState>): AccountState => account({ inflight: 1, held: 2, limit: 3, ...over })
  const samples = await samplesOf(create([
    state({ account: 'first' }),
    state({ account: 'a', ceiling: UNKNOWN_CEILING, queued: { critical: 1, standard: 2, read: 3, bulk: 4 } }),
    state({
      account: 'b',
      inflight: 10,
      held: 20,
      limit: 30,
      reportedConcurrency: 3,
      queued: { critical: 10, standard: 20, read: 30, bulk: 40 },
      ceiling: ceiling({ estimate: 7, low: 6, high: 8 })
    }),
    state(
      {
        account: 'c',
        idleMs: 60_000,
        queued: { critical: 0, standard: 0, read: 0, bulk: 0 },
        ceiling: ceiling({ estimate: 70, low: 60, high: 80 })
      }
    )
  ]))
  const found = (name: string, more = {}): number | undefined => valueOf(
    samples, PREFIX + name, { account: 'other', ...more }
  )
  t.same(['inflight', 'held', 'limit'].map((name) => found(name)), [12, 24, 36])
  t.same(TRAFFIC_CLASSES.map((name) => found('queued', { class: name })), [11, 22, 33, 44])
  t.equal(found('reported_concurrency'), 50)
  t.same(['ceiling', 'ceiling_low', 'ceiling_high'].map((name) => found(name)), [77, 66, 88])
})
