import t from 'tap'
import { createAimd } from '../../../src/policy/limit/aimd.ts'
import { Drive } from './drive.ts'
import { fc } from '../seeded.ts'

const aimd = (initial: number, min = 1, max = 1_000): Drive => new Drive(createAimd({ initial, min, max }))

t.test('a full window of answers adds one slot', async (t) => {
  const drive = aimd(10)
  for (let i = 0; i < 11; i++) t.equal(drive.admitted({}), 'probe')
  t.equal(drive.slots, 11)
})

t.test('an answer that came while the window was not full adds nothing', async (t) => {
  const drive = aimd(10)
  for (let i = 0; i < 100; i++) t.equal(drive.admitted({ inflight: 9 }), 'not_full')
  t.equal(drive.slots, 10)
})

t.test('held slots fill the window too', async (t) => {
  t.equal(aimd(10).admitted({ inflight: 4, held: 6 }), 'probe')
})

t.test('a refusal takes a tenth, and the rest of its flight nothing', async (t) => {
  const drive = aimd(100)
  const flight = Array.from({ length: 50 }, () => drive.send())
  drive.wait(10)
  t.same(flight.map((ticket) => drive.refuse(ticket).reason), ['cut', ...Array.from({ length: 49 }, () => 'same_flight')])
  t.equal(drive.slots, 90)
  t.same(drive.refused({}), { by: 'account', reason: 'cut', holds: true })
  t.equal(drive.slots, 81)
})

t.test('it counts as settled after its first cut', async (t) => {
  const drive = aimd(10)
  drive.admitted({})
  t.notOk(drive.limit.settled())
  drive.refused({})
  t.ok(drive.limit.settled())
})

t.test('a refusal that is known to be the route\'s changes nothing, and no route is ever paced', async (t) => {
  const drive = aimd(10)
  t.same(drive.limit.routeRefused(drive.send(), { concurrency: undefined, durationMs: undefined }, drive.nowMs), { by: 'route', reason: 'route', holds: false })
  t.same([drive.slots, drive.limit.pacedRoutes(), drive.limit.readyAtMs('free'), drive.limit.pacePerSecond('free'), drive.limit.ceiling()],
    [10, [], 0, 0, null])
})

t.test('it stays within its bounds whatever is answered', async () => {
  fc.assert(fc.property(fc.array(fc.boolean(), { maxLength: 300 }), fc.integer({ min: 1, max: 20 }), (answers, min) => {
    const drive = aimd(min + 5, min, min + 10)
    return answers.every((admitted) => {
      if (admitted) drive.admitted({})
      else drive.refused({})
      return Number.isInteger(drive.slots) && drive.slots >= min && drive.slots <= min + 10
    })
  }))
})

t.test('a request that was sent at the very moment of a cut belongs to its flight', async (t) => {
  const drive = aimd(100)
  const early = drive.send()
  drive.wait(10)
  const same = drive.send()
  t.equal(drive.refuse(early).reason, 'cut')
  t.equal(drive.refuse(same).reason, 'same_flight')
  t.equal(drive.slots, 90)
})

t.test('an answer that waited for the pace of its route adds nothing to a full window', async (t) => {
  const { limit, nowMs } = aimd(10)
  const ticket = { ...limit.start('free', 10, 0, nowMs), paced: true }
  t.equal(limit.admitted(ticket, { concurrency: undefined, durationMs: undefined }, nowMs), 'not_full')
})
