/** Every way out of the line, and what each owes: it goes through one exit, once, and nothing of the exchange is left. */
import { readdirSync, readFileSync } from 'node:fs'
import t, { type Test } from 'tap'
import { ShedError } from '../../../src/proxy/errors.ts'
import type { PacingRule } from '../../../src/proxy/pacing/pacing-rule.ts'
import type { CacheRule } from '../../../src/proxy/reads/answer-cache.ts'
import { refuseWaiting } from '../../../src/proxy/gate/refuse-waiting.ts'
import { answers, breaks, connects, hangs, refuses, unreachable, type Script } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { ALLOWED_MS, LineBench, TEMPLATE } from './exchange-fixture.ts'

type Setting = ConstructorParameters<typeof LineBench>[1]

interface WayOut {
  readonly scripts?: Script | Script[]
  readonly setting?: Setting
  /** Sends what it takes; the last one sent is the one that is meant. By default one POST, and all its time. */
  readonly play?: (bench: LineBench) => Promise<void>
  /** What caps hold afterwards. */
  readonly counted?: number
  readonly end: readonly [status: number, reason: string]
}

const HOUR_MS = 3_600_000
const ALWAYS_CLOSED = { opensInMs: () => HOUR_MS, closesInMs: () => 0 }
const closed: PacingRule = { name: 'nightly', match: {}, pace: undefined, per: {}, openHours: ALWAYS_CLOSED }

const only = (method: string) => async (bench: LineBench): Promise<void> => {
  bench.send(method)
  await bench.clock.advance(ALLOWED_MS + 1)
}
const leaves = (method: string, afterMs: number) => async (bench: LineBench): Promise<void> => {
  const { exchange } = bench.send(method)
  await bench.clock.advance(afterMs)
  exchange.interrupt('client_left')
  await bench.clock.advance(1)
}
const twice = (method: string, betweenMs: number) => async (bench: LineBench): Promise<void> => {
  bench.send(method)
  await bench.clock.advance(betweenMs)
  bench.send(method)
  await bench.clock.advance(ALLOWED_MS + 1)
}

const WAYS: Readonly<Record<string, WayOut>> = {
  'Twilio\'s answer': { scripts: answers(201), end: [201, 'answered'] },
  'an answer that says what is wrong with the request': { scripts: answers(400), end: [400, 'answered'] },
  'an answer too large to gather': { scripts: answers(200, {}, 'x'.repeat(5_000_000)), play: only('GET'), end: [200, 'answered'] },
  'a write that Twilio answers with 500': { scripts: answers(500), end: [500, 'outcome_unknown'] },
  'a write that Twilio answers with 501': { scripts: answers(501), end: [501, 'outcome_unknown'] },
  'a read that Twilio answers with 501': { scripts: answers(501), play: only('GET'), end: [501, 'server_error'] },
  'a read that fails as often as it may': { scripts: answers(503), play: only('GET'), end: [503, 'attempts_spent'] },
  'a read that fails while the budget is used up': { scripts: answers(503), setting: { budgetMin: 0 }, play: only('GET'), end: [503, 'budget_spent'] },
  'a 429 that no retry cures': { scripts: refuses(60203), end: [429, 'throttled_final'] },
  'a 429 where retries are off': { scripts: refuses(), setting: { retry: { throttled: false } }, end: [429, 'retries_off'] },
  '429s until the deadline': { scripts: refuses(), end: [429, 'deadline'] },
  'a write that breaks off': { scripts: breaks('ECONNRESET'), end: [502, 'outcome_unknown'] },
  'a read that breaks off each time': { scripts: breaks('ECONNRESET'), play: only('GET'), end: [502, 'attempts_spent'] },
  'nobody there to connect to': { scripts: unreachable('ECONNREFUSED'), end: [502, 'unsent'] },
  'a certificate that does not fit': { scripts: unreachable('CERT_HAS_EXPIRED'), end: [502, 'unsent'] },
  'a write that is not answered in time': { scripts: hangs, end: [504, 'outcome_unknown'] },
  'a read that is not answered in time': { scripts: hangs, play: only('GET'), end: [504, 'deadline'] },
  'a connection that is not open in time': { scripts: connects, end: [429, 'deadline'] },
  'a client that leaves a write at Twilio': { scripts: answers(201), play: leaves('POST', 1), end: [0, 'client_left'] },
  'a client that leaves a read at Twilio': { scripts: hangs, play: leaves('GET', 1), end: [0, 'client_left'] },
  'a client that leaves between two attempts': { scripts: refuses(), play: leaves('POST', 20), end: [0, 'client_left'] },
  'a client that has left before the line begins': {
    play: async (bench) => {
      bench.send('POST', {}, 'client_left')
      await bench.clock.advance(1)
    },
    end: [0, 'client_left']
  },
  'a client that leaves the queue': {
    scripts: hangs,
    setting: { limit: new ScriptedLimit(1) },
    play: async (bench) => {
      bench.send()
      await leaves('POST', 5)(bench)
    },
    end: [0, 'client_left']
  },
  'a queue that is full': { scripts: hangs, setting: { limit: new ScriptedLimit(1), maxWaiting: 0 }, play: twice('POST', 1), end: [429, 'queue_full'] },
  'a queue that is not through in time': { scripts: hangs, setting: { limit: new ScriptedLimit(1) }, play: twice('GET', 1), end: [429, 'deadline'] },
  'a drain that ends while it waits': {
    scripts: hangs,
    setting: { limit: new ScriptedLimit(1) },
    play: async (bench) => {
      bench.send()
      bench.send()
      await bench.clock.advance(1)
      refuseWaiting(bench.line.running, () => new ShedError('draining', 1_000))
      await bench.clock.advance(1)
    },
    end: [429, 'draining']
  },
  'a create that repeats one of which nobody knows': {
    scripts: breaks('ECONNRESET'), setting: { duplicates: { mode: 'refuse', windowMs: 60_000 } }, play: twice('POST', 200), end: [409, 'duplicate']
  },
  'a spend cap that is used up': { scripts: answers(201), setting: { caps: { all: { max: 1, intervalMs: HOUR_MS } } }, play: twice('POST', 200), end: [403, 'spend_cap'] },
  'a send that a cap has counted, and Twilio refuses': { scripts: answers(400), setting: { caps: { all: { max: 5, intervalMs: HOUR_MS } } }, counted: 0, end: [400, 'answered'] },
  'a kill switch': {
    play: async (bench) => {
      await bench.line.guard.switches.turnOn({ name: 'all', account: null, product: null, caller: null, reads: false, reason: null, thrownAtMs: 0, untilMs: null })
      bench.send()
      await bench.clock.advance(1)
    },
    end: [403, 'kill_switch']
  },
  'an identical read that is on its way': { scripts: answers(200), setting: { coalesce: true }, play: twice('GET', 1), end: [200, 'coalesced'] },
  'an answer that is kept': { scripts: answers(200), setting: { cache: kept() }, play: twice('GET', 200), end: [200, 'cached'] },
  'an answer that still holds': {
    scripts: [answers(200, { etag: '"1"' }), answers(304)], setting: { cache: kept() }, play: twice('GET', 5_000), end: [200, 'revalidated']
  },
  'a window that does not open in time': { setting: { pacing: [closed] }, end: [429, 'outside_open_hours'] },
  'a delete that is kept until the window opens': {
    setting: {
      pacing: [{ ...closed, defer: true }],
      deferral: { accept: async () => ({ statusCode: 202, headers: {}, body: Buffer.from('{}'), own: true }) }
    },
    play: async (bench) => {
      bench.send('DELETE', { rawHeaders: ['Prefer', 'respond-async'] })
      await bench.clock.advance(1)
    },
    end: [202, 'deferred']
  },
  'a fault of our own': {
    play: async (bench) => {
      bench.line.pacing.of = () => { throw new TypeError('a defect') }
      bench.send()
      await bench.clock.advance(1)
    },
    end: [500, 'answered']
  }
}

