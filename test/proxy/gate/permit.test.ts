import t from 'tap'
import type { Test } from 'tap'
import { AccountLimit } from '../../../src/proxy/gate/account-limit.ts'
import { Permit } from '../../../src/proxy/gate/permit.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'
import { NOTHING_SAID } from './gate-fixture.ts'

interface Given { permit: Permit, limit: AccountLimit, script: ScriptedLimit, freed: () => number, stands: (t: Test, inflight: number, held: number, freed: number) => void }

function give (): Given {
  const script = new ScriptedLimit(5)
  const limit = new AccountLimit(script, new FakeClock(), () => {})
  let freed = 0
  const permit = new Permit(limit, limit.start('POST free'), () => { freed++ })
  return {
    permit,
    limit,
    script,
    freed: () => freed,
    stands: (t, inflight, held, times) => {
      const now = limit.snapshot()
      t.same([now.inflight, now.held, freed], [inflight, held, times])
    }
  }
}

t.test('a permit that ends frees its slot once, however often it is ended', async (t) => {
  const { permit, stands } = give()
  stands(t, 1, 0, 0)
  permit.end()
  stands(t, 0, 0, 1)
  permit.end()
  permit.abandon()
  permit.hold()
  permit.unhold(true)
  stands(t, 0, 0, 1)
})

t.test('a held slot is handed over once', async (t) => {
  const { permit, stands } = give()
  permit.hold()
  permit.hold()
  stands(t, 0, 1, 0)
  permit.end()
  stands(t, 0, 1, 0)
  permit.unhold(true)
  stands(t, 0, 0, 1)
  permit.unhold(true)
  permit.unhold(false)
  permit.abandon()
  permit.end()
  stands(t, 0, 0, 1)
})

t.test('a held slot that its owner takes back calls nobody', async (t) => {
  const { permit, stands } = give()
  permit.hold()
  permit.unhold(false)
  stands(t, 0, 0, 0)
  permit.unhold(true)
  stands(t, 0, 0, 0)
})

t.test('unhold without hold does nothing', async (t) => {
  const { permit, stands } = give()
  permit.unhold(true)
  stands(t, 1, 0, 0)
})

t.test('an exchange that is given up gives back what it has, in flight or held', async (t) => {
  for (const held of [false, true]) {
    const { permit, stands } = give()
    if (held) permit.hold()
    permit.abandon()
    stands(t, 0, 0, 1)
    permit.abandon()
    stands(t, 0, 0, 1)
  }
})

t.test('a permit that is kept outlives its exchange until its attempt ends', async (t) => {
  const { permit, stands } = give()
  permit.keep()
  permit.keep()
  permit.abandon()
  stands(t, 1, 0, 1)
  permit.end()
  stands(t, 0, 0, 2)
  permit.end()
  stands(t, 0, 0, 2)
})

t.test('a permit that is written off gives its slot back once, and is over only when its attempt is', async (t) => {
  const { permit, limit, stands } = give()
  permit.writeOff()
  stands(t, 1, 0, 0)
  permit.keep()
  permit.writeOff()
  permit.writeOff()
  stands(t, 0, 0, 2)
  t.ok(limit.busy)
  permit.admitted(NOTHING_SAID)
  permit.end()
  permit.end()
  stands(t, 0, 0, 2)
  t.notOk(limit.busy)
})

t.test('the limit hears of one answer: a second admission is nothing, a second refusal is a fault', async (t) => {
  const { permit, script } = give()
  permit.admitted(NOTHING_SAID)
  permit.admitted(NOTHING_SAID)
  t.equal(script.admissions.length, 1)
  t.throws(() => permit.refused(NOTHING_SAID), { message: 'a permit records one answer' })
  t.throws(() => permit.routeRefused(NOTHING_SAID), { message: 'a permit records one answer' })
  t.same(script.refusals, [])
})

t.test('a refusal is told to the limit, which says whose it is', async (t) => {
  const account = give()
  t.same(account.permit.refused(NOTHING_SAID), { by: 'account', reason: 'cut', holds: true })
  t.same(account.script.refusals, ['account'])
  const route = give()
  t.same(route.permit.routeRefused(NOTHING_SAID), { by: 'route', reason: 'route', holds: false })
  t.same(route.script.refusals, ['route'])
  account.stands(t, 1, 0, 0)
})

t.test('an answer that comes after the slot was freed still teaches the limit', async (t) => {
  const { permit, script, stands } = give()
  permit.end()
  permit.admitted(NOTHING_SAID)
  t.equal(script.admissions.length, 1)
  stands(t, 0, 0, 1)
})

