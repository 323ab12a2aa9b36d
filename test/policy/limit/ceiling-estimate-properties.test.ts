import t from 'tap'
import { CeilingEstimate } from '../../../src/policy/limit/ceiling-estimate.ts'
import { fc } from '../seeded.ts'

const level = fc.option(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 100_000 })), { nil: undefined })
const event = fc.record({
  kind: fc.constantFrom('admitted', 'admitted', 'admitted', 'refused', 'refused', 'doubtful'),
  concurrency: level,
  durationMs: fc.option(fc.double({ min: 0, max: 3_600_000, noNaN: true }), { nil: undefined }),
  inflight: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 100_000 })),
  agoMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 30_000 })),
  afterMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 1_000 }), fc.integer({ min: 0, max: 10_000_000 }))
})
const remembered = fc.option(fc.record({
  bounds: fc.tuple(fc.nat(1_000), fc.nat(1_000), fc.nat(1_000)),
  basis: fc.constantFrom('reported' as const, 'own' as const),
  agoMs: fc.nat(4_000_000)
}), { nil: undefined })

t.test('whatever happens, low ≤ estimate ≤ high, all whole and finite, estimate and high known together, and no more than eight refusals kept', async () => {
  fc.assert(fc.property(remembered, fc.array(event, { maxLength: 300, size: 'max' }), (start, events) => {
    const ceiling = new CeilingEstimate()
    let nowMs = 1_000
    if (start !== undefined) {
      const [low, more, most] = start.bounds
      ceiling.remember({ low, estimate: low + more, high: low + more + most, basis: start.basis }, start.agoMs, nowMs)
    }
    return events.every(({ kind, concurrency, durationMs, inflight, agoMs, afterMs }) => {
      nowMs += afterMs
      const ticket = { route: 'a', sentAtMs: nowMs - agoMs, inflight, full: true, paced: false }
      if (kind === 'admitted') ceiling.admitted(ticket, { concurrency, durationMs }, nowMs)
      else if (kind === 'refused') ceiling.refused(ticket, { concurrency, durationMs }, 20, 18, nowMs)
      else ceiling.doubtful({ concurrency, durationMs }, nowMs)
      return [nowMs, nowMs + 1, nowMs + 600_000, nowMs + 10_000_000].every((atMs) => {
        const { low, estimate, high, confidence, evidence } = ceiling.view(atMs)
        if (!Number.isInteger(low) || low < 0 || evidence.length > 8) return false
        if (estimate === null || high === null) return estimate === high && confidence === 'none'
        return Number.isInteger(estimate) && Number.isInteger(high) && low <= estimate && estimate <= high && confidence !== 'none'
      })
    })
  }), { numRuns: 300 })
})
