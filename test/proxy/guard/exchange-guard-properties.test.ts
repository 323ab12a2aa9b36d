import fc from 'fast-check'
import t from 'tap'
import type { KillSwitch } from '../../../src/proxy/guard/kill-switch.ts'
import { answers, breaks, refuses, unreachable, type Script } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { LineBench, type Run } from '../line/exchange-fixture.ts'

const SCRIPTS: readonly Script[] = [
  answers(201), answers(201, {}, '{}', 4_000), answers(400), answers(500), refuses(), refuses(60203), unreachable('ECONNREFUSED'), breaks('UND_ERR_SOCKET'), answers(201, {}, '{}', 14_000)
]
const MAX = 6
const FORM = ['Content-Type', 'application/x-www-form-urlencoded']
/** Of these something may have been made. */
const MADE: ReadonlySet<string> = new Set(['success', 'server_error', 'reset', 'timeout'])

const STOP: KillSwitch = { name: 'stop', account: null, product: null, caller: 'tests', reads: false, reason: null, thrownAtMs: 0, untilMs: null }

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('send' as const), caller: fc.constantFrom('tests', 'other') }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 5_000 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('leave' as const), which: fc.nat({ max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('stop' as const, 'release' as const) }) }
)

t.test('whatever happens, a cap has counted what may have been made and nothing else, and no more than its most', async (t) => {
  const { counterexample, errorInstance } = await fc.check(fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.array(fc.constantFrom(...SCRIPTS), { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 3 }), async (steps, scripts, slots) => {
    const bench = new LineBench(scripts, { limit: new ScriptedLimit(slots), caps: { all: { max: MAX, intervalMs: 86_400_000 } } })
    const { switches, caps } = bench.line.guard
    const used = (): number => caps.states()[0]?.fullest[0]?.used ?? 0
    const runs: Run[] = []
    for (const step of steps) {
      switch (step.do) {
        case 'send': runs.push(bench.send('POST', { caller: step.caller, rawHeaders: FORM }, undefined, Buffer.from(`To=%2B44${runs.length}`))); break
        case 'wait': await bench.clock.advance(step.ms); break
        case 'leave': runs[step.which]?.exchange.interrupt('client_left'); break
        case 'stop': await switches.turnOn(STOP); break
        case 'release': await switches.turnOff(STOP.name)
      }
      if (used() > MAX) return false
    }
    await switches.turnOff(STOP.name)
    await bench.clock.advance(60_000)
    const made = bench.eventsOf('attempt').filter(({ outcome }) => MADE.has(outcome)).length
    const { inflight, held, waiting } = bench.stands
    return used() === made && bench.eventsOf('exchange').length === runs.length && inflight + held + waiting === 0 && bench.clock.liveTimers === 0
  }), { numRuns: 150 })
  t.strictSame(counterexample, null, 'holds for 150 inputs', { error: String(errorInstance) })
})
