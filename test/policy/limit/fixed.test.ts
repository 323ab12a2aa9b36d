import t from 'tap'
import { createFixed } from '../../../src/policy/limit/fixed.ts'
import { Drive } from './drive.ts'

t.test('a fixed limit stays where it is, whatever Twilio answers', async (t) => {
  const drive = new Drive(createFixed(7))
  t.equal(drive.admitted({}, 3), 'fixed')
  t.same(drive.refused({}, 8), { by: 'account', reason: 'fixed', holds: true })
  t.same(drive.limit.routeRefused(drive.send(), { concurrency: undefined, durationMs: undefined }, drive.nowMs), { by: 'route', reason: 'route', holds: false })
  t.equal(drive.slots, 7)
})

t.test('a fixed limit is full at its last slot, held slots included', async (t) => {
  const { limit } = new Drive(createFixed(7))
  t.notOk(limit.start('free', 4, 2, 0).full)
  t.ok(limit.start('free', 4, 3, 0).full)
})

t.test('a fixed limit knows no ceiling, paces nothing and is settled from the start', async (t) => {
  const { limit } = new Drive(createFixed(7))
  t.same(
    [limit.ceiling(), limit.pacedRoutes(), limit.readyAtMs('free'), limit.pacePerSecond('free'), limit.settled()],
    [null, [], 0, 0, true])
})
