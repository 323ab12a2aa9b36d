import t from 'tap'
import { PRESET_NAMES } from '../../src/config/schema/sections/pacing.ts'
import { faults, load, told } from './loading.ts'

t.test('a pacing rule has one pace, whole', async (t) => {
  const rule = (text: string): readonly string[] => told(faults(t, `pacing: { rules: { slow: { match: { methods: [DELETE] }${text} } } }`))
  const slow = 'pacing.rules.slow'
  t.strictSame(rule(''), [`${slow}: must have a pace (perSecond, or starts and intervalMs) or openHours; found neither (line 1)`])
  t.strictSame(rule(', perSecond: 1, starts: 2, intervalMs: 1000'), [`${slow}.perSecond: must not be set beside starts or intervalMs: a rule has one pace (line 1)`])
  t.strictSame(rule(', perSecond: 1, starts: 2'), [`${slow}.perSecond: must not be set beside starts or intervalMs: a rule has one pace (line 1)`])
  t.strictSame(rule(', starts: 2'), [`${slow}.starts: must have intervalMs beside it; found none (line 1)`])
  t.strictSame(rule(', intervalMs: 1000'), [`${slow}.intervalMs: must have starts beside it; found none (line 1)`])
  t.strictSame(rule(', starts: 2, intervalMs: 1000, burst: 2'), [`${slow}.burst: must have perSecond beside it; found none (line 1)`])
  t.strictSame(rule(', perSecond: 5, burst: 4'), [`${slow}.burst: must be at least perSecond (5); found the number 4 (line 1)`])
  const { pacing } = load(t, 'pacing: { presets: [voice-calls], rules: { slow: { match: {methods: [DELETE]}, perSecond: 5, per: { field: From } } } }')
  t.same(pacing, { presets: ['voice-calls'], rules: { slow: { match: { methods: ['DELETE'] }, perSecond: 5, per: { field: 'From' } } } })
})

t.test('a burst may be as large as a second\'s starts, which is the same as none', async (t) => {
  const { rules } = load(t, 'pacing: { rules: { even: { match: { products: [api] }, perSecond: 5, burst: 5 }, slow: { match: { products: [api] }, perSecond: 0.5, burst: 1 } } }').pacing
  t.match(rules, { even: { perSecond: 5, burst: 5 }, slow: { perSecond: 0.5, burst: 1 } })
})

t.test('a window has times, and a time zone that there is', async (t) => {
  const rule = (text: string): string => `pacing: { rules: { nightly: { match: { methods: [DELETE] }, ${text} } } }`
  const { openHours, defer } = load(t, rule('defer: true, openHours: [{ days: [mon, sun], from: "22:00", to: "06:00", timeZone: Europe/Berlin }]')).pacing.rules['nightly']!
  t.same([openHours, defer], [[{ days: ['mon', 'sun'], from: '22:00', to: '06:00', timeZone: 'Europe/Berlin' }], true])
  t.match(faults(t, rule('openHours: [{ from: "22:00", to: "06:00", timeZone: Europe/Atlantis }]')), [{ path: 'pacing.rules.nightly.openHours[0].timeZone', message: /^must be a time zone of the IANA database, such as Europe\/Berlin; found "Europe\/Atlantis"/ }])
  t.match(faults(t, rule('perSecond: 1, defer: true')), [{ path: 'pacing.rules.nightly.defer', message: /^must have openHours beside it; found none/ }])
  t.match(faults(t, rule('openHours: [{ days: [montag], from: "24:00", to: 6, timeZone: +01:00 }]')).map(({ path, message }) => `${path} ${message}`).sort(), [
    /^pacing\.rules\.nightly\.openHours\[0\]\.days\[0\] must be mon, tue, wed, thu, fri, sat or sun/,
    /^pacing\.rules\.nightly\.openHours\[0\]\.from must be a time of day from 00:00 to 23:59/,
    /^pacing\.rules\.nightly\.openHours\[0\]\.timeZone must be a time zone/,
    /^pacing\.rules\.nightly\.openHours\[0\]\.to must be/
  ])
  t.match(faults(t, rule('openHours: [{ from: "22:00" }]')).map(({ path }) => path).sort(), ['pacing.rules.nightly.openHours[0].timeZone', 'pacing.rules.nightly.openHours[0].to'])
  t.match(faults(t, rule('openHours: []')), [{ path: 'pacing.rules.nightly.openHours' }])
})

t.test('what is wrong within a rule is told by its place in the file', async (t) => {
  t.same(faults(t, 'pacing: { presets: [no-such], rules: { slow: { perSecond: fast, match: { methods: [delete], routs: [/v1/*] } }, "Bad Name": { match: { products: [api] }, perSecond: 1 } } }').map(({ path }) => path).sort(), [
    'pacing.presets[0]', 'pacing.rules', 'pacing.rules.slow.match.methods[0]', 'pacing.rules.slow.match.routs', 'pacing.rules.slow.perSecond'
  ])
  t.match(faults(t, 'pacing: { rules: { slow: { perSecond: 1 } } }'), [{ path: 'pacing.rules.slow.match', message: /^is missing; it must be a mapping/ }])
  t.match(faults(t, 'queue: { classes: [{ match: { callers: [] }, class: urgent }] }').map(({ path, message }) => `${path} ${message}`).sort(), [
    /^queue.classes\[0\].class must be critical, standard, read or bulk; found the text "urgent"/,
    /^queue.classes\[0\].match.callers must be a list with something in it; found an empty list/
  ])
})

