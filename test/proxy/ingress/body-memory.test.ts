import { PassThrough } from 'node:stream'
import t from 'tap'
import { BodyMemory } from '../../../src/proxy/ingress/body-memory.ts'
import type { RefusalError } from '../../../src/proxy/errors.ts'
import { FakeClock, promisesSettle } from '../../support/fake-clock.ts'

interface Upload { readonly payload: PassThrough, readonly ended: Array<{ error: RefusalError | null, body: Buffer | undefined }> }

function upload (memory: BodyMemory, declaredBytes?: number, peer = 'a'): Upload {
  const payload = new PassThrough()
  const ended: Upload['ended'] = []
  memory.read(payload, declaredBytes, peer, (error, body) => { ended.push({ error, body }) })
  return { payload, ended }
}

const bounded = (maxBytes = 10, maxWaitingBytes = 25, refuseOneOf: (peer: string) => boolean = () => false): BodyMemory =>
  new BodyMemory({ maxBytes, maxWaitingBytes, minBytesPerSecond: 0 }, { clock: new FakeClock(), refuseOneOf })

t.test('a body is kept whole, byte for byte, and counted until it is released', async (t) => {
  const memory = bounded()
  const { payload, ended } = upload(memory)
  const bytes = Buffer.from([0, 255, 13, 10, 128, 0])
  payload.write(bytes.subarray(0, 2))
  payload.end(bytes.subarray(2))
  await promisesSettle()
  t.strictSame(ended, [{ error: null, body: bytes }])
  t.equal(memory.bytes, 6)
  memory.release(6, 'a')
  t.equal(memory.bytes, 0)
})

t.test('an empty body is a body, and a body of exactly the most is not too large', async (t) => {
  for (const text of ['', '0123456789']) {
    const memory = bounded()
    const { payload, ended } = upload(memory, text.length)
    payload.end(text)
    await promisesSettle()
    t.strictSame(ended, [{ error: null, body: Buffer.from(text) }])
    t.equal(memory.bytes, text.length)
  }
})

t.test('a body that says it is too large is refused, after it was read to its end', async (t) => {
  const memory = bounded()
  const { payload, ended } = upload(memory, 11)
  payload.write('01234567890')
  await promisesSettle()
  t.same(ended, [], 'a client that is cut off in mid-upload never sees the answer')
  payload.end()
  await promisesSettle()
  t.match(ended, [{ error: { statusCode: 413, twilioCode: 20413, reason: 'body_too_large' } }])
  t.match(ended[0]?.error?.message, /larger than 10 bytes/)
  t.equal(memory.bytes, 0)
})

t.test('a body that turns out too large is refused, and lets go of its memory before its upload ends', async (t) => {
  const memory = bounded()
  const { payload, ended } = upload(memory)
  payload.write('01234567')
  await promisesSettle()
  t.equal(memory.bytes, 8)
  payload.write('89abc')
  await promisesSettle()
  t.equal(memory.bytes, 0)
  payload.write('more of it')
  await promisesSettle()
  t.equal(memory.bytes, 0)
  payload.end()
  await promisesSettle()
  t.match(ended, [{ error: { statusCode: 413 } }])
  t.equal(memory.bytes, 0)
})

t.test('bodies that do not fit together are refused with a 429 until there is room again', async (t) => {
  const memory = bounded(10, 15)
  const first = upload(memory)
  first.payload.end('0123456789')
  await promisesSettle()
  const second = upload(memory)
  second.payload.end('012345')
  const declared = upload(memory, 6)
  declared.payload.end('012345')
  await promisesSettle()
  for (const { ended } of [second, declared]) t.match(ended, [{ error: { statusCode: 429, twilioCode: 20429, reason: 'body_memory' } }])
  t.equal(memory.bytes, 10)
  memory.release(10, 'a')
  const third = upload(memory)
  third.payload.end('012345')
  await promisesSettle()
  t.match(third.ended, [{ error: null }])
  t.equal(memory.bytes, 6)
})

t.test('a body that breaks off is refused once, and counts no more', async (t) => {
  for (const error of [undefined, new Error('reset')]) {
    const memory = bounded()
    const { payload, ended } = upload(memory)
    payload.write('0123')
    await promisesSettle()
    payload.destroy(error)
    await promisesSettle()
    t.match(ended, [{ error: { statusCode: 400, reason: 'body_aborted' } }])
    t.equal(ended.length, 1)
    t.equal(memory.bytes, 0)
  }
})

t.test('a body that breaks off after it was refused is settled once', async (t) => {
  const memory = bounded()
  const { payload, ended } = upload(memory)
  payload.write('0123456789abc')
  await promisesSettle()
  payload.destroy(new Error('reset'))
  await promisesSettle()
  t.equal(ended.length, 1)
  t.equal(memory.bytes, 0)
})

