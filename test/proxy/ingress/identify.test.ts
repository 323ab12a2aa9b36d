import type { IncomingMessage } from 'node:http'
import t from 'tap'
import { createFixed } from '../../../src/policy/limit/fixed.ts'
import { Accounts } from '../../../src/proxy/gate/accounts.ts'
import { Credentials } from '../../../src/proxy/gate/credentials.ts'
import { RefusalError } from '../../../src/proxy/errors.ts'
import type { Identity } from '../../../src/proxy/exchange-state.ts'
import { identify, type ClassRule } from '../../../src/proxy/ingress/identify.ts'
import { RuleBook } from '../../../src/proxy/match.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { NOTHING_SAID, Visitor } from '../gate/gate-fixture.ts'
import { KNOWN_HOSTS } from '../../../src/twilio/hosts.ts'

const ACCOUNT = `AC${'a'.repeat(32)}`
const MESSAGES = `/2010-04-01/Accounts/${ACCOUNT}/Messages.json`
const AUTHORIZATION = `Basic ${Buffer.from(`${ACCOUNT}:secret`).toString('base64')}`

type Headers = Record<string, string | string[]>

class Door {
  readonly clock = new FakeClock()
  readonly credentials = new Credentials()
  readonly accounts = new Accounts(
    { map: {}, max: 10, idleMs: 1_000 }, { mode: 'enforce', maxWaiting: 10, weights: { critical: 8, standard: 4, read: 2, bulk: 1 }, ageingMs: 10_000, minShare: 0.02 },
    () => createFixed(10), this.clock, () => {})

  identify (url: string, headers: Headers = {}, method = 'POST', { from = '10.0.0.9', classes, tunnel }: { from?: string | undefined, classes?: ClassRule[], tunnel?: string } = {}): Identity {
    const request = {
      method,
      headers: { host: 'localhost:8080', authorization: AUTHORIZATION, ...headers },
      rawHeaders: ['Host', 'localhost:8080', 'X-Raw', 'Yes'],
      socket: { localAddress: '127.0.0.1', remoteAddress: from }
    } as unknown as IncomingMessage
    return identify(request, url, 7, this.clock.nowMs(), {
      accounts: this.accounts,
      credentials: this.credentials,
      classes: classes && new RuleBook(classes),
      rules: classes && new RuleBook(classes),
      rewritePageUrls: false,
      hosts: KNOWN_HOSTS,
      trusts: () => false,
      names: new Set(['governor.example']),
      origins: new Set(['http://localhost:3000']),
      deadline: { defaultMs: 25_000, maxMs: 120_000, sdkMarginMs: 2_000 }
    }, tunnel)
  }

  /** Milliseconds until the answer is due, and until the last start. */
  allowed (headers: Headers): [number, number] {
    const { deadlineMs, latestStartMs } = this.identify(MESSAGES, headers)
    return [deadlineMs - this.clock.nowMs(), latestStartMs - this.clock.nowMs()]
  }

  refusal (url: string, headers: Headers = {}, tunnel?: string): Partial<RefusalError> {
    try {
      this.identify(url, headers, 'POST', tunnel === undefined ? {} : { tunnel })
    } catch (error) {
      if (error instanceof RefusalError) return { statusCode: error.statusCode, twilioCode: error.twilioCode, reason: error.reason, message: error.message }
      throw error
    }
    return {}
  }
}

t.test('a request is known by its host, path, route, account and class', async (t) => {
  const door = new Door()
  t.match(door.identify(`${MESSAGES}?PageSize=2`), {
    order: 7,
    method: 'POST',
    upstream: { host: 'api.twilio.com', product: 'api' },
    path: `${MESSAGES}?PageSize=2`,
    route: 'POST api/2010-04-01/Accounts/{}/Messages.json',
    class: 'standard',
    account: { key: ACCOUNT },
    authorization: AUTHORIZATION,
    rawHeaders: ['Host', 'localhost:8080', 'X-Raw', 'Yes']
  })
  t.match(door.identify('/verify/v2/Services/VA1/Verifications'), {
    upstream: { host: 'verify.twilio.com' }, path: '/v2/Services/VA1/Verifications', route: 'POST verify/v2/Services/{}/Verifications', class: 'critical'
  })
})

