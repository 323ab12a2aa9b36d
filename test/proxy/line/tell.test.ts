import t from 'tap'
import type { GovernorEvent } from '../../../src/proxy/events.ts'
import type { Exchange, Identity } from '../../../src/proxy/exchange-state.ts'
import type { Attempt } from '../../../src/proxy/forward/attempt.ts'
import type { Observation } from '../../../src/proxy/line/observe.ts'
import { resourceName } from '../../../src/proxy/line/resource-name.ts'
import { toldAttempt, toldEnd, toldLateOutcome, toldRefusal, toldRetry, toldShed } from '../../../src/proxy/line/tell.ts'
import type { Answer } from '../../../src/proxy/reply/answers.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const IDENTITY = {
  account: { key: 'AC1' },
  upstream: { host: 'verify.twilio.com', product: 'verify', region: undefined },
  path: '/v2/Services',
  route: 'GET verify/v2/Services',
  method: 'GET',
  caller: 'billing',
  authorization: 'Basic x',
  deadlineMs: 900,
  latestStartMs: 700
} as unknown as Identity

/** No two of its numbers are the same. */
const EXCHANGE = {
  identity: IDENTITY,
  class: 'bulk',
  // Whose line it stands in: not whom it is of.
  caller: '10.0.0.1',
  attempts: 1,
  throttled: 2,
  failed: 3,
  unsent: 4,
  queueMs: 5,
  paceMs: 6,
  backoffMs: 7,
  upstreamMs: 8,
  twilioMs: 9,
  startedAtMs: 100,
  requestId: 'RQ1',
  errorCode: 'ECONNRESET',
  interruption: 'deadline'
} as unknown as Exchange

const SEEN = {
  outcome: 'success', status: 201, feedback: { durationMs: 11, concurrency: 12, requestId: 'RQ2' }
} as unknown as Observation

function told (tell: (emit: (event: GovernorEvent) => void) => void): GovernorEvent[] {
  const events: GovernorEvent[] = []
  tell((event) => { events.push(event) })
  return events
}

t.test('an attempt is told with all that is known of it', async (t) => {
  t.strictSame(told((emit) => { toldAttempt(EXCHANGE, { upstreamMs: 13 } as unknown as Attempt, SEEN, emit) }), [{
    type: 'attempt',
    account: 'AC1',
    product: 'verify',
    route: 'GET verify/v2/Services',
    class: 'bulk',
    attempt: 1,
    outcome: 'success',
    status: 201,
    upstreamMs: 13,
    twilioMs: 11,
    reportedConcurrency: 12
  }])
})

t.test('a retry is told with why it is made, a read that broke off under one name', async (t) => {
  for (const [outcome, reason] of [
    ['throttled_account', 'throttled_account'], ['throttled_route', 'throttled_route'], ['server_error', 'server_error'],
    ['unsent', 'unsent'], ['reset', 'broken_off'], ['timeout', 'broken_off']
  ] as const) {
    t.strictSame(told((emit) => { toldRetry(EXCHANGE, { ...SEEN, outcome }, 14, emit) }),
      [{ type: 'retry', account: 'AC1', product: 'verify', reason, delayMs: 14 }])
  }
})

t.test('who is shed or refused is told with its class and reason', async (t) => {
  t.strictSame(told((emit) => { toldShed(EXCHANGE, 'queue_full', emit) }),
    [{ type: 'shed', account: 'AC1', product: 'verify', class: 'bulk', reason: 'queue_full' }])
  t.strictSame(told((emit) => { toldRefusal(EXCHANGE, 'spend_cap', emit) }),
    [{ type: 'guard_refused', account: 'AC1', product: 'verify', reason: 'spend_cap' }])
})

t.test('an end is told with all that the exchange was', async (t) => {
  const clock = new FakeClock()
  for (const status of [201, 0]) {
    const answer = status === 0 ? undefined : { statusCode: status } as unknown as Answer
    const ended = answer === undefined ? { answer, reason: 'client_left' } as const : { answer, reason: 'answered' } as const
    const [event] = told((emit) => { toldEnd(EXCHANGE, ended, { clock, emit }) })
    if (event?.type !== 'exchange') return t.fail('it is told')
    const { resource, ...rest } = event
    t.equal(resource(), resourceName(IDENTITY))
    t.strictSame(rest, {
      type: 'exchange',
      account: 'AC1',
      product: 'verify',
      route: 'GET verify/v2/Services',
      class: 'bulk',
      caller: 'billing',
      method: 'GET',
      status,
      attempts: 1,
      throttled: 2,
      queueMs: 5,
      paceMs: 6,
      backoffMs: 7,
      upstreamMs: 8,
      twilioMs: 9,
      totalMs: clock.nowMs() - 100,
      allowedMs: 800,
      twilioRequestId: 'RQ1',
      reason: ended.reason,
      errorCode: 'ECONNRESET',
      clientLeft: status === 0
    })
  }
})

t.test('a late outcome is told with the request id of the late answer', async (t) => {
  t.strictSame(told((emit) => { toldLateOutcome(EXCHANGE, SEEN, emit) }), [{
    type: 'late_outcome',
    account: 'AC1',
    product: 'verify',
    route: 'GET verify/v2/Services',
    method: 'GET',
    outcome: 'success',
    status: 201,
    twilioRequestId: 'RQ2'
  }])
})
