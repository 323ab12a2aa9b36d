import t from 'tap'
import { driveCeiling, type Drive } from './drive.ts'

/** 1000 slots, 100 of them in flight and 900 held, at a reported level that says whose the rest is. */
function loaded (level: number, inflight: number, held = 0): Drive {
  const drive = driveCeiling({ initial: 1_000 })
  for (let i = 0; i < 200; i++) drive.admitted({ inflight, held: Math.min(held, 800) }, level)
  return drive
}

t.test('alone at a known ceiling, the cut stops just below it: so many in flight are safe', async (t) => {
  const drive = loaded(800, 800)
  drive.refused({ inflight: 990 }, 991)
  t.equal(drive.slots, 990)
})

t.test('in company, the cut is 6 % whatever our share is', async (t) => {
  for (const inflight of [80, 640]) {
    const drive = loaded(800, inflight)
    drive.refused({ inflight }, 991)
    t.equal(drive.slots, 940)
  }
})

t.test('held slots do not count in our own share', async (t) => {
  const drive = loaded(800, 80, 800)
  drive.refused({ inflight: 80, held: 900 }, 991)
  t.equal(drive.slots, 940, '6 %: a small holder, not a sole one')
})

t.test('held slots do not make an honest level look absurd', async (t) => {
  const drive = loaded(20, 10, 800)
  drive.refused({ inflight: 10, held: 900 }, 21)
  t.equal(drive.limit.ceiling(), 21)
})

t.test('requests on the wire do not count in our share: with half the time on the wire, half of them are at Twilio', async (t) => {
  const drive = driveCeiling({ initial: 1_000 })
  for (let i = 0; i < 200; i++) {
    const ticket = drive.send({ inflight: 800 })
    drive.wait(200)
    drive.admit(ticket, 800, 100)
  }
  drive.refused({ inflight: 800 }, 991)
  t.equal(drive.slots, 940, '6 %: half of the account is somebody else\'s')
})

t.test('a level far below our own requests at Twilio is nonsense and is ignored', async (t) => {
  const drive = loaded(800, 800)
  drive.refused({ inflight: 800 }, 1)
  t.equal(drive.slots, 900, 'a plain cut')
  t.equal(drive.limit.ceiling(), 801, 'guessed from what was just admitted')
})

t.test('a refusal below a level admitted in the last 300 ms never changes the window', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  for (let i = 0; i < 50; i++) {
    drive.admitted({ inflight: 5 }, 60)
    const refusal = drive.refused({ route: `route ${i % 5}`, inflight: 5 }, 59)
    t.equal(refusal.by, 'route')
    t.equal(refusal.holds, refusal.reason === 'route', 'its slot stays taken, since it may be the first of a fallen ceiling, until the route has a pace')
    t.same([drive.slots, drive.limit.ceiling()], [100, null])
  }
})

t.test('after 300 ms a lower ceiling is believed', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  drive.admitted({ inflight: 5 }, 60)
  drive.wait(190)
  t.equal(drive.refused({ inflight: 5 }, 40).reason, 'cut')
  t.equal(drive.limit.ceiling(), 40)
})

t.test('only the last 32 admitted levels are remembered', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  const send = (): ReturnType<Drive['send']> => drive.send({ inflight: 5 })
  drive.admit(send(), 90)
  for (let i = 0; i < 31; i++) drive.admit(send(), 50)
  t.equal(drive.refuse(drive.send({ inflight: 5 }), 60).by, 'route')
  drive.admit(send(), 50)
  t.equal(drive.refuse(drive.send({ inflight: 5 }), 60).by, 'account')
})

t.test('a flight of refusals leaves the lowest level as the ceiling, a later flight its own', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  const flight = [120, 110, 115].map((level) => ({ level, ticket: drive.send() }))
  drive.wait(20)
  for (const { level, ticket } of flight) drive.refuse(ticket, level)
  t.equal(drive.limit.ceiling(), 110)
  drive.refused({}, 130)
  t.equal(drive.limit.ceiling(), 130)
})

t.test('without a level on the refusal, the ceiling is guessed just above what was last admitted', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  drive.admitted({}, 90)
  drive.refused({})
  t.equal(drive.limit.ceiling(), 91)
  drive.wait(1_000)
  drive.refused({})
  t.equal(drive.limit.ceiling(), null, 'nothing was admitted of late')
})

t.test('a guessed ceiling is lifted only by a level that is a tenth higher', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  drive.admitted({}, 90)
  drive.refused({})
  t.equal(drive.admitted({}, 100), 'probe')
  t.equal(drive.admitted({}, 101), 'lift')
})
