import t from 'tap'
import { driveCeiling, type Drive } from './drive.ts'

function refusedAt (level: number): Drive {
  const drive = driveCeiling({ initial: 100 })
  for (let i = 0; i < 20; i++) drive.admitted({ inflight: 50 }, 80)
  drive.wait(400)
  drive.refused({}, level)
  return drive
}

/** A lift by `level`, found false: refused no higher than that, long enough after that it is believed. */
function falseLift (drive: Drive, level: number): void {
  if (drive.admitted({ inflight: 50 }, level) !== 'lift') throw new Error('no lift to be false')
  drive.wait(400)
  drive.refused({ inflight: 50 }, level)
}

const lifts = (drive: Drive): boolean => drive.admitted({ inflight: 50 }, (drive.limit.ceiling() ?? 0) + 1) === 'lift'

t.test('no lift comes from a request sent before the ceiling was noted', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  const earlier = drive.send()
  drive.wait(10)
  const together = drive.send()
  drive.refuse(together, 101)
  const atTheSameMoment = drive.send()
  drive.wait(10)
  t.not(drive.admit(earlier, 150, 10), 'lift')
  t.not(drive.admit(atTheSameMoment, 150, 10), 'lift')
  t.equal(drive.limit.ceiling(), 101)
  t.equal(drive.admitted({}, 150), 'lift')
})

t.test('admitted at the level of the refusal, or below, is no lift', async (t) => {
  const drive = refusedAt(101)
  t.not(drive.admitted({}, 101), 'lift')
  t.equal(drive.limit.ceiling(), 101)
})

t.test('a lift by a request of a window that was not full lifts the ceiling, and grows nothing by itself', async (t) => {
  const drive = refusedAt(101)
  const before = drive.slots
  t.equal(drive.admitted({ inflight: 50 }, 102), 'lift')
  t.equal(drive.slots, before)
})

t.test('after a false lift no lift is believed for 30 seconds', async (t) => {
  const drive = refusedAt(101)
  falseLift(drive, 110)
  drive.wait(29_800)
  t.notOk(lifts(drive))
  drive.wait(200)
  t.ok(lifts(drive))
})

t.test('each false lift doubles the distrust, up to sixteen minutes', async (t) => {
  const drive = refusedAt(101)
  for (const [i, distrustS] of [30, 60, 120, 240, 480, 960, 960].entries()) {
    falseLift(drive, 110 + i)
    drive.wait(distrustS * 1000 - 200)
    t.notOk(lifts(drive), `not before ${distrustS} s`)
    drive.wait(200)
  }
  t.ok(lifts(drive))
})

t.test('a lift that is refused only at a higher level was true, and costs no trust', async (t) => {
  const drive = refusedAt(101)
  t.ok(lifts(drive))
  drive.wait(400)
  drive.refused({ inflight: 50 }, 150)
  t.ok(lifts(drive))
})

t.test('where a refusal is seen to count itself, an admission at its very level is news', async (t) => {
  const drive = driveCeiling({ initial: 10 })
  for (let i = 0; i < 5; i++) drive.admitted({ inflight: 10 }, 10)
  drive.refused({}, 11)
  t.equal(drive.limit.ceiling(), 11)
  t.equal(drive.admitted({}, 11), 'lift', 'ten were let in, and never eleven')
  drive.wait(400)
  drive.refused({}, 11)
  t.equal(drive.limit.ceiling(), 11)
  t.not(drive.admitted({}, 11), 'lift', 'that was false')
})

t.test('where it is seen to leave itself out, it is not', async (t) => {
  const drive = driveCeiling({ initial: 10 })
  for (let i = 0; i < 5; i++) drive.admitted({ inflight: 10 }, 10)
  drive.refused({}, 10)
  t.not(drive.admitted({}, 10), 'lift')
  t.equal(drive.admitted({}, 11), 'lift')
})
