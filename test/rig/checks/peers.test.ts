/** Truth tables: what each peer makes of a success, and of a 429. */
import t from 'tap'
import { peers } from '../peers/list.ts'
import type { Peer, PeerLimit } from '../peers/peer.ts'
import type { Feedback } from '../../../src/policy/limit/limit.ts'

const SILENT: Feedback = { concurrency: undefined, durationMs: undefined }

function peer (part: string): Peer {
  const found = peers.find(({ name }) => name.includes(part))
  if (found === undefined) throw new RangeError(`no peer ${part}`)
  return found
}

/** A limit and its moments: each request starts with so many in flight and is answered after `rttMs`. */
function driven (limit: PeerLimit): { limit: PeerLimit, ok: (rttMs: number, inflight?: number) => number, no: (rttMs: number, inflight?: number) => number } {
  let nowMs = 0
  const answer = (kind: 'admitted' | 'refused', rttMs: number, inflight: number): number => {
    const ticket = limit.start('route', inflight, 0, nowMs)
    nowMs += rttMs
    limit[kind](ticket, SILENT, nowMs)
    return limit.slots()
  }
  return { limit, ok: (rttMs, inflight = limit.slots()) => answer('admitted', rttMs, inflight), no: (rttMs, inflight = limit.slots()) => answer('refused', rttMs, inflight) }
}
const drive = (part: string, ceilingSlots = 100): ReturnType<typeof driven> => driven(peer(part).createLimit(ceilingSlots))
const times = <T>(count: number, act: () => T): T[] => Array.from({ length: count }, act)

t.test('fixed: as told, half and double of it, whatever the answers; never below 1', async (t) => {
  const slots = (ceilingSlots: number): number[] => ['told', 'half', 'double'].map((part) => drive(part, ceilingSlots).no(2))
  t.same(slots(100), [100, 50, 200])
  t.same(slots(5), [5, 2, 10])
  t.same(slots(1), [1, 1, 2])
})

t.test('unlimited: no refusal moves it, and twilio-node adds three retries only', async (t) => {
  t.ok(drive('unlimited').no(2) > 100_000)
  t.equal(peer('unlimited').retry, undefined)
  const { retry } = peer('twilio-node')
  t.equal(retry?.most, 3)
  t.same([0, 1, 2].map((failures) => retry?.delayMs(failures, 0.5)), [100, 200, 400])
})

t.test('AIMD: a slot for a success while half full, a tenth for each 429, from 20', async (t) => {
  const { ok, no } = drive('AIMD')
  t.equal(ok(100, 9), 20, 'less than half full')
  t.equal(ok(100, 10), 21)
  t.equal(no(2), 18)
  t.equal(no(2), 16, 'every refusal of a flight cuts')
  t.equal(ok(5_001), 14, 'too slow is a drop')
  t.equal(times(20, () => no(2)).at(-1), 1)
})

t.test('Vegas: grows while the queue is short, shrinks when it is long or a 429 comes', async (t) => {
  const { ok, no } = drive('Vegas')
  t.equal(ok(100), 20, 'the first sets the least round trip')
  t.equal(ok(105), 26, 'a queue of 1')
  t.equal(ok(108), 27, 'a queue of 2')
  t.equal(ok(120), 27, 'a queue of 5')
  t.equal(ok(150), 26, 'a queue of 9')
  t.equal(ok(105, 12), 26, 'not half full')
  t.equal(no(101), 25)
  t.equal(no(42), 25, 'one that is quicker than anything before is a new least')
  t.equal(ok(100), 24, 'and what was normal is a queue now')
})

