import t from 'tap'
import { Seals } from '../../src/deferral/seal.ts'

const OLD = '0f'.repeat(32)
const NEW = Buffer.alloc(32, 7).toString('base64')

t.test('what is sealed opens with its key, in its row, and shows nothing of itself', async (t) => {
  const seals = new Seals([OLD])
  const sealed = seals.seal('Basic c2VjcmV0', 'row 1')!
  t.equal(seals.open(sealed, 'row 1'), 'Basic c2VjcmV0')
  t.equal(seals.open(sealed, 'row 2'), undefined, 'moved to another row')
  t.notOk(sealed.bytes.includes('Basic'))
  t.notOk(OLD.includes(sealed.keyId))
})

t.test('the same text is never sealed alike', async (t) => {
  const seals = new Seals([OLD])
  const seen = new Set(Array.from({ length: 100 }, () => seals.seal('text', 'row')!.bytes.toString('hex')))
  t.equal(seen.size, 100)
})

t.test('what was changed does not open', async (t) => {
  const seals = new Seals([OLD])
  const { keyId, bytes } = seals.seal('text', 'row')!
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes)
    changed[i]! ^= 1
    if (seals.open({ keyId, bytes: changed }, 'row') !== undefined) t.fail(`byte ${i} does not matter`)
  }
  for (const length of [0, 1, 13, 28, bytes.length - 1]) t.equal(seals.open({ keyId, bytes: bytes.subarray(0, length) }, 'row'), undefined, `cut to ${length}`)
})

t.test('the first key seals, and those after it still open', async (t) => {
  const before = new Seals([OLD]).seal('text', 'row')!
  const both = new Seals([NEW, OLD])
  t.equal(both.open(before, 'row'), 'text')
  const after = both.seal('text', 'row')!
  t.not(after.keyId, before.keyId)
  t.equal(new Seals([NEW]).open(after, 'row'), 'text')
  t.equal(new Seals([NEW]).open(before, 'row'), undefined, 'its key is gone')
})

t.test('without a key nothing is sealed', async (t) => {
  t.equal(new Seals([]).seal('text', 'row'), undefined)
})

t.test('hexadecimal and base64 name the same key; what is no key is refused without being repeated', async (t) => {
  const base64 = Buffer.from(OLD, 'hex').toString('base64')
  t.same(new Seals([OLD]).keyIds, new Seals([base64]).keyIds)
  t.throws(() => new Seals(['c2hvcnQ=']), { name: 'TypeError', message: /^(?!.*c2hv)/ })
})
