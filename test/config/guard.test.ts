import t from 'tap'
import { faults, load, told } from './loading.ts'

t.test('there are no caps and no file of switches unless somebody wants them', async (t) => {
  t.strictSame(load(t, '').guard, { caps: {}, switchesFile: null })
  t.equal(load(t, '').admin.changesFrom, 'loopback')
})

t.test('a cap needs a most and an interval, and may say whose sends are meant', async (t) => {
  const { guard } = load(t, [
    'guard:',
    '  switchesFile: /var/lib/switches.json',
    '  caps:',
    '    small: { max: 0, intervalMs: 1000 }',
    "    pumping: { match: { products: [verify] }, prefixes: ['+44', '+1900', 'whatsapp:', 'whatsapp:+44', '*'], except: ['+1'], max: 5, intervalMs: 2678400000, per: [caller, account, prefix, country, destination], mode: count }"
  ].join('\n'))
  t.match(guard, { switchesFile: '/var/lib/switches.json', caps: { small: { max: 0, intervalMs: 1000 }, pumping: { mode: 'count', prefixes: ['+44', '+1900', 'whatsapp:', 'whatsapp:+44', '*'] } } })
  t.match(faults(t, 'guard: { caps: { a: { prefixes: ["+44"] } } }'), [
    { path: 'guard.caps.a.max', message: /^is missing; it must be a whole number from 0 to 1000000000/ },
    { path: 'guard.caps.a.intervalMs', message: /^is missing; it must be a whole number from 1000 to 2678400000/ }
  ])
})

t.test('what no cap can be is refused, with the place', async (t) => {
  const faultOf = (keys: string): string => faults(t, `guard: { caps: { a: { max: 1, intervalMs: 1000, ${keys} } } }`).map(({ path, message }) => `${path} ${message}`).join('; ')
  for (const prefix of ['44', '+', '+0', '+44 7', '+447700900123', '+44*', 'WhatsApp:+44', 'client:alice', '']) {
    t.match(faultOf(`prefixes: ["${prefix}"]`), /^guard\.caps\.a\.prefixes\[0\] must be the beginning of a number with its country/, prefix)
  }
  t.match(faultOf('prefixes: []'), /prefixes must be a list with something in it/)
  t.match(faultOf('per: [number]'), /per\[0\] must be caller, account, prefix, country or destination/)
  t.match(faultOf('mode: shadow'), /mode must be refuse or count/)
  t.match(faultOf('match: { product: [verify] }'), /match\.product unknown key; did you mean products/)
  t.match(faultOf('maximum: 1'), /maximum unknown key/)
  t.match(faults(t, 'guard: { caps: { "a b": { max: 1, intervalMs: 1000 } } }'), [{ path: 'guard.caps', message: /^a key must be a name of 1 to 64/ }])
})

t.test('counting by prefix needs prefixes', async (t) => {
  t.match(faults(t, 'guard: { caps: { fine: { max: 1, intervalMs: 1000, per: [country] }, pumping: { max: 1, intervalMs: 1000, per: [caller, prefix] } } }'), [
    { path: 'guard.caps.pumping.per', message: 'must have prefixes beside it to count per prefix; found none (country needs none) (line 1)' }
  ])
})

t.test('a cap is for sends, which are POSTs', async (t) => {
  const cap = (methods: string): string => `guard: { caps: { a.b: { match: { methods: [${methods}] }, max: 1, intervalMs: 1000 } } }`
  t.strictSame(told(faults(t, cap('GET, DELETE'))), ['guard.caps.a.b.match.methods: must include POST, because only a POST is a send; found GET, DELETE (line 1)'])
  t.ok(load(t, cap('GET, POST')))
})

t.test('a beginning is meant or not, and is not repeated: it may be nearly a number', async (t) => {
  const cap = (except: string): string => `guard: { caps: { a: { prefixes: ['+1', '+4790012345'], except: [${except}], max: 1, intervalMs: 1000 } } }`
  t.strictSame(told(faults(t, cap("'+4790012345', '+44', '+1'"))), [
    'guard.caps.a.except[0]: must be a beginning that is not in prefixes; found that of guard.caps.a.prefixes[1] (line 1)',
    'guard.caps.a.except[2]: must be a beginning that is not in prefixes; found that of guard.caps.a.prefixes[0] (line 1)'
  ])
  t.ok(load(t, cap("'+1900'")), 'a longer one is another')
})

t.test('every cap is told of at once, and what is wrong by itself hides nothing else', async (t) => {
  const text = [
    'guard:',
    '  caps:',
    "    x: { max: -1, intervalMs: 1000, prefixes: ['+44', '4'], except: ['+44'], match: { methods: [GET] } }",
    "    y: { max: 1, intervalMs: 1000, per: [prefix], prefixs: ['+1'] }",
    '    z: { max: 1, intervalMs: 1000, per: [prefix] }',
    '    none: {}',
    '    "a b": { per: [prefix] }'
  ].join('\n')
  t.strictSame(told(faults(t, text)).map((fault) => fault.replace(/: .* (\(line)/, ' $1')), [
    'guard.caps.x.prefixes[1] (line 3)',
    'guard.caps.x.max (line 3)',
    'guard.caps.x.match.methods (line 3)',
    'guard.caps.x.except[0] (line 3)',
    'guard.caps.y.prefixs (line 4)',
    'guard.caps.z.per (line 5)',
    'guard.caps.none.max (line 6)',
    'guard.caps.none.intervalMs (line 6)',
    'guard.caps (line 7)'
  ])
})

t.test('two files cannot be one', async (t) => {
  t.match(faults(t, 'state: { file: /a.json }\nguard: { switchesFile: /a.json }'), [{ path: 'guard.switchesFile', message: /^must differ from state\.file/ }])
})
