import t from 'tap'
import { createAdmin } from '../../src/admin/server.ts'
import type { GovernorEvent } from '../../src/proxy/events.ts'
import { createAccountLabels } from '../../src/telemetry/account-labels.ts'
import { createExchangeLog } from '../../src/telemetry/log/exchange-log.ts'
import { createLogger } from '../../src/telemetry/log/logger.ts'
import { createMetrics } from '../../src/telemetry/metrics/metrics.ts'
import { account, attempt, exchange, killSwitch, lateOutcome, proxyState, SID } from './fakes.ts'
import { memoryLog } from './log/memory-log.ts'

const events: readonly GovernorEvent[] = [
  exchange(), exchange({ account: `${SID}@ie1`, status: 502, reason: 'outcome_unknown', errorCode: 'ECONNRESET' }),
  attempt(), attempt({ outcome: 'throttled_account', status: 429 }), lateOutcome(),
  { type: 'retry', account: SID, product: 'api', reason: 'throttled_account', delayMs: 120 },
  { type: 'limit', account: SID, reason: 'cut', limit: 45 },
  { type: 'shed', account: SID, product: 'api', class: 'bulk', reason: 'queue_full' },
  { type: 'shadow', account: SID, class: 'read' },
  { type: 'spend_cap', cap: 'abroad', max: 50, intervalMs: 60_000, prefix: '+44', refused: true, tell: true, account: SID, product: 'api', route: 'POST api/x', caller: 'campaigns' },
  { type: 'kill_switch', change: 'thrown', killSwitch: killSwitch(), refused: 0 },
  { type: 'refused', status: 413, reason: 'body_too_large' }
]

/** All that telemetry shows of these events: the log at its most talkative, a scrape, and /state. */
async function everythingShown (label: 'full' | 'hashed'): Promise<string[]> {
  const options = { label, aliases: {}, maxLabels: 10 }
  const state = proxyState({ accounts: () => [account(), account({ account: `${SID}@ie1` })], switches: () => [killSwitch()] })
  const labels = createAccountLabels(options)
  const log = memoryLog()
  const metrics = createMetrics({ version: '1.2.3', labels, state })
  const exchangeLog = createExchangeLog(createLogger({ level: 'trace', stream: log.stream }), labels)
  for (const event of events) {
    metrics.listener(event)
    exchangeLog(event)
  }
  const admin = createAdmin({ metrics, state, labels, ready: () => true, version: '1.2.3', startedAtMs: 0, now: () => 1, epochMs: () => 1 })
  const shown = [log.text(), (await metrics.scrape()).body, (await admin.inject('/state')).body]
  await admin.close()
  return shown
}

t.test('with hashed labels no SID appears in log, metrics or state', async (t) => {
  for (const text of await everythingShown('hashed')) {
    t.match(text, /sha256:[0-9a-f]{12}@ie1/, 'the account is there under its hash')
    t.notMatch(text, /AC[0-9a-f]{32}/)
  }
})

t.test('with full labels the SID appears in all three', async (t) => {
  for (const text of await everythingShown('full')) t.ok(text.includes(SID))
})
