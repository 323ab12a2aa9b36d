import t from 'tap'
import { driveCeiling, type Drive } from './drive.ts'
import { fc } from '../seeded.ts'

/** Full answers until the window has the size asked for. */
function answersUntil (drive: Drive, slots: number): number {
  let answers = 0
  while (drive.slots < slots && answers < 100_000) {
    drive.admitted({})
    answers++
  }
  return answers
}

t.test('there is exactly one cut for any number of refusals of requests sent before it', async () => {
  fc.assert(fc.property(fc.array(fc.option(fc.integer({ min: 95, max: 120 }), { nil: undefined }), { minLength: 1, maxLength: 200 }), (levels) => {
    const drive = driveCeiling({ initial: 100 })
    const flight = levels.map((level) => ({ level, ticket: drive.send() }))
    drive.wait(20)
    const reasons = flight.map(({ level, ticket }) => drive.refuse(ticket, level).reason)
    return reasons[0] === 'cut' && reasons.slice(1).every((reason) => reason === 'same_flight') && drive.slots >= 90
  }))
})

t.test('a request sent at the very moment of a cut belongs to its flight', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  drive.refused({})
  const ticket = drive.send()
  drive.wait(1)
  t.equal(drive.refuse(ticket).reason, 'same_flight')
})

t.test('the window never grows from answers to requests sent while it was not full', async () => {
  const answer = fc.record({ refused: fc.boolean(), level: fc.option(fc.integer({ min: 1, max: 300 }), { nil: undefined }), part: fc.double({ min: 0, max: 0.89, noNaN: true }) })
  fc.assert(fc.property(fc.array(answer, { maxLength: 200 }), (answers) => {
    const drive = driveCeiling({ initial: 50 })
    return answers.every(({ refused, level, part }) => {
      const before = drive.slots
      const inflight = Math.max(1, Math.floor(part * before))
      if (inflight >= 0.9 * before) return true
      if (refused) drive.refused({ inflight }, level)
      else if (!['not_full', 'lift'].includes(drive.admitted({ inflight }, level))) return false
      return drive.slots <= before
    })
  }))
})

t.test('the window counts as full from nine tenths on, held slots included', async (t) => {
  const { limit } = driveCeiling({ initial: 100 })
  t.same([limit.start('free', 89, 0, 0).full, limit.start('free', 90, 0, 0).full, limit.start('free', 9, 81, 0).full], [false, true, true])
})

t.test('a cut is won back in ten windows of answers, and a probe twice as eager needs half of them', async (t) => {
  const answers = (probe: number): number => {
    const drive = driveCeiling({ initial: 100, probe })
    drive.refused({})
    return answersUntil(drive, 100)
  }
  t.ok(answers(1) > 800 && answers(1) < 1000, `${answers(1)} answers`)
  t.ok(Math.abs(answers(0.5) - answers(1) / 2) < 20, `${answers(0.5)} answers`)
})

t.test('the longer a probe goes unrefused, the faster it grows', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  drive.refused({})
  answersUntil(drive, 100)
  const first = answersUntil(drive, 150)
  const second = answersUntil(drive, 200)
  t.ok(second < first, `${second} after ${first}`)
})

t.test('up to a window of 4, a cut does not cost a slot', async (t) => {
  const drive = driveCeiling({ initial: 4 })
  drive.refused({})
  t.equal(drive.slots, 4)
})

t.test('a window of 1 is never cut to nothing', async (t) => {
  const drive = driveCeiling({ initial: 1 })
  for (let i = 0; i < 100; i++) drive.refused({}, 1)
  t.equal(drive.slots, 1)
})

t.test('after an outage that brought the window to 1 and the ceiling to 1, it grows again', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  for (let i = 0; i < 100; i++) drive.admitted({ inflight: 10 }, 10)
  for (let i = 0; i < 100; i++) drive.refused({ inflight: 1 }, 1)
  t.same([drive.slots, drive.limit.ceiling()], [1, 1])
  for (let i = 0; i < 200; i++) drive.admitted({}, drive.slots)
  t.ok(drive.slots >= 50, `${drive.slots} slots`)
})

t.test('after an outage without any report it climbs to half of where it was at ramp speed', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  for (let i = 0; i < 100; i++) drive.refused({})
  t.equal(drive.slots, 1)
  const reasons = Array.from({ length: 101 }, () => drive.admitted({}))
  t.ok(reasons.slice(0, 98).every((reason) => reason === 'ramp'))
  t.equal(reasons.at(-1), 'probe')
  t.equal(drive.slots, 50)
})

t.test('a minimum above 1 holds', async (t) => {
  const drive = driveCeiling({ initial: 100, min: 20 })
  for (let i = 0; i < 100; i++) drive.refused({})
  t.equal(drive.slots, 20)
})

t.test('a maximum holds, in the ramp and in the probe', async (t) => {
  const drive = driveCeiling({ initial: 10, max: 12 })
  for (let i = 0; i < 100; i++) drive.admitted({}, drive.slots)
  t.equal(drive.slots, 12)
  drive.refused({})
  for (let i = 0; i < 1000; i++) drive.admitted({})
  t.equal(drive.slots, 12)
})

t.test('among others a newcomer wins back a cut faster, for its first twenty seconds', async (t) => {
  const successesToGrowBack = (ageMs: number): number => {
    const drive = driveCeiling({ initial: 100 })
    for (let i = 0; i < 60; i++) drive.admitted({ inflight: 40 }, 100)
    drive.wait(ageMs)
    drive.refused({}, 101)
    const cutTo = drive.slots
    let successes = 0
    for (; drive.slots < cutTo + 3; successes++) drive.admit(drive.send(), 100, 0)
    return successes
  }
  const [young, old] = [successesToGrowBack(0), successesToGrowBack(20_000)]
  t.ok(young < 0.7 * old, `${young} and ${old}`)
})
