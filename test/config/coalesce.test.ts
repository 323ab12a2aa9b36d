import t from 'tap'
import { faults, load } from './loading.ts'

t.test('reads in flight share, and nothing is kept, unless the settings say otherwise', async (t) => {
  t.strictSame(load(t, '').coalesce, { inFlight: true, cache: {}, cacheMaxBytes: 16_777_216 })
})

t.test('a route whose answers are kept is named, with how old they may be', async (t) => {
  const { cache } = load(t, [
    'coalesce:',
    '  cache:',
    '    lookups: { match: { products: [lookups], routes: ["/v2/PhoneNumbers/{}"], query: [Fields] }, ttlMs: 300000 }',
    '    senders: { match: { routes: ["/v1/Services*"], callers: [web], accounts: [AC00000000000000000000000000000001] }, ttlMs: 100 }'
  ].join('\n')).coalesce
  t.strictSame(Object.keys(cache), ['lookups', 'senders'], 'in their order: the first that matches counts')
  t.strictSame(cache['lookups'], { match: { products: ['lookups'], routes: ['/v2/PhoneNumbers/{}'], query: ['Fields'] }, ttlMs: 300_000 })
})

t.test('no rule is for everything by accident, or for what is no plain GET', async (t) => {
  const rule = (text: string): ReturnType<typeof faults> => faults(t, `coalesce: { cache: { a: ${text} } }`)
  t.match(rule('{ match: { products: [api] }, ttlMs: 1000 }'), [{ path: 'coalesce.cache.a.match.routes', message: /^is missing; it must be a list/ }])
  t.match(rule('{ match: { routes: [] }, ttlMs: 1000 }'), [{ path: 'coalesce.cache.a.match.routes', message: /something in it/ }])
  t.match(rule('{ match: { routes: ["/v1/*"], methods: [POST] }, ttlMs: 1000 }'), [{ path: 'coalesce.cache.a.match.methods', message: /^unknown key/ }])
  t.match(rule('{ match: { routes: ["/v1/*"] } }'), [{ path: 'coalesce.cache.a.ttlMs', message: /^is missing/ }])
  for (const ttlMs of [99, 300_001, 1.5]) t.match(rule(`{ match: { routes: ["/v1/*"] }, ttlMs: ${ttlMs} }`), [{ path: 'coalesce.cache.a.ttlMs', message: /from 100 to 300000/ }])
  t.match(faults(t, 'coalesce: { cache: { "a b": {} }, cacheMaxBytes: 1 }').map(({ path }) => path).sort(), ['coalesce.cache', 'coalesce.cacheMaxBytes'])
})