t.test('every rule is told of at once, and what is wrong by itself hides nothing else', async (t) => {
  const text = [
    'pacing:',
    '  presets: [sync-writes, no-such]',
    '  rules:',
    '    nightly:',
    '      match: { methods: [DELETE] }',
    '      openHours:',
    '        - { from: "22:00", to: "6", timeZone: Europe/Atlantis }',
    '        - { from: "22:00", to: "06:00", timeZone: Mars/Olympus }',
    '      perSecond: fast',
    '      starts: 2',
    '      defer: true',
    '    sync-writes: { match: { methods: [GET, POST] }, perSecond: 5, burst: 4, openHours: 7, defer: true }',
    '    number: 5',
    '    slow: { match: { products: [verfiy] } }',
    '    empty: {}'
  ].join('\n')
  t.strictSame(told(faults(t, text)).map((fault) => fault.replace(/: .* (\(line)/, ' $1')), [
    'pacing.presets[1] (line 2)',
    'pacing.rules.nightly.openHours[0].to (line 7)',
    'pacing.rules.nightly.openHours[0].timeZone (line 7)',
    'pacing.rules.nightly.openHours[1].timeZone (line 8)',
    'pacing.rules.nightly.perSecond (line 9)',
    'pacing.rules.sync-writes.openHours (line 12)',
    'pacing.rules.sync-writes (line 12)',
    'pacing.rules.sync-writes.burst (line 12)',
    'pacing.rules.sync-writes.defer (line 12)',
    'pacing.rules.number (line 13)',
    'pacing.rules.slow (line 14)',
    'pacing.rules.slow.match.products[0] (line 14)',
    'pacing.rules.empty.match (line 15)',
    'pacing.rules.empty (line 15)'
  ])
})

t.test('a misspelt key is not told of as a missing one, too', async (t) => {
  t.strictSame(told(faults(t, 'pacing: { rules: { slow: { match: { methods: [DELETE] }, perSecnd: 5 } } }')), [
    'pacing.rules.slow.perSecnd: unknown key; did you mean perSecond? (line 1)'
  ])
  t.strictSame(told(faults(t, 'pacing: { rules: { slow: { match: { methods: [DELETE] }, perSecond: 5, burst: 4, windws: [], defer: true } } }')).map((fault) => fault.split(':')[0]), [
    'pacing.rules.slow.windws', 'pacing.rules.slow.burst'
  ])
})

t.test('only a rule that may be for a DELETE defers', async (t) => {
  const rule = (match: string, defer = true): string =>
    `pacing: { rules: { nightly: { match: { ${match} }, defer: ${String(defer)}, openHours: [{ from: "22:00", to: "06:00", timeZone: Europe/Berlin }] } } }`
  t.strictSame(told(faults(t, rule('methods: [GET, POST]'))), [
    'pacing.rules.nightly.defer: must have DELETE in match.methods, because the proxy defers nothing else; found GET, POST (line 1)'
  ])
  const methods = faults(t, rule('methods: [GET, NOPE]'))
  t.match(methods, [{ path: 'pacing.rules.nightly.match.methods[1]' }], 'a list with a fault in it is not compared')
  t.equal(methods.length, 1)
  for (const text of [rule('methods: [GET, DELETE]'), rule('products: [api]'), rule('methods: [GET]', false)]) t.ok(load(t, text), text)
  t.ok(load(t, 'pacing: { rules: { slow: { match: { methods: [DELETE] }, perSecond: 5, defer: false } } }'), 'who defers nothing needs no hours')
})

t.test('a preset is named once, and no rule has the name of one that is', async (t) => {
  t.strictSame(told(faults(t, 'pacing:\n  presets:\n    - sync-writes\n    - voice-calls\n    - sync-writes\n    - sync-writes')), [
    'pacing.presets[2]: must be named once; found sync-writes as pacing.presets[0], too (line 5)',
    'pacing.presets[3]: must be named once; found sync-writes as pacing.presets[0], too (line 6)'
  ])
  const rule = (preset: string): string => `pacing: { presets: [sync-reads, ${preset}], rules: { voice-calls: { match: { methods: [POST] }, perSecond: 1 } } }`
  t.strictSame(told(faults(t, rule('voice-calls'))), [
    'pacing.rules.voice-calls: must have another name: pacing.presets[1] has this one, and metrics and /state would show only one of the two (line 1)'
  ])
  t.ok(load(t, rule('sync-writes')), 'the name of a preset that is not used is free')
  t.strictSame(faults(t, 'pacing: { presets: voice-calls, rules: { voice-calls: { match: { methods: [POST] }, perSecond: 1 } } }').map(({ path }) => path), ['pacing.presets'])
})

t.test('a preset that is misspelt is told of with the one meant', async (t) => {
  t.strictSame(told(faults(t, 'pacing: { presets: [sync-write] }')), ['pacing.presets[0]: must be the name of a preset; found the text "sync-write"; did you mean sync-writes? (line 1)'])
  t.match(told(faults(t, 'pacing: { presets: [all] }')), [/^pacing\.presets\[0\]: must be the name of a preset: verify-status, .* or voice-calls; found the text "all"/])
})

t.test('every preset loads', async (t) => {
  t.strictSame(load(t, `pacing: { presets: [${PRESET_NAMES.join(', ')}] }`).pacing.presets, PRESET_NAMES)
})
