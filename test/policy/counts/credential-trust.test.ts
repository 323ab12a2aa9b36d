import t from 'tap'
import { CredentialTrust, verdictOf } from '../../../src/policy/counts/credential-trust.ts'

const trust = (max = 100): CredentialTrust => new CredentialTrust({ max, patience: 3 })

t.test('what an answer says of the credential', (t) => {
  const rows: Array<[number, string]> = [
    [200, 'accepted'], [201, 'accepted'], [304, 'accepted'], [400, 'accepted'], [403, 'accepted'], [409, 'accepted'], [422, 'accepted'], [401, 'unauthorized'],
    // They may come before anybody has looked at it.
    [404, 'silent'], [405, 'silent'], [407, 'silent'], [408, 'silent'], [431, 'silent'], [429, 'silent'], [500, 'silent'], [503, 'silent'], [0, 'silent']
  ]
  for (const [status, verdict] of rows) t.equal(verdictOf(status), verdict, String(status))
  t.end()
})

t.test('a credential is rejected by a 401, and accepted as soon as Twilio accepts it', (t) => {
  const known = trust()
  t.equal(known.standing('x'), 'untried')
  t.notOk(known.answered('x', 'silent'))
  t.equal(known.standing('x'), 'untried')
  t.ok(known.answered('x', 'unauthorized'))
  t.equal(known.standing('x'), 'rejected')
  t.notOk(known.answered('x', 'unauthorized'), 'and nothing changes with the next')
  t.notOk(known.answered('x', 'silent'))
  t.equal(known.standing('x'), 'rejected')
  t.ok(known.answered('x', 'accepted'))
  t.equal(known.standing('x'), 'accepted')
  t.notOk(known.answered('x', 'accepted'))
  t.end()
})

t.test('an accepted credential outlives some answers with 401, and not too many in a row', (t) => {
  const known = trust()
  known.answered('x', 'accepted')
  for (let i = 0; i < 2; i++) t.notOk(known.answered('x', 'unauthorized'))
  known.answered('x', 'accepted')
  for (let i = 0; i < 2; i++) t.notOk(known.answered('x', 'unauthorized'))
  t.equal(known.standing('x'), 'accepted')
  t.ok(known.answered('x', 'unauthorized'))
  t.equal(known.standing('x'), 'rejected')
  t.end()
})

t.test('invented credentials push no accepted one out, and of each kind the longest unused is forgotten', (t) => {
  const known = trust(5)
  known.answered('good', 'accepted')
  for (let i = 0; i < 100; i++) known.answered(`invented ${i}`, 'unauthorized')
  t.equal(known.standing('good'), 'accepted')
  t.equal(known.standing('invented 99'), 'rejected')
  t.equal(known.standing('invented 94'), 'untried')
  for (let i = 0; i < 4; i++) known.answered(`other ${i}`, 'accepted')
  known.answered('good', 'accepted')
  known.answered('one more', 'accepted')
  t.equal(known.standing('good'), 'accepted')
  t.equal(known.standing('other 0'), 'untried')
  t.end()
})

t.test('a credential that was rejected, accepted and is rejected again has changed its standing each time', (t) => {
  const known = trust(2)
  t.ok(known.answered('x', 'unauthorized'))
  t.ok(known.answered('x', 'accepted'))
  for (let i = 0; i < 2; i++) known.answered('x', 'unauthorized')
  t.ok(known.answered('x', 'unauthorized'))
  known.answered('x', 'accepted')
  for (const other of ['a', 'b']) known.answered(other, 'accepted')
  t.equal(known.standing('x'), 'untried', 'forgotten, with what was before')
  t.end()
})
