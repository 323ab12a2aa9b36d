import t from 'tap'
import type { Dispatcher } from 'undici'
import { StreamedBody } from '../../../src/proxy/forward/streamed-body.ts'
import { FakeClock, promisesSettle } from '../../support/fake-clock.ts'

const UNREAD_MS = 1_000

function body (): { clock: FakeClock, stream: StreamedBody, said: string[] } {
  const clock = new FakeClock()
  const said: string[] = []
  const controller = { pause: () => said.push('pause'), resume: () => said.push('resume'), abort: () => said.push('abort') }
  return { clock, stream: new StreamedBody(controller as unknown as Dispatcher.DispatchController, clock, UNREAD_MS), said }
}

t.test('what is read late but in time is not broken off, then or later, and leaves no timer', async (t) => {
  const { clock, stream, said } = body()
  stream.receive(Buffer.alloc(70_000))
  await clock.advance(UNREAD_MS - 1)
  t.equal(clock.liveTimers, 1)
  stream.resume()
  await promisesSettle()
  t.equal(clock.liveTimers, 0)
  await clock.advance(10 * UNREAD_MS)
  t.notOk(stream.destroyed)
  t.equal(said.at(-1), 'resume')
  stream.destroy()
})

t.test('what nobody wants any more leaves no timer, and its connection is let go of', async (t) => {
  const { clock, stream, said } = body()
  stream.receive(Buffer.alloc(70_000))
  stream.destroy()
  await promisesSettle()
  t.equal(clock.liveTimers, 0)
  t.equal(said.at(-1), 'abort')
})

t.test('what nobody reads is broken off', async (t) => {
  const { clock, stream, said } = body()
  stream.receive(Buffer.alloc(70_000))
  await clock.advance(UNREAD_MS)
  t.ok(stream.destroyed)
  t.equal(said.at(-1), 'abort')
})

t.test('while it is held back, what comes all the same gives the client no more time', async (t) => {
  const { clock, stream, said } = body()
  stream.receive(Buffer.alloc(70_000))
  t.same(said, ['pause'])
  await clock.advance(UNREAD_MS - 1)
  stream.receive(Buffer.alloc(1))
  t.equal(clock.liveTimers, 1)
  await clock.advance(1)
  t.ok(stream.destroyed)
})

t.test('a body that was read to its end lets go of nothing when it is closed', async (t) => {
  const { clock, stream, said } = body()
  stream.receive(Buffer.from('abc'))
  stream.push(null)
  stream.resume()
  await promisesSettle()
  stream.destroy()
  t.notOk(said.includes('abort'), 'its connection is used again')
  t.equal(clock.liveTimers, 0)
})