t.test('a peer may fill all the memory, and gives way as soon as another wants some of it', async (t) => {
  const memory = bounded(10, 25)
  const greedy = [upload(memory), upload(memory), upload(memory)]
  for (const [i, { payload }] of greedy.entries()) payload.write('x'.repeat(9 - i))
  await promisesSettle()
  t.equal(memory.bytes, 24)
  const other = upload(memory, 8, 'b')
  other.payload.end('01234567')
  await promisesSettle()
  t.match(other.ended, [{ error: null }])
  t.equal(memory.bytes, 23, 'the largest unfinished upload of the other is let go of')
  for (const { payload } of greedy) payload.end()
  await promisesSettle()
  t.match(greedy.map(({ ended }) => ended[0]?.error?.reason), ['body_memory', undefined, undefined])
})

t.test('a peer makes nobody give way who holds no more than it would', async (t) => {
  const memory = bounded(10, 16)
  const one = upload(memory)
  one.payload.write('01234567')
  const two = upload(memory, undefined, 'b')
  two.payload.write('01234567')
  await promisesSettle()
  two.payload.write('8')
  await promisesSettle()
  t.equal(memory.bytes, 8)
  for (const { payload } of [one, two]) payload.end()
  await promisesSettle()
  t.match([one, two].map(({ ended }) => ended[0]?.error?.reason), [undefined, 'body_memory'])
})

t.test('what waits gives way after what has not come whole, and what is at Twilio never', async (t) => {
  const asked: string[] = []
  let waiting = 1
  const memory: BodyMemory = bounded(10, 16, (peer) => {
    asked.push(peer)
    if (waiting === 0) return false
    waiting--
    memory.release(8, peer)
    return true
  })
  for (const { payload } of [upload(memory), upload(memory)]) payload.end('01234567')
  await promisesSettle()
  t.equal(memory.bytes, 16)
  const [first, second] = [upload(memory, undefined, 'b'), upload(memory, undefined, 'c')]
  for (const { payload } of [first, second]) payload.end('01234')
  await promisesSettle()
  t.match(first.ended, [{ error: null }])
  t.match(second.ended, [{ error: { reason: 'body_memory' } }])
  t.strictSame(asked, ['a', 'a'])
  t.equal(memory.bytes, 13)
})

t.test('of one peer, a larger unfinished upload gives way to a smaller', async (t) => {
  const memory = bounded(20, 25)
  const [large, next] = [upload(memory), upload(memory)]
  for (const { payload } of [large, next]) payload.write('0123456789')
  const small = upload(memory, 8)
  small.payload.end('01234567')
  await promisesSettle()
  t.match(small.ended, [{ error: null }])
  t.equal(memory.bytes, 18)
  const equal = upload(memory, 10)
  equal.payload.end('0123456789')
  await promisesSettle()
  t.match(equal.ended, [{ error: { reason: 'body_memory' } }], 'not to one as large')
  for (const { payload } of [large, next]) payload.destroy()
})

t.test('a size that is only told makes nobody give way', async (t) => {
  const memory = bounded(10, 12)
  const one = upload(memory)
  one.payload.write('0123456789')
  await promisesSettle()
  upload(memory, 6, 'b')
  await promisesSettle()
  t.equal(memory.bytes, 10)
  t.equal(memory.refusalOf(10, 'c')?.reason, 'body_memory', 'where it would not, it is refused at once')
  one.payload.destroy()
})

t.test('an upload that comes too slowly ends with 408; a pause, a slow start and a late look do not end it', async (t) => {
  const clock = new FakeClock()
  const memory = new BodyMemory({ maxBytes: 100_000, maxWaitingBytes: 100_000, minBytesPerSecond: 100 }, { clock, refuseOneOf: () => false })
  const [silent, slow, steady] = [upload(memory), upload(memory), upload(memory)]
  await clock.stall(60_000)
  for (let second = 0; second < 60; second++) {
    slow.payload.write('x'.repeat(60))
    // Nine seconds of every ten it pauses.
    if (second % 10 === 0) steady.payload.write('x'.repeat(1_000))
    await clock.advance(1_000)
    if (second === 5) t.same(silent.ended, [], 'a pause is no fault')
  }
  t.match(silent.ended, [{ error: { statusCode: 408, reason: 'body_timeout' } }])
  t.match(slow.ended, [{ error: { statusCode: 408, reason: 'body_timeout' } }])
  t.match(slow.ended[0]?.error?.message, /100 bytes per second that body.minBytesPerSecond/)
  t.same(steady.ended, [])
  steady.payload.end()
  await clock.advance(1_000)
  t.match(steady.ended, [{ error: null }])
  t.equal(memory.bytes, 6_000)
  t.equal(clock.liveTimers, 0, 'no look while nothing is on its way')
})