t.test('a region has a limit of its own', async (t) => {
  const door = new Door()
  t.equal(door.identify(MESSAGES, { host: 'api.dublin.ie1.twilio.com' }).account.key, `${ACCOUNT}@ie1`)
  t.equal(door.identify(MESSAGES, { host: 'api.ashburn.us1.twilio.com' }).account.key, ACCOUNT)
})

t.test('the class follows from what is asked, unless the caller names one', async (t) => {
  const door = new Door()
  t.equal(door.identify(MESSAGES, {}, 'GET').class, 'read')
  t.equal(door.identify(MESSAGES, {}, 'DELETE').class, 'bulk')
  t.equal(door.identify(`/2010-04-01/Accounts/${ACCOUNT}/Calls.json`).class, 'critical')
  t.equal(door.identify(MESSAGES, { 'governor-class': ' Bulk ' }).class, 'bulk')
})

t.test('a class or timeout that cannot be read is refused by the name of its header', async (t) => {
  const door = new Door()
  for (const [value, shown] of [['urgent', 'text "urgent"'], ['', 'text ""'], ['a\u00e9\nb', 'text "a??b"'], ['x'.repeat(99), `text "${'x'.repeat(40)}"`]] as const) {
    const { statusCode, twilioCode, reason, message } = door.refusal(MESSAGES, { 'governor-class': value })
    t.strictSame([statusCode, twilioCode, reason, message], [400, 20422, 'bad_header', `Header Governor-Class: ${shown} is not a class; accepted are critical, standard, read, bulk.`])
  }
  t.equal(door.identify(MESSAGES).allowsDuplicate, false)
  t.equal(door.identify(MESSAGES, { 'governor-duplicate': ' Allow ' }).allowsDuplicate, true)
  t.match(door.refusal(MESSAGES, { 'governor-duplicate': 'yes' }), { statusCode: 400, reason: 'bad_header', message: 'Header Governor-Duplicate: text "yes" is not "allow".' })
  t.match(door.refusal(MESSAGES, { 'governor-class': ['bulk', 'read'] }), { message: /a list of 2 values/ })
  for (const value of ['0', '-1', '1.5', '1e3', '120001', '9'.repeat(12), 'soon', '', ' 5', ['5', '6']]) {
    t.match(door.refusal(MESSAGES, { 'governor-timeout-ms': value }), {
      statusCode: 400, reason: 'bad_header', message: /^Header Governor-Timeout-Ms: .* is not a whole number of milliseconds from 1 to 120000\.$/
    }, String(value))
  }
})

t.test('the deadline is what the caller asks for, else what its SDK waits for less a margin, else the default', async (t) => {
  const door = new Door()
  const table: Array<[Headers, number]> = [
    [{ 'governor-timeout-ms': '1' }, 1],
    [{ 'governor-timeout-ms': '120000' }, 120_000],
    [{ 'governor-timeout-ms': '5000', 'user-agent': 'twilio-go/1.0' }, 5_000],
    [{ 'user-agent': 'twilio-go/1.20.0 (linux amd64) go/1.22' }, 8_000],
    [{ 'user-agent': 'twilio-node/5.0.0 (linux x64) node/20' }, 28_000],
    [{ 'user-agent': 'curl/8.0' }, 25_000],
    [{}, 25_000]
  ]
  for (const [headers, expected] of table) t.equal(door.allowed(headers)[0], expected, JSON.stringify(headers))
})

t.test('a tenth of the time is kept for the attempt while nothing is known, then what most answers of the route need', async (t) => {
  const door = new Door()
  const { gate } = door.identify(MESSAGES).account
  const latest = (): number => Math.round(door.allowed({ 'governor-timeout-ms': '10000' })[1])
  t.equal(latest(), 9_000)
  for (const [upstreamMs, expected] of [[1_200, 8_800], [60_000, 2_500], [10, 9_990]] as const) {
    for (let i = 0; i < 400; i++) {
      const visitor = new Visitor(0, Infinity, {})
      visitor.ask(gate)
      await door.clock.stall(upstreamMs)
      visitor.permit?.admitted(NOTHING_SAID)
      visitor.permit?.end()
    }
    t.equal(latest(), expected, `${upstreamMs} ms upstream`)
  }
})

