import { PassThrough } from 'node:stream'
import t from 'tap'
import { RefusalError } from '../../../src/proxy/errors.ts'
import { BodyMemory } from '../../../src/proxy/ingress/body-memory.ts'
import { Upload } from '../../../src/proxy/ingress/upload.ts'
import { FakeClock, promisesSettle } from '../../support/fake-clock.ts'

const refusal = (reason: RefusalError['reason']): RefusalError => new RefusalError(429, 20429, reason, 'no')

interface Bench {
  readonly payload: PassThrough
  readonly upload: Upload
  /** What the memory was asked, in turn: bytes taken and given, and the end. */
  readonly asked: Array<number | 'ended'>
  readonly ended: Array<string | undefined>
}

function begin (refused?: RefusalError, room = Infinity): Bench {
  const [payload, asked, ended] = [new PassThrough(), [] as Bench['asked'], [] as Bench['ended']]
  let left = room
  const upload = new Upload(payload, 'a', refused, {
    take: (_upload, bytes) => {
      if (bytes > left) return refusal('body_memory')
      left -= bytes
      asked.push(bytes)
      return undefined
    },
    give: (_upload, bytes) => { asked.push(-bytes) },
    ended: () => { asked.push('ended') }
  }, (error, body) => { ended.push(error?.reason ?? body?.toString()) })
  return { payload, upload, asked, ended }
}

const sum = ({ asked }: Bench): number => asked.reduce<number>((total, each) => total + (each === 'ended' ? 0 : each), 0)

t.test('an upload holds what has come until it is whole, and ends once', async (t) => {
  const bench = begin()
  for (const piece of ['ab', 'cd', 'ef']) bench.payload.write(piece)
  bench.payload.end()
  await promisesSettle()
  t.same(bench.ended, ['abcdef'])
  t.same(bench.asked, [2, 2, 2, 'ended'], 'what is whole is given back by whoever has it')
  bench.payload.destroy()
  await promisesSettle()
  t.equal(bench.ended.length, 1)
})

t.test('whatever breaks an upload off gives its memory back once, and ends it once', async (t) => {
  const breaks: Array<[string, (bench: Bench) => void, string]> = [
    ['it is closed', ({ payload }) => { payload.destroy() }, 'body_aborted'],
    ['it fails', ({ payload }) => { payload.destroy(new Error('reset')) }, 'body_aborted'],
    ['it is ended from outside', ({ upload }) => { upload.finish(refusal('body_timeout')) }, 'body_timeout']
  ]
  for (const [what, happen, reason] of breaks) {
    const bench = begin()
    bench.payload.write('abcd')
    await promisesSettle()
    happen(bench)
    await promisesSettle()
    t.equal(sum(bench), 0, what)
    t.same(bench.ended, [reason], what)
    t.equal(bench.upload.size, 0)
    // What comes later is nobody's any more, and ends no process.
    bench.payload.emit('data', Buffer.from('more'))
    bench.payload.emit('error', new Error('late'))
    bench.payload.emit('end')
    bench.payload.emit('close')
    t.equal(sum(bench), 0, what)
    t.same(bench.ended, [reason], what)
    t.equal(bench.asked.filter((each) => each === 'ended').length, 1, what)
  }
})

t.test('an upload that has to give way gives its memory back at once, and is told at its end', async (t) => {
  const bench = begin()
  bench.payload.write('abcd')
  await promisesSettle()
  bench.upload.refuse(refusal('body_memory'))
  t.equal(sum(bench), 0)
  t.equal(bench.upload.size, 0)
  bench.payload.end('more')
  await promisesSettle()
  t.same(bench.ended, ['body_memory'])
  t.equal(sum(bench), 0)
})

t.test('bytes of an upload that is thrown away count for its rate, too', async (t) => {
  for (const bench of [begin(refusal('body_too_large')), begin(undefined, 2)]) {
    bench.payload.write('abcd')
    await promisesSettle()
    t.equal(bench.upload.arrived, 4)
    t.equal(bench.upload.size, 0)
    bench.payload.destroy()
  }
})

t.test('an upload that is refused and comes fast enough is read to its end', async (t) => {
  const clock = new FakeClock()
  const memory = new BodyMemory({ maxBytes: 10, maxWaitingBytes: 100, minBytesPerSecond: 100 }, { clock, refuseOneOf: () => false })
  const payload = new PassThrough()
  const ended: unknown[] = []
  memory.read(payload, 50_000, 'a', (error) => { ended.push(error?.reason) })
  for (let second = 0; second < 60; second++) {
    payload.write('x'.repeat(150))
    await clock.advance(1_000)
  }
  t.same(ended, [])
  payload.end()
  await clock.advance(1_000)
  t.same(ended, ['body_too_large'])
  t.equal(clock.liveTimers, 0)
})

