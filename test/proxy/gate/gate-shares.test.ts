import t from 'tap'
import { createFixed } from '../../../src/policy/limit/fixed.ts'
import { TRAFFIC_CLASSES } from '../../../src/twilio/types.ts'
import { longestGapMs, MEAN_MS, play, quantile } from './gate-load.ts'

const SECONDS = 60
/** Starts that so many slots can make in that time. */
const ideal = (slots: number): number => 1000 * SECONDS * slots / MEAN_MS
const ms = (value: number): string => `${value.toFixed(0)} ms`

t.test('a caller beside one that sends fifty times as much waits hardly longer than alone', async (t) => {
  const small = { caller: 'small', perSecond: 4 }
  const big = { caller: 'big', perSecond: 200 }
  const [alone] = await play(createFixed(10), SECONDS, [small])
  const [beside, noisy] = await play(createFixed(10), SECONDS, [small, big])
  const [usual, crowded] = [quantile(alone!, 0.99), quantile(beside!, 0.99)]
  t.comment(`p99 alone ${ms(usual)}, beside the other ${ms(crowded)}; the other ${ms(quantile(noisy!, 0.99))}`)
  t.ok(crowded <= 2 * usual)
  t.equal(beside!.shed, 0, 'none of it is refused')
  t.ok(noisy!.shed > 0, 'the other has more than the account can take')
  const starts = beside!.startsAtMs.length + noisy!.startsAtMs.length
  t.ok(starts >= 0.95 * ideal(10), `${starts} starts: fairness costs no capacity`)
})

t.test('twenty thousand waiting deletes do not delay sign-in codes, nor are they left out', async (t) => {
  const critical = { name: 'critical' as const, perSecond: 20 }
  const deletes = { name: 'bulk' as const, atOnce: 20_000, inMs: 600_000 }
  const [alone] = await play(createFixed(50), SECONDS, [critical])
  const [beside, bulk] = await play(createFixed(50), SECONDS, [critical, deletes], { maxWaiting: 20_000 })
  const [usual, crowded] = [quantile(alone!, 0.99), quantile(beside!, 0.99)]
  t.comment(`p99 alone ${ms(usual)}, beside the deletes ${ms(crowded)}`)
  t.ok(crowded <= 2 * usual)
  t.equal(beside!.shed, 0)
  const starts = beside!.startsAtMs.length + bulk!.startsAtMs.length
  t.ok(starts >= 0.95 * ideal(50), `${starts} starts`)
  t.ok(longestGapMs(bulk!, SECONDS) < 1_000, 'bulk goes on all the time')
})

t.test('the same while sign-in codes come as fast as their share allows, and the deletes have grown old', async (t) => {
  const critical = { name: 'critical' as const, perSecond: 200 }
  const [alone] = await play(createFixed(50), SECONDS, [critical])
  const [beside, bulk] = await play(createFixed(50), SECONDS, [critical, { name: 'bulk', atOnce: 20_000, inMs: 600_000 }])
  const [usual, crowded] = [quantile(alone!, 0.99), quantile(beside!, 0.99)]
  t.comment(`p99 alone ${ms(usual)}, beside the deletes ${ms(crowded)}`)
  t.ok(crowded <= 2 * usual)
  t.equal(beside!.shed, 0)
  t.ok(longestGapMs(bulk!, SECONDS) < 1_000)
})

t.test('sign-in codes find their place in a queue that deletes have filled', async (t) => {
  const streams = [{ name: 'critical' as const, perSecond: 20 }, { name: 'bulk' as const, perSecond: 300, atOnce: 2_000, inMs: 600_000 }]
  const [critical, bulk] = await play(createFixed(20), 20, streams, { maxWaiting: 1_000 })
  t.equal(critical!.shed, 0)
  t.ok(bulk!.shed > 1_000)
  t.ok(quantile(critical!, 0.99) < 2 * 300, ms(quantile(critical!, 0.99)))
})

t.test('no class starves for a minute under a backlog of all, whatever the weights', async (t) => {
  const weights = { critical: 1000, standard: 1, read: 1, bulk: 1 }
  const streams = TRAFFIC_CLASSES.map((name) => ({ name, atOnce: 10_000, inMs: 600_000 }))
  const outcomes = await play(createFixed(20), SECONDS, streams, { weights, maxWaiting: 50_000 })
  const starts = outcomes.map(({ startsAtMs }) => startsAtMs.length)
  const total = starts.reduce((sum, count) => sum + count, 0)
  t.ok(total >= 0.95 * ideal(20), `${total} starts`)
  for (const [i, name] of TRAFFIC_CLASSES.entries()) {
    const part = starts[i]! / total
    t.ok(part >= 0.019, `${name} got ${(100 * part).toFixed(1)} %`)
    t.ok(longestGapMs(outcomes[i]!, SECONDS) < 2_000, `${name} never stood for two seconds`)
  }
})