function kept (): Readonly<Record<string, CacheRule>> { return { all: { match: { routes: [TEMPLATE.replace('api', '')] }, ttlMs: 1_000 } } }

/** How often it is called with each exchange. */
function counted (holder: object, name: string): unknown[] {
  const calls: unknown[] = []
  const methods = holder as Record<string, (...args: unknown[]) => unknown>
  const real = methods[name]!.bind(holder)
  methods[name] = (...args) => {
    calls.push(args[0])
    return real(...args)
  }
  return calls
}

for (const [name, { scripts = answers(201), setting, play = only('POST'), counted: holds = 1, end }] of Object.entries(WAYS)) {
  t.test(`${name}: ${end.join(' ')}`, async (t: Test) => {
    const bench = new LineBench(scripts, setting)
    const { reads, polling, repeats, running } = bench.line
    const owed = { written: counted(reads, 'written'), watched: counted(polling, 'watch'), noted: counted(repeats, 'note'), left: counted(running, 'delete') }
    await play(bench)
    const meant = bench.runs.at(-1)!
    const { exchange } = meant
    t.ok(bench.ends.some(([status, reason]) => status === end[0] && reason === end[1]), `one of ${JSON.stringify(bench.ends)}`)
    t.same([meant.status ?? 0, meant.left], [end[0], end[1] === 'client_left'], 'what its client is told')
    // Whoever still holds what is read or left behind lets go of it.
    for (const call of bench.upstream.calls) call.fail('ECONNRESET')
    for (const { answer } of bench.runs) if (answer !== undefined && !Buffer.isBuffer(answer.body)) answer.body.destroy()
    await bench.clock.advance(1)

    const times = (calls: readonly unknown[]): number => calls.filter((call) => call === exchange).length
    t.equal(times(owed.left), 1, 'it is on its way no more')
    t.equal(times(bench.released), 1, 'the memory of its body is free')
    t.equal(times(owed.watched), 1, 'polling knows of it')
    t.ok(times(owed.written) === 1 || (times(owed.written) === 2 && exchange.attempts > 0), 'and what is remembered of writes; once more for one that was left behind')
    t.equal(times(owed.noted), meant.left ? 0 : 1, 'repeats know what its client was told')
    t.equal(running.size, 0)
    for (const { fullest } of bench.line.guard.caps.states()) t.equal(fullest[0]?.used ?? 0, holds, 'a cap holds what was sent, and nothing of what was not')
    bench.line.reads.close()
    await bench.isOver(t)
  })
}

t.test('an exchange is concluded in one place, and its end is told in one', async (t) => {
  const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const lines = files.flatMap((name) => readFileSync(`src/${name}`, 'utf8').split('\n')).filter((line) => !line.startsWith('export function'))
  for (const call of ['conclude(', 'toldEnd(', "type: 'exchange',"]) t.equal(lines.filter((line) => line.includes(call)).length, 1, call)
})
