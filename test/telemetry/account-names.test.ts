import t from 'tap'
import { createAccountLabels, hashedAccount } from '../../src/telemetry/account-labels.ts'
import { createAccountNames } from '../../src/telemetry/account-names.ts'
import { SID } from './fakes.ts'

const OTHER = `AC${'b'.repeat(32)}`
const HASH = hashedAccount(SID)
const full = createAccountNames({ label: 'full', aliases: { [SID]: 'shop' } })
const hashed = createAccountNames({ label: 'hashed', aliases: {} })

t.test('an account is named by its SID, its alias, or the hash that metrics show', async (t) => {
  t.same([SID, 'shop', HASH, 'shop@ie1', 'bearer', 'user:abc123'].map(full.canonical), [SID, SID, HASH, `${SID}@ie1`, 'bearer', 'user:abc123'])
  t.same(['shopp', '', 'AC1', 'sha256:xyz', 'shop@', 'shop@IE1', 'other', '+447700900123'].map(full.canonical), Array.from({ length: 8 }, () => undefined))
})

t.test('where labels are hashed, a SID is kept as its hash', async (t) => {
  t.same([SID, HASH, `${SID}@ie1`].map(hashed.canonical), [HASH, HASH, `${HASH}@ie1`])
  t.equal(createAccountNames({ label: 'hashed', aliases: { [SID]: 'shop' } }).canonical('shop'), HASH)
})

t.test('a name without a region is the account in each, one with a region in that alone', async (t) => {
  for (const { isAccount } of [full, hashed]) {
    for (const name of [SID, HASH]) {
      t.same([SID, `${SID}@ie1`, OTHER, `${OTHER}@ie1`].map((key) => isAccount(name, key)), [true, true, false, false])
      t.same([SID, `${SID}@ie1`, `${SID}@au1`].map((key) => isAccount(`${name}@ie1`, key)), [false, true, false])
    }
  }
})

t.test('people see the alias, else the SID or its hash, as metrics do', async (t) => {
  t.same([SID, HASH, `${SID}@ie1`, OTHER].map(full.show), ['shop', 'shop', 'shop@ie1', OTHER])
  t.same([SID, HASH].map(hashed.show), [HASH, HASH])
  t.equal(createAccountLabels({ label: 'hashed', aliases: {}, maxLabels: 5 })(`${HASH}@ie1`), `${HASH}@ie1`, 'a hash is not hashed again')
})

t.test('a SID is the same account in any case, whoever writes it', async (t) => {
  const sid = `AC${'0a'.repeat(16)}`
  const written = [`AC${'0A'.repeat(16)}`, `ac${'0a'.repeat(16)}`]
  t.same(written.map(full.canonical), [sid, sid])
  t.ok(full.isAccount(written[0]!, sid))
  t.equal(createAccountNames({ label: 'full', aliases: { [written[0]!]: 'branch' } }).canonical('branch'), sid)
  t.equal(hashed.canonical(written[0]!), hashedAccount(sid))
})
