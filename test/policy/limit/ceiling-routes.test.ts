import t from 'tap'
import { driveCeiling, withPacedRoute, type Drive } from './drive.ts'

/** Refusals of `slow` beside answers of `free`, until `slow` has a pace; how many it took. */
function refuseUntilPaced (drive: Drive, level: number | undefined): number {
  for (let refusals = 1; refusals <= 50; refusals++) {
    drive.admitted({ inflight: 1 }, level === undefined ? undefined : level + 30)
    drive.refused({ route: 'slow', inflight: 1 }, level)
    if (drive.limit.pacePerSecond('slow') > 0) return refusals
  }
  return Infinity
}

t.test('a refusal of a paced route with a level below the ceiling never changes the window', async (t) => {
  const drive = withPacedRoute()
  const { slots } = drive
  const ceiling = drive.limit.ceiling() ?? 0
  for (let i = 0; i < 100; i++) {
    drive.wait(500)
    t.equal(drive.refused({ route: 'slow', inflight: 2 }, ceiling - 1).by, 'route')
    t.same([drive.slots, drive.limit.ceiling()], [slots, ceiling])
  }
})

t.test('a refusal of a paced route without a level never changes the window', async (t) => {
  const drive = withPacedRoute()
  const { slots } = drive
  for (let i = 0; i < 100; i++) {
    drive.wait(500)
    t.equal(drive.refused({ route: 'slow', inflight: 2 }).by, 'route')
  }
  t.equal(drive.slots, slots)
})

t.test('a refusal of a paced route at the ceiling may be the account\'s', async (t) => {
  const drive = withPacedRoute()
  drive.wait(400)
  t.same(drive.refused({ route: 'slow', inflight: 2 }, 120), { by: 'account', reason: 'cut', holds: true })
})

t.test('an answer to a paced request never grows the window: its own pace was the bottleneck', async (t) => {
  const drive = withPacedRoute()
  const { slots } = drive
  drive.wait(drive.limit.readyAtMs('slow') - drive.nowMs)
  const ticket = drive.send({ route: 'slow' })
  t.ok(ticket.paced && ticket.full)
  t.equal(drive.admit(ticket, 60), 'not_full')
  t.equal(drive.slots, slots)
})

t.test('the pace starts a tenth under what the route was seen to accept', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  const sinceMs = drive.nowMs
  while (drive.limit.pacePerSecond('slow') === 0) {
    drive.wait(50)
    drive.admit(drive.send({ inflight: 2 }), 60, 5)
    drive.admit(drive.send({ route: 'slow', inflight: 2 }), 60, 5)
    // After five seconds of twenty a second, it is asked for more.
    for (let n = 0; drive.nowMs - sinceMs > 5_000 && n < 4; n++) drive.refuse(drive.send({ route: 'slow', inflight: 2 }), 30)
  }
  const perSecond = drive.limit.pacePerSecond('slow')
  t.ok(perSecond > 17 && perSecond < 19, `${perSecond} a second`)
})

t.test('one flight of refusals slows a paced route once', async (t) => {
  const drive = withPacedRoute()
  drive.wait(20_000)
  const flight = Array.from({ length: 10 }, () => drive.send({ route: 'slow', inflight: 2 }))
  drive.wait(10)
  t.same(flight.map((ticket) => drive.refuse(ticket, 30).reason), ['pace', ...Array.from({ length: 9 }, () => 'route')])
})

t.test('a pace grows by a tenth with ten seconds of answers for which it was the bottleneck', async (t) => {
  const drive = withPacedRoute()
  const before = drive.limit.pacePerSecond('slow')
  for (let i = 0; i < Math.max(5, 10 * before); i++) {
    drive.wait(drive.limit.readyAtMs('slow') - drive.nowMs)
    drive.admit(drive.send({ route: 'slow', inflight: 2 }), 60)
  }
  const after = drive.limit.pacePerSecond('slow')
  t.ok(after >= 1.09 * before && after <= 1.12 * before, `${after / before} times`)
})

