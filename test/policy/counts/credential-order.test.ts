import t from 'tap'
import {
  chooseCredential, credentialAnswered, credentialSent, TRY_EVERY_MS, untried, type CredentialHealth
} from '../../../src/policy/counts/credential-order.ts'

const NOBODY: ReadonlySet<number> = new Set()
const accepted = (): CredentialHealth => ({ ...untried(), standing: 'accepted' })
const rejected = (tryAtMs: number): CredentialHealth => ({ ...untried(), standing: 'rejected', tryAtMs })

t.test('the first that Twilio has accepted is used, in their order', async (t) => {
  t.same(chooseCredential([accepted(), accepted()], NOBODY, 0), { use: 0 })
  t.same(chooseCredential([rejected(1), accepted()], NOBODY, 0), { use: 1 })
  t.same(chooseCredential([accepted(), accepted()], new Set([0]), 0), { use: 1 }, 'but one that this request was refused with')
})

t.test('one that Twilio has not judged goes out five times at once; the next in order then, or a wait', async (t) => {
  const fresh = untried()
  for (let i = 0; i < 5; i++) {
    t.same(chooseCredential([fresh], NOBODY, 0), { use: 0 })
    credentialSent(fresh, 0)
  }
  t.same(chooseCredential([fresh], NOBODY, 0), { wait: 0 })
  t.same(chooseCredential([fresh, accepted()], NOBODY, 0), { use: 1 })
  t.same(chooseCredential([fresh, rejected(9)], NOBODY, 0), { wait: 0 })
  t.ok(credentialAnswered(fresh, 'accepted', 0))
  t.same(chooseCredential([fresh], NOBODY, 0), { use: 0 }, 'as many as there are, once it is accepted')
})

t.test('a rejected one costs one request a second', async (t) => {
  const health = untried()
  credentialSent(health, 0)
  t.ok(credentialAnswered(health, 'unauthorized', 100))
  t.same(chooseCredential([health], NOBODY, 100), { rejectedForMs: TRY_EVERY_MS })
  t.same(chooseCredential([health], NOBODY, 1_099), { rejectedForMs: 1 })
  t.same(chooseCredential([health], NOBODY, 1_100), { use: 0 })
  credentialSent(health, 1_100)
  t.same(chooseCredential([health], NOBODY, 1_101), { rejectedForMs: 999 }, 'while that one is on its way, too')
  t.notOk(credentialAnswered(health, 'unauthorized', 1_200))
  t.same(chooseCredential([health], NOBODY, 1_200), { rejectedForMs: 900 })
  credentialSent(health, 2_100)
  t.ok(credentialAnswered(health, 'accepted', 2_200))
  t.same(chooseCredential([health], NOBODY, 2_200), { use: 0 })
  t.equal(health.atTwilio, 0)
})

t.test('an accepted one is rejected after five 401s in a row, as a single path may be closed to it', async (t) => {
  const health = accepted()
  for (let i = 0; i < 4; i++) t.notOk(credentialAnswered(health, 'unauthorized', 0))
  t.equal(health.standing, 'accepted')
  credentialAnswered(health, 'accepted', 0)
  for (let i = 0; i < 4; i++) t.notOk(credentialAnswered(health, 'unauthorized', 0))
  t.notOk(credentialAnswered(health, 'silent', 0), 'what says nothing of it changes nothing')
  t.ok(credentialAnswered(health, 'unauthorized', 0))
  t.equal(health.standing, 'rejected')
})

t.test('where all are rejected the nearest moment is told, and none where this request was refused with all', async (t) => {
  t.same(chooseCredential([rejected(700), rejected(300)], NOBODY, 100), { rejectedForMs: 200 })
  t.same(chooseCredential([accepted()], new Set([0]), 0), { rejectedForMs: Infinity })
})
