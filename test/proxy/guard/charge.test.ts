import t from 'tap'
import type { SpendGuard } from '../../../src/policy/counts/spend-guard.ts'
import { Charge } from '../../../src/proxy/guard/charge.ts'

/** A charge of three sends at two caps, and what was taken back from them. */
function charged (): { charge: Charge, takenBack: Array<readonly [string, number, number]> } {
  const takenBack: Array<readonly [string, number, number]> = []
  const counts = { takeBack: (key: string, grain: number, sends: number) => { takenBack.push([key, grain, sends]) } } as unknown as SpendGuard
  return { charge: new Charge([{ counts, key: 'a', grain: 7, sends: 3 }, { counts, key: 'b', grain: 8, sends: 3 }]), takenBack }
}

t.test('what was never sent, or refused each time, is taken back from every cap, once', async (t) => {
  const { charge, takenBack } = charged()
  for (const outcome of ['unsent', 'throttled_account', 'throttled_route', 'throttled_final', 'client_error'] as const) charge.attempted(outcome)
  t.same(takenBack, [], 'not before its end')
  charge.end()
  charge.end()
  t.same(takenBack, [['a', 7, 3], ['b', 8, 3]])
})

t.test('once an attempt may have made something it stays counted, whatever the others did', async (t) => {
  for (const outcome of ['success', 'server_error', 'timeout', 'reset', 'abandoned'] as const) {
    const { charge, takenBack } = charged()
    charge.attempted('throttled_account')
    charge.attempted(outcome)
    charge.attempted('unsent')
    charge.end()
    charge.end()
    t.same(takenBack, [], outcome)
  }
})
