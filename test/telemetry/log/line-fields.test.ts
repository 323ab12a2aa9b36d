/** Which fields each line has, with a value of its own in each: a field that takes another's place shows. */
import t from 'tap'
import type { GovernorEvent } from '../../../src/proxy/events.ts'
import { createExchangeLog } from '../../../src/telemetry/log/exchange-log.ts'
import { createLogger } from '../../../src/telemetry/log/logger.ts'
import type { LineKind } from '../../../src/telemetry/log/refusal-lines.ts'
import { exchange, lateOutcome, SID } from '../fakes.ts'
import { memoryLog } from './memory-log.ts'

interface Told { readonly lines: ReadonlyArray<Record<string, unknown>>, readonly asked: readonly LineKind[] }

/** `writes`: whether lines of the refusals are written. */
function tell (events: readonly GovernorEvent[], writes = true): Told {
  const log = memoryLog()
  const asked: LineKind[] = []
  const listener = createExchangeLog(createLogger({ level: 'debug', stream: log.stream }), (account) => `label of ${account}`, {
    writes: (kind) => {
      asked.push(kind)
      return writes
    }
  })
  for (const event of events) listener(event)
  return { lines: log.lines().map(({ time, ...line }) => line), asked }
}

const linesOf = (...events: readonly GovernorEvent[]): Told['lines'] => tell(events).lines

t.test('an exchange', async (t) => {
  const event = exchange(
    {
      queueMs: 1.26,
      paceMs: 2.22,
      backoffMs: 3.33,
      upstreamMs: 4.44,
      twilioMs: 5.55,
      totalMs: 6.66,
      allowedMs: 24_999.6,
      attempts: 7,
      throttled: 8,
      status: 209,
      errorCode: 'ECONNRESET'
    }
  )
  t.strictSame(linesOf({ ...event, resource: () => 'MM1' }), [{
    level: 'info',
    account: `label of ${SID}`,
    product: 'api',
    route: '/2010-04-01/Accounts/{}/Messages.json',
    class: 'standard',
    caller: 'campaigns',
    method: 'POST',
    status: 209,
    attempts: 7,
    throttled: 8,
    queueMs: 1.3,
    paceMs: 2.2,
    backoffMs: 3.3,
    upstreamMs: 4.4,
    twilioMs: 5.6,
    totalMs: 6.7,
    allowedMs: 25_000,
    resource: 'MM1',
    twilioRequestId: 'RQ0123456789abcdef0123456789abcdef',
    reason: 'answered',
    errorCode: 'ECONNRESET',
    msg: 'exchange'
  }])
  t.notOk('twilioMs' in linesOf({ ...event, twilioMs: undefined })[0]!)
})

t.test('a late outcome', async (t) => {
  t.strictSame(linesOf(lateOutcome({ outcome: 'client_error', status: 400 })), [{
    level: 'warn',
    account: `label of ${SID}`,
    product: 'api',
    route: '/2010-04-01/Accounts/{}/Messages.json',
    method: 'POST',
    outcome: 'client_error',
    status: 400,
    twilioRequestId: 'RQ0123456789abcdef0123456789abcdef',
    msg: 'late outcome'
  }])
})

t.test('retries above the proxy, a duplicate and polling', async (t) => {
  const of = { account: SID, product: 'api', route: 'POST api/x' } as const
  const [stacked, duplicate, poll] = linesOf(
    { type: 'stacked_retry', ...of, method: 'POST', sdk: 'go', status: 503, agoMs: 101.04 },
    { type: 'duplicate', ...of, method: 'PUT', sdk: 'php', first: 'unknown', agoMs: 102.06, refused: true },
    { type: 'poll', ...of, isFirst: true }
  )
  const line = { account: `label of ${SID}`, product: 'api', route: 'POST api/x' }
  t.match(stacked!['advice'], /twilio-go has no retries of its own/)
  t.strictSame(
    { ...stacked, advice: '' },
    { level: 'warn', ...line, method: 'POST', sdk: 'go', status: 503, agoMs: 101, advice: '', msg: 'stacked retries' }
  )
  t.strictSame(
    duplicate,
    {
      level: 'warn',
      ...line,
      method: 'PUT',
      sdk: 'php',
      first: 'unknown',
      agoMs: 102.1,
      refused: true,
      msg: 'duplicate send'
    }
  )
  t.match(poll!['advice'], /Twilio has no callback for it/)
  t.strictSame({ ...poll, advice: '' }, { level: 'info', ...line, advice: '', msg: 'polling' })
})

