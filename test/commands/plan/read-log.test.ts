import { gzipSync } from 'node:zlib'
import t, { type Test } from 'tap'
import { emptyReading, readLog, type Reading } from '../../../src/commands/plan/recording/read-log.ts'
import type { Recorded } from '../../../src/commands/plan/recording/recorded.ts'
import { lineOf, recorded, T0 } from './lines.ts'

async function readAll (t: Test, content: string | Buffer, { name = 'log', heldMost }: { name?: string, heldMost?: number } = {}): Promise<{ found: Recorded[], reading: Reading }> {
  const reading = emptyReading()
  const found: Recorded[] = []
  for await (const piece of readLog(`${t.testdir({ [name]: content as string })}/${name}`, reading, heldMost)) found.push(...piece)
  return { found, reading }
}

const offsets = (found: readonly Recorded[]): number[] => found.map(({ arrivalMs }) => arrivalMs - T0)

t.test('exchanges come by their arrival, whenever they ended', async (t) => {
  // A long one arrives first and is written last.
  const lines = [recorded(50), recorded(20), recorded(300), recorded(0, { totalMs: 9_000 })].map((each) => lineOf(each))
  const { found, reading } = await readAll(t, `${lines.join('\n')}\n`)
  t.same(offsets(found), [0, 20, 50, 300])
  t.match(reading, { exchanges: 4, late: 0 })
})

t.test('what is more out of order than the buffer is long comes late, and is counted', async (t) => {
  // Held back are two lines; the buffer is emptied once for each chunk that the file gives.
  const filler = ' '.repeat(66_000)
  const lines = [10, 20, 30, 40].map((ms) => lineOf(recorded(ms)) + filler)
  const { found, reading } = await readAll(t, [...lines, lineOf(recorded(0)), ''].join('\n').replaceAll(filler, `\n${filler}`), { heldMost: 2 })
  t.equal(found.length, 5)
  t.equal(reading.exchanges, 5)
  t.equal(reading.late, 1)
  t.equal(offsets(found).at(-1), 40, 'the rest is in order')
})

t.test('other lines are counted, and of the broken ones the first is named', async (t) => {
  const { reading } = await readAll(t, ['{"msg":"listening"}', '', lineOf(recorded(0)), 'oops', '{"msg":"refused"}', 'oops again', lineOf(recorded(1)).slice(0, 100)].join('\n'))
  t.same(reading, { exchanges: 1, others: 2, broken: 3, firstBroken: 4, late: 0 })
})

t.test('a packed log is unpacked, by its name', async (t) => {
  const { found } = await readAll(t, gzipSync(Array.from({ length: 5_000 }, (_, i) => lineOf(recorded(i))).join('\n')), { name: 'log.gz' })
  t.equal(found.length, 5_000)
  t.same(offsets(found).slice(-2), [4_998, 4_999])
})

t.test('a line that has no end costs no memory, and is one broken line', async (t) => {
  const { found, reading } = await readAll(t, `${'x'.repeat(3_000_000)}{"a":1}\n${lineOf(recorded(7))}\n`)
  t.same(offsets(found), [7])
  t.match(reading, { broken: 1, firstBroken: 1, others: 0 })
})

t.test('a packed log that is cut off, and a file that is not there, are errors', async (t) => {
  await t.rejects(readAll(t, gzipSync(lineOf(recorded(0))).subarray(0, 60), { name: 'log.gz' }), { code: 'Z_BUF_ERROR' })
  await t.rejects(readAll(t, 'no gzip', { name: 'log.gz' }), { code: 'Z_DATA_ERROR' })
  await t.rejects(readLog(`${t.testdir()}/none`, emptyReading()).next(), { code: 'ENOENT' })
})
