import t from 'tap'
import {
  decideRetry, type AttemptFate, type MethodKind, type RetryDecision, type RetryOptions, type RetryQuestion, type RetryState
} from '../../../src/policy/retry/retry-policy.ts'
import { fc } from '../seeded.ts'

const options: RetryOptions = { throttled: true, readAttempts: 3, unsentAttempts: 5, backoffBaseMs: 100, backoffMaxMs: 4_000 }

const FATES: readonly AttemptFate[] = ['final', 'server_error', 'throttled', 'throttled_final', 'unsent', 'failed', 'abandoned']
const KINDS: readonly MethodKind[] = ['read', 'delete', 'write']
const none: RetryState = { throttled: 0, failed: 0, unsent: 0 }

function ask (fate: AttemptFate, change: Partial<RetryQuestion> = {}, changed: Partial<RetryOptions> = {}): RetryDecision {
  return decideRetry({ ...options, ...changed }, {
    fate,
    soFar: { ...none, [fate]: 1 },
    kind: 'read',
    remainingMs: 30_000,
    retryAfterMs: undefined,
    withdraw: () => true,
    chance: 0.5,
    ...change
  })
}
const because = (decision: RetryDecision): string => decision.retry ? 'retry' : decision.because

interface Row {
  readonly kind: MethodKind
  /** How often this fate has come so far: below the allowed number of attempts, or at it. */
  readonly spent: boolean
  readonly late: boolean
  readonly retryAfter: 'none' | 'fits' | 'too late'
  readonly budget: boolean
}

/** What must come of it, told row by row and not in the order of the code. */
function expected (fate: AttemptFate, { kind, spent, late, retryAfter, budget }: Row): string {
  if (fate === 'final') return 'answered'
  if (fate === 'server_error') return kind === 'read' ? 'server_error' : 'outcome_unknown'
  if (fate === 'throttled_final') return 'throttled_final'
  if (fate === 'abandoned') return 'deadline'
  if (fate === 'failed' && kind === 'write') return 'outcome_unknown'
  if (fate !== 'throttled' && spent) return 'attempts_spent'
  if (late || retryAfter === 'too late') return 'deadline'
  if (fate === 'failed' && !budget) return 'budget_spent'
  return 'retry'
}

const both = [false, true]
const ROWS: readonly Row[] = KINDS.flatMap((kind) => both.flatMap((spent) => both.flatMap((late) => both.flatMap((budget) =>
  (['none', 'fits', 'too late'] as const).map((retryAfter) => ({ kind, spent, late, retryAfter, budget }))))))

/** Attempts that a fate may come to; those that have no such limit ignore the count. */
const MOST: Readonly<Record<AttemptFate, number>> = { unsent: 5, failed: 3, throttled: 50, final: 1, server_error: 1, throttled_final: 1, abandoned: 1 }

for (const fate of FATES) {
  t.test(`the whole truth table of an attempt that is ${fate}`, async (t) => {
    t.equal(ROWS.length, 72)
    for (const row of ROWS) {
      const decision = ask(fate, {
        kind: row.kind,
        soFar: { ...none, [fate]: row.spent ? MOST[fate] : MOST[fate] - 1 },
        remainingMs: row.late ? 0 : 10_000,
        retryAfterMs: { none: undefined, fits: 9_000, 'too late': 10_001 }[row.retryAfter],
        withdraw: () => row.budget
      })
      t.equal(because(decision), expected(fate, row), JSON.stringify(row))
    }
  })
}

t.test('an answer that repeating cannot better is given, and so is a 429 that no quick retry can cure', async (t) => {
  t.same(ask('final'), { retry: false, because: 'answered' })
  t.same(ask('throttled_final'), { retry: false, because: 'throttled_final' })
  t.same(ask('abandoned'), { retry: false, because: 'deadline' })
})

t.test('a 429 is retried for as long as there is time, of any method, and asks no budget', async (t) => {
  const asked = (): boolean => { throw new Error('asked') }
  for (const kind of KINDS) {
    t.ok(ask('throttled', { kind, soFar: { ...none, throttled: 1_000 }, withdraw: asked }).retry)
  }
})

