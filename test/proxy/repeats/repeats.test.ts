import t from 'tap'
import { DuplicateError } from '../../../src/proxy/errors.ts'
import type { GovernorEvent } from '../../../src/proxy/events.ts'
import type { Exchange, Identity } from '../../../src/proxy/exchange-state.ts'
import type { Outcome } from '../../../src/proxy/reasons.ts'
import { Repeats } from '../../../src/proxy/repeats/repeats.ts'
import type { Answer } from '../../../src/proxy/reply/answers.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const TEMPLATE = 'api/2010-04-01/Accounts/{}/Messages.json'
const BODY = Buffer.from('To=%2B1&Body=hello')
const WATCHED_BYTES_MOST = 64 * 1024
const STACKED_MS = 4_000
const UNKNOWN = { 'governor-outcome': 'unknown' }

/** What is told of a repeat, and whether its refusal says that the first was processed. */
interface Told { readonly told: readonly unknown[], readonly refused: unknown }

/** Repeats on a clock of their own, and what they tell. */
class Bench {
  readonly clock = new FakeClock()
  readonly events: GovernorEvent[] = []
  readonly repeats: Repeats

  constructor (mode: 'off' | 'count' | 'refuse' = 'refuse') {
    this.repeats = new Repeats({ mode, windowMs: 60_000 }, this.clock, (event) => this.events.push(event))
  }

  /** What is told of the request when it comes again, and how it is refused. */
  again (exchange: Exchange): Told {
    const before = this.events.length
    let refused: unknown
    try {
      this.repeats.recognise(exchange)
    } catch (error) {
      refused = error instanceof DuplicateError ? error.wasProcessed : error
    }
    const told = this.events.slice(before).map((event) => event.type === 'stacked_retry' ? event.status : event.type)
    return { told, refused }
  }
}

function exchangeOf (method = 'POST', body: Buffer | null = BODY, over: Partial<Identity> = {}): Exchange {
  const identity = {
    method,
    upstream: { host: 'api.twilio.com', product: 'api', region: undefined },
    path: '/2010-04-01/Accounts/AC1/Messages.json',
    route: `${method} ${TEMPLATE}`,
    account: { key: 'AC1' },
    rawHeaders: [],
    allowsDuplicate: false,
    ...over
  }
  return { identity, body, bodyBytes: body?.length ?? 0, isHalfClosed: false } as unknown as Exchange
}

const answer = (statusCode: number, headers: Answer['headers'] = {}, own?: true): Answer =>
  ({ statusCode, headers, body: Buffer.from(''), ...(own && { own }) })

const FRESH = { told: [], refused: undefined }
const UNSURE = { told: ['duplicate'], refused: false }

/** A write whose client has closed its sending side, and what comes of it. */
function halfClosed (bench: Bench, then: Answer, exchange = exchangeOf()): Exchange {
  bench.repeats.halfClosed(exchange)
  exchange.isHalfClosed = true
  bench.repeats.note(exchange, then)
  return exchange
}

t.test('a repeat is a retry of the SDK for four seconds, and a duplicate for longer', async (t) => {
  for (const [afterMs, told] of [[STACKED_MS, [504, 'duplicate']], [STACKED_MS + 1, ['duplicate']]] as const) {
    const bench = new Bench()
    bench.repeats.note(exchangeOf(), answer(504, UNKNOWN))
    await bench.clock.advance(afterMs)
    t.same(bench.again(exchangeOf()), { told, refused: false }, String(afterMs))
  }
})

t.test('one whose client was told nothing is no retry of an SDK', async (t) => {
  const bench = new Bench()
  bench.repeats.leaveBehind(exchangeOf(), 0)
  t.same(bench.again(exchangeOf()), UNSURE)
})

t.test('one that was left behind after an answer is a retry as well', async (t) => {
  const bench = new Bench()
  bench.repeats.leaveBehind(exchangeOf(), 504)
  t.same(bench.again(exchangeOf()), { told: [504, 'duplicate'], refused: false })
})

