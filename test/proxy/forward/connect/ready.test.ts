import { getEventListeners } from 'node:events'
import { Socket } from 'node:net'
import t from 'tap'
import { ready } from '../../../../src/proxy/forward/connect/ready.ts'

interface Bench {
  readonly socket: Socket
  readonly ending: AbortController
  /** What `look` finds from now on. */
  found: string | undefined
  looks: number
  readonly value: Promise<string>
}

function wait (found?: string): Bench {
  const [socket, ending] = [new Socket(), new AbortController()]
  const bench = { socket, ending, found, looks: 0, value: Promise.resolve('') }
  bench.value = ready(socket, ['readable', 'secure'], () => {
    bench.looks++
    return bench.found
  }, ending.signal)
  bench.value.catch(() => {})
  return bench
}

/** Listeners of ours that are still there, but for the one of errors that stays. */
function left ({ socket, ending }: Bench): number {
  return getEventListeners(ending.signal, 'abort').length +
    ['readable', 'secure', 'close'].reduce((sum, event) => sum + socket.listenerCount(event), 0) +
    socket.listenerCount('end') - new Socket().listenerCount('end') + socket.listenerCount('error') - 1
}

t.test('a socket that is ready at once, or after any of the events, stays open, and nobody listens any more', async (t) => {
  for (const events of [[], ['readable'], ['secure'], ['readable', 'secure']]) {
    const bench = wait(events.length === 0 ? 'here' : undefined)
    for (const [i, event] of events.entries()) {
      if (i === events.length - 1) bench.found = 'here'
      bench.socket.emit(event)
    }
    t.equal(await bench.value, 'here')
    t.equal(left(bench), 0)
    t.equal(bench.looks, events.length + 1)
    bench.ending.abort(new Error('time is up'))
    t.notOk(bench.socket.destroyed, 'and its time of connecting is over')
  }
})

t.test('whatever else happens destroys the socket, is told, and nobody listens any more', async (t) => {
  const faults: Array<[string, (bench: Bench) => void, Error]> = [
    ['it ends', ({ socket }) => { socket.emit('end') }, Object.assign(new Error('ECONNRESET'), { code: 'ECONNRESET' })],
    ['it closes', ({ socket }) => { socket.emit('close') }, Object.assign(new Error('ECONNRESET'), { code: 'ECONNRESET' })],
    ['it fails', ({ socket }) => { socket.emit('error', new Error('broken')) }, new Error('broken')],
    ['time is up', ({ ending }) => { ending.abort(new Error('time is up')) }, new Error('time is up')]
  ]
  for (const [what, happen, told] of faults) {
    const bench = wait()
    happen(bench)
    await t.rejects(bench.value, told, what)
    t.ok(bench.socket.destroyed, what)
    t.equal(left(bench), 0, what)
  }
})

t.test('what the look throws destroys the socket', async (t) => {
  const socket = new Socket()
  const look = (): undefined => { throw new Error('no HTTP') }
  await t.rejects(ready(socket, [], look, new AbortController().signal), { message: 'no HTTP' })
  t.ok(socket.destroyed)
})

t.test('with time up already the socket is destroyed, and nobody looks', async (t) => {
  const [socket, ending] = [new Socket(), new AbortController()]
  ending.abort(new Error('time is up'))
  let looks = 0
  const look = (): string => {
    looks++
    return 'here'
  }
  await t.rejects(ready(socket, [], look, ending.signal), { message: 'time is up' })
  t.ok(socket.destroyed)
  t.equal(looks, 0)
})

t.test('an error that comes before somebody else listens ends no process', async (t) => {
  const bench = wait('here')
  await bench.value
  t.doesNotThrow(() => { bench.socket.emit('error', new Error('late')) })
})
