import t from 'tap'
import type { ExchangeEvent, GovernorEvent } from '../../../src/proxy/events.ts'
import { createExchangeLog } from '../../../src/telemetry/log/exchange-log.ts'
import { createLogger } from '../../../src/telemetry/log/logger.ts'
import type { LogLevel } from '../../../src/telemetry/log/logger.ts'
import { attempt, exchange, killSwitch, lateOutcome, SID } from '../fakes.ts'
import { memoryLog } from './memory-log.ts'

function linesOf (events: readonly GovernorEvent[], level: LogLevel = 'info'): Array<Record<string, unknown>> {
  const log = memoryLog()
  const listener = createExchangeLog(createLogger({ level, stream: log.stream }), (account) => account === SID ? 'shop' : 'other')
  for (const event of events) listener(event)
  return log.lines().map(({ time, ...line }) => line)
}

const levelOf = (over: Partial<ExchangeEvent>): unknown => linesOf([exchange(over)])[0]!['level']

t.test('an exchange is one line with these fields and times to the tenth', async (t) => {
  t.strictSame(linesOf([exchange()]), [{
    level: 'info',
    account: 'shop',
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
    upstreamMs: 160,
    twilioMs: 120.1,
    totalMs: 300.4,
    allowedMs: 25_000,
    twilioRequestId: 'RQ0123456789abcdef0123456789abcdef',
    reason: 'answered',
    msg: 'exchange'
  }])
})

t.test('what an exchange does not know is left out, and its error code is shown', async (t) => {
  const [line] = linesOf([exchange({ twilioRequestId: undefined, errorCode: 'ECONNRESET' })])
  t.equal(line!['errorCode'], 'ECONNRESET')
  t.notOk('twilioRequestId' in line!)
})

t.test('the name of what a GET asks for is made for a line that is written, and for no other', async (t) => {
  let made = 0
  const event = exchange({ resource: () => `name${++made}` })
  t.equal(linesOf([event])[0]!['resource'], 'name1')
  t.same(linesOf([event], 'warn'), [])
  t.equal(made, 1)
})

t.test('server errors, sheds and unknown outcomes are warnings; all else is information', async (t) => {
  t.equal(levelOf({ status: 503, reason: 'server_error' }), 'warn')
  t.equal(levelOf({ status: 500 }), 'warn')
  t.equal(levelOf({ status: 504, reason: 'outcome_unknown' }), 'warn')
  t.equal(levelOf({ status: 0, clientLeft: true, reason: 'outcome_unknown' }), 'warn')
  for (const reason of ['queue_full', 'queue_bytes', 'deadline', 'deadline_unreachable', 'draining'] as const) {
    t.equal(levelOf({ status: 429, attempts: 0, reason }), 'warn', reason)
  }
  t.equal(levelOf({ status: 404 }), 'info')
  t.equal(levelOf({ status: 429, reason: 'throttled_final' }), 'info')
  t.equal(levelOf({ status: 0, clientLeft: true, reason: 'client_left' }), 'info')
})

t.test('a late outcome has a line, a warning unless it ended well', async (t) => {
  t.match(linesOf([lateOutcome()]), [{ level: 'info', msg: 'late outcome', account: 'shop', method: 'POST', outcome: 'success', status: 201 }])
  t.match(linesOf([lateOutcome({ outcome: 'reset', status: 0 })]), [{ level: 'warn', msg: 'late outcome', outcome: 'reset' }])
})

t.test('a refusal has a line', async (t) => {
  t.strictSame(linesOf([{ type: 'refused', status: 421, reason: 'unknown_host' }]), [{ level: 'warn', status: 421, reason: 'unknown_host', msg: 'refused' }])
})

t.test('retries above the proxy are told of once for each SDK, with what to do', async (t) => {
  const stacked = { type: 'stacked_retry', account: SID, product: 'api', route: 'POST api/x', method: 'POST', sdk: 'java', status: 503, agoMs: 101.04 } as const
  t.match(linesOf([stacked, stacked, { ...stacked, sdk: 'node' }, stacked]), [
    { level: 'warn', msg: 'stacked retries', account: 'shop', sdk: 'java', status: 503, agoMs: 101, advice: /reliableRequest/ },
    { level: 'warn', msg: 'stacked retries', sdk: 'node', advice: /autoRetry/ }
  ])
})

t.test('each create that was sent twice has a line', async (t) => {
  const duplicate = { type: 'duplicate', account: SID, product: 'api', route: 'POST api/x', method: 'POST', sdk: 'other', first: 'unknown', agoMs: 2000, refused: false } as const
  t.strictSame(linesOf([duplicate, { ...duplicate, refused: true }]), [false, true].map((refused) => (
    { level: 'warn', account: 'shop', product: 'api', route: 'POST api/x', method: 'POST', sdk: 'other', first: 'unknown', agoMs: 2000, refused, msg: 'duplicate send' })))
})

