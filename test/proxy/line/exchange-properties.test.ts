import t from 'tap'
import { fc } from '../../policy/seeded.ts'
import { answers, breaks, connects, hangs, refuses, unreachable, type Script } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { ALLOWED_MS, LineBench } from './exchange-fixture.ts'

const streams: Script = (call, clock) => {
  call.start()
  call.head(200, { 'content-type': 'audio/mpeg' })
  clock.setTimer(() => call.end(), 300)
}

/** What the upstream may do. `may`: it may have processed the request. */
const SCRIPTS: Record<string, { readonly script: Script, readonly may: boolean }> = {
  yes: { script: answers(201), may: true },
  no: { script: answers(404), may: true },
  refused: { script: refuses(), may: false },
  routeRefused: { script: refuses(45780), may: false },
  final: { script: refuses(60202), may: false },
  broken: { script: answers(503), may: true },
  reset: { script: breaks('UND_ERR_SOCKET'), may: true },
  silent: { script: breaks('UND_ERR_HEADERS_TIMEOUT', 2 * ALLOWED_MS), may: true },
  unreachable: { script: unreachable('ECONNREFUSED'), may: false },
  hangs: { script: hangs, may: true },
  connects: { script: connects, may: false },
  streams: { script: streams, may: true }
}

const request = fc.record({
  method: fc.constantFrom('GET', 'DELETE', 'POST', 'PUT'),
  afterMs: fc.nat({ max: 400 }),
  leavesAfterMs: fc.option(fc.nat({ max: 3_000 }), { nil: undefined }),
  script: fc.array(fc.constantFrom(...Object.keys(SCRIPTS)), { minLength: 1, maxLength: 6 })
})
type Request = typeof request extends fc.Arbitrary<infer T> ? T : never

/** Plays requests over two slots. Each finds in its path which script is its own. */
async function play (requests: readonly Request[]): Promise<void> {
  const done = new Map<number, string[]>()
  const bench = new LineBench((call, clock) => {
    const number = Number(call.options.path.slice(1))
    const request = requests[number]
    const played = done.get(number) ?? []
    done.set(number, played)
    const name = request?.script[Math.min(played.length, request.script.length - 1)] ?? 'yes'
    played.push(name)
    SCRIPTS[name]?.script(call, clock)
  }, { limit: new ScriptedLimit(2), maxWaiting: 3 })
  for (const [number, { method, afterMs, leavesAfterMs }] of requests.entries()) {
    await bench.clock.advance(afterMs)
    const run = bench.send(method, { path: `/${number}` })
    if (leavesAfterMs !== undefined) bench.clock.setTimer(() => run.exchange.interrupt('client_left'), Math.max(1, leavesAfterMs))
  }
  await bench.clock.advance(3 * ALLOWED_MS)
  for (const run of bench.runs) if (run.answer?.body instanceof Object && 'destroy' in run.answer.body) run.answer.body.destroy()
  // What was left behind and hangs ends at last, when its connection does.
  for (const call of bench.upstream.calls) call.fail('UND_ERR_SOCKET')
  await bench.clock.advance(ALLOWED_MS)

  const wrong: string[] = []
  if (bench.eventsOf('exchange').length !== requests.length) wrong.push(`${bench.eventsOf('exchange').length} exchange events`)
  if (bench.eventsOf('attempt').length !== bench.upstream.calls.length) wrong.push('an attempt was told twice, or not at all')
  if (bench.runs.some(({ answer, left, fault }) => fault !== undefined || (answer === undefined) === !left)) wrong.push('an exchange without an end')
  if (bench.runs.some(({ left, exchange }) => left && exchange.interruption !== 'client_left')) wrong.push('given up though its client is there')
  if (!bench.gate.idle) wrong.push(`the gate stands at ${JSON.stringify(bench.stands)}`)
  if (bench.clock.liveTimers > 0) wrong.push('a timer is left')
  for (const [number, played] of done) {
    const mayHave = played.filter((name) => SCRIPTS[name]?.may === true).length
    const write = requests[number]?.method === 'POST' || requests[number]?.method === 'PUT'
    if (mayHave > (write ? 1 : 3)) wrong.push(`${requests[number]?.method} may have been processed ${mayHave} times`)
  }
  if (wrong.length > 0) throw new Error(wrong.join('; '))
}

t.test('whatever Twilio does and whoever leaves, each exchange ends once, no write is repeated, and nothing is left', async (t) => {
  const property = fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 8 }), play)
  const { counterexample, errorInstance } = await fc.check(property, { numRuns: 200 })
  t.same(counterexample, null, String(errorInstance))
})
