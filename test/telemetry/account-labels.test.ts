import t from 'tap'
import { createAccountLabels } from '../../src/telemetry/account-labels.ts'
import { SID } from './fakes.ts'

const options = { label: 'full', aliases: {}, maxLabels: 100 } as const
const hashed = { ...options, label: 'hashed' } as const

t.test('a full label is the account as it is, region included', async (t) => {
  const labels = createAccountLabels(options)
  t.equal(labels(SID), SID)
  t.equal(labels(`${SID}@ie1`), `${SID}@ie1`)
})

t.test('a hashed label is short, steady and without the SID', async (t) => {
  const labels = createAccountLabels(hashed)
  t.match(labels(SID), /^sha256:[0-9a-f]{12}$/)
  t.equal(labels(SID), createAccountLabels(hashed)(SID), 'the same after a restart')
  t.not(labels(SID), labels('AC00000000000000000000000000000002'))
})

t.test('a hashed label keeps the region, so that one account shows as one in two regions', async (t) => {
  const labels = createAccountLabels(hashed)
  t.equal(labels(`${SID}@ie1`), `${labels(SID)}@ie1`)
})

t.test('an alias wins in both modes and keeps the region', async (t) => {
  for (const label of ['full', 'hashed'] as const) {
    const labels = createAccountLabels({ label, aliases: { [SID]: 'shop' }, maxLabels: 100 })
    t.equal(labels(SID), 'shop')
    t.equal(labels(`${SID}@ie1`), 'shop@ie1')
  }
})

t.test('after the most labels, new accounts are other, and those met before keep theirs', async (t) => {
  const labels = createAccountLabels({ ...options, maxLabels: 2 })
  t.same(['a', 'b', 'c', 'a', 'd', 'b', 'c'].map(labels), ['a', 'b', 'other', 'a', 'other', 'b', 'other'])
})

t.test('an account with an alias is never other', async (t) => {
  const labels = createAccountLabels({ label: 'hashed', aliases: { [SID]: 'shop' }, maxLabels: 1 })
  labels('someone')
  t.equal(labels('someone else'), 'other')
  t.equal(labels(SID), 'shop')
})

t.test('an account that is named like a property of every object has no alias', async (t) => {
  t.equal(createAccountLabels(options)('constructor'), 'constructor')
})

t.test('accounts that Twilio has not accepted take a quarter of the labels at most', async (t) => {
  const accepted = new Set(['good 1', 'good 2', 'good 3', 'good 4'])
  const labels = createAccountLabels({ ...options, maxLabels: 4, isAccepted: (account) => accepted.has(account) })
  t.equal(labels('invented 1'), 'invented 1')
  t.equal(labels('invented 2'), 'other')
  t.strictSame([...accepted].map(labels), ['good 1', 'good 2', 'good 3', 'other'])
  accepted.add('invented 2')
  t.equal(labels('invented 1'), 'invented 1')
})

t.test('where there is one label alone, an account that Twilio has not accepted may have it', async (t) => {
  const labels = createAccountLabels({ ...options, maxLabels: 1, isAccepted: () => false })
  t.equal(labels('invented 1'), 'invented 1')
  t.equal(labels('invented 2'), 'other')
})

t.test('an alias holds for its account in whichever case the settings write the SID', async (t) => {
  const sid = `AC${'0a'.repeat(16)}`
  const labels = createAccountLabels({ ...options, aliases: { [sid.toUpperCase()]: 'shop' } })
  t.equal(labels(sid), 'shop')
  t.equal(labels(`${sid}@ie1`), 'shop@ie1')
})