t.test('Gradient2: each second grows W by its queue, or shrinks it by the ratio of latencies', async (t) => {
  const limit = peer('Gradient2').createLimit(100)
  let nowMs = 0
  const answer = (kind: 'admitted' | 'refused', rttMs: number, inflight: number): void => {
    limit[kind](limit.start('route', inflight, 0, nowMs - rttMs), SILENT, nowMs)
  }
  // Ten answers; the one past the end of the second ends it.
  const second = (rttMs: number, inflight = 20, kind: 'admitted' | 'refused' = 'admitted'): number => {
    times(9, () => answer(kind, rttMs, inflight))
    nowMs += 1_001
    answer(kind, rttMs, inflight)
    return limit.slots()
  }
  answer('admitted', 100, 20)
  nowMs += 1_001
  answer('admitted', 100, 20)
  t.equal(limit.slots(), 20, 'fewer than ten answers say nothing')
  t.same([second(100), second(100)], [20, 21], '0.2 × 4 a second')
  t.equal(second(100, 5), 21, 'not half full')
  t.equal(second(400), 20, '21.6 × 0.8 + 0.2 × (21.6 × 0.656 + 4)')
  t.equal(second(10, 20, 'refused'), 21, 'refusals are quick answers')
})

t.test('ARC: one slot for a good round trip, a tenth for one with a 429; only at its end', async (t) => {
  const { limit, ok, no } = drive('ARC')
  t.equal(ok(100), 1, 'the first sets the mean')
  t.same(times(9, () => ok(100)), [2, 3, 4, 5, 6, 7, 8, 9, 10])
  t.equal(ok(99, 5), 10, 'before the round trip is over')
  t.equal(ok(102, 5), 9, 'no deviation so far: a hair above the mean is slow')
  t.equal(no(2), 9, 'a refusal is noted')
  t.equal(ok(100), 8, 'and answered for when a request has ended')
  t.equal(limit.refused(limit.start('route', 1, 0, 9_000), SILENT, 9_002).holds, true)
})

t.test('AWS adaptive: no pace before the first 429, then 0.7 of what was measured, and CUBIC from there', async (t) => {
  const { limit, ok, no } = drive('AWS')
  times(100, () => ok(20))
  t.equal(limit.readyAtMs('route'), 0)
  t.equal(limit.pacePerSecond('route'), 0)
  no(20)
  const cut = limit.pacePerSecond('route')
  t.ok(Math.abs(cut - 0.7 * 50) < 2, `${cut} a second after 50 answers a second`)
  t.equal(limit.readyAtMs('route'), 0, 'CUBIC has filled the bucket since the start, by 0.1 t⁴ = 1.6')
  times(2, () => limit.start('route', 1, 0, 2_020))
  const readyAtMs = limit.readyAtMs('route')
  t.ok(readyAtMs > 2_020 && readyAtMs < 2_020 + 2_000 / cut, `empty until ${readyAtMs}`)
  t.equal(limit.readyAtMs('any other'), readyAtMs)
  times(60, () => ok(20))
  t.ok(limit.pacePerSecond('route') > cut)
  const { retry } = peer('AWS')
  t.equal(retry?.most, 2)
  t.same([0, 1, 9].map((failures) => retry?.delayMs(failures, 0.5)), [500, 1_000, 10_000])
})

t.test('SRE throttling: turns away what goes beyond twice the accepts of two minutes', async (t) => {
  const limit = peer('SRE').createLimit(100)
  const request = (nowMs: number, chance: number): boolean => limit.turnsAway?.(nowMs, chance) ?? false
  t.equal(request(0, 0), false, 'nothing is known yet')
  t.equal(request(1, 0.49), true, '1 of 2 requests refused: 1 / 2')
  t.equal(request(2, 0.67), false, '2 / 3')
  for (const nowMs of [3, 4]) limit.admitted(limit.start('route', 1, 0, nowMs), SILENT, nowMs)
  t.equal(request(5, 0), false, '3 requests, 2 accepts')
  times(6, () => request(6, 0.99))
  t.equal(request(7, 0.5), true, '10 requests, 2 accepts: 6 / 11')
  t.equal(request(120_000, 0), false, 'two minutes later all of it is forgotten')
})

t.test('no two peers have the same name, all start with a slot, and a seed gives the same limit again', async (t) => {
  t.equal(new Set(peers.map(({ name }) => name)).size, peers.length)
  for (const { name, createLimit } of peers) {
    const [one, same] = [1, 1].map((seed) => driven(createLimit(10, seed)))
    const story = (each: typeof one): number[] => Array.from({ length: 700 }, (_, i) => i % 50 === 0 ? each!.no(2) : each!.ok(90 + i % 30))
    t.ok(one!.limit.slots() >= 1, name)
    t.same(story(one), story(same), name)
  }
})