t.test('polling is pointed out once for each route, with the callback that would save it, or what else would', async (t) => {
  const poll = { type: 'poll', account: SID, product: 'api', route: 'GET api/2010-04-01/Accounts/{}/Calls/{}.json', isFirst: true } as const
  t.match(linesOf([poll, { ...poll, isFirst: false }, { ...poll, product: 'lookups', route: 'GET lookups/v2/PhoneNumbers/{}' }]), [
    { level: 'info', msg: 'polling', account: 'shop', advice: /StatusCallback with StatusCallbackEvent/ },
    { level: 'info', msg: 'polling', product: 'lookups', advice: /Twilio has no callback for it\. Cache the answers .* with coalesce\.cache/ }
  ])
})

t.test('a spend cap has a line when it is to be told of, with whose send it was and never where to', async (t) => {
  const over = { type: 'spend_cap', cap: 'abroad', max: 50, intervalMs: 60_000, prefix: '+44', refused: true, tell: true, account: SID, product: 'api', route: 'POST api/x', caller: 'campaigns' } as const
  t.strictSame(linesOf([over, { ...over, tell: false }]), [
    { level: 'warn', cap: 'abroad', max: 50, intervalMs: 60_000, prefix: '+44', refused: true, account: 'shop', product: 'api', route: 'POST api/x', caller: 'campaigns', msg: 'spend cap' }
  ])
})

t.test('each change of a kill switch has a line', async (t) => {
  const thrown = { type: 'kill_switch', change: 'thrown', killSwitch: killSwitch({ untilMs: 1_000 }), refused: 2 } as const
  t.strictSame(linesOf([thrown, { ...thrown, change: 'released', killSwitch: killSwitch({ account: null }), refused: 0 }]), [
    { level: 'warn', name: 'pumping', change: 'thrown', account: 'shop', product: 'verify', caller: null, reads: false, reason: 'Pumped verifications', until: '1970-01-01T00:00:01.000Z', refused: 2, msg: 'kill switch' },
    { level: 'warn', name: 'pumping', change: 'released', account: null, product: 'verify', caller: null, reads: false, reason: 'Pumped verifications', until: null, refused: 0, msg: 'kill switch' }
  ])
})

t.test('who is refused by the guard has a line to look at', async (t) => {
  t.match(linesOf([exchange({ status: 403, reason: 'spend_cap', attempts: 0 }), exchange({ status: 403, reason: 'kill_switch' }), exchange({ status: 403 })]).map(({ level }) => level), ['warn', 'warn', 'info'])
})

t.test('limit changes show at debug and not above', async (t) => {
  const change = { type: 'limit', account: SID, reason: 'cut', limit: 45 } as const
  t.strictSame(linesOf([change]), [])
  t.strictSame(linesOf([change], 'debug'), [{ level: 'debug', account: 'shop', limit: 45, reason: 'cut', msg: 'limit' }])
})

t.test('attempts, retries, sheds, shadows and refusals of the guard have no line: the exchange\'s says it', async (t) => {
  t.strictSame(linesOf([
    { type: 'guard_refused', account: SID, product: 'api', reason: 'spend_cap' },
    attempt(),
    { type: 'retry', account: SID, product: 'api', reason: 'throttled_account', delayMs: 120 },
    { type: 'shed', account: SID, product: 'api', class: 'bulk', reason: 'queue_full' },
    { type: 'shadow', account: SID, class: 'read' }
  ], 'trace'), [])
})

t.test('nothing is logged because it happened to be on an event', async (t) => {
  const stowaway = { ...exchange(), body: 'your code is 4711', peer: 'someone' } as ExchangeEvent
  const [line] = linesOf([stowaway])
  t.notOk('body' in line! || 'peer' in line!)
})

t.test('a deferred delete is one line when it has come to rest, a warning when it failed', async (t) => {
  const event = { type: 'deferred', job: 'f'.repeat(32), account: 'shop', route: 'DELETE api/x', rule: 'nightly' } as const
  const run = { runs: 2, status: 404, twilioRequestId: 'RQ1', errorCode: 20404, alreadyGone: false }
  const line = { job: 'f'.repeat(32), account: 'shop', route: 'DELETE api/x', rule: 'nightly', msg: 'deferred delete' }
  t.same(linesOf([{ ...event, outcome: 'accepted' }]), [], 'the exchange has its own line')
  t.strictSame(linesOf([{ ...event, outcome: 'failed', run }]), [{ level: 'warn', ...line, outcome: 'failed', ...run }].map(({ msg, ...rest }) => ({ ...rest, msg })))
  t.strictSame(linesOf([{ ...event, outcome: 'cancelled' }]), [{ level: 'info', ...line, outcome: 'cancelled' }].map(({ msg, ...rest }) => ({ ...rest, msg })))
})