t.test('a pace engaged in a storm is released after 60 seconds in which it was not the bottleneck', async (t) => {
  const drive = withPacedRoute()
  const sparse = 3 * 1000 / drive.limit.pacePerSecond('slow')
  const sinceMs = drive.nowMs
  while (drive.limit.pacePerSecond('slow') > 0 && drive.nowMs - sinceMs < 600_000) {
    drive.wait(sparse)
    drive.admit(drive.send({ route: 'slow', inflight: 1 }), 30)
  }
  const tookMs = drive.nowMs - sinceMs
  t.ok(tookMs > 60_000 && tookMs <= 60_000 + sparse, `${tookMs} ms`)
  t.same([drive.limit.pacedRoutes(), drive.limit.readyAtMs('slow')], [[], 0])
})

t.test('a pace that is the bottleneck now and then is kept, however long ago it was made', async (t) => {
  const drive = withPacedRoute()
  for (let i = 0; i < 60; i++) {
    drive.wait(Math.max(0, drive.limit.readyAtMs('slow') - drive.nowMs) + (i % 2) * 40_000)
    drive.admit(drive.send({ route: 'slow', inflight: 1 }), 30)
  }
  t.ok(drive.limit.pacePerSecond('slow') > 0)
})

t.test('refusals at random do not starve a paced route: it keeps a quarter of its best rate of late', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  const second = (accepted: number, refused: number): void => {
    for (let i = 0; i < 40; i++) {
      drive.wait(25)
      drive.admit(drive.send({ inflight: 2 }), 60, 5)
      if (i < accepted) drive.admit(drive.send({ route: 'slow', inflight: 2 }), 60, 5)
      else if (i < accepted + refused) drive.refuse(drive.send({ route: 'slow', inflight: 2 }), 30)
    }
  }
  for (let i = 0; i < 5; i++) second(20, 0)
  for (let i = 0; i < 3; i++) second(0, 40)
  const perSecond = drive.limit.pacePerSecond('slow')
  t.ok(perSecond > 3 && perSecond < 10, `${perSecond} a second`)
})

t.test('the others need few answers to serve as the comparison: a collapsed window still reaches them', async (t) => {
  const drive = driveCeiling({ initial: 1 })
  for (let i = 0; i < 9; i++) drive.admitted({ inflight: 1 }, 40)
  for (let i = 0; i < 20; i++) {
    drive.admitted({ inflight: 1 }, 40)
    if (i % 2 === 1) drive.admitted({ route: 'slow', inflight: 1 }, 10)
    t.equal(drive.refused({ route: 'slow', inflight: 1 }, 10).by, 'route')
    if (drive.limit.pacePerSecond('slow') > 0) break
  }
  t.ok(drive.limit.pacePerSecond('slow') > 0)
})

t.test('what the others were answered before a route became suspect says nothing: the first flight over the ceiling is the account\'s', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  for (let i = 0; i < 40; i++) drive.admitted({ inflight: 20 }, 30)
  for (let i = 0; i < 30; i++) drive.admitted({ route: 'rare', inflight: 20 }, 30)
  const flight = Array.from({ length: 160 }, () => drive.send({ inflight: 100 }))
  drive.wait(40)
  const refusals = flight.map((ticket) => drive.refuse(ticket, 101))
  t.ok(refusals.every(({ by }) => by === 'account'))
  t.same(drive.limit.pacedRoutes(), [])
})

t.test('a route of one a second is not paced before it is seen what it accepts', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  for (let i = 0; i < 20; i++) drive.admitted({ inflight: 2 }, 40)
  for (let tenth = 1; drive.limit.pacePerSecond('slow') === 0 && tenth < 100; tenth++) {
    drive.wait(100)
    for (let i = 0; i < 5; i++) drive.admit(drive.send({ inflight: 2 }), 40, 5)
    for (let i = 0; i < 5; i++) drive.refuse(drive.send({ route: 'slow', inflight: 2 }), 30)
    if (tenth % 10 === 0) drive.admit(drive.send({ route: 'slow', inflight: 2 }), 30, 5)
  }
  const perSecond = drive.limit.pacePerSecond('slow')
  t.ok(perSecond > 0.6 && perSecond < 1.1, `${perSecond} a second`)
})

