import t from 'tap'
import { CeilingEstimate } from '../../../src/policy/limit/ceiling-estimate.ts'
import type { CeilingView } from '../../../src/policy/limit/ceiling-view.ts'

/** Plays answers to an estimate. Levels that are undefined are levels that Twilio did not report. */
class Scene {
  readonly ceiling = new CeilingEstimate()
  nowMs = 1_000_000

  wait (ms: number): this {
    this.nowMs += ms
    return this
  }

  /** Sent `agoMs` before its answer is heard. */
  admit (level: number | undefined, { agoMs = 100, inflight = 10 } = {}): this {
    this.wait(10).ceiling.admitted(this.#ticket(agoMs, inflight), { concurrency: level, durationMs: undefined }, this.nowMs)
    return this
  }

  refuse (level: number | undefined, { agoMs = 5, inflight = 10 } = {}): this {
    this.wait(10).ceiling.refused(this.#ticket(agoMs, inflight), { concurrency: level, durationMs: undefined }, 20, 18, this.nowMs)
    return this
  }

  doubt (level: number): this {
    this.wait(10).ceiling.doubtful({ concurrency: level, durationMs: undefined }, this.nowMs)
    return this
  }

  get view (): CeilingView { return this.ceiling.view(this.nowMs) }

  /** low, estimate, high. */
  get band (): Array<number | null> { return [this.view.low, this.view.estimate, this.view.high] }

  #ticket (agoMs: number, inflight: number): { route: string, sentAtMs: number, inflight: number, full: boolean, paced: boolean } {
    return { route: 'free', sentAtMs: this.nowMs - agoMs, inflight, full: true, paced: false }
  }
}

const scene = (): Scene => new Scene()

t.test('nothing is known at first, and admissions alone say only what the ceiling is at least', async (t) => {
  t.same(scene().view, { estimate: null, low: 0, high: null, basis: 'own', confidence: 'none', evidence: [] })
  t.match(scene().admit(30).admit(40).admit(35).view, { estimate: null, low: 40, high: null, basis: 'reported', confidence: 'none' })
})

t.test('the band lies between the highest admitted and the lowest refused level', async (t) => {
  const rows: Array<[string, Scene, Array<number | null>, string]> = [
    ['a refusal counts itself', scene().admit(60).refuse(61), [60, 60, 61], 'high'],
    ['a refusal that does not count itself', scene().admit(60).refuse(60), [60, 60, 60], 'high'],
    ['nothing was admitted just below', scene().admit(40).refuse(61), [40, 60, 61], 'low'],
    ['something was admitted not far below', scene().admit(55).refuse(61), [55, 60, 61], 'medium'],
    ['the lowest refusal counts', scene().admit(60).refuse(80).refuse(61).refuse(70), [60, 60, 61], 'high'],
    ['what is admitted later raises the low end', scene().refuse(61).admit(50, { agoMs: 1 }).admit(56, { agoMs: 1 }), [56, 60, 61], 'medium'],
    ['a ceiling of one', scene().admit(1, { inflight: 1 }).refuse(2, { inflight: 2 }), [1, 1, 2], 'high']
  ]
  for (const [what, { band, view }, expected, confidence] of rows) {
    t.same(band, expected, what)
    t.equal(view.confidence, confidence, what)
  }
})

t.test('admitted above: the ceiling rose, and is unknown until it is met again', async (t) => {
  const rose = scene().admit(60).refuse(61).wait(1_000).admit(70)
  t.same(rose.band, [70, null, null])
  t.equal(rose.view.confidence, 'none')
  t.same(rose.admit(90).wait(1_000).refuse(91).band, [90, 90, 91])
})

t.test('refused below: the ceiling fell, and what was admitted before it says nothing', async (t) => {
  const fell = scene().admit(60).refuse(61).wait(1_000).refuse(41)
  t.same(fell.band, [0, 40, 41])
  t.same(fell.admit(58, { agoMs: 900 }).band, [0, 40, 41], 'an answer to a request from before')
  t.same(fell.wait(1_000).admit(40).band, [40, 40, 41])
})

t.test('answers come late: each counts for the moment its request was sent', async (t) => {
  t.same(scene().admit(60).refuse(61).admit(75, { agoMs: 500 }).band, [60, 60, 61], 'admitted before the refusal was sent')
  t.same(scene().refuse(90).admit(80, { agoMs: 5 }).refuse(50, { agoMs: 300 }).band, [80, 89, 90], 'refused before the admission was sent')
})

t.test('a rise straight after a fall is no change: levels are inexact, and the band takes them all in', async (t) => {
  const disputed = scene().admit(100).refuse(110).wait(1_000).refuse(95).wait(1_000).admit(105)
  const { low, estimate, high, confidence } = disputed.view
  t.ok(low <= 94 && high! >= 110, `${low} to ${high}`)
  t.equal(estimate, Math.round((low + high!) / 2))
  t.equal(confidence, 'low')
  t.ok(disputed.doubt(70).view.low <= 69, 'a refusal that was thought to be a route\'s counts now')
  t.not(disputed.wait(21_000).admit(106).refuse(107).view.confidence, 'low', 'until they have agreed for a while')
})

t.test('a doubtful refusal says nothing where levels are exact', async (t) => {
  t.same(scene().admit(60).refuse(61).doubt(30).band, [60, 60, 61])
})

t.test('a refusal without a level came just above what was admitted a moment ago', async (t) => {
  const silent = scene().admit(58).admit(60).refuse(undefined)
  t.same(silent.band, [60, 60, 61])
  t.equal(silent.view.confidence, 'medium', 'a guess')
  t.same(silent.wait(100).admit(62, { agoMs: 50 }).band, [62, 62, 63], 'a guess may be a little wrong')
  t.same(silent.wait(500).admit(80).band, [80, null, null], 'but not much')
  t.same(scene().admit(60).wait(2_000).refuse(undefined).band, [60, null, null], 'what was admitted long ago is no guess')
})

t.test('silent refusals while far less is admitted than before: the ceiling fell', async (t) => {
  const fell = scene().admit(100).refuse(undefined).wait(2_000).admit(40).wait(2_000).admit(40).refuse(undefined)
  t.same(fell.band, [0, 40, 41])
})

t.test('a level below half of our own requests at Twilio is none', async (t) => {
  t.same(scene().admit(60, { inflight: 50 }).refuse(1, { inflight: 50 }).band, [60, 60, 61])
  t.match(scene().refuse(1, { inflight: 50 }).view, { basis: 'own', evidence: [{ reported: 1 }] })
})

t.test('without any reported level our own count stands in, and says so', async (t) => {
  const blind = scene()
  for (let i = 0; i < 50; i++) blind.admit(undefined, { inflight: 20, agoMs: 200 })
  blind.refuse(undefined, { inflight: 25, agoMs: 50 })
  const { low, estimate, high, basis, confidence } = blind.view
  t.equal(basis, 'own')
  t.equal(confidence, 'low')
  t.equal(high, 25, 'all that was in flight')
  t.ok(low >= 10 && low <= 15, `${low}: three quarters of 20 less a swing`)
  t.ok(estimate! > 19 && estimate! <= 25, `${estimate}`)
})

t.test('an account that begins to report, or stops, starts anew on the other count', async (t) => {
  const begins = scene().admit(undefined, { inflight: 20 }).refuse(undefined, { inflight: 30 }).admit(50)
  t.match(begins.view, { basis: 'reported', estimate: null, low: 50, high: null })
  const stops = scene().admit(60).refuse(61).wait(61_000).admit(undefined, { inflight: 12 })
  t.match(stops.view, { basis: 'own', estimate: null, high: null })
})

t.test('evidence fades: the band widens after a minute, and after an hour nothing is known', async (t) => {
  const old = scene().admit(60).refuse(61)
  t.same(old.wait(59_000).band, [60, 60, 61])
  const widths = [600_000, 600_000, 600_000].map((ms) => {
    const { low, estimate, high } = old.wait(ms).view
    t.equal(estimate, 60, 'the estimate stays')
    return high! - low
  })
  t.same(widths, [...widths].sort((a, b) => a - b))
  t.ok(widths[0]! > 10)
  t.not(old.view.confidence, 'high')
  t.match(old.wait(3_600_000).view, { estimate: null, low: 0, high: null, confidence: 'none' })
})

t.test('fresh evidence takes the place of what has faded, on either side', async (t) => {
  const idle = scene().admit(60).refuse(61).wait(1_800_000)
  t.ok(idle.view.low < 35)
  t.equal(idle.admit(40).view.low, 40)
  t.equal(idle.admit(45).wait(10).refuse(71, { agoMs: 1 }).view.high, 71, 'a refusal above the old one, which has faded')
})

t.test('the last eight refusals are kept, the latest first', async (t) => {
  const busy = scene()
  for (let i = 0; i < 100; i++) busy.refuse(100 + i, { inflight: i + 1 })
  const { evidence } = busy.view
  t.equal(evidence.length, 8)
  t.strictSame(evidence[0], { atMs: busy.nowMs, reported: 199, inflight: 100, limitBefore: 20, limitAfter: 18 })
  t.equal(evidence[7]?.reported, 192)
})

t.test('what is remembered from before a restart is shown as such until something speaks for or against it', async (t) => {
  const remembered = (): Scene => {
    const fresh = scene()
    fresh.ceiling.remember({ estimate: 60, low: 60, high: 61, basis: 'reported' }, 10_000, fresh.nowMs)
    return fresh
  }
  t.match(remembered().view, { estimate: 60, low: 60, high: 61, basis: 'reported', confidence: 'remembered', evidence: [] })
  t.equal(remembered().admit(50).view.confidence, 'remembered')
  t.match(remembered().admit(60).refuse(61).view, { estimate: 60, confidence: 'high' })
  t.match(remembered().admit(70).view, { estimate: null, low: 70, confidence: 'none' })
  t.match(remembered().refuse(40).view, { estimate: 39, low: 0, high: 40 })
  const unknown = scene()
  unknown.ceiling.remember({ estimate: null, low: 12, high: null, basis: 'reported' }, 10_000, unknown.nowMs)
  t.match(unknown.view, { estimate: null, low: 12, high: null, confidence: 'none' })
})

t.test('levels of our own say nothing beside those that Twilio reports, once it does', async (t) => {
  const known = scene().admit(undefined, { inflight: 200 }).refuse(undefined, { inflight: 250 })
  t.equal(known.view.basis, 'own')
  // Others use the account as well: it refuses below what it has admitted, and the other way round.
  known.wait(100).admit(40, { inflight: 40 }).refuse(30, { inflight: 40 }).admit(45, { agoMs: 1, inflight: 40 })
  t.match(known.view, { basis: 'reported', confidence: 'low' })
  t.same([known.view.low, known.view.high], [27, 48])
})
