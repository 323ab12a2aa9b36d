import t from 'tap'
import { answers } from '../support/fake-dispatcher.ts'
import { LineBench } from './exchange-fixture.ts'

const EVERY_MS = 2_000

t.test('a resource that is read over and over is told of, from the fifth time on', async (t) => {
  const bench = new LineBench(answers(200))
  for (let i = 0; i < 7; i++) {
    bench.send('GET')
    await bench.clock.advance(EVERY_MS)
  }
  t.same(bench.eventsOf('poll').map(({ isFirst }) => isFirst), [true, false, false])
  t.match(bench.line.polling.routes, [{ product: 'api', polls: 3, route: /^GET api/ }])
  await bench.isOver(t)
})

t.test('writes and reads of other things are no polling', async (t) => {
  const bench = new LineBench(answers(200))
  const { identity } = bench.send('GET').exchange
  for (let i = 0; i < 7; i++) {
    bench.send('POST')
    bench.send('GET', { path: `${identity.path}&Page=${i}` })
    bench.send('GET', { account: { ...identity.account, key: `AC${i}` } })
    await bench.clock.advance(EVERY_MS)
  }
  t.same(bench.eventsOf('poll'), [])
  t.same(bench.line.polling.routes, [])
})