t.test('a tunnel: one that came to nothing is a warning that says what to do', async (t) => {
  const tunnel = { type: 'tunnel', host: 'api.twilio.com', client: 'curl/8' } as const
  const line = { host: 'api.twilio.com', client: 'curl/8' }
  t.strictSame(linesOf({ ...tunnel, outcome: 'intercepted' }, { ...tunnel, outcome: 'blind' }), ['intercepted', 'blind'].map((outcome) => (
    { level: 'debug', ...line, outcome, msg: 'tunnel' })))
  const advice = {
    untrusted: /does not trust our certificate\. .*NODE_EXTRA_CA_CERTS/,
    unused: /before it sent a request.*SSL_CERT_FILE/,
    wrong_name: /another host/,
    tls_failed: /TLS handshake in the tunnel failed/
  }
  for (const [outcome, what] of Object.entries(advice)) {
    t.match(
      linesOf({ ...tunnel, outcome: outcome as 'unused' }),
      [{ level: 'warn', ...line, outcome, advice: what, msg: 'tunnel' }],
      outcome
    )
  }
})

t.test('a refusal, and a deferred delete at each of its ends', async (t) => {
  t.strictSame(linesOf({ type: 'refused', status: 421, reason: 'unknown_host', from: '10.0.0.9' }), [
    { level: 'warn', status: 421, reason: 'unknown_host', peer: '10.0.0.9', msg: 'refused' }
  ])
  const job = {
    type: 'deferred',
    job: 'f'.repeat(32),
    account: 'shop',
    route: 'DELETE api/x',
    rule: 'nightly'
  } as const
  const levels = { accepted: 'debug', again: 'info', done: 'info', failed: 'warn', cancelled: 'info' }
  for (const [outcome, level] of Object.entries(levels)) {
    t.match(linesOf({ ...job, outcome: outcome as 'done' }), [{ level, account: 'shop', outcome }], outcome)
  }
})

t.test('a thousand like refusals are told apart by their kind, their reason and where they come from', async (t) => {
  t.strictSame(tell([
    { type: 'refused', status: 421, reason: 'unknown_host', from: '10.0.0.9' },
    { type: 'refused', status: 400, reason: 'bad_request' },
    { type: 'tunnel', host: 'api.twilio.com', client: 'curl/8', outcome: 'unused' },
    exchange({ status: 429, reason: 'queue_full', attempts: 0 }),
    exchange({ status: 403, reason: 'kill_switch', attempts: 0 })
  ]).asked, [
    { line: 'refused', reason: 'unknown_host', peer: '10.0.0.9' },
    { line: 'refused', reason: 'bad_request', peer: 'unknown' },
    { line: 'tunnel', reason: 'unused', peer: 'curl/8' },
    { line: 'exchange', reason: 'queue_full', peer: 'campaigns' },
    { line: 'exchange', reason: 'kill_switch', peer: 'campaigns' }
  ])
})

t.test('only lines that may come by the thousand can be left out', async (t) => {
  const rare: readonly GovernorEvent[] = [
    exchange({ status: 429, reason: 'deadline', attempts: 1 }),
    exchange({ status: 502, reason: 'unsent', attempts: 0 }),
    exchange(),
    lateOutcome(),
    { type: 'tunnel', host: 'api.twilio.com', client: 'curl/8', outcome: 'blind' }
  ]
  const { lines, asked } = tell(rare, false)
  t.equal(lines.length, rare.length)
  t.same(asked, [])
  t.same(
    tell([exchange({ status: 429, reason: 'deadline', attempts: 0 }), { type: 'refused', status: 400, reason: 'bad_request' }, { type: 'tunnel', host: 'h', client: 'c', outcome: 'untrusted' }], false).lines,
    []
  )
})
