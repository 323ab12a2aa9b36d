import t from 'tap'
import { until } from '../support/app.ts'
import { ask, message, MESSAGES, SID, simulator } from './support.ts'

t.test('200 concurrent requests against a limit of 20: never more than 20 carried out at once, the others told 429', async (t) => {
  const subject = await simulator(t, { limit: 20, wireDelayMs: 5, latency: { medianMs: 30, p99Ms: 60 } })
  let next = 0
  let throttled = 0
  const worker = async (): Promise<void> => {
    while (next < 600) {
      const body = `number ${next++}`
      for (;;) {
        const answer = await ask(subject, MESSAGES, message(body))
        if (answer.status === 201) break
        t.equal(answer.status, 429)
        t.equal(answer.json().code, 20429)
        throttled++
      }
    }
  }
  await Promise.all(Array.from({ length: 200 }, worker))
  const stats = subject.stats()
  t.equal(stats.peakConcurrency, 20)
  t.equal(stats.currentConcurrency, 0)
  t.equal(stats.creates.total, 600)
  t.equal(stats.duplicates, 0)
  t.ok(throttled > 100)
  t.equal(stats.throttled.account, throttled)
  t.equal(stats.received, stats.processed + throttled)
  t.match(stats.accounts[SID], { peakConcurrency: 20, limit: 20, throttled: { account: throttled } })
})

t.test('on the wire a request does not count: more than the limit may be under way without a refusal', async (t) => {
  const subject = await simulator(t, { limit: 1, wireDelayMs: 40 })
  await ask(subject, MESSAGES, message('first'))
  const pair = await Promise.all([ask(subject, MESSAGES, message('a')), ask(subject, MESSAGES, message('b'))])
  t.same(pair.map(({ status }) => status), [201, 201])
})

t.test('an answer takes the wire both ways and the service between', async (t) => {
  const subject = await simulator(t, { wireDelayMs: 30, latency: { medianMs: 50, p99Ms: 50 } })
  const start = performance.now()
  const { headers } = await ask(subject, MESSAGES, message('one'))
  const tookMs = performance.now() - start
  t.ok(tookMs >= 108, `${tookMs} ms`)
  t.match(headers['twilio-request-duration'], /^0\.0[5-9]\d$/)
})

t.test('thousands of requests may be open at once', async (t) => {
  // As long as it takes, on however busy a machine: none is answered before all are there.
  const subject = await simulator(t, { limit: 3000, latency: { medianMs: 600_000, p99Ms: 600_000 } })
  const asked = Array.from({ length: 2000 }, (_, i) => ask(subject, MESSAGES, message(`open ${i}`)))
  await until(() => subject.stats().currentConcurrency === 2000)
  t.equal(subject.stats().throttled.total, 0)
  await subject.close()
  t.ok((await Promise.allSettled(asked)).every(({ status }) => status === 'rejected'), 'the end of the simulator is theirs')
})

t.test('settings may be changed by hand while it runs', async (t) => {
  const subject = await simulator(t, { limit: 0 })
  t.notOk('retry-after' in (await ask(subject, MESSAGES, message('early'))).headers)
  subject.settings({ refusals: { retryAfterS: 3, family: 'camelcase' } })
  const refused = await ask(subject, MESSAGES, message('early'))
  t.equal(refused.headers['retry-after'], '3')
  t.ok('moreInfo' in refused.json())
})

t.test('settings change by themselves when the timeline says so', async (t) => {
  const subject = await simulator(t, { limit: 0 }, [{ atMs: 150, set: { limit: 5 } }])
  let status = 429
  while (status === 429) status = (await ask(subject, MESSAGES, message('again'))).status
  t.equal(status, 201)
  t.ok(subject.stats().elapsedMs >= 149)
  t.equal((await ask(subject, '/_simulator/settings')).json().limit, 5)
})