t.test('retries of 429s can be turned off', async (t) => {
  t.same(ask('throttled', {}, { throttled: false }), { retry: false, because: 'retries_off' })
  t.ok(ask('unsent', {}, { throttled: false }).retry)
})

t.test('a request of which no byte was sent goes again whatever its method, five attempts in all, and asks no budget', async (t) => {
  const asked = (): boolean => { throw new Error('asked') }
  const decisions = [1, 2, 3, 4, 5].map((unsent) => because(ask('unsent', { kind: 'write', soFar: { ...none, unsent }, withdraw: asked })))
  t.same(decisions, ['retry', 'retry', 'retry', 'retry', 'attempts_spent'])
})

t.test('a POST is never repeated after a failure that may have been processed', async () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  const counts = fc.record({ throttled: fc.nat(20), failed: fc.nat(20), unsent: fc.nat(20) })
  const retryAfter = fc.option(fc.nat(60_000), { nil: undefined })
  fc.assert(fc.property(counts, fc.integer({ min: -1_000, max: 100_000 }), retryAfter, chance, (soFar, remainingMs, retryAfterMs, u) =>
    because(ask('failed', { kind: 'write', soFar, remainingMs, retryAfterMs, chance: u }, { readAttempts: 100 })) === 'outcome_unknown'))
})

t.test('a read that failed goes again, three attempts in all', async (t) => {
  const decisions = [1, 2, 3].map((failed) => because(ask('failed', { soFar: { ...none, failed } })))
  t.same(decisions, ['retry', 'retry', 'attempts_spent'])
})

t.test('the budget is asked last: nothing is taken out for a retry that cannot be', async (t) => {
  let withdrawn = 0
  const withdraw = (): boolean => {
    withdrawn++
    return true
  }
  ask('failed', { withdraw, kind: 'write' })
  ask('failed', { withdraw, remainingMs: 0 })
  ask('failed', { withdraw, retryAfterMs: 60_000 })
  ask('failed', { withdraw, soFar: { ...none, failed: 3 } })
  t.equal(withdrawn, 0)
  ask('failed', { withdraw })
  t.equal(withdrawn, 1)
})

t.test('each kind of failure counts its own attempts and backs off by its own count', async (t) => {
  const soFar: RetryState = { throttled: 4, failed: 1, unsent: 2 }
  t.same(
    (['throttled', 'failed', 'unsent'] as const).map((fate) => ask(fate, { soFar })),
    [400, 50, 100].map((delayMs) => ({ retry: true, delayMs })))
})

t.test('Retry-After is the least wait, and jitter comes on top of it', async (t) => {
  t.same(ask('throttled', { retryAfterMs: 2_000 }), { retry: true, delayMs: 2_050 })
  t.same(ask('throttled', { retryAfterMs: 2_000, chance: 0 }), { retry: true, delayMs: 2_000 })
})

t.test('a Retry-After beyond the last useful moment means the answer now, not a vain wait', async (t) => {
  t.same(ask('throttled', { retryAfterMs: 5_001, remainingMs: 5_000 }), { retry: false, because: 'deadline' })
  t.same(ask('throttled', { retryAfterMs: 5_000, remainingMs: 5_000 }), { retry: true, delayMs: 5_000 })
})

t.test('a wait that would end too late is shortened to the last useful moment', async (t) => {
  t.same(ask('throttled', { soFar: { ...none, throttled: 10 }, remainingMs: 700 }), { retry: true, delayMs: 700 })
})

t.test('a retry is never put off past the last useful moment, nor before Retry-After, nor by more than the longest wait', async () => {
  const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
  const retryAfter = fc.option(fc.nat(60_000), { nil: undefined })
  const fate = fc.constantFrom<AttemptFate>('throttled', 'unsent', 'failed')
  fc.assert(fc.property(fate, fc.integer({ min: 1, max: 4 }), fc.integer({ min: -10, max: 60_000 }), retryAfter, chance, (kind, count, remainingMs, retryAfterMs, u) => {
    const decision = ask(kind, { soFar: { ...none, [kind]: count }, remainingMs, retryAfterMs, chance: u })
    if (!decision.retry) return true
    const floorMs = retryAfterMs ?? 0
    return decision.delayMs >= floorMs && decision.delayMs <= remainingMs && decision.delayMs <= floorMs + options.backoffMaxMs
  }))
})
