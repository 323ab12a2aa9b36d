import t from 'tap'
import { driveCeiling, withPacedRoute } from './drive.ts'

t.test('ramp: while no ceiling is known, every answer to a full window adds a slot', async (t) => {
  const drive = driveCeiling()
  t.same([drive.admitted({}), drive.admitted({})], ['ramp', 'ramp'])
  t.equal(drive.slots, 12)
})

t.test('leap: an answer to a request that was sent after the window had filled shows that all of it was taken in', async (t) => {
  const drive = driveCeiling({ initial: 80 })
  const [filling, after] = [drive.send(), (drive.wait(1), drive.send())]
  drive.wait(100)
  drive.admit(filling, 80, 80)
  t.equal(drive.slots, 81, 'it was sent when the window was filling')
  drive.admit(after, 80, 80)
  t.equal(drive.slots, 81 + 20 + 1, 'a quarter, and one for the answer itself')
  drive.admit(drive.send(), 80, 80)
  t.equal(drive.slots, 103, 'the larger window has not been full for long enough')
})

t.test('leap: never by more than 25 slots, never past one and a half times the level that Twilio reported', async (t) => {
  const leapt = (initial: number, level: number): number => {
    const drive = driveCeiling({ initial })
    drive.send()
    drive.wait(1)
    const answered = drive.send()
    drive.wait(100)
    drive.admit(answered, level, 99)
    return drive.slots - initial
  }
  t.equal(leapt(1000, 900), 26, 'the answer adds one besides')
  t.equal(leapt(99, 70), 7)
  t.equal(leapt(99, 68), 4)
  t.equal(leapt(99, 66), 1)
})

t.test('leap: only in the very first ramp', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  drive.refused({}, 101)
  drive.admitted({}, 102)
  const before = drive.slots
  for (let i = 0; i < 10; i++) drive.admitted({}, 102)
  t.equal(drive.slots, before + 5)
})

t.test('cut: however far the first ramp ran past the ceiling, one cut brings it back near', async (t) => {
  const drive = driveCeiling({ initial: 200 })
  drive.admitted({ inflight: 1 }, 1)
  drive.refused({}, 101)
  t.equal(drive.slots, Math.round(1.25 * 101), 'alone, a quarter above the ceiling; the wire took nothing here')
})

t.test('cut: a refusal by the account takes a tenth', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  t.same(drive.refused({}), { by: 'account', reason: 'cut', holds: true })
  t.equal(drive.slots, 90)
})

t.test('same_flight: a refusal of a request sent before the last cut is answered for', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  const earlier = drive.send()
  drive.refused({})
  t.same(drive.refuse(earlier), { by: 'account', reason: 'same_flight', holds: true })
  t.equal(drive.slots, 90)
})

t.test('not_full: an answer that came while the window was not full says nothing', async (t) => {
  const drive = driveCeiling()
  t.equal(drive.admitted({ inflight: 8 }, 8), 'not_full')
  t.equal(drive.slots, 10)
})

t.test('probe: after a cut the window grows slowly', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  drive.refused({})
  t.equal(drive.admitted({}), 'probe')
  t.equal(drive.slots, 90)
})

t.test('refill: room that the reported level shows to be free is taken quickly', async (t) => {
  const drive = driveCeiling({ initial: 20 })
  for (let i = 0; i < 50; i++) drive.admitted({ inflight: 10 }, 20)
  drive.refused({}, 100)
  const cutTo = drive.slots
  for (let i = 0; i < 10; i++) t.equal(drive.admitted({}, 20), 'refill')
  t.equal(drive.slots, cutTo + 5)
})

t.test('refill never goes past the last tenth below the ceiling', async (t) => {
  const drive = driveCeiling({ initial: 20 })
  for (let i = 0; i < 50; i++) drive.admitted({ inflight: 10 }, 90)
  drive.refused({}, 100)
  for (let i = 0; i < 10; i++) t.equal(drive.admitted({}, 90), 'probe')
})

t.test('lift: admitted above the level of the last refusal, the ceiling is gone and the window grows fast', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  drive.refused({}, 101)
  t.equal(drive.limit.ceiling(), 101)
  t.equal(drive.admitted({}, 102), 'lift')
  t.equal(drive.limit.ceiling(), null)
  const before = drive.slots
  for (let i = 0; i < 20; i++) t.equal(drive.admitted({}, 102), 'ramp')
  t.equal(drive.slots, before + 10, 'at half a slot each: only the very first ramp takes a whole one')
})

t.test('route: refused below a level at which others were just admitted', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  drive.admitted({ inflight: 5 }, 50)
  t.same(drive.refused({ route: 'slow', inflight: 5 }, 49), { by: 'route', reason: 'route', holds: true })
  t.equal(drive.slots, 100)
})

t.test('pace: a route that is refused far more often than the others is slowed', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  for (let i = 0; i < 8; i++) drive.admitted({ inflight: 5 }, 50)
  const reasons: string[] = []
  while (reasons.at(-1) !== 'pace' && reasons.length < 100) {
    drive.admitted({ inflight: 5 }, 50)
    reasons.push(drive.refused({ route: 'slow', inflight: 5 }, 30).reason)
  }
  t.same([...new Set(reasons.slice(0, -1)), reasons.at(-1)], ['route', 'pace'])
  t.equal(drive.slots, 100)
  t.same(drive.limit.pacedRoutes().map(({ route }) => route), ['slow'])
  t.ok(drive.limit.readyAtMs('slow') > drive.nowMs)
  t.equal(drive.limit.readyAtMs('free'), 0)
})

t.test('it is settled once a cut was made, and not while it climbs back from a collapse', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  t.notOk(drive.limit.settled())
  drive.refused({})
  t.ok(drive.limit.settled())
  for (let i = 0; i < 20; i++) drive.refused({})
  t.notOk(drive.limit.settled())
  t.equal(drive.admitted({}), 'ramp')
})

t.test('a route without a pace may start at any time', async (t) => {
  const { limit } = driveCeiling()
  t.same([limit.readyAtMs('free'), limit.pacePerSecond('free'), limit.pacedRoutes()], [0, 0, []])
  t.same([limit.algorithm, limit.ceiling()], ['ceiling', null])
})

t.test('a paced route takes turns: each start puts the next one off by its pace', async (t) => {
  const { limit, nowMs } = withPacedRoute()
  const gapMs = 1000 / limit.pacePerSecond('slow')
  const readyAtMs = limit.readyAtMs('slow')
  t.ok(readyAtMs > nowMs)
  limit.start('slow', 1, 0, readyAtMs)
  t.equal(limit.readyAtMs('slow'), readyAtMs + gapMs)
})
