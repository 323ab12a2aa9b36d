import t from 'tap'
import { loadSettings } from '../../../src/config/load.ts'
import { Distribution } from '../../../src/commands/plan/distribution.ts'
import { parseRates } from '../../../src/commands/plan/flags.ts'
import { runPlan } from '../../../src/commands/plan/plan.ts'
import type { Recorded } from '../../../src/commands/plan/recording/recorded.ts'
import { describe, toJson, type Report } from '../../../src/commands/plan/report.ts'
import { duration, wrap } from '../../../src/commands/plan/wording.ts'
import { lineOf, read, recorded, T0 } from './lines.ts'

type Dir = { testdir: (files: Record<string, string>) => string }

function plan (t: Dir, yaml: string, lines: readonly Recorded[], ceiling?: number, more = ''): Promise<Report> {
  const folder = t.testdir({ 'config.yaml': yaml, log: `${lines.map((line) => lineOf(line)).join('\n')}\n${more}` })
  return runPlan({ settings: loadSettings({ env: {}, cwd: folder }), log: `${folder}/log`, ceiling, rates: [], seed: 1 })
}

/** Refused, shed, shared, waited for: one of each. */
const MIXED = [
  recorded(0),
  recorded(10, { attempts: 0, upstreamMs: 0, status: 429, reason: 'queue_full', totalMs: 1 }),
  recorded(20, { attempts: 3, throttled: 2, backoffMs: 900, upstreamMs: 120, totalMs: 1_020 }),
  recorded(30, { caller: 'signup', queueMs: 2_500, totalMs: 2_600, class: 'bulk' }),
  read(40, 'a'),
  read(50, 'a', { attempts: 0, reason: 'coalesced', upstreamMs: 90, totalMs: 90 })
]

t.test('the report shows then and plan side by side, in 80 columns', async (t) => {
  const text = describe(await plan(t, 'limit: { algorithm: fixed, fixed: 1 }\ncoalesce: { inFlight: true }\nqueue: { classes: [{ match: { callers: [campaigns] }, class: critical }] }\n',
    [...MIXED, recorded(T0 - T0 + 60, { account: 'x'.repeat(64) })], undefined, 'oops\n{"msg":"listening"}\n'))
  t.ok(text.split('\n').every((line) => line.length <= 80), text)
  t.match(text, /^7 requests, 2026-01-01 00:00:00 to 00:00:02 UTC \(2\.6 s\)\nskipped: 1 other lines; 1 broken, the first is line 8\n/)
  t.match(text, /^All {9}requests {5}p50 .* 429s {2}refused {3}saved\n {2}then {13}7 .* 2 {8}1 {7}1\n {2}plan {13}7 .* 0 {8}0 {7}1\n/m)
  t.match(text, '  refused then: queue_full 1\n')
  t.match(text, '  calls to Twilio: 7 then, 6 in the plan\n')
  t.match(text, /other classes: .*standard → critical 4/)
  t.match(text, /^By class .*\n(?:.*\n)*critical\n {2}then {13}0 /m)
  for (const title of ['By product', 'By caller', 'By route', 'By account']) t.equal(text.includes(title), title !== 'By product', `${title}: a table of one row is left out`)
})

t.test('the same numbers for programs', async (t) => {
  const report = JSON.parse(toJson(await plan(t, 'coalesce: { inFlight: false }\n', MIXED, 40))) as Record<string, never>
  t.match(report, {
    from: '2026-01-01T00:00:00.000Z',
    lines: { exchanges: 6, others: 0, broken: 0 },
    accounts: [{ assumedCeiling: 40, isCeilingGiven: true }],
    all: { then: { requests: 6, calls: 6, throttled: 2, saved: 1, refused: { queue_full: 1 }, waitMs: { max: 2_500 } }, plan: { requests: 6, calls: 6, saved: 0, refused: {} } },
    by: { class: { bulk: {}, read: {} }, caller: { signup: {} }, product: { api: {} } },
    moved: {}
  })
})

