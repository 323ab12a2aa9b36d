import t from 'tap'
import { answers, hangs, refuses, unreachable, type Script } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { LineBench } from '../line/exchange-fixture.ts'

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

t.test('of a burst that shares one call, that call alone counts', async (t) => {
  const bench = new LineBench(answers(200), { coalesce: true })
  for (let burst = 0; burst < 6; burst++) {
    for (let i = 0; i < 211; i++) bench.send('GET')
    await bench.clock.advance(EVERY_MS)
  }
  t.equal(bench.upstream.calls.length, 6)
  t.match(bench.line.polling.routes, [{ polls: 2 }])
  await bench.isOver(t)
})

t.test('who leads in the place of one that left is counted', async (t) => {
  const bench = new LineBench(answers(200, {}, '{}', 100), { coalesce: true })
  for (let i = 0; i < 6; i++) {
    const first = bench.send('GET')
    bench.send('GET')
    bench.send('GET')
    first.exchange.interrupt('client_left')
    await bench.clock.advance(EVERY_MS)
  }
  t.match(bench.line.polling.routes, [{ polls: 2 }])
})

t.test('an answer that is kept counts when Twilio is asked whether it still holds, and not when it is given again', async (t) => {
  const tagged = (status: number): Script => answers(status, { etag: '"v1"' })
  const bench = new LineBench([tagged(200), tagged(304)], { cache: { messages: { match: { routes: ['*'] }, ttlMs: 0.75 * EVERY_MS } } })
  for (let i = 0; i < 14; i++) {
    bench.send('GET')
    await bench.clock.advance(EVERY_MS / 2)
  }
  t.equal(bench.upstream.calls.length, 7)
  t.equal(bench.ends.filter(([, reason]) => reason === 'cached').length, 7)
  t.equal(bench.ends.filter(([, reason]) => reason === 'revalidated').length, 6)
  t.match(bench.line.polling.routes, [{ polls: 3 }])
  bench.line.reads.close()
  await bench.isOver(t)
})

t.test('attempts of one read are one read', async (t) => {
  const bench = new LineBench(refuses())
  for (let i = 0; i < 4; i++) {
    bench.send('GET')
    await bench.clock.advance(12 * EVERY_MS)
  }
  t.ok(bench.upstream.calls.length > 5)
  t.same(bench.line.polling.routes, [])
})

t.test('what never went to Twilio does not count: refused, or no connection', async (t) => {
  const down = new LineBench(unreachable('ECONNREFUSED'))
  const full = new LineBench(hangs, { limit: new ScriptedLimit(1), maxWaiting: 0 })
  for (const bench of [down, full]) {
    for (let i = 0; i < 8; i++) {
      bench.send('GET')
      await bench.clock.advance(EVERY_MS)
    }
    t.same(bench.line.polling.routes, [])
  }
})
