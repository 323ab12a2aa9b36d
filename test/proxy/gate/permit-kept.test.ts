import t from 'tap'
import { AccountLimit } from '../../../src/proxy/gate/account-limit.ts'
import { Permit } from '../../../src/proxy/gate/permit.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'

/** Permits of one limit, and how often a slot was said to be free. */
function bench (): { limit: AccountLimit, permit: () => Permit, freed: () => number } {
  const limit = new AccountLimit(new ScriptedLimit(5), new FakeClock(), () => {})
  let freed = 0
  return { limit, permit: () => new Permit(limit, limit.start('POST free'), () => { freed++ }), freed: () => freed }
}

t.test('one that is over, given back or held cannot be left behind any more: no try is owed to it', async (t) => {
  for (const how of ['end', 'giveBack', 'hold'] as const) {
    const { limit, permit, freed } = bench()
    const over = permit()
    over[how]()
    const before = freed()
    over.keep()
    t.equal(freed(), before, how)
    if (how === 'hold') over.unhold(false)
    permit()
    t.equal(limit.triesAtMs, Infinity, `${how}: what is in flight is waited for`)
  }
})

t.test('one that was left behind is neither given back nor abandoned: it ends, or is written off', async (t) => {
  const { limit, permit, freed } = bench()
  const kept = permit()
  kept.keep()
  t.equal(freed(), 1, 'whoever waits is asked for a try')
  kept.keep()
  kept.giveBack()
  kept.abandon()
  t.equal(freed(), 1)
  t.match(limit.snapshot(), { inflight: 1, held: 0 })
  kept.end()
  t.equal(freed(), 2)
  t.match(limit.snapshot(), { inflight: 0, held: 0 })
  t.notOk(limit.busy)
  t.equal(limit.triesAtMs, Infinity)
})

t.test('one that is waited for cannot be written off', async (t) => {
  const { limit, permit, freed } = bench()
  permit().writeOff()
  t.equal(freed(), 0)
  t.match(limit.snapshot(), { inflight: 1 })
})
