import t from 'tap'
import { createCeiling } from '../../../src/policy/limit/ceiling.ts'
import { withRouteLimits } from '../../../src/policy/routes/route-limits.ts'
import { createRateWindow } from '../../../src/simulator/model/rate-window.ts'
import { answers, refuses, type Script } from '../../support/fake-dispatcher.ts'
import { LineBench } from './exchange-fixture.ts'

const TASKS = { path: '/v1/Workspaces/WS1/Tasks', route: 'POST taskrouter/v1/Workspaces/{}/Tasks' }
const limit = (): ReturnType<typeof withRouteLimits> => withRouteLimits(createCeiling({ initial: 10, min: 1, max: 1000, probe: 1 }))

/** Five a second, sliding; told with successes alone, and refusals ask for a second's wait. */
function fiveASecond (): Script {
  const window = createRateWindow({ perSecond: 5, window: 'sliding' })
  return (call, clock) => {
    const nowMs = clock.nowMs()
    if (!call.options.path.includes('Tasks')) answers(201)(call, clock)
    else if (window.remaining(nowMs) < 1) refuses(20429, { 'retry-after': '1' })(call, clock)
    else {
      window.take(nowMs)
      answers(201, { 'x-rate-limit-limit': '5', 'x-rate-limit-remaining': String(window.remaining(nowMs)) })(call, clock)
    }
  }
}

t.test('thirty tasks at once, five a second: the first flight is refused in part, and nothing more; others are not held up', async (t) => {
  const bench = new LineBench(fiveASecond(), { limit: limit() })
  const tasks = Array.from({ length: 30 }, () => bench.send('POST', TASKS))
  await bench.clock.advance(1_500)
  const messages = Array.from({ length: 20 }, () => bench.send())
  await bench.clock.advance(1_000)
  t.same(messages.map(({ status }) => status), Array(20).fill(201))
  await bench.clock.advance(7_000)
  t.same(tasks.map(({ status }) => status), Array(30).fill(201))
  t.ok(bench.eventsOf('retry').length <= 6, `${bench.eventsOf('retry').length} refusals in all`)
  t.match(bench.gate.snapshot().pacedRoutes, [{ route: TASKS.route, source: 'announced' }])
})
