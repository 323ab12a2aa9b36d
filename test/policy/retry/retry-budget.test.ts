import t from 'tap'
import { RetryBudget } from '../../../src/policy/retry/retry-budget.ts'
import { fc } from '../seeded.ts'

t.test('the minimum is in hand from the start, and not one more', async (t) => {
  const budget = new RetryBudget({ budgetRatio: 0, budgetMin: 3 })
  t.same(Array.from({ length: 5 }, () => budget.withdraw()), [true, true, true, false, false])
  t.equal(budget.balance, 0)
})

t.test('four exchanges at a quarter earn one retry', async (t) => {
  const budget = new RetryBudget({ budgetRatio: 0.25, budgetMin: 0 })
  for (let i = 0; i < 3; i++) budget.deposit()
  t.notOk(budget.withdraw())
  budget.deposit()
  t.same([budget.withdraw(), budget.withdraw()], [true, false])
})

t.test('a quiet day saves up ten times the minimum at most', async (t) => {
  const budget = new RetryBudget({ budgetRatio: 1, budgetMin: 2 })
  for (let i = 0; i < 10_000; i++) budget.deposit()
  t.equal(budget.balance, 20)
})

t.test('without a minimum, one retry can still be earned', async (t) => {
  const budget = new RetryBudget({ budgetRatio: 0.2, budgetMin: 0 })
  for (let i = 0; i < 100; i++) budget.deposit()
  t.same([budget.balance, budget.withdraw(), budget.balance], [1, true, 0])
})

t.test('in an outage retries add no more than the ratio to the load', async (t) => {
  const budget = new RetryBudget({ budgetRatio: 0.2, budgetMin: 20 })
  let retries = 0
  for (let i = 0; i < 10_000; i++) {
    budget.deposit()
    while (budget.withdraw()) retries++
  }
  t.ok(retries > 1_990 && retries <= 2_020, `${retries} retries`)
})

t.test('it is never negative and never above its cap, and grants no more than it was given', async () => {
  const options = fc.record({ budgetRatio: fc.double({ min: 0, max: 1, noNaN: true }), budgetMin: fc.integer({ min: 0, max: 50 }) })
  fc.assert(fc.property(options, fc.array(fc.boolean(), { maxLength: 300 }), (settings, deposits) => {
    const budget = new RetryBudget(settings)
    let given = settings.budgetMin
    let granted = 0
    return deposits.every((deposit) => {
      if (deposit) {
        budget.deposit()
        given += settings.budgetRatio
      } else if (budget.withdraw()) {
        granted++
      }
      const cap = Math.max(1, 10 * settings.budgetMin)
      return budget.balance >= 0 && budget.balance <= cap && granted <= given + 1e-9
    })
  }))
})

t.test('no more is saved up than may be, to the last fraction', async (t) => {
  const budget = new RetryBudget({ budgetRatio: 0.4, budgetMin: 0 })
  for (let i = 0; i < 3; i++) budget.deposit()
  t.equal(budget.balance, 1)
})
