import t from 'tap'
import { answers, breaks, hangs, refuses, unreachable, type Script } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { LineBench, type Run } from './exchange-fixture.ts'

type Outcome = 'not_sent' | 'not_processed' | 'unknown' | undefined

const throttled = refuses(20429)
const unsent = unreachable('ECONNREFUSED')
const reset = breaks('UND_ERR_SOCKET')

/** What attempts came to, one after the other, and what the answer tells of a create, a delete and a read. */
const ENDS: ReadonlyArray<[string, readonly Script[], number, Outcome, Outcome, Outcome]> = [
  ['never sent', [unsent], 502, 'not_sent', 'not_sent', 'not_sent'],
  ['throttled, then never sent', [throttled, unsent], 502, 'not_processed', 'not_processed', 'not_processed'],
  ['never sent, throttled, then never sent', [unsent, throttled, unsent], 502, 'not_processed', 'not_processed', 'not_processed'],
  ['throttled, then broken', [throttled, reset], 502, 'unknown', 'unknown', undefined],
  ['never sent, then broken', [unsent, reset], 502, 'unknown', 'unknown', undefined],
  ['throttled, then 503', [throttled, answers(503)], 503, 'unknown', 'unknown', undefined],
  ['throttled, then 501', [throttled, answers(501)], 501, 'unknown', 'unknown', undefined],
  ['throttled to the end', [throttled], 429, undefined, undefined, undefined],
  ['throttled, then 201', [throttled, answers(201)], 201, undefined, undefined, undefined],
  ['never sent, then 404', [unsent, answers(404)], 404, undefined, undefined, undefined]
]

t.test('the outcome that is told is that of all attempts together', async (t) => {
  for (const [what, scripts, status, ...outcomes] of ENDS) {
    for (const [i, method] of ['POST', 'DELETE', 'GET'].entries()) {
      const bench = new LineBench(scripts, { limit: new ScriptedLimit(1) })
      const run = bench.send(method)
      await bench.clock.advance(30_000)
      t.same([run.status, run.header('governor-outcome')], [status, outcomes[i]], `${method}: ${what}`)
      await bench.isOver(t)
    }
  }
})

t.test('a refusal by Twilio tells nothing of a delete that failed before it', async (t) => {
  const bench = new LineBench([reset, throttled])
  const run = bench.send('DELETE')
  await bench.clock.advance(30_000)
  t.same([run.status, run.header('governor-outcome')], [429, 'unknown'])
})

/** What a request that waits for its next attempt has behind it, and what it is told when it may wait no more. */
const BEHIND: ReadonlyArray<[string, readonly Script[], string, Outcome]> = [
  ['nothing', [], 'POST', 'not_sent'],
  ['an attempt that was never sent', [unsent], 'POST', 'not_sent'],
  ['an attempt that was throttled', [throttled], 'POST', 'not_processed'],
  ['two that were throttled', [throttled, throttled], 'GET', 'not_processed'],
  ['a read that broke', [reset], 'GET', undefined],
  ['a delete that broke', [reset], 'DELETE', 'unknown'],
  ['a delete that was throttled and broke', [throttled, reset], 'DELETE', 'unknown']
]

/** Ways to end it meanwhile, and the status that is told. */
const ENDINGS: ReadonlyArray<[string, (run: Run, bench: LineBench) => Promise<void>, number]> = [
  ['the deadline', async ({ exchange }, { clock }) => { await clock.advance(exchange.identity.deadlineMs - clock.nowMs()) }, 429],
  ['a kill switch', async (_run, bench) => {
    await bench.line.guard.switches.turnOn({ name: 'stop', account: null, product: null, caller: null, reads: true, reason: 'x', thrownAtMs: bench.clock.epochMs(), untilMs: null })
  }, 403]
]

t.test('one that ends while it waits for its next attempt is told of those behind it', async (t) => {
  for (const [how, end, status] of ENDINGS) {
    for (const [what, scripts, method, outcome] of BEHIND) {
      const limit = new ScriptedLimit(1)
      // Its slot is free meanwhile.
      limit.refusedBy = { by: 'route', reason: 'route', holds: false }
      const bench = new LineBench([...scripts, hangs], { limit, retry: { backoffBaseMs: 1_000 } })
      if (scripts.length === 0) bench.send('POST', {}, undefined, Buffer.from('To=%2B2'))
      const run = bench.send(method)
      while (bench.eventsOf('retry').length < scripts.length) await bench.clock.advance(1)
      // Whoever takes the slot meanwhile keeps it.
      if (scripts.length > 0) bench.send('POST', {}, undefined, Buffer.from('To=%2B2'))
      await end(run, bench)
      await bench.clock.advance(0)
      t.same([run.status, run.header('governor-outcome')], [status, outcome], `${how} after ${what}`)
    }
  }
})