t.test('a move of the limit by a whole slot is announced once, with its reason', async (t) => {
  const script = new ScriptedLimit(5)
  const clock = new FakeClock()
  const changes: unknown[] = []
  const limit = new AccountLimit(script, clock, (...change) => changes.push(change))
  script.moves.push(5, 6, 4)
  limit.admitted(limit.start('POST free'), NOTHING_SAID)
  t.same(changes, [])
  limit.admitted(limit.start('POST free'), NOTHING_SAID)
  limit.refused(limit.start('POST free'), NOTHING_SAID)
  t.same(changes, [['probe', 6], ['cut', 4]])
  await clock.advance(40)
  t.same(limit.snapshot().lastChange, { reason: 'cut', agoMs: 40, limit: 4 })
})

t.test('the drain rate is slots by time upstream, and unknown without evidence or while the limit grows', async (t) => {
  const script = new ScriptedLimit(4)
  const clock = new FakeClock()
  const limit = new AccountLimit(script, clock, () => {})
  t.equal(limit.typicalMs, 0)
  for (let i = 0; i < 20; i++) {
    t.equal(limit.drainPerSecond(), undefined)
    const ticket = limit.start('POST free')
    await clock.advance(200)
    limit.admitted(ticket, NOTHING_SAID)
    limit.free(true)
  }
  t.equal(Math.round(limit.typicalMs), 200)
  t.equal(Math.round(limit.drainPerSecond() ?? 0), 20)
  script.isSettled = false
  t.equal(limit.drainPerSecond(), undefined)
})

t.test('a refusal is no departure, nor is a permit that was never used', async (t) => {
  const clock = new FakeClock()
  const limit = new AccountLimit(new ScriptedLimit(4), clock, () => {})
  const permit = (): Permit => new Permit(limit, limit.start('POST free'), () => {})
  const keepsBusy = permit()
  for (const use of [(one: Permit) => { one.refused(NOTHING_SAID); one.end() }, (one: Permit) => { one.routeRefused(NOTHING_SAID); one.end() }, (one: Permit) => { one.giveBack() }]) {
    const one = permit()
    await clock.advance(100)
    use(one)
    t.equal(limit.snapshot().drainPerSecond, 0)
  }
  const one = permit()
  one.admitted(NOTHING_SAID)
  one.end()
  t.ok(limit.snapshot().drainPerSecond > 0)
  keepsBusy.end()
})

t.test('a permit that is given back frees its slot once and calls the next; one that is held, kept or over cannot be', async (t) => {
  const limit = new AccountLimit(new ScriptedLimit(4), new FakeClock(), () => {})
  let freed = 0
  const permit = (): Permit => new Permit(limit, limit.start('POST free'), () => { freed++ })
  const unused = permit()
  unused.giveBack()
  unused.giveBack()
  unused.end()
  t.equal(freed, 1)
  t.match(limit.snapshot(), { inflight: 0, held: 0 })
  const [held, kept] = [permit(), permit()]
  held.hold()
  kept.keep()
  freed = 0
  for (const one of [held, kept]) one.giveBack()
  t.equal(freed, 0)
  t.match(limit.snapshot(), { inflight: 1, held: 1 })
})

t.test('silence counts only while somebody could break it', async (t) => {
  const clock = new FakeClock()
  const limit = new AccountLimit(new ScriptedLimit(4), clock, () => {})
  const done = async (): Promise<void> => {
    const ticket = limit.start('POST free')
    await clock.advance(100)
    limit.admitted(ticket, NOTHING_SAID)
    limit.free(true)
  }
  limit.start('POST free')
  for (let i = 0; i < 20; i++) await done()
  limit.free(true)
  await clock.advance(2_000)
  t.ok(limit.drainMs(1) < 1_000, 'idle')
  limit.start('POST free')
  await clock.advance(2_000)
  t.ok(limit.drainMs(1) >= 2_000, 'busy')
})

t.test('an attempt is told once: answered it is not unanswered, unanswered it is not answered', async (t) => {
  const clock = new FakeClock()
  const limit = new AccountLimit(new ScriptedLimit(100), clock, () => {})
  /** Twenty attempts of a route that take 100 ms, and 900 ms until they are told for the second time. */
  const tell = (route: string, first: 'admitted' | 'unanswered', second: 'admitted' | 'unanswered'): void => {
    for (let i = 0; i < 20; i++) {
      const permit = new Permit(limit, limit.start(route), () => {})
      for (const [what, ms] of [[first, 100], [second, 900]] as const) {
        clock.pass(ms)
        if (what === 'admitted') permit.admitted(NOTHING_SAID)
        else permit.unanswered()
      }
    }
  }
  tell('POST a', 'unanswered', 'admitted')
  t.equal(limit.typicalMs, 0, 'no answer has counted')
  tell('POST b', 'admitted', 'unanswered')
  tell('POST c', 'unanswered', 'unanswered')
  t.same(['POST a', 'POST b', 'POST c'].map((route) => limit.expected(route).mostWithinMs), [100, 100, 100])
})
