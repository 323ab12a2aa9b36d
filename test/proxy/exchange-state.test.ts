import t from 'tap'
import { Exchange, type Identity, type Interruption } from '../../src/proxy/exchange-state.ts'
import type { Attempt } from '../../src/proxy/forward/attempt.ts'
import type { Feedback } from '../../src/twilio/headers/feedback.ts'

const attemptOf = (over: object): Attempt => over as unknown as Attempt

interface Expected { usualMs?: number, mostWithinMs?: number }

function exchangeOf (expected: Expected = {}, latestStartMs = 9_000): Exchange {
  const gate = { limit: { expected: () => expected } }
  const identity = {
    method: 'POST',
    upstream: { host: 'api.twilio.com', product: 'api' },
    path: '/',
    route: 'POST api/',
    account: { gate },
    deadlineMs: 10_000,
    latestStartMs
  }
  return new Exchange(identity as unknown as Identity)
}

/** What an exchange tells whoever waits in it. */
function heard (exchange: Exchange): Interruption[] {
  const all: Interruption[] = []
  exchange.onInterrupt((why) => { all.push(why) })
  return all
}

t.test('a client that leaves after its deadline has still left; one that has left has no deadline', async (t) => {
  const late = exchangeOf()
  const all = heard(late)
  late.interrupt('deadline')
  late.interrupt('deadline')
  late.interrupt('client_left')
  late.interrupt('deadline')
  t.same(all, ['deadline', 'client_left'])
  t.equal(late.interruption, 'client_left')
})

t.test('who waits no more is told of nothing', async (t) => {
  const exchange = exchangeOf()
  const all = heard(exchange)
  exchange.onInterrupt(undefined)
  exchange.interrupt('deadline')
  t.same(all, [])
  t.equal(exchange.interruption, 'deadline')
})

t.test('what Twilio says of its attempts adds up, and the latest name of a request is kept', async (t) => {
  const exchange = exchangeOf()
  const ended = (upstreamMs: number, said: Partial<Feedback>): void => {
    exchange.attemptEnded(attemptOf({ upstreamMs }), said as Feedback)
  }
  ended(10, {})
  t.equal(exchange.twilioMs, undefined)
  ended(20, { durationMs: 5, requestId: 'RQ1' })
  ended(30, { durationMs: 6 })
  t.same([exchange.upstreamMs, exchange.twilioMs, exchange.requestId], [60, 11, 'RQ1'])
  ended(0, { requestId: 'RQ2' })
  t.equal(exchange.requestId, 'RQ2')
})

t.test('it is at Twilio from the first byte of an attempt', async (t) => {
  const exchange = exchangeOf()
  t.notOk(exchange.isSent)
  exchange.attempts = 1
  exchange.attempt = attemptOf({ sent: false })
  t.notOk(exchange.isSent, 'connecting')
  exchange.attempt = attemptOf({ sent: true })
  t.ok(exchange.isSent)
  exchange.attempt = undefined
  exchange.unsent = 1
  t.notOk(exchange.isSent, 'it came to nothing')
  exchange.attempts = 2
  t.ok(exchange.isSent)
})

t.test('a client that sends no more has left what is not at Twilio, and waits for what is', async (t) => {
  const waits = exchangeOf()
  waits.halfClose()
  t.same([waits.isHalfClosed, waits.interruption], [false, 'client_left'])
  const sent = exchangeOf()
  sent.attempts = 1
  sent.halfClose()
  t.same([sent.isHalfClosed, sent.interruption], [true, undefined])
  const underway = exchangeOf()
  underway.isUnderway = true
  underway.halfClose()
  t.same([underway.isHalfClosed, underway.interruption], [true, undefined])
  underway.asksItself()
  t.same([underway.isUnderway, underway.interruption], [false, 'client_left'], 'it has to ask for itself')
  const open = exchangeOf()
  open.isUnderway = true
  open.asksItself()
  t.equal(open.interruption, undefined)
})

t.test('the last moment for a start is that of its arrival, or an earlier one by what is known since', async (t) => {
  t.equal(exchangeOf({}, 9_000).latestStartMs, 9_000)
  t.equal(exchangeOf({ usualMs: 10, mostWithinMs: 20 }, 1).latestStartMs, 1, 'never later')
  t.ok(exchangeOf({ usualMs: 2_000, mostWithinMs: 5_000 }, 9_999).latestStartMs < 9_000)
})