t.test('what comes at exactly the least rate is not too slow, after a pause of ten seconds neither', async (t) => {
  const clock = new FakeClock()
  const memory = new BodyMemory({ maxBytes: 1e6, maxWaitingBytes: 1e6, minBytesPerSecond: 100 }, { clock, refuseOneOf: () => false })
  const payload = new PassThrough()
  const ended: unknown[] = []
  memory.read(payload, undefined, 'a', (error) => { ended.push(error?.reason) })
  await clock.advance(11_000)
  t.same(ended, [], 'the first look is its beginning')
  for (let second = 0; second < 30; second++) {
    payload.write('x'.repeat(100))
    await clock.advance(1_000)
  }
  t.same(ended, [])
  await clock.advance(1_000)
  t.same(ended, ['body_timeout'])
  t.equal(memory.bytes, 0)
  t.equal(clock.liveTimers, 0)
})

t.test('a new upload is looked after, also when none was for a while', async (t) => {
  const clock = new FakeClock()
  const memory = new BodyMemory({ maxBytes: 100, maxWaitingBytes: 100, minBytesPerSecond: 1 }, { clock, refuseOneOf: () => false })
  for (let round = 0; round < 2; round++) {
    const ended: unknown[] = []
    memory.read(new PassThrough(), undefined, 'a', (error) => { ended.push(error?.reason) })
    t.equal(clock.liveTimers, 1)
    await clock.advance(60_000)
    t.same(ended, ['body_timeout'])
    t.equal(clock.liveTimers, 0)
  }
})

t.test('where any rate will do, no upload is looked after', async (t) => {
  const clock = new FakeClock()
  const memory = new BodyMemory({ maxBytes: 100, maxWaitingBytes: 100, minBytesPerSecond: 0 }, { clock, refuseOneOf: () => false })
  memory.read(new PassThrough(), undefined, 'a', () => {})
  t.equal(clock.liveTimers, 0)
})

t.test('bodies may fill the memory to the last byte, and a body may be as large as it may', async (t) => {
  const memory = new BodyMemory({ maxBytes: 10, maxWaitingBytes: 20, minBytesPerSecond: 0 }, { clock: new FakeClock(), refuseOneOf: () => false })
  t.equal(memory.refusalOf(10, 'a'), undefined)
  t.match(memory.refusalOf(11, 'a'), { statusCode: 413, reason: 'body_too_large', message: /larger than 10 bytes/ })
  for (let i = 0; i < 2; i++) {
    const payload = new PassThrough()
    memory.read(payload, undefined, 'a', () => {})
    payload.end('0123456789')
    await promisesSettle()
  }
  t.equal(memory.bytes, 20)
  t.match(memory.refusalOf(1, 'a'), { statusCode: 429, reason: 'body_memory' })
  memory.release(1, 'a')
  t.equal(memory.refusalOf(1, 'a'), undefined)
})

t.test('a smaller upload asks before it is sent, where a larger one of its own peer may give way', async (t) => {
  const memory = new BodyMemory({ maxBytes: 20, maxWaitingBytes: 20, minBytesPerSecond: 0 }, { clock: new FakeClock(), refuseOneOf: () => false })
  const payload = new PassThrough()
  memory.read(payload, undefined, 'a', () => {})
  payload.write('x'.repeat(15))
  await promisesSettle()
  t.equal(memory.refusalOf(10, 'a'), undefined)
  t.match(memory.refusalOf(15, 'a'), { reason: 'body_memory' })
  payload.destroy()
})

t.test('what has not come whole gives way before what waits, and no upload to one of its peer that would be larger', async (t) => {
  const asked: string[] = []
  const memory = new BodyMemory({ maxBytes: 20, maxWaitingBytes: 20, minBytesPerSecond: 0 }, {
    clock: new FakeClock(),
    refuseOneOf: (peer) => asked.push(peer) > 99
  })
  const write = async (text: string, peer: string, payload = new PassThrough()): Promise<PassThrough> => {
    if (text !== '') memory.read(payload, undefined, peer, () => {})
    payload.write(text)
    await promisesSettle()
    return payload
  }
  const own = await write('x'.repeat(5), 'a')
  const larger = await write('x'.repeat(7), 'a')
  await write('x'.repeat(8), 'a')
  t.equal(memory.bytes, 20)
  own.write('more')
  await promisesSettle()
  t.equal(memory.bytes, 15, 'it would be the largest: it gives way itself')
  await write('x'.repeat(6), 'b')
  t.equal(memory.bytes, 13, 'the largest of the greedier peer')
  t.same(asked, [])
  larger.destroy()
})
