/** Each step of a write by itself: the descriptor answers as it is told to, and timers run when the test says so. */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { mock } from 'node:test'
import t, { type Test } from 'tap'
import { LineWriter } from '../../../src/telemetry/log/line-writer.ts'

type Callback = (error: Error | null, written: number) => void

const GATHER_MS = 200
const FULL_RETRY_MS = 100
const PAUSE_MS = 5_000
const MOST_CHARS = 8 * 1024 * 1024

const failure = (code: string): Error => Object.assign(new Error(code), { code })

interface Stage {
  readonly writer: LineWriter
  readonly complaints: string[]
  /** What the descriptor has taken in. */
  readonly taken: () => string
  /** Ends the write that is under way: so many bytes of it, all of them, or none and an error. */
  readonly end: (result?: number | string) => void
  readonly underWay: () => string | undefined
  readonly flushed: () => boolean
}

function stage (t: Test): Stage {
  const { write, writeSync } = fs
  let current: { readonly bytes: Buffer, readonly done: Callback } | undefined
  let taken = ''
  const complaints: string[] = []
  fs.write = ((_fd: number, bytes: Buffer, done: Callback) => {
    if (current !== undefined) throw new Error('two writes at once')
    current = { bytes, done }
  }) as unknown as typeof fs.write
  fs.writeSync = ((_fd: number, bytes: Buffer) => {
    taken += bytes.toString()
    return bytes.length
  }) as typeof fs.writeSync
  syncBuiltinESMExports()
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => {
    Object.assign(fs, { write, writeSync })
    syncBuiltinESMExports()
    mock.timers.reset()
  })
  const writer = new LineWriter(1, ({ code = '' }) => { complaints.push(code) })
  let flushes = 0
  return {
    writer,
    complaints,
    taken: () => taken,
    underWay: () => current?.bytes.toString(),
    flushed: () => {
      flushes = 0
      writer.flush(() => { flushes++ })
      return flushes > 0
    },
    end: (result) => {
      const { bytes, done } = current!
      current = undefined
      if (typeof result === 'string') {
        done(failure(result), 0)
        return
      }
      const written = result ?? bytes.length
      taken += bytes.subarray(0, written).toString()
      done(null, written)
    }
  }
}

t.test('lines gather for a fifth of a second, and so do those that come after', async (t) => {
  const { writer, underWay, end, taken } = stage(t)
  writer.write('one\n')
  writer.write('two\n')
  mock.timers.tick(GATHER_MS - 1)
  t.equal(underWay(), undefined)
  mock.timers.tick(1)
  t.equal(underWay(), 'one\ntwo\n')
  end()
  writer.write('three\n')
  mock.timers.tick(GATHER_MS)
  t.equal(underWay(), 'three\n')
  end()
  t.equal(taken(), 'one\ntwo\nthree\n')
})

t.test('8,192 characters do not wait', async (t) => {
  const { writer, underWay } = stage(t)
  writer.write('x'.repeat(8_191))
  t.equal(underWay(), undefined)
  writer.write('\n')
  t.equal(underWay()?.length, 8_192)
})

t.test('what comes during a write gathers again when that has ended', async (t) => {
  const { writer, underWay, end } = stage(t)
  writer.write('x'.repeat(8_192))
  writer.write('later\n')
  mock.timers.tick(GATHER_MS)
  end()
  mock.timers.tick(GATHER_MS)
  t.equal(underWay(), 'later\n')
})

t.test('a flush takes what waits at once, one write after the other, and is told when all is done', async (t) => {
  const { writer, underWay, end } = stage(t)
  let done = 0
  writer.write('x'.repeat(8_192))
  writer.write('more\n')
  writer.flush(() => { done++ })
  end()
  t.equal(underWay(), 'more\n', 'not after a fifth of a second')
  t.equal(done, 0)
  end()
  t.equal(done, 1)
  writer.write('yet more\n')
  writer.flush(() => {})
  end()
  t.equal(done, 1, 'and is told once')
})

t.test('a write that took a part goes on with the rest', async (t) => {
  const { writer, underWay, end, taken } = stage(t)
  writer.write('abcdef\n')
  writer.flush(() => {})
  end(3)
  t.equal(underWay(), 'def\n')
  end()
  t.equal(taken(), 'abcdef\n')
})