t.test('the ceiling is said to be given, found or unknown', async (t) => {
  const said = async (lines: readonly Recorded[], ceiling?: number): Promise<string> => describe(await plan(t, '', lines, ceiling)).replaceAll(/\n {4}/g, ' ')
  t.match(await said([recorded(0), recorded(10)], 7), /7, as given; at most 2 then, 2 in the plan/)
  t.match(await said([recorded(0), recorded(10)]), /unknown, at least 2: no 429 of Twilio shows it, so the plan knows no ceiling; at most 2/)
  const refused = recorded(20, { attempts: 2, throttled: 1, upstreamMs: 110, backoffMs: 300, totalMs: 410 })
  t.match(await said([recorded(0), recorded(10), refused]), /about 2 \(rough: Twilio throttled 1 requests, half of them beside 2 or more\)/)
})

t.test('what cannot be known is said when it matters, and not otherwise', async (t) => {
  const notes = async (yaml: string, lines: readonly Recorded[] = [recorded(0)]): Promise<string> => (await plan(t, yaml, lines)).notes.join('\n')
  const plain = await notes('coalesce: { inFlight: false }\n')
  t.match(plain, 'Requests arrive when they arrived then')
  for (const word of ['shadow', 'no bodies', 'no queries', 'resource', 'Governor-Class', 'out of order', 'version']) t.notMatch(plain, word)
  t.match(await notes('limit: { mode: shadow }\n'), 'limit.mode is shadow: the limit holds nothing back')
  t.match(await notes('coalesce: { inFlight: false }\nqueue: { classes: [{ match: { query: [Page] }, class: bulk }] }\n', [recorded(0, { class: 'critical' })]), /no queries\.\n.*Governor-Class/)
  t.match(await notes('coalesce: { inFlight: true }\n', [read(0, undefined)]), /1 GETs do not name/)
})

t.test('caps, switches and refused duplicates are not played, which is said where there are some, with what they refused then', async (t) => {
  const notes = async (yaml: string, lines: readonly Recorded[] = [recorded(0)]): Promise<string> => (await plan(t, yaml, lines)).notes.join('\n')
  const refused = (reason: string, over: Partial<Recorded> = {}): Recorded => recorded(10, { status: 403, attempts: 0, upstreamMs: 0, totalMs: 1, reason, ...over })
  const cap = (more = ''): string => `guard: { caps: { sends: { max: 100, intervalMs: 60000${more} } } }\n`
  const plain = await notes('')
  for (const word of ['guard', 'switch', 'duplicates', 'defer', 'stored .* for later']) t.notMatch(plain, word)
  t.match(await notes(cap(), [recorded(0), recorded(5), read(10, 'a')]), /guard\.caps refuse nothing here, because a log does not say where a request sends to\. 2 creates pass uncounted\.$/m)
  t.match(await notes(cap(), [recorded(0), refused('spend_cap'), refused('spend_cap')]), '3 creates pass uncounted. 2 requests that the proxy refused for that reason then go through here.')
  t.notMatch(await notes(cap(), [read(0, 'a')]), 'guard', 'nothing is sent')
  t.notMatch(await notes(cap(', mode: count')), 'guard', 'such a cap refuses nothing in the proxy either')
  t.match(await notes('guard: { switchesFile: /var/lib/switches.json }\n'), /No kill switch is on here.* guard\.switchesFile\.$/m)
  t.match(await notes('', [recorded(0), refused('kill_switch')]), /No kill switch is on here.* 1 requests that the proxy refused for that reason then go through here\.$/m)
  t.match(await notes('duplicates: { mode: refuse }\n', [recorded(0), refused('duplicate', { status: 409 })]), /duplicates\.mode: refuse refuses nothing here.* 1 requests that the proxy refused/)
})

t.test('deletes that a rule would defer are refused, counted and told of; others are refused alone', async (t) => {
  const rules = 'pacing: { rules: { nightly: { match: { methods: [DELETE] }, openHours: [{ from: "10:00", to: "12:00", timeZone: UTC }], defer: true }, reads: { match: { methods: [GET] }, openHours: [{ from: "10:00", to: "12:00", timeZone: UTC }] } } }\n'
  const drop = (afterMs: number, over: Partial<Recorded> = {}): Recorded => recorded(afterMs, { method: 'DELETE', route: 'DELETE api/2010-04-01/Accounts/{}/Messages/{}.json', status: 204, class: 'bulk', ...over })
  const open = 11 * 3_600_000
  const report = await plan(t, rules, [drop(0), drop(10), read(20, 'a'), recorded(30), drop(open), drop(open - 3_605_000)])
  t.match(JSON.parse(toJson(report)), { all: { plan: { requests: 6, refused: { outside_open_hours: 3 } } } }, 'with the open window and the one that opens in time')
  t.match(report.notes.join('\n'), /^2 of the deletes shed here as outside_open_hours match a rule with defer: true\..* Prefer: respond-async/m)
  t.notMatch((await plan(t, rules.replaceAll(', defer: true', ''), [drop(0)])).notes.join('\n'), 'defer')
  t.match((await plan(t, '', [drop(0, { status: 202, attempts: 0, upstreamMs: 0, reason: 'deferred' }), drop(5_000)])).notes.join('\n'), /^The proxy stored 1 deletes for later then\. Each comes twice here/m)
})

