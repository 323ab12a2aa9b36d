import type { IncomingMessage } from 'node:http'
import t from 'tap'
import { createFixed } from '../../../src/policy/limit/fixed.ts'
import { RefusalError } from '../../../src/proxy/errors.ts'
import type { Identity } from '../../../src/proxy/exchange-state.ts'
import { Accounts } from '../../../src/proxy/gate/accounts.ts'
import { Credentials } from '../../../src/proxy/gate/credentials.ts'
import { identify, type Identifier } from '../../../src/proxy/ingress/identify.ts'
import { KNOWN_HOSTS } from '../../../src/twilio/hosts.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const MESSAGES = '/2010-04-01/Accounts/AC1/Messages.json'
const GATE = { mode: 'enforce', maxWaiting: 10, weights: { critical: 8, standard: 4, read: 2, bulk: 1 }, ageingMs: 10_000, minShare: 0.02 } as const

interface Ask { readonly url?: string, readonly tunnel?: string, readonly from?: string, readonly by?: Partial<Identifier> }

function ask (headers: Record<string, string | string[]>, { url = MESSAGES, tunnel, from = '10.0.0.9', by = {} }: Ask = {}): Identity {
  const clock = new FakeClock()
  const request = {
    method: 'POST',
    headers: { host: 'localhost:8080', ...headers },
    rawHeaders: [],
    socket: { localAddress: '127.0.0.1', remoteAddress: from }
  } as unknown as IncomingMessage
  return identify(request, url, 7, clock.nowMs(), {
    accounts: new Accounts({ map: {}, max: 10, idleMs: 1_000 }, GATE, () => createFixed(10), clock, () => {}),
    credentials: new Credentials(),
    classes: undefined,
    rules: undefined,
    rewritePageUrls: true,
    hosts: KNOWN_HOSTS,
    trusts: () => false,
    names: new Set(),
    origins: new Set(['http://localhost:3000']),
    deadline: { defaultMs: 25_000, maxMs: 120_000, sdkMarginMs: 2_000 },
    ...by
  }, tunnel)
}

function refused (headers: Record<string, string | string[]>, how: Ask = {}): string | undefined {
  try {
    ask(headers, how)
    return undefined
  } catch (error) {
    if (error instanceof RefusalError) return `${error.statusCode} ${error.reason} ${error.message}`
    throw error
  }
}

const allowedMs = (headers: Record<string, string>, by: Partial<Identifier> = {}): number => ask(headers, { by }).deadlineMs - new FakeClock().nowMs()

t.test('a timeout may be 1 ms, and the most that the settings allow, and no more', async (t) => {
  for (const ms of ['1', '120000']) t.equal(allowedMs({ 'governor-timeout-ms': ms }), Number(ms))
  for (const ms of ['0', '120001', '-1', '1.5', '1e3', '1000000000', '']) {
    t.match(refused({ 'governor-timeout-ms': ms }), `Governor-Timeout-Ms: text "${ms}" is not a whole number of milliseconds from 1 to 120000`)
  }
  t.match(refused({ 'governor-timeout-ms': ['1', '2'] }), /a list of 2 values is not/)
})

t.test('of the time of an SDK a margin is kept, a fifth at most, and no SDK has more than the most', async (t) => {
  const sdk = { 'user-agent': 'twilio-python/9.0.0 (Linux x86_64) Python/3.12.0' }
  const plain = allowedMs(sdk, { deadline: { defaultMs: 25_000, maxMs: 600_000, sdkMarginMs: 0 } })
  t.not(plain, 25_000, 'it is known')
  t.equal(allowedMs(sdk, { deadline: { defaultMs: 25_000, maxMs: 600_000, sdkMarginMs: 100 } }), plain - 100)
  t.equal(allowedMs(sdk, { deadline: { defaultMs: 25_000, maxMs: 600_000, sdkMarginMs: 500_000 } }), 0.8 * plain)
  t.equal(allowedMs(sdk, { deadline: { defaultMs: 500, maxMs: 1_000, sdkMarginMs: 100 } }), 1_000)
})

t.test('pages of a list stay here for a client that came by base URL, does not check them, and where that is set', async (t) => {
  const url = `/api.twilio.com${MESSAGES}`
  t.match(ask({}, { url }).pageBase, { url: 'http://localhost:8080', hosts: KNOWN_HOSTS })
  t.match(ask({}).pageBase, { url: 'http://localhost:8080' })
  t.equal(ask({}, { url, by: { rewritePageUrls: false } }).pageBase, undefined)
  t.equal(ask({ host: 'api.twilio.com' }).pageBase, undefined, 'it names Twilio')
  t.equal(ask({ 'user-agent': 'twilio-java/10.0.0' }, { url }).pageBase, undefined, 'it checks them')
  t.equal(ask({ 'twilio-client-validation': 'x' }, { url }).pageBase, undefined, 'it signs what it asks')
})

t.test('a page of another site is refused by the header that tells of it, but not in a tunnel', async (t) => {
  t.match(refused({ origin: 'https://evil.example', 'sec-fetch-site': 'none' }), /^403 web_page Header Origin: text "https:\/\/evil\.example" shows/)
  t.match(refused({ 'sec-fetch-site': 'cross-site' }), /^403 web_page Header Sec-Fetch-Site: text "cross-site" shows/)
  t.equal(refused({ origin: 'HTTP://LocalHost:3000' }), undefined)
  t.equal(refused({ origin: 'https://evil.example', host: 'api.twilio.com' }, { tunnel: 'api.twilio.com' }), undefined)
})

t.test('in a tunnel neither another host is named, nor its own in the path', async (t) => {
  t.match(refused({ host: 'verify.twilio.com' }, { tunnel: 'api.twilio.com' }), /^421 unknown_host .*than its tunnel, which is for api\.twilio\.com/)
  t.match(refused({}, { url: `/api.twilio.com${MESSAGES}`, tunnel: 'api.twilio.com' }), /^421 unknown_host/)
})

t.test('a header that cannot be read is shown short and in printable letters', async (t) => {
  t.match(refused({ 'governor-class': `\x07\xe9${'x'.repeat(60)}` }), `Governor-Class: text "??${'x'.repeat(38)}" is not a class; accepted are critical, standard, read, bulk.`)
  t.match(refused({ 'governor-caller': 'x'.repeat(65) }), `Governor-Caller: text "${'x'.repeat(40)}" is not a name`)
  t.equal(ask({ 'governor-caller': 'x'.repeat(64) }).caller, 'x'.repeat(64))
  t.match(refused({ 'governor-duplicate': 'yes' }), 'Governor-Duplicate: text "yes" is not "allow".')
})

t.test('a caller without a name is its address, an IPv4 address in its own spelling', async (t) => {
  t.equal(ask({}, { from: '::ffff:10.0.0.9' }).caller, '10.0.0.9')
  t.equal(ask({}, { from: '2001:db8::1' }).caller, '2001:db8::1')
})

t.test('a duplicate is allowed in any case, with or without spaces', async (t) => {
  for (const value of ['allow', 'ALLOW', ' allow ']) t.equal(ask({ 'governor-duplicate': value }).allowsDuplicate, true, value)
  t.equal(ask({}).allowsDuplicate, false)
})
