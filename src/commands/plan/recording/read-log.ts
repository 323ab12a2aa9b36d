/** A log file, in pieces: a day may be gigabytes. */
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import { pipeline } from 'node:stream'
import { InOrder } from './in-order.ts'
import { LineReader, type Recorded } from './recorded.ts'

/** A longer line is none of ours, characters. */
const LINE_MOST = 64 * 1024

/** What a log holds in addition to its exchanges. */
export interface Reading {
  exchanges: number
  /** Sound lines about something else. */
  others: number
  broken: number
  /** Number of the first broken line, from 1; 0 when there is none. */
  firstBroken: number
  /** Exchanges too far out of order to be put right. */
  late: number
}

export const emptyReading = (): Reading => ({ exchanges: 0, others: 0, broken: 0, firstBroken: 0, late: 0 })

/** The exchanges of a file by their arrival, a few thousand at a time. A name that ends in .gz is unpacked. */
export async function * readLog (
  file: string,
  reading: Reading,
  heldMost?: number
): AsyncGenerator<readonly Recorded[]> {
  const order = new InOrder(heldMost)
  const reader = new LineReader()
  let number = 0
  const take = (line: string): void => {
    number++
    if (line.trim() === '') return
    const read = line.length > LINE_MOST ? 'broken' : reader.read(line)
    if (read === 'other') reading.others++
    else if (read === 'broken') {
      reading.broken++
      if (reading.firstBroken === 0) reading.firstBroken = number
    } else {
      reading.exchanges++
      order.add(read)
    }
  }
  for await (const lines of linesOf(file)) {
    for (const line of lines) take(line)
    const ready = [...order.take(false)]
    if (ready.length > 0) yield ready
  }
  yield * piecesOf(order.take(true))
  reading.late = order.late
}

async function * linesOf (file: string): AsyncGenerator<readonly string[]> {
  const raw = createReadStream(file)
  // An error of the file reaches the reader of the unpacked lines.
  const bytes = file.endsWith('.gz') ? pipeline(raw, createGunzip(), () => {}) : raw
  let rest = ''
  for await (const text of bytes.setEncoding('utf8') as AsyncIterable<string>) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    // A line without an end is not gathered: it stays too long, however it goes on.
    if (rest.length > 2 * LINE_MOST) rest = rest.slice(0, LINE_MOST + 1)
    yield lines
  }
  if (rest !== '') yield [rest]
}

const PIECE = 4096

function * piecesOf (all: Iterable<Recorded>): Generator<readonly Recorded[]> {
  let piece: Recorded[] = []
  for (const recorded of all) {
    piece.push(recorded)
    if (piece.length < PIECE) continue
    yield piece
    piece = []
  }
  if (piece.length > 0) yield piece
}
