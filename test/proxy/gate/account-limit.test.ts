import t from 'tap'
import { AccountLimit } from '../../../src/proxy/gate/account-limit.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { ScriptedLimit } from '../../support/scripted-limit.ts'

const said = (concurrency: number): { concurrency: number, durationMs: number } => ({ concurrency, durationMs: 50 })

async function scene (): Promise<{ script: ScriptedLimit, clock: FakeClock, limit: AccountLimit, admit: (level: number) => Promise<void>, refuse: (level: number) => Promise<void> }> {
  const script = new ScriptedLimit(20)
  const clock = new FakeClock()
  const limit = new AccountLimit(script, clock, () => {})
  const answer = async (how: 'admitted' | 'refused', level: number): Promise<void> => {
    await clock.advance(10)
    const ticket = limit.start('POST free')
    await clock.advance(100)
    limit[how](ticket, said(level))
    limit.free(true)
  }
  return { script, clock, limit, admit: (level) => answer('admitted', level), refuse: (level) => answer('refused', level) }
}

t.test('refusals by the account are evidence: when, at what level, and what the limit made of it', async (t) => {
  const { script, clock, limit, admit, refuse } = await scene()
  await admit(60)
  script.moves.push(18)
  await refuse(61)
  await clock.advance(500)
  t.strictSame(limit.snapshot().ceiling, {
    estimate: 60,
    low: 60,
    high: 61,
    basis: 'reported',
    confidence: 'high',
    evidence: [{ agoMs: 500, reported: 61, inflight: 1, limitBefore: 20, limitAfter: 18 }]
  })
})

t.test('a refusal by a route is no evidence', async (t) => {
  const { script, limit, admit, refuse } = await scene()
  await admit(60)
  script.refusedBy = { by: 'route', reason: 'route', holds: false }
  await refuse(30)
  limit.routeRefused(limit.start('POST free'), { concurrency: undefined, durationMs: undefined })
  t.match(limit.snapshot().ceiling, { estimate: null, low: 60, evidence: [] })
})

t.test('a refusal that may be a route\'s counts only once levels have contradicted each other', async (t) => {
  const { script, limit, admit, refuse } = await scene()
  for (const [level, by] of [[100, undefined], [101, 'account'], [40, 'route'], [95, 'account'], [104, undefined]] as const) {
    script.refusedBy = by === 'route' ? { by, reason: 'route', holds: true } : { by: 'account', reason: 'cut', holds: true }
    await (by === undefined ? admit(level) : refuse(level))
    if (level === 40) t.match(limit.snapshot().ceiling, { low: 100, high: 101 })
  }
  t.ok(limit.snapshot().ceiling.low < 40)
})

t.test('what is worth keeping is nothing at first, then the limit, what it knows and the band', async (t) => {
  const { script, limit, admit, refuse } = await scene()
  t.equal(limit.learnt(), undefined)
  await admit(5)
  t.equal(limit.learnt(), undefined)
  script.moves.push(22)
  await admit(6)
  t.strictSame(limit.learnt(), { slots: 22, settled: true, refusedAt: null, ceiling: { estimate: null, low: 6, high: null, basis: 'reported' } })
  script.isSettled = false
  await refuse(7)
  t.match(limit.learnt(), { slots: 22, settled: false, ceiling: { estimate: 6, low: 6, high: 7 } })
})

t.test('what was in flight while the process was stopped says nothing of the time that Twilio takes', async (t) => {
  const { clock, limit, admit } = await scene()
  await admit(5)
  const before = limit.typicalMs
  const ticket = limit.start('POST free')
  await clock.stall(60_000)
  limit.woke()
  limit.admitted(ticket, said(5))
  t.equal(limit.typicalMs, before)
  await admit(5)
  t.equal(limit.typicalMs, before, 'what is sent afterwards counts again')
})
