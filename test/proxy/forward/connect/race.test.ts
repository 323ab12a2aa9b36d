import { getEventListeners } from 'node:events'
import { Socket } from 'node:net'
import t from 'tap'
import { race, staggerMs, type Address } from '../../../../src/proxy/forward/connect/race.ts'
import { FakeClock, promisesSettle } from '../../../support/fake-clock.ts'

const ADDRESSES: readonly Address[] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((address) => ({ address, family: 4 }))

interface Race {
  readonly clock: FakeClock
  readonly sockets: Socket[]
  readonly ending: AbortController
  readonly winner: Promise<Socket>
}

function begin (addresses = ADDRESSES): Race {
  const [clock, ending, sockets] = [new FakeClock(), new AbortController(), [] as Socket[]]
  const dial = (): Socket => {
    const socket = new Socket()
    sockets.push(socket)
    return socket
  }
  const winner = race(addresses, dial, 250, clock, ending.signal)
  winner.catch(() => {})
  return { clock, sockets, ending, winner }
}

const failure = (code: string): Error => Object.assign(new Error(code), { code })

t.test('whatever ends a race, no attempt starts after it, no timer is left, and only the winner stays open', async (t) => {
  const ends: Array<[string, (race: Race) => void]> = [
    ['the first connects', ({ sockets }) => { sockets[0]?.emit('connect') }],
    ['time is up', ({ ending }) => { ending.abort(new Error('time is up')) }]
  ]
  for (const [what, end] of ends) {
    const bench = begin()
    await bench.clock.advance(250)
    end(bench)
    await promisesSettle()
    t.equal(bench.clock.liveTimers, 0, what)
    t.equal(getEventListeners(bench.ending.signal, 'abort').length, 0, what)
    await bench.clock.advance(1_000)
    t.equal(bench.sockets.length, 2, what)
    t.same(bench.sockets.map(({ destroyed }) => destroyed), [what === 'time is up', true], what)
    // What it says later is heard by nobody, and ends no process.
    for (const socket of bench.sockets) socket.emit('error', failure('ECONNRESET'))
    await bench.clock.advance(1_000)
    t.equal(bench.sockets.length, 2, what)
  }
})

t.test('a winner is not cut when the time of its connecting is up', async (t) => {
  const { sockets, ending, winner } = begin()
  sockets[0]?.emit('connect')
  ending.abort(new Error('time is up'))
  t.equal(await winner, sockets[0])
  t.notOk(sockets[0]?.destroyed)
})

t.test('the failure of one attempt ends no other', async (t) => {
  const { clock, sockets, winner } = begin()
  await clock.advance(500)
  sockets[0]?.emit('error', failure('ECONNREFUSED'))
  sockets[2]?.emit('error', failure('ECONNREFUSED'))
  t.notOk(sockets[1]?.destroyed)
  sockets[1]?.emit('connect')
  t.equal(await winner, sockets[1])
})

t.test('an attempt that starts because another failed has its own time before the next', async (t) => {
  const { clock, sockets, ending } = begin()
  await clock.advance(200)
  sockets[0]?.emit('error', failure('ECONNREFUSED'))
  t.equal(sockets.length, 2)
  await clock.advance(249)
  t.equal(sockets.length, 2)
  await clock.advance(1)
  t.equal(sockets.length, 3)
  t.equal(clock.liveTimers, 0, 'nothing is left to start')
  ending.abort(new Error('over'))
})

t.test('an attempt that fails twice counts once', async (t) => {
  const { sockets, ending } = begin()
  sockets[0]?.emit('error', failure('ECONNREFUSED'))
  sockets[0]?.emit('error', failure('ECONNRESET'))
  t.equal(sockets.length, 2)
  ending.abort(new Error('over'))
})

t.test('the failure that is told is the first that is not of this machine\'s own network', async (t) => {
  for (const [codes, told] of [
    [['ENETUNREACH', 'ECONNREFUSED', 'ETIMEDOUT'], 'ECONNREFUSED'],
    [['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ETIMEDOUT'], 'ETIMEDOUT'],
    [['EAFNOSUPPORT', 'ENETUNREACH', 'EADDRNOTAVAIL'], 'EAFNOSUPPORT']
  ] as const) {
    const { sockets, winner } = begin()
    for (const [i, code] of codes.entries()) sockets[i]?.emit('error', failure(code))
    await t.rejects(winner, { code: told })
  }
})

t.test('with time up already nothing is dialled', async (t) => {
  const ending = new AbortController()
  ending.abort(new Error('time is up'))
  let dialled = 0
  const dial = (): Socket => {
    dialled++
    return new Socket()
  }
  await t.rejects(race(ADDRESSES, dial, 250, new FakeClock(), ending.signal), { message: 'time is up' })
  t.equal(dialled, 0)
})

t.test('from one attempt to the next pass 250 ms at most and 10 at least', async (t) => {
  t.same([[1, 5_000], [4, 1_000], [1, 10], [100, 100]].map(([addresses = 0, ms = 0]) => staggerMs(addresses, ms)), [250, 125, 10, 10])
})