t.test('each pacing rule has its line: how many asked, how many it held and for how long', async (t) => {
  const report = await plan(t, 'coalesce: { inFlight: false }\npacing: { rules: { senders: { match: { methods: [POST], fields: { From: x } }, perSecond: 1 }, reads: { match: { methods: [GET] }, perSecond: 2, per: { segments: 3 } } } }\n', [...MIXED, read(55, 'b')])
  const text = describe(report)
  t.match(text, /^Pacing {6}requests {5}p50 {5}p95 {5}p99 {5}max {5}held\nreads\n {2}plan {13}3 +\d{3} ms .* 2$/m)
  t.notMatch(text, 'senders', 'a rule on fields matches nothing')
  t.match(JSON.parse(toJson(report)), { pacing: { reads: { requests: 3, held: 2 } } })
  t.match(report.notes.join('\n'), /no bodies\.\n.*count by fields or by parts of the path/)
})

t.test('an answer that would have been kept saves a call', async (t) => {
  const reads = [read(0, 'a'), read(500, 'a'), read(1_000, 'b'), read(3_000, 'a')]
  const saved = async (yaml: string): Promise<unknown> => JSON.parse(toJson(await plan(t, yaml, reads))).all.plan
  t.match(await saved(''), { calls: 4, saved: 0 })
  t.match(await saved('coalesce: { cache: { status: { match: { routes: ["/2010-04-01/Accounts/{}/Messages/{}.json"] }, ttlMs: 2000 } } }\n'), { calls: 3, saved: 1 })
})

t.test('a log without exchanges is told of in one sentence', async (t) => {
  const fault = (log: string): Promise<unknown> => plan(t, '', [], undefined, log)
  await t.rejects(fault(''), { message: 'The log is empty.' })
  await t.rejects(fault('{"msg":"listening"}\n'), { message: /has 1 lines and none is an exchange.*LOG_LEVEL info/ })
  await t.rejects(fault('\nhello\nworld\n'), { message: /2 cannot be read as JSON, the first is line 3/ })
})

t.test('a rate is a route and a number, and nothing else', async (t) => {
  const refuse = (sentence: string): never => { throw new Error(sentence) }
  t.same(parseRates(['POST verify/v2/Services/{}/Verifications=2.5'], refuse), [{ method: 'POST', product: 'verify', route: '/v2/Services/{}/Verifications', perSecond: 2.5 }])
  for (const text of ['', 'verify=1', 'POST verify/v2/x', 'POST verify/v2/x=0', 'POST verify/v2/x=-1', 'post verify/v2/x=1', 'POST verify/v2/x=1e3']) t.throws(() => parseRates([text], refuse), /--rate takes/, text)
})

t.test('percentiles are right within a hundredth', async (t) => {
  const times = new Distribution()
  t.equal(times.percentile(0.5), 0)
  for (let ms = 1; ms <= 10_000; ms++) times.add(ms)
  for (const part of [0.01, 0.5, 0.95, 0.99]) t.ok(Math.abs(times.percentile(part) / (10_000 * part) - 1) < 0.01, String(times.percentile(part)))
  t.equal(times.percentile(1), 10_000)
  t.equal(times.max, 10_000)
})

t.test('times are written in three figures or so, and lines are broken between words', async (t) => {
  t.same([0, 3.4, 999.4, 999.6, 12_345, 99_960, 3_000_000, 86_400_000].map(duration), ['0 ms', '3 ms', '999 ms', '1.0 s', '12.3 s', '2 min', '50 min', '24.0 h'])
  t.same(wrap('one two three four', 9, '  '), ['one two', '  three', '  four'])
  t.same(wrap('averyveryverylongword', 9, '  '), ['averyveryverylongword'])
})