t.test('evidence is forgotten per answer, not per second: a slow route is judged all the same', async (t) => {
  const drive = driveCeiling({ initial: 1 })
  for (let i = 0; i < 30; i++) drive.admitted({ inflight: 1 }, 40)
  for (let i = 0; i < 7; i++) {
    drive.wait(60_000)
    drive.admitted({ inflight: 1 }, 40)
    drive.refused({ route: 'slow', inflight: 1 }, 10)
  }
  t.ok(drive.limit.pacePerSecond('slow') > 0)
})

t.test('when all routes are refused alike, none of them is paced', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  for (let i = 0; i < 100; i++) {
    for (const route of ['a', 'b', 'c']) {
      drive.refused({ route, inflight: 50 }, 101)
      drive.admitted({ route, inflight: 50 }, 100)
    }
  }
  t.same(drive.limit.pacedRoutes(), [])
})

t.test('the only route there is gets its pace once its own refusals have been many for two seconds', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  const pacedAfterMs = (): number => {
    const sinceMs = drive.nowMs
    for (let i = 0; i < 100; i++) {
      drive.admitted({ inflight: 2 }, 40)
      if (drive.refused({ inflight: 2 }, 20).reason === 'pace') break
    }
    return drive.nowMs - sinceMs
  }
  const tookMs = pacedAfterMs()
  t.ok(tookMs >= 2_000 && tookMs < 2_400, `after ${tookMs} ms`)
  t.equal(drive.slots, 100)
})

t.test('a refusal whose code names a rule of the product never changes the window, and paces the route in the end', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  for (let i = 0; i < 20; i++) drive.admitted({ inflight: 2 }, 40)
  const reasons: string[] = []
  while (reasons.at(-1) !== 'pace' && reasons.length < 100) {
    drive.admitted({ inflight: 2 }, 40)
    reasons.push(drive.limit.routeRefused(drive.send({ route: 'verify', inflight: 2 }), { concurrency: undefined, durationMs: undefined }, drive.nowMs).reason)
  }
  t.same([...new Set(reasons.slice(0, -1)), reasons.at(-1)], ['route', 'pace'])
  t.equal(drive.slots, 100)
})

t.test('no pace is below one start in five seconds', async (t) => {
  const drive = withPacedRoute()
  for (let i = 0; i < 50; i++) {
    drive.wait(20_000)
    drive.refused({ route: 'slow', inflight: 1 }, 20)
  }
  t.equal(drive.limit.pacePerSecond('slow'), 0.2)
})

t.test('without any reported level, a route that stands out is paced on refusals alone', async (t) => {
  const drive = driveCeiling({ initial: 100 })
  for (let i = 0; i < 200; i++) drive.admitted({ inflight: 5 })
  t.ok(refuseUntilPaced(drive, undefined) < 50)
  const { slots } = drive
  t.equal(drive.refused({ route: 'slow', inflight: 5 }).by, 'route')
  t.equal(drive.slots, slots)
})

t.test('no more than 256 routes are remembered: the one unused for longest gives way', async (t) => {
  const drive = withPacedRoute()
  const fill = (from: number, count: number): void => {
    for (let i = from; i < from + count; i++) drive.admitted({ route: `route ${i}`, inflight: 2 }, 30)
  }
  fill(0, 254)
  t.ok(drive.limit.pacePerSecond('slow') > 0, 'with free, slow and 254 others there is room for all')
  drive.admitted({ inflight: 2 }, 30)
  fill(254, 1)
  t.equal(drive.limit.pacePerSecond('slow'), 0)
})

t.test('a thousand routes in turn do no harm', async (t) => {
  const drive = driveCeiling()
  for (let i = 0; i < 5_000; i++) drive.admitted({ route: `route ${i % 1_000}`, inflight: 1 }, 1)
  t.same([drive.slots, drive.limit.pacedRoutes()], [10, []])
})