t.test('a host that is not Twilio\'s is refused with 421, and a path that cannot be read with 400', async (t) => {
  const door = new Door()
  for (const [url, headers] of [
    [MESSAGES, { host: 'evil.example' }], ['/evil.example/x', {}], ['http://evil.example/x', {}], [MESSAGES, { host: 'api.twilio.com.evil.example' }]
  ] as Array<[string, Headers]>) {
    t.match(door.refusal(url, headers), { statusCode: 421, twilioCode: 20404, reason: 'unknown_host' }, `${url} ${JSON.stringify(headers)}`)
  }
  for (const url of ['//evil.example/x', '/v1/../x', '*']) t.match(door.refusal(url), { statusCode: 400, reason: 'bad_request' }, url)
  t.equal(door.accounts.size, 0, 'and none of them makes an account')
})

t.test('a name of the proxy\'s own is accepted', async (t) => {
  t.equal(new Door().identify(MESSAGES, { host: 'governor.example:8080' }).upstream.host, 'api.twilio.com')
})

t.test('the caller is whom Governor-Caller names, else where the request comes from', async (t) => {
  const door = new Door()
  t.equal(door.identify(MESSAGES, { 'governor-caller': 'sign-up_2.prod' }).caller, 'sign-up_2.prod')
  t.equal(door.identify(MESSAGES).caller, '10.0.0.9')
  t.equal(door.identify(MESSAGES, {}, 'POST', { from: '::ffff:10.0.0.9' }).caller, '10.0.0.9', 'the same, through a socket that speaks IPv6')
  t.equal(door.identify(MESSAGES, {}, 'POST', { from: '2001:db8::1' }).caller, '2001:db8::1')
  for (const name of ['', 'two words', 'x'.repeat(65), 'ä', '+15551234567', ['a', 'b']]) {
    t.throws(() => door.identify(MESSAGES, { 'governor-caller': name }), { statusCode: 400, message: /^Header Governor-Caller: .* is not a name of 1 to 64/ })
  }
})

t.test('rules of the settings give a class, the first that matches; the header of the request comes first', async (t) => {
  const door = new Door()
  const classes: ClassRule[] = [
    { match: { callers: ['signup*'] }, class: 'critical' },
    { match: { classes: ['standard'], routes: ['/2010-04-01/Accounts/{}/Messages*'] }, class: 'bulk' }
  ]
  const classOf = (headers: Headers, method = 'POST'): string => door.identify(MESSAGES, headers, method, { classes }).class
  t.equal(classOf({ 'governor-caller': 'signup-eu' }), 'critical')
  t.equal(classOf({}), 'bulk')
  t.equal(classOf({}, 'GET'), 'read', 'what no rule matches keeps its own')
  t.equal(classOf({ 'governor-caller': 'signup-eu', 'governor-class': 'read' }), 'read')
})

t.test('a request takes the share of its address, and one of its own once Twilio has accepted its credential', (t) => {
  const door = new Door()
  const stranger = door.identify(MESSAGES)
  t.equal(stranger.peer, '10.0.0.9')
  t.equal(door.identify(MESSAGES, { 'governor-caller': 'somebody-else' }).peer, '10.0.0.9', 'a name is no proof')
  if (stranger.bearer !== undefined) door.credentials.answered(stranger.bearer.credential, 200)
  const known = door.identify(MESSAGES)
  t.match(known.peer, /^10\.0\.0\.9 ./)
  t.notMatch(known.peer, /secret/)
  t.equal(door.identify(MESSAGES, { authorization: 'Basic invented' }).peer, '10.0.0.9')
  t.end()
})

t.test('what comes through a tunnel names its host by the Host header, and by nothing else', (t) => {
  const door = new Door()
  t.match(door.refusal(MESSAGES, { host: 'api.twilio.com' }, 'api.twilio.com'), {}, 'its own host')
  t.equal(door.identify(MESSAGES, { host: 'api.twilio.com' }, 'POST', { tunnel: 'api.twilio.com' }).upstream.host, 'api.twilio.com')
  for (const [url, host] of [[MESSAGES, 'localhost:8080'], [`/api.twilio.com${MESSAGES}`, 'localhost'], [`/api${MESSAGES}`, 'localhost'], [MESSAGES, 'verify.twilio.com']] as const) {
    t.match(door.refusal(url, { host }, 'api.twilio.com'), { statusCode: 421, reason: 'unknown_host', message: /another host than its tunnel/ }, `${host}${url.slice(0, 16)}`)
  }
  t.end()
})
