import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { unpacked, unpackedSync } from '../../../src/proxy/forward/content-coding.ts'

const MOST = 1_000
const TEXT = Buffer.from('{"code":20429}')

/** What both ways of unpacking make of it, which has to be the same. */
async function both (t: Test, body: Buffer, coding: string | string[] | undefined, most = MOST): Promise<string | undefined> {
  const [sync, async] = [unpackedSync(body, coding, most), await unpacked(body, coding, most)]
  t.strictSame(sync, async, String(coding))
  return sync?.toString('latin1')
}

t.test('every coding is undone, by all its names and whatever their case', async (t) => {
  for (const [coding, body] of [
    [undefined, TEXT],
    ['identity', TEXT],
    ['gzip', gzipSync(TEXT)],
    ['x-gzip', gzipSync(TEXT)],
    ['GZip', gzipSync(TEXT)],
    ['br', brotliCompressSync(TEXT)],
    ['deflate', deflateSync(TEXT)],
    ['deflate', deflateSync(TEXT, { windowBits: 9 })],
    ['deflate', deflateRawSync(TEXT)]
  ] as const) t.equal(await both(t, body, coding), TEXT.toString(), String(coding))
})

t.test('codings on top of each other are undone from the last to the first, four at most', async (t) => {
  t.equal(await both(t, brotliCompressSync(gzipSync(TEXT)), 'gzip, br'), TEXT.toString())
  t.equal(await both(t, brotliCompressSync(gzipSync(TEXT)), ['gzip', 'identity', 'br']), TEXT.toString())
  let body = TEXT
  for (let i = 0; i < 4; i++) body = gzipSync(body)
  t.equal(await both(t, body, 'gzip, gzip, gzip, gzip'), TEXT.toString())
  t.equal(await both(t, gzipSync(body), 'gzip, gzip, gzip, gzip, gzip'), undefined)
})

t.test('what is broken, unknown or too large when unpacked is not unpacked', async (t) => {
  t.equal(await both(t, TEXT, 'gzip'), undefined)
  t.equal(await both(t, TEXT, 'compress'), undefined)
  t.equal(await both(t, gzipSync(TEXT), 'compress, gzip'), undefined)
  t.equal(await both(t, gzipSync(Buffer.alloc(MOST)), 'gzip'), '\0'.repeat(MOST), 'exactly the most')
  t.equal(await both(t, gzipSync(Buffer.alloc(MOST + 1)), 'gzip'), undefined)
  t.equal(await both(t, gzipSync(gzipSync(Buffer.alloc(1_000_000))), 'gzip, gzip', 10_000), undefined, 'at any layer')
})

t.test('nothing is nothing, however it says it is packed', async (t) => {
  t.equal(unpackedSync(Buffer.alloc(0), 'gzip', MOST)?.length, 0)
  t.equal(unpackedSync(Buffer.alloc(0), 'what nobody knows', MOST)?.length, 0)
})
