import t from 'tap'
import { createAimd } from '../../../src/policy/limit/aimd.ts'
import { createCeiling } from '../../../src/policy/limit/ceiling.ts'
import { createFixed } from '../../../src/policy/limit/fixed.ts'
import type { Limit, Ticket } from '../../../src/policy/limit/limit.ts'
import { withRouteLimits } from '../../../src/policy/routes/route-limits.ts'
import { fc } from '../seeded.ts'

/** Anything that the headers of an answer can be read as, the useless included. */
const feedback = fc.record({
  concurrency: fc.option(fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 100_000 })), { nil: undefined }),
  durationMs: fc.option(fc.oneof(fc.constant(0), fc.double({ min: 0, max: 3_600_000, noNaN: true })), { nil: undefined }),
  retryAfterMs: fc.option(fc.integer({ min: 0, max: 3_600_000 }), { nil: undefined }),
  reachedRouteLimit: fc.boolean(),
  routeLimit: fc.option(fc.record({
    limit: fc.oneof(fc.integer({ min: 1, max: 100_000 }), fc.double({ min: 0.000_001, max: 10, noNaN: true })),
    remaining: fc.option(fc.constantFrom(0, 0.5, 1), { nil: undefined }),
    intervalMs: fc.option(fc.integer({ min: 100, max: 60_000 }), { nil: undefined })
  }), { nil: undefined })
})
const event = fc.record({
  kind: fc.constantFrom('start', 'start', 'start', 'admitted', 'admitted', 'refused', 'routeRefused', 'unanswered'),
  route: fc.constantFrom('a', 'b', 'c', 'd'),
  pick: fc.nat(),
  held: fc.nat(200),
  afterMs: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1_000, noNaN: true }), fc.integer({ min: 0, max: 100_000_000 })),
  feedback
})
const bounds = fc.tuple(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 0, max: 200 }), fc.integer({ min: 0, max: 1_000 }))
  .map(([min, initial, max]) => ({ min, initial: min + initial, max: min + initial + max }))

function harmless (limit: Limit, min: number, max: number, events: ReadonlyArray<typeof event extends fc.Arbitrary<infer E> ? E : never>): boolean {
  let nowMs = 0
  const inflight: Ticket[] = []
  return events.every(({ kind, route, pick, held, afterMs, feedback }) => {
    nowMs += afterMs
    const ticket = kind === 'start' ? undefined : inflight.splice(pick % Math.max(1, inflight.length), 1)[0]
    if (kind === 'start') inflight.push(limit.start(route, inflight.length + 1, held, nowMs))
    else if (ticket !== undefined && kind === 'admitted') limit.admitted(ticket, feedback, nowMs)
    else if (ticket !== undefined && kind === 'refused') limit.refused(ticket, feedback, nowMs)
    else if (ticket !== undefined && kind === 'routeRefused') limit.routeRefused(ticket, feedback, nowMs)
    const slots = limit.slots()
    return Number.isInteger(slots) && slots >= min && slots <= max &&
      [limit.ceiling() ?? 1, ...limit.pacedRoutes().map(({ perSecond }) => perSecond)].every((value) => Number.isFinite(value) && value > 0) &&
      limit.readyAtMs(route) <= nowMs + 61_000 + 5_000 * (1 + events.length)
  })
}

t.test('whatever happens, the window of ceiling is a whole number within its bounds, and every pace is finite', async () => {
  const probe = fc.double({ min: 0.25, max: 4, noNaN: true })
  fc.assert(fc.property(bounds, probe, fc.array(event, { maxLength: 400, size: 'max' }), (options, eagerness, events) =>
    harmless(createCeiling({ ...options, probe: eagerness }), options.min, options.max, events)), { numRuns: 300 })
})

t.test('whatever happens, the window of aimd is a whole number within its bounds', async () => {
  fc.assert(fc.property(bounds, fc.array(event, { maxLength: 400, size: 'max' }), (options, events) =>
    harmless(createAimd(options), options.min, options.max, events)), { numRuns: 100 })
})

t.test('whatever is announced, the same holds with the limits of routes around any limit', async () => {
  fc.assert(fc.property(bounds, fc.array(event, { maxLength: 400, size: 'max' }), (options, events) =>
    harmless(withRouteLimits(createCeiling({ ...options, probe: 1 })), options.min, options.max, events) &&
    harmless(withRouteLimits(createAimd(options)), options.min, options.max, events) &&
    harmless(withRouteLimits(createFixed(options.initial)), options.min, options.max, events)), { numRuns: 200 })
})

t.test('the same events give the same window: a limit knows neither clock nor chance', async () => {
  fc.assert(fc.property(fc.array(event, { maxLength: 100 }), (events) => {
    const [one, other] = [1, 2].map(() => createCeiling({ initial: 10, min: 1, max: 1_000, probe: 1 }))
    harmless(one!, 1, 1_000, events)
    harmless(other!, 1, 1_000, events)
    return one!.slots() === other!.slots() && one!.ceiling() === other!.ceiling()
  }), { numRuns: 50 })
})

t.test('answers without any feedback never make a number that is none', async (t) => {
  const limit = createCeiling({ initial: 10, min: 1, max: 1_000, probe: 1 })
  for (let i = 0; i < 1_000; i++) {
    const ticket = limit.start('a', limit.slots(), 0, i)
    if (i % 7 === 0) limit.refused(ticket, { concurrency: undefined, durationMs: undefined }, i)
    else limit.admitted(ticket, { concurrency: undefined, durationMs: undefined }, i)
  }
  t.ok(Number.isInteger(limit.slots()))
  t.equal(limit.ceiling(), null)
})
