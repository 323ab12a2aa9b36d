import t from 'tap'
import { answers, hangs } from '../../support/fake-dispatcher.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { ACCOUNT, LineBench } from './exchange-fixture.ts'

t.test('a request that makes room for a more urgent one is answered 429 as by a full queue, and was never sent', async (t) => {
  const bench = new LineBench([hangs, answers(201)], { limit: new ScriptedLimit(1), maxWaiting: 1 })
  const hanging = bench.send('GET')
  const bulk = bench.send('DELETE', { class: 'bulk', caller: 'clean-up' })
  const critical = bench.send('POST', { class: 'critical', caller: 'signup' })
  await bench.clock.advance(1)
  t.match(bulk.answer, { statusCode: 429, headers: { 'governor-shed': 'queue_full', 'governor-attempts': '0', 'retry-after': '1' } })
  t.match(bulk.json(), { code: 20429, status: 429 })
  t.same(bench.eventsOf('shed'), [{ type: 'shed', account: ACCOUNT, product: 'api', class: 'bulk', reason: 'queue_full' }])
  t.equal(critical.answer, undefined)
  bench.upstream.calls[0]?.answer(200)
  await hanging.done
  await bench.clock.advance(1_000)
  t.equal(critical.status, 201)
  t.same(bench.upstream.calls.map(({ options: { method } }) => method), ['GET', 'POST'])
  await bench.isOver(t)
})

t.test('callers take turns at the upstream', async (t) => {
  const bench = new LineBench([hangs, ...Array.from({ length: 5 }, () => answers(200))], { limit: new ScriptedLimit(1) })
  bench.send('GET', { caller: 'big' })
  for (const name of ['big', 'big', 'big', 'small', 'small']) bench.send('GET', { caller: name, path: `/${name}` })
  await bench.clock.advance(1)
  bench.upstream.calls[0]?.answer(200)
  await bench.clock.advance(1_000)
  await bench.isOver(t)
  t.same(bench.upstream.calls.slice(1).map(({ options: { path } }) => path), ['/big', '/small', '/big', '/small', '/big'])
})
