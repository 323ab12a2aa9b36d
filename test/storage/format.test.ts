import { createHash } from 'node:crypto'
import t from 'tap'
import { decode, encode } from '../../src/storage/format.ts'
import { fc } from '../policy/seeded.ts'
import { NOW_MS, stored } from './stored.ts'

/** A file as the program would have written it, had it held this. */
function sealed (content: object): string {
  const sha256 = createHash('sha256').update(JSON.stringify(content)).digest('hex')
  return JSON.stringify({ 'twilio-governor': 'limits', version: 1, sha256, ...content })
}

t.test('what was written is read', async (t) => {
  const limits = [stored(), stored({ account: 'sha256:0123456789ab@ie1', refusedAt: null, ceiling: { estimate: null, low: 0, high: null, basis: 'own' } })]
  t.strictSame(decode(encode(limits, NOW_MS), NOW_MS), { limits })
  t.strictSame(decode(encode([], NOW_MS), NOW_MS), { limits: [] })
  t.strictSame(decode(sealed({ savedAtMs: NOW_MS, limits }), NOW_MS), { limits }, 'and the test\'s own writer agrees')
})

t.test('a file of another kind is foreign, whatever is in it', async (t) => {
  for (const text of ['hello', '{}', '[]', 'null', '{"twilio-governor":"notes"}', ' ', '\u0000\u0001', 'limit:\n  max: 40\n']) {
    t.strictSame(decode(text, NOW_MS), { fault: 'is not a state file of twilio-governor', foreign: true }, JSON.stringify(text))
  }
})

t.test('a damaged file is damaged, and ours to replace', async (t) => {
  const whole = encode([stored()], NOW_MS)
  const texts = { empty: '', 'cut off': whole.slice(0, -20), 'cut short': whole.slice(0, 40), 'a number changed': whole.replace('"slots":63', '"slots":64'), 'more behind it': `${whole}x`, 'a field gone': whole.replace('"settled":true,', '') }
  for (const [what, text] of Object.entries(texts)) t.strictSame(decode(text, NOW_MS), { fault: 'is damaged', foreign: false }, what)
})

t.test('a sound checksum is not enough: every field is checked', async (t) => {
  const faulty: unknown[] = [
    null, 5, {}, stored({ slots: 0 }), stored({ slots: 100_001 }), stored({ slots: NaN }), stored({ atMs: -1 }), stored({ refusedAt: 0 }), stored({ account: 'x'.repeat(201) }),
    { ...stored(), account: 5 }, { ...stored(), settled: 'yes' }, { ...stored(), slots: '63' }, { ...stored(), ceiling: null }, { ...stored(), refusedAt: undefined },
    stored({ ceiling: { estimate: 60, low: 61, high: 70, basis: 'reported' } }), stored({ ceiling: { estimate: 60, low: 50, high: 59, basis: 'reported' } }),
    stored({ ceiling: { estimate: null, low: 50, high: 59, basis: 'reported' } }), { ...stored(), ceiling: { estimate: 60, low: 60, high: 61, basis: 'felt' } }
  ]
  for (const limit of faulty) {
    t.match(decode(sealed({ savedAtMs: NOW_MS, limits: [stored({ account: 'AC2' }), limit] }), NOW_MS), { fault: 'is damaged' }, JSON.stringify(limit))
  }
  t.match(decode(sealed({ savedAtMs: NOW_MS, limits: {} }), NOW_MS), { fault: 'is damaged' })
  t.match(decode(sealed({ savedAtMs: 'now', limits: [] }), NOW_MS), { fault: 'is damaged' })
})

t.test('fields that nobody knows are dropped', async (t) => {
  t.strictSame(decode(sealed({ savedAtMs: NOW_MS, limits: [{ ...stored(), token: 'secret' }] }), NOW_MS), { limits: [stored()] })
})

t.test('another version is told, and replaced', async (t) => {
  t.strictSame(decode(encode([], NOW_MS).replace('"version":1', '"version":2'), NOW_MS), { fault: 'has another version than 1', foreign: false })
})

t.test('a file from the future is not believed, but for a clock that is a little off', async (t) => {
  const future = { fault: 'is dated in the future', foreign: false }
  t.strictSame(decode(encode([stored()], NOW_MS + 61_000), NOW_MS), future)
  t.match(decode(encode([stored()], NOW_MS + 59_000), NOW_MS), { limits: [{}] })
  t.strictSame(decode(encode([stored({ atMs: NOW_MS + 1 })], NOW_MS), NOW_MS), future, 'nor an account that was used after the file was written')
})

t.test('no text at all makes it throw, and no changed byte goes through', async () => {
  const whole = encode([stored(), stored({ account: 'AC2' })], NOW_MS)
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.nat(whole.length).map((length) => whole.slice(0, length))), (text) => {
    const decoded = decode(text, NOW_MS)
    return 'fault' in decoded || text === whole || text === whole.trimEnd()
  }), { numRuns: 500 })
  fc.assert(fc.property(fc.nat(whole.length - 2), fc.integer({ min: 33, max: 126 }), (at, code) => {
    const text = whole.slice(0, at) + String.fromCharCode(code) + whole.slice(at + 1)
    return text === whole || 'fault' in decode(text, NOW_MS)
  }), { numRuns: 500 })
})
