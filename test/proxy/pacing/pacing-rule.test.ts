import t from 'tap'
import type { OpenHours } from '../../../src/proxy/ports/open-hours.ts'
import { pacingRules } from '../../../src/proxy/pacing/pacing-rule.ts'
import { PACING_PRESETS } from '../../../src/proxy/pacing/pacing-presets.ts'

const NIGHT: OpenHours = { opensInMs: () => 1, closesInMs: () => 0 }
const MATCH = { methods: ['DELETE' as const] }

t.test('presets come first, each rule by the name of its preset, with what it counts apart', async (t) => {
  const rules = pacingRules(
    { presets: ['verify-status', 'voice-calls'], rules: { own: { match: MATCH, perSecond: 1 } } },
    new Map()
  )
  t.same(rules.map(({ name }) => name), ['verify-status', 'verify-status', 'verify-status', 'voice-calls', 'own'])
  const [minute] = rules
  t.same([minute?.pace, minute?.per], [{ starts: 60, intervalMs: 60_000 }, { segments: 5 }])
  t.same(rules[3]?.per, {}, 'the whole account')
  t.equal(minute?.match, PACING_PRESETS['verify-status'].rules[0]?.match)
  t.ok(rules.every(({ openHours, defer }) => openHours === undefined && defer !== true), 'none has hours')
})

t.test('a rule of the settings has a rate, a rate with a burst, a reservoir or no pace', async (t) => {
  const pace = (options: object): unknown =>
    pacingRules({ presets: [], rules: { own: { match: MATCH, ...options } } }, new Map())[0]?.pace
  t.same(pace({ perSecond: 2 }), { perSecond: 2 })
  t.same(pace({ perSecond: 2, burst: 5 }), { perSecond: 2, burst: 5 })
  t.same(pace({ starts: 3, intervalMs: 500 }), { starts: 3, intervalMs: 500 })
  t.equal(pace({}), undefined)
  t.equal(pace({ starts: 3 }), undefined)
  t.equal(pace({ intervalMs: 500 }), undefined)
})

t.test('a rule has its own hours and counts apart what it says; it defers only where it says so', async (t) => {
  const rules = pacingRules({
    presets: [],
    rules: {
      night: { match: MATCH, per: { caller: true }, defer: true },
      day: { match: MATCH },
      never: { match: MATCH, defer: false }
    }
  }, new Map([['night', NIGHT]]))
  t.same(rules.map(({ name, per, openHours, defer }) => [name, per, openHours === NIGHT, defer]), [
    ['night', { caller: true }, true, true], ['day', {}, false, false], ['never', {}, false, false]
  ])
})