t.test('as much may wait as 8 MiB, and not a character more', async (t) => {
  const { writer, underWay, end, flushed, taken } = stage(t)
  writer.write('x'.repeat(MOST_CHARS + 1))
  t.equal(flushed(), true, 'nothing is there to write')
  writer.write('x'.repeat(MOST_CHARS))
  t.equal(underWay()?.length, MOST_CHARS)
  writer.write('x'.repeat(MOST_CHARS))
  writer.write('y')
  end()
  t.equal(underWay()?.length, MOST_CHARS, 'what is written makes room')
  end()
  t.equal(underWay(), undefined)
  t.notOk(taken().includes('y'))
})

t.test('a full pipe is asked again after a tenth of a second, for the same bytes', async (t) => {
  const { writer, underWay, end, taken, complaints } = stage(t)
  writer.write('abc\n')
  writer.flush(() => {})
  end('EAGAIN')
  mock.timers.tick(FULL_RETRY_MS - 1)
  t.equal(underWay(), undefined)
  mock.timers.tick(1)
  t.equal(underWay(), 'abc\n')
  end()
  t.equal(taken(), 'abc\n')
  t.same(complaints, [])
})

t.test('at the end of the process what a full pipe did not take comes first', async (t) => {
  const { writer, end, taken } = stage(t)
  writer.write('abc\n')
  writer.flush(() => {})
  end(1)
  end('EAGAIN')
  writer.write('def\n')
  writer.finish()
  t.equal(taken(), 'abc\ndef\n')
})

t.test('at the end of the process nothing is written twice that is under way', async (t) => {
  const { writer, underWay, end, taken } = stage(t)
  writer.write('abc\n')
  writer.flush(() => {})
  end('EAGAIN')
  mock.timers.tick(FULL_RETRY_MS)
  t.equal(underWay(), 'abc\n')
  writer.write('def\n')
  writer.finish()
  t.equal(taken(), 'def\n')
})

t.test('after an error lines are lost for five seconds, which is said once', async (t) => {
  const { writer, underWay, end, complaints, flushed } = stage(t)
  writer.write('lost\n')
  writer.flush(() => {})
  end('ENOSPC')
  writer.write('lost, too\n')
  t.equal(flushed(), true)
  mock.timers.tick(PAUSE_MS - 1)
  writer.write('lost, too\n')
  t.equal(flushed(), true)
  mock.timers.tick(1)
  writer.write('there\n')
  writer.flush(() => {})
  t.equal(underWay(), 'there\n')
  end('ENOSPC')
  t.same(complaints, ['ENOSPC'])
})

t.test('an error takes with it all that waited, which then makes room', async (t) => {
  const { writer, underWay, end } = stage(t)
  let done = 0
  writer.write('x'.repeat(8_192))
  writer.write('y'.repeat(MOST_CHARS))
  writer.flush(() => { done++ })
  end('EPIPE')
  t.equal(done, 1)
  mock.timers.tick(PAUSE_MS)
  writer.write('z'.repeat(MOST_CHARS))
  t.match(underWay(), /^z+$/)
})

t.test('after half a line the next one begins anew', async (t) => {
  const { writer, end, taken } = stage(t)
  writer.write('x'.repeat(8_192))
  end(4)
  end('EPIPE')
  mock.timers.tick(PAUSE_MS)
  writer.write('new\n')
  writer.finish()
  t.equal(taken(), 'xxxx\nnew\n')
})

t.test('after a whole line, however many writes it took, nothing is put in between', async (t) => {
  const { writer, end, taken } = stage(t)
  writer.write('x'.repeat(8_192))
  writer.write('y'.repeat(8_192))
  end(4)
  end()
  end('EPIPE')
  mock.timers.tick(PAUSE_MS)
  writer.write('new\n')
  writer.finish()
  t.match(taken(), /^x{8192}new\n$/)
})

t.test('the line end after half a line counts as what waits', async (t) => {
  const { writer, end, underWay } = stage(t)
  writer.write('x'.repeat(8_192))
  end(4)
  end('EPIPE')
  mock.timers.tick(PAUSE_MS)
  writer.write('x'.repeat(MOST_CHARS))
  t.equal(underWay(), undefined)
  writer.write('x'.repeat(MOST_CHARS - 1))
  t.equal(underWay()?.length, MOST_CHARS)
})
