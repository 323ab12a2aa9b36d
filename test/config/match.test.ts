import t from 'tap'
import { PRODUCTS } from '../../src/twilio/products.ts'
import { faults, load, told } from './loading.ts'

/** Everywhere that requests are matched, with the way to the match. */
const MATCHES: ReadonlyArray<readonly [string, (match: string) => string]> = [
  ['pacing.rules.a.match', (match) => `pacing: { rules: { a: { perSecond: 1, match: ${match} } } }`],
  ['guard.caps.a.match', (match) => `guard: { caps: { a: { max: 1, intervalMs: 1000, match: ${match} } } }`],
  ['queue.classes[0].match', (match) => `queue: { classes: [{ class: bulk, match: ${match} }] }`],
  ['coalesce.cache.a.match', (match) => `coalesce: { cache: { a: { ttlMs: 1000, match: ${match} } } }`]
]

t.test('every product that has a host is accepted', async (t) => {
  const all = `{ routes: ["/v1/*"], products: [${PRODUCTS.join(', ')}] }`
  for (const [path, text] of MATCHES) t.ok(load(t, text(all)), path)
})

t.test('a product that nobody knows is refused, with the one meant or else the setting that adds it', async (t) => {
  for (const [path, text] of MATCHES) {
    const settings = text('{ routes: ["/v1/*"], products: [verfiy, sms, 5, Verify] }')
    t.strictSame([...told(faults(t, settings))].sort(), [
      `${path}.products[0]: must be a product, the first label of its API host; did you mean verify? (line 1)`,
      `${path}.products[1]: must be a product, the first label of its API host; list a product that is newer than this version in upstream.hosts (line 1)`,
      `${path}.products[2]: must be a product, the first label of its API host, in lower case; found the number 5 (line 1)`,
      `${path}.products[3]: must be a product, the first label of its API host, in lower case (line 1)`
    ])
    t.ok(load(t, `${text('{ routes: ["/v1/*"], products: [sms, rcs] }')}\nupstream: { hosts: [SMS, rcs.us1.twilio.com] }`), path)
  }
})

t.test('a host that is added is a label or a name under twilio.com', async (t) => {
  const names = ['evil.example', 'a.twilio.com.evil', 'x_y', '-a', '2010-04-01', 'v1', 'v1.twilio.com', '.twilio.com', 'https://a.twilio.com', 'a.twilio.com:443']
  t.equal(faults(t, `upstream: { hosts: [${names.map((name) => JSON.stringify(name)).join(', ')}] }`).length, names.length)
  t.strictSame(load(t, 'upstream: { hosts: [webhooks2, a.b.c.twilio.com, "x.Twilio.com"] }').upstream.hosts, ['webhooks2', 'a.b.c.twilio.com', 'x.Twilio.com'])
})

t.test('a match with nothing in it says what it may hold', async (t) => {
  const head = 'products, methods, routes, classes, callers, accounts'
  t.strictSame(told(MATCHES.flatMap(([, text]) => faults(t, text('{}')))), [
    `pacing.rules.a.match: must be a mapping with something in it (${head}, query or fields); found an empty mapping (line 1)`,
    `guard.caps.a.match: must be a mapping with something in it (${head}, query or fields); found an empty mapping (line 1)`,
    `queue.classes[0].match: must be a mapping with something in it (${head} or query); found an empty mapping (line 1)`,
    'coalesce.cache.a.match.routes: is missing; it must be a list with something in it (line 1)'
  ])
})

t.test('an empty rule is told what it lacks', async (t) => {
  const match = 'is missing; it must be a mapping with something in it (products, methods, routes, classes, callers, accounts, query or fields)'
  t.strictSame(told(faults(t, 'pacing:\n  rules:\n    a: {}')), [
    `pacing.rules.a.match: ${match} (line 3)`,
    'pacing.rules.a: must have a pace (perSecond, or starts and intervalMs) or openHours; found neither (line 3)'
  ])
  t.strictSame(told(faults(t, 'pacing: { rules: { a: { match: { methods: [GET] }, perSecond: 1, per: {} } } }')), [
    'pacing.rules.a.per: must be a mapping with something in it (route, caller, segments or field); found an empty mapping (line 1)'
  ])
})
