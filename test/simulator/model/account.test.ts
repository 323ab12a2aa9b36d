import t from 'tap'
import { Account } from '../../../src/simulator/model/account.ts'
import { createRandom } from '../../../src/simulator/model/random.ts'
import { changed, type SettingsPatch } from '../../../src/simulator/model/scenario.ts'
import { defaultSettings } from '../../../src/simulator/model/settings.ts'

const sid = `AC${'1'.repeat(32)}`
function account (patch: SettingsPatch): { readonly account: Account, readonly change: (patch: SettingsPatch) => void } {
  let settings = changed(defaultSettings, patch)
  return {
    account: new Account(sid, () => settings, createRandom(1), 0),
    change: (next) => { settings = changed(settings, next) }
  }
}
const arrivals = (subject: Account, times: number, nowMs: number): readonly boolean[] =>
  Array.from({ length: times }, () => subject.arrive(nowMs).admitted)

t.test('as many requests as the limit allows are let in, no more', async (t) => {
  const { account: subject } = account({ limit: 2 })
  t.same(arrivals(subject, 3, 0), [true, true, false])
  subject.depart(10)
  t.same(arrivals(subject, 2, 10), [true, false])
  t.equal(subject.peakOwn, 2)
})

t.test('an account may have a limit of its own', async (t) => {
  t.same(arrivals(account({ limit: 9, limits: { [sid]: 1 } }).account, 2, 0), [true, false])
})

t.test('with an accounting lag a finished request is counted until the lag is over', async (t) => {
  const { account: subject } = account({ limit: 1, accountingLagMs: 100 })
  subject.arrive(0)
  subject.depart(10)
  t.notOk(subject.arrive(109.9).admitted)
  t.ok(subject.arrive(110).admitted)
})

t.test('slots of others are taken for good', async (t) => {
  t.same(arrivals(account({ limit: 3, otherClients: { slots: 2 } }).account, 2, 0), [true, false])
})

t.test('a limit that drops lets nobody in until enough have left', async (t) => {
  const { account: subject, change } = account({ limit: 3 })
  arrivals(subject, 3, 0)
  change({ limit: 1 })
  subject.depart(1)
  subject.depart(2)
  t.notOk(subject.arrive(3).admitted)
  subject.depart(4)
  t.ok(subject.arrive(5).admitted)
})

t.test('competing workers hold about as many slots as there are workers, and stop when they are called off', async (t) => {
  const { account: subject, change } = account({ limit: 100, wireDelayMs: 0, otherClients: { workers: 40 }, latency: { medianMs: 100, p99Ms: 200 } })
  const counts = Array.from({ length: 200 }, (_, i) => subject.look(i * 20).exact)
  const steady = counts.slice(20)
  t.ok(steady.every((count) => count >= 30 && count <= 40), `from ${Math.min(...steady)} to ${Math.max(...steady)}`)
  t.ok(subject.others.admitted > 500)
  change({ otherClients: { workers: 0 } })
  subject.look(4500)
  t.equal(subject.look(6000).exact, 0)
})

t.test('competing workers never push the count above the limit, and are refused when it is full', async (t) => {
  const { account: subject } = account({ limit: 10, otherClients: { workers: 30 } })
  for (let now = 0; now < 4000; now += 7) t.ok(subject.look(now).exact <= 10)
  t.ok(subject.others.refused > 0)
})

t.test('others with busy and quiet spells are sometimes there and sometimes not', async (t) => {
  const { account: subject } = account({ limit: 10, otherClients: { slots: 5, onMs: 100, offMs: 100 } })
  const counts = Array.from({ length: 400 }, (_, i) => subject.look(i * 10).exact)
  const busy = counts.filter((count) => count === 5).length
  t.same([...new Set(counts)].sort(), [0, 5])
  t.ok(busy > 100 && busy < 300, `${busy} of 400`)
})

t.test('what the others do depends on the seed and the times alone', async (t) => {
  const play = (): readonly number[] => {
    const { account: subject } = account({ limit: 20, otherClients: { workers: 25 } })
    return Array.from({ length: 300 }, (_, i) => subject.look(i * 13).exact)
  }
  t.same(play(), play())
})

t.test('after a long pause the others are there, and catching up took no long replay', async (t) => {
  const { account: subject } = account({ limit: 1000, otherClients: { workers: 500 }, latency: { medianMs: 10, p99Ms: 20 }, wireDelayMs: 0 })
  subject.look(0)
  t.ok(subject.look(30 * 24 * 3_600_000).exact > 400)
  t.ok(subject.others.admitted < 500 * 1000)
})

t.test('a lagging count is one that was true at most the lag ago', async (t) => {
  const { account: subject } = account({ limit: 10, headers: { lagMs: 100 } })
  subject.look(0)
  arrivals(subject, 4, 50)
  t.equal(subject.look(99).lagging, 0)
  t.equal(subject.look(100).lagging, 4)
  t.equal(subject.look(100).exact, 4)
})
