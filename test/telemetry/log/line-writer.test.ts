import { execFileSync } from 'node:child_process'
import { closeSync, constants, openSync, readFileSync, readSync, statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { LineWriter } from '../../../src/telemetry/log/line-writer.ts'

const flushed = (writer: LineWriter): Promise<void> => new Promise((resolve) => { writer.flush(resolve) })

/** A pipe of 64 KiB whose both ends are this one descriptor. */
function openPipe (t: Test): number {
  const path = `${t.testdir()}/pipe`
  execFileSync('mkfifo', [path])
  return open(t, path, constants.O_RDWR | constants.O_NONBLOCK)
}

function open (t: Test, path: string, flags: number): number {
  const fd = openSync(path, flags)
  t.teardown(() => { closeSync(fd) })
  return fd
}

/** All that is in the pipe. */
function drain (fd: number): string {
  const bytes = Buffer.alloc(1 << 20)
  return bytes.toString('utf8', 0, readSync(fd, bytes))
}

function recording (fd: number): { writer: LineWriter, complaints: string[] } {
  const complaints: string[] = []
  return { writer: new LineWriter(fd, ({ code = '' }) => { complaints.push(code) }), complaints }
}

t.test('lines come in their order, those of a batch and those that follow it', async (t) => {
  const path = `${t.testdir()}/log`
  const { writer } = recording(open(t, path, constants.O_CREAT | constants.O_WRONLY))
  const lines = Array.from({ length: 5000 }, (_, n) => `line ${n} of many\n`)
  for (const line of lines) writer.write(line)
  await flushed(writer)
  t.equal(readFileSync(path, 'utf8'), lines.join(''))
  writer.write('one more\n')
  await flushed(writer)
  t.ok(readFileSync(path, 'utf8').endsWith('\none more\n'))
})

t.test('a single line is written without a flush, soon', async (t) => {
  const fd = openPipe(t)
  const { writer } = recording(fd)
  writer.write('alone\n')
  await sleep(400)
  t.equal(drain(fd), 'alone\n')
})

t.test('a full pipe is waited for: nothing is lost, nothing doubled', async (t) => {
  const fd = openPipe(t)
  const { writer, complaints } = recording(fd)
  const text = Array.from({ length: 20_000 }, (_, n) => `line ${n}\n`)
  for (const line of text) writer.write(line)
  let done = false
  let read = ''
  void flushed(writer).then(() => { done = true })
  await sleep(50)
  t.notOk(done, 'not before there was room')
  while (read.length < text.join('').length) {
    await sleep(20)
    try {
      read += drain(fd)
    } catch {
      // Nothing there yet.
    }
  }
  t.equal(read, text.join(''))
  t.same(complaints, [])
})

t.test('no more than 8 MiB wait', async (t) => {
  const path = `${t.testdir()}/log`
  const { writer } = recording(open(t, path, constants.O_CREAT | constants.O_WRONLY))
  const line = `${'x'.repeat(1023)}\n`
  // Nothing is written before this loop ends, but for the batch that is under way.
  for (let n = 0; n < 20_000; n++) writer.write(line)
  await flushed(writer)
  const { size } = statSync(path)
  t.ok(size > 8_000_000 && size <= 8 * 2 ** 20 + 8192, `${size} bytes`)
})

t.test('the end of the process waits a second for a reader that has stalled', async (t) => {
  const fd = openPipe(t)
  const { writer } = recording(fd)
  const line = `${'x'.repeat(1023)}\n`
  for (let n = 0; n < 200; n++) writer.write(line)
  await sleep(50)
  const before = performance.now()
  writer.finish()
  const tookMs = performance.now() - before
  t.ok(tookMs > 900, `${Math.round(tookMs)} ms`)
  const lines = drain(fd)
  t.ok(lines.length >= 65_536 - 4096, 'the pipe was filled')
})

t.test('finish() writes at once what waits', async (t) => {
  const fd = openPipe(t)
  const { writer } = recording(fd)
  writer.write('last words\n')
  writer.finish()
  t.equal(drain(fd), 'last words\n')
})

t.test('finish() comes after what is being written', async (t) => {
  const fd = openPipe(t)
  const { writer } = recording(fd)
  const lines = Array.from({ length: 2000 }, (_, n) => `line ${n}\n`)
  for (const line of lines) writer.write(line)
  writer.finish()
  t.equal(drain(fd), lines.join(''))
})

t.test('what cannot be written is lost, said once, and holds nobody up', async (t) => {
  const { writer, complaints } = recording(open(t, '/dev/full', constants.O_WRONLY))
  for (let n = 0; n < 3; n++) {
    writer.write(`line ${n}\n`)
    await flushed(writer)
  }
  writer.write('the last\n')
  writer.finish()
  t.same(complaints, ['ENOSPC'])
})

t.test('lost lines are no end: the disk has room again, or the pipe a reader', { timeout: 20_000 }, async (t) => {
  const path = `${t.testdir()}/pipe`
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const write = open(t, path, constants.O_WRONLY | constants.O_NONBLOCK)
  closeSync(reader)
  const { writer, complaints } = recording(write)
  // More than may wait.
  for (let n = 0; n < 10_000; n++) writer.write(`${'lost'.repeat(250)}\n`)
  await flushed(writer)
  t.same(complaints, ['EPIPE'])
  const again = open(t, path, constants.O_RDONLY | constants.O_NONBLOCK)
  writer.write('lost, too\n')
  await sleep(5_200)
  const found = `${'found'.repeat(400)}\n`
  writer.write(found)
  await flushed(writer)
  t.equal(drain(again), found)
})
