import { PassThrough } from 'node:stream'
import t from 'tap'
import { BodyMemory } from '../../src/proxy/body-memory.ts'
import type { RefusalError } from '../../src/proxy/errors.ts'
import { promisesSettle } from '../support/fake-clock.ts'

interface Upload { readonly payload: PassThrough, readonly ended: Array<{ error: RefusalError | null, body: Buffer | undefined }> }

function upload (memory: BodyMemory, declaredBytes?: number): Upload {
  const payload = new PassThrough()
  const ended: Upload['ended'] = []
  memory.read(payload, declaredBytes, (error, body) => { ended.push({ error, body }) })
  return { payload, ended }
}

const bounded = (maxBytes = 10, maxWaitingBytes = 25): BodyMemory => new BodyMemory({ maxBytes, maxWaitingBytes })

t.test('a body is kept whole, byte for byte, and counted until it is released', async (t) => {
  const memory = bounded()
  const { payload, ended } = upload(memory)
  const bytes = Buffer.from([0, 255, 13, 10, 128, 0])
  payload.write(bytes.subarray(0, 2))
  payload.end(bytes.subarray(2))
  await promisesSettle()
  t.strictSame(ended, [{ error: null, body: bytes }])
  t.equal(memory.bytes, 6)
  memory.release(6)
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
  memory.release(10)
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
