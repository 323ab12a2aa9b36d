import t from 'tap'
import { PRODUCT_NAMES } from '../../src/config/schema/products.ts'
import { PRODUCTS } from '../../src/twilio/hosts.ts'
import { faults, load, told } from './loading.ts'

/** Everywhere that requests are matched, with the way to the match. */
const MATCHES: ReadonlyArray<readonly [string, (match: string) => string]> = [
  ['pacing.rules.a.match', (match) => `pacing: { rules: { a: { perSecond: 1, match: ${match} } } }`],
  ['guard.caps.a.match', (match) => `guard: { caps: { a: { max: 1, intervalMs: 1000, match: ${match} } } }`],
  ['queue.classes[0].match', (match) => `queue: { classes: [{ class: bulk, match: ${match} }] }`],
  ['coalesce.cache.a.match', (match) => `coalesce: { cache: { a: { ttlMs: 1000, match: ${match} } } }`]
]

t.test('the products are those that have a host at Twilio', async (t) => {
  t.strictSame(PRODUCT_NAMES, PRODUCTS)
  const all = `{ routes: ["/v1/*"], products: [${PRODUCTS.join(', ')}] }`
  for (const [path, text] of MATCHES) t.ok(load(t, text(all)), path)
})

t.test('a product that there is not is refused, with the one meant or else with all', async (t) => {
  for (const [path, text] of MATCHES) {
    const [misspelt, none, number] = told(faults(t, text('{ routes: ["/v1/*"], products: [verfiy, sms, 5] }')))
    t.equal(misspelt, `${path}.products[0]: must be a product, the first label of its API host; found the text "verfiy"; did you mean verify? (line 1)`)
    t.match(none, /products\[1\]: must be a product, the first label of its API host: accounts, api, .*, messaging, .* or tls-test; found the text "sms" \(line 1\)$/)
    t.match(none, path)
    t.match(number, /products\[2\]: must be .* or tls-test; found the number 5 \(line 1\)$/)
  }
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
    'pacing.rules.a: must have a pace (perSecond, or starts and intervalMs) or windows; found neither (line 3)'
  ])
  t.strictSame(told(faults(t, 'pacing: { rules: { a: { match: { methods: [GET] }, perSecond: 1, per: {} } } }')), [
    'pacing.rules.a.per: must be a mapping with something in it (route, caller, segments or field); found an empty mapping (line 1)'
  ])
})
