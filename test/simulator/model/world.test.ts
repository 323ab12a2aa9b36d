import t from 'tap'
import { createScenario, settingsAt, type SettingsPatch } from '../../../src/simulator/model/scenario.ts'
import { World, type Arrival, type Verdict } from '../../../src/simulator/model/world.ts'

const account = `AC${'1'.repeat(32)}`
const create: Arrival = { method: 'POST', product: 'api', path: `/2010-04-01/Accounts/${account}/Messages.json`, account }
const verify: Arrival = { method: 'POST', product: 'verify', path: '/v2/Services/VA1/Verifications', account }
const world = (patch: SettingsPatch): World => new World(createScenario(patch), 0)
const ticketOf = (verdict: Verdict): Extract<Verdict, { kind: 'admitted' }>['ticket'] => {
  if (verdict.kind !== 'admitted') throw new Error(`not admitted: ${verdict.kind}`)
  return verdict.ticket
}

t.test('the same seed and the same times give the same story', async (t) => {
  const play = (seed: number): readonly unknown[] => {
    const subject = world({ seed, limit: 5, otherClients: { workers: 4 }, random429: [{ probability: 0.1 }], faults: [{ kind: 'reset_after', probability: 0.2 }] })
    return Array.from({ length: 300 }, (_, i) => {
      const verdict = subject.arrive(create, i * 40)
      if (verdict.kind !== 'admitted') return verdict
      const { serviceMs, fault } = verdict.ticket
      return [serviceMs, fault?.kind, subject.depart(verdict.ticket, i * 40 + 30), subject.ids.hex(32)]
    })
  }
  t.same(play(3), play(3))
  t.notSame(play(3), play(4))
})

t.test('a refusal for concurrency takes no slot and says how many there were', async (t) => {
  const subject = world({ limit: 1, refusals: { retryAfterS: 2 } })
  const ticket = ticketOf(subject.arrive(create, 0))
  t.match(subject.arrive(create, 1), { kind: 'refused', error: { code: 20429 }, concurrent: '2', retryAfterS: 2, delayMs: 2 })
  t.equal(subject.depart(ticket, 50), '1')
  t.match(subject.stats(100), {
    received: 2, admitted: 1, processed: 1, currentConcurrency: 0, peakConcurrency: 1, meanServiceMs: 50, throttled: { total: 1, account: 1, route: 0, random: 0 }
  })
})

t.test('a route over its rate is refused while others are let in, and spends no slot', async (t) => {
  const subject = world({ routeRates: [{ product: 'verify', route: '/v2/Services/{}/Verifications', perSecond: 1, code: 60203, retryAfterS: 7 }] })
  ticketOf(subject.arrive(verify, 0))
  t.match(subject.arrive(verify, 1), { kind: 'refused', error: { code: 60203 }, concurrent: '2', retryAfterS: 7, rate: { remaining: 0 } })
  ticketOf(subject.arrive(create, 2))
  t.match(subject.stats(10), { currentConcurrency: 2, throttled: { route: 1, account: 0 } })
})

t.test('a request refused for the account does not use up its route', async (t) => {
  const subject = world({ limit: 1, routeRates: [{ perSecond: 1, burst: 2 }] })
  const ticket = ticketOf(subject.arrive(create, 0))
  t.match(subject.arrive(create, 0), { kind: 'refused' })
  subject.depart(ticket, 1)
  t.equal(subject.arrive(create, 1).kind, 'admitted')
})

t.test('a count of faults is spent on requests that are let in, not on refused ones', async (t) => {
  const subject = world({ limit: 1, faults: [{ kind: 'reset_after', next: 1 }] })
  const [first, second] = [subject.arrive(create, 0), subject.arrive(create, 0)]
  t.equal(ticketOf(first).fault?.kind, 'reset_after')
  t.equal(second.kind, 'refused')
})

t.test('a fault before the request is carried out takes no slot', async (t) => {
  const subject = world({ faults: [{ kind: 'reset_before', next: 1 }] })
  t.match(subject.arrive(create, 0), { kind: 'failed', fault: { kind: 'reset_before' } })
  t.match(subject.stats(1), { received: 1, admitted: 0, faults: { reset_before: 1 } })
})

t.test('latencies follow the first rule that fits, times the slow factor', async (t) => {
  const subject = world({
    slowFactor: 3, latency: { medianMs: 10, p99Ms: 10 }, latencyByRoute: [{ product: 'verify', medianMs: 50, p99Ms: 50 }]
  })
  t.equal(ticketOf(subject.arrive(create, 0)).serviceMs, 30)
  t.equal(ticketOf(subject.arrive(verify, 0)).serviceMs, 150)
})

t.test('accounts do not share slots, and are reported apart', async (t) => {
  const subject = world({ limit: 1 })
  const other = `AC${'2'.repeat(32)}`
  t.equal(subject.arrive(create, 0).kind, 'admitted')
  t.equal(subject.arrive({ ...create, account: other }, 0).kind, 'admitted')
  t.match(subject.stats(1).accounts, { [account]: { limit: 1, currentConcurrency: 1 }, [other]: { currentConcurrency: 1 } })
})

t.test('many accounts are forgotten before memory is, those in use excepted', async (t) => {
  const subject = world({})
  subject.arrive(create, 0)
  for (let i = 0; i < 10_500; i++) {
    subject.depart(ticketOf(subject.arrive({ ...create, account: `AC${String(i).padStart(32, '0')}` }, 0)), 0)
  }
  const { accounts } = subject.stats(0)
  t.equal(Object.keys(accounts).length, 10_000)
  t.ok(accounts[account])
})

t.test('attempts are counted by the second, and by the tenth of a second with their cause', async (t) => {
  const subject = world({ limit: 1 })
  subject.arrive(create, 100)
  subject.arrive(create, 200)
  subject.arrive(create, 1300)
  t.same(subject.stats(2000).seconds, [{ second: 0, admitted: 1, throttled: 1 }, { second: 1, admitted: 0, throttled: 1 }])
  t.same(subject.counters.tenths(), [
    { tenth: 1, admitted: 1, account: 0, route: 0, random: 0 },
    { tenth: 2, admitted: 0, account: 1, route: 0, random: 0 },
    { tenth: 13, admitted: 0, account: 1, route: 0, random: 0 }
  ])
})

t.test('a timeline changes settings one after the other, groups key by key', async (t) => {
  const scenario = createScenario({ limit: 100 }, [
    { atMs: 2000, set: { limit: 150, headers: { present: false } } },
    { atMs: 1000, set: { limit: 40, latency: { p99Ms: 2000 } } }
  ])
  t.equal(settingsAt(scenario, 999).limit, 100)
  t.match(settingsAt(scenario, 1000), { limit: 40, latency: { medianMs: 110, p99Ms: 2000 }, headers: { present: true } })
  t.match(settingsAt(scenario, 5000), { limit: 150, latency: { p99Ms: 2000 }, headers: { present: false, noise: 0 } })
})

t.test('a change of other settings leaves a count of faults where it was', async (t) => {
  const subject = world({ faults: [{ kind: 'reset_before', next: 1 }] })
  subject.arrive(create, 0)
  subject.change({ limit: 7 })
  t.equal(subject.arrive(create, 1).kind, 'admitted')
  subject.change({ faults: [{ kind: 'reset_before', next: 1 }] })
  t.equal(subject.arrive(create, 2).kind, 'failed')
})