t.test('a client that closes its sending side leaves a write in doubt, and no read', async (t) => {
  const bench = new Bench()
  bench.repeats.halfClosed(exchangeOf())
  t.same(bench.again(exchangeOf()), UNSURE)
  const read = new Bench()
  const get = exchangeOf('GET', null)
  read.repeats.note(get, answer(503))
  read.repeats.halfClosed(get)
  t.same(read.again(get).told, [503], 'what is known of a read is its last answer')
})

t.test('what became of the first decides about its repeat', async (t) => {
  const outcomes: ReadonlyArray<readonly [Outcome, Told]> = [
    ['success', { told: ['duplicate'], refused: true }],
    ['client_error', FRESH],
    ['unsent', FRESH],
    ['throttled_account', FRESH],
    ['throttled_route', FRESH],
    ['server_error', UNSURE],
    ['reset', UNSURE],
    ['timeout', UNSURE]
  ]
  for (const [outcome, expected] of outcomes) {
    const bench = new Bench()
    bench.repeats.leaveBehind(exchangeOf(), 0)(outcome)
    t.same(bench.again(exchangeOf()), expected, outcome)
  }
})

t.test('a client that sends no more may not have read its answer: then what Twilio said decides', async (t) => {
  const PROCESSED = { told: ['duplicate'], refused: true }
  const cases: ReadonlyArray<readonly [string, Answer, Told]> = [
    ['created', answer(201), PROCESSED],
    ['the last that is no error', answer(399), PROCESSED],
    ['the first that is one', answer(400), FRESH],
    ['refused by us', answer(202, {}, true), FRESH],
    ['in doubt', answer(200, UNKNOWN), UNSURE]
  ]
  for (const [what, then, expected] of cases) {
    const bench = new Bench()
    t.same(bench.again(halfClosed(bench, then)), expected, what)
  }
})

t.test('its refusal is told apart from that of one who reads on', async (t) => {
  const bench = new Bench()
  bench.repeats.leaveBehind(exchangeOf(), 0)
  bench.repeats.note(exchangeOf(), answer(201))
  t.same(bench.again(exchangeOf()), UNSURE, 'the answer to another of its kind settles nothing')
  const throttled = new Bench()
  t.same(throttled.again(halfClosed(throttled, answer(429))), { told: [429], refused: undefined })
})

t.test('bodies are watched up to 64 KiB, and any that can be sent again without harm', async (t) => {
  const cases = [
    ['POST', WATCHED_BYTES_MOST, true], ['POST', WATCHED_BYTES_MOST + 1, false], ['DELETE', WATCHED_BYTES_MOST + 1, true]
  ] as const
  for (const [method, bytes, isWatched] of cases) {
    const bench = new Bench()
    const upload = exchangeOf(method, Buffer.alloc(bytes, 'x'))
    bench.repeats.note(upload, answer(503))
    t.same(bench.again(upload).told, isWatched ? [503] : [], `${method} of ${bytes} bytes`)
  }
  const bench = new Bench()
  const upload = exchangeOf('POST', Buffer.alloc(WATCHED_BYTES_MOST + 1, 'x'))
  const other = exchangeOf()
  bench.repeats.halfClosed(other)
  halfClosed(bench, answer(201), upload)
  t.same(bench.again(upload), FRESH)
})

t.test('the name of a program is found whatever the case of its header, and never in a value', async (t) => {
  const node = 'twilio-node/6.2.0 (linux x64) node/v20.19.0'
  const cases = [['USER-AGENT', node, 'node'], ['user-agent', node, 'node'], ['X-Kind', 'User-Agent', 'other']] as const
  for (const [name, value, sdk] of cases) {
    const bench = new Bench('count')
    const exchange = exchangeOf('POST', BODY, { rawHeaders: [name, value, ...(sdk === 'other' ? [node, 'x'] : [])] })
    bench.repeats.note(exchange, answer(503))
    bench.again(exchange)
    t.match(bench.events, [{ type: 'stacked_retry', sdk }])
  }
})
