import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import type { Answer } from '../../../src/proxy/reply/answers.ts'
import { ConnectionShares } from '../../../src/proxy/clients/connection-shares.ts'
import { systemClock } from '../../../src/system-clock.ts'
import type { Exchange } from '../../../src/proxy/exchange-state.ts'
import { until } from '../../support/app.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { startIngress } from './ingress-fixture.ts'

const GET = 'GET /2010-04-01/Accounts.json HTTP/1.1\r\nHost: localhost\r\n\r\n'
const DONE: Answer = { statusCode: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from('{}') }

/** Sends to a connection of its own, which stays open, and reads until a JSON body has come. */
async function ask (t: Test, url: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  t.teardown(() => { socket.destroy() })
  let received = ''
  socket.setEncoding('latin1').on('data', (data: string) => { received += data }).on('error', () => {})
  socket.write(text)
  await until(() => /\r\n\r\n[^]*\}$/.test(received))
  return received
}

t.test('while it drains, a newcomer is told so, and its connection ends with that', async (t) => {
  const url = await startIngress(t, { draining: () => true, run: async () => DONE })
  const answer = await ask(t, url, GET)
  t.match(answer, /^HTTP\/1\.1 429 /)
  t.match(answer, /^connection: close\r$/im)
  t.match(answer, /^governor-shed: draining\r$/im)
  t.match(answer, /^retry-after: 1\r$/im)
  t.match(answer, /Nothing was sent to Twilio/)
})

t.test('a connection stays open after its answer, but for one that comes while it drains', async (t) => {
  let draining = false
  for (const isLast of [false, true]) {
    const url = await startIngress(t, {
      draining: () => draining,
      run: async () => {
        draining = isLast
        return DONE
      }
    })
    const answer = await ask(t, url, GET)
    t.match(answer, /^HTTP\/1\.1 200 /)
    t.equal(/^connection: close\r$/im.test(answer), isLast)
  }
})

t.test('what an error that is not ours says is told to nobody', async (t) => {
  for (const [statusCode, status, message] of [[400, 400, 'The request is malformed.'], [undefined, 500, 'The proxy failed.'], [503, 500, 'The proxy failed.']] as const) {
    const url = await startIngress(t, { run: async () => { throw Object.assign(new Error('secret of +15550100'), { statusCode }) } })
    const answer = await ask(t, url, GET)
    t.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `))
    t.notMatch(answer, /secret|15550100/)
    t.match(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n') + 4)), { status, message })
  }
})

t.test('an exchange whose answer is written leaves no timer', async (t) => {
  const clock = new FakeClock()
  const open = new Set<Exchange>()
  let timers = 0
  const url = await startIngress(t, {
    clock,
    open,
    run: async () => {
      timers = clock.liveTimers
      return DONE
    }
  })
  await ask(t, url, GET)
  await until(() => open.size === 0)
  t.equal(timers, 1, 'its deadline')
  t.equal(clock.liveTimers, 0)
})

t.test('a connection whose upload has come whole is not closed to make room for another client', async (t) => {
  const finish: Array<() => void> = []
  const url = await startIngress(t, {
    shares: new ConnectionShares({ max: 2, unreadMs: 60_000 }, systemClock),
    run: () => new Promise((resolve) => { finish.push(() => { resolve(DONE) }) })
  })
  const from = (localAddress: string): Socket => {
    const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress })
    t.teardown(() => { socket.destroy() })
    return socket.on('error', () => {})
  }
  const busy = [from('127.0.0.2'), from('127.0.0.2')]
  const post = 'POST /2010-04-01/Accounts.json HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\na=1'
  for (const socket of busy) socket.write(post)
  await until(() => finish.length === 2)
  const newcomer = from('127.0.0.3')
  await Promise.race([newcomer, ...busy].map((socket) => once(socket.resume(), 'close')))
  t.same([newcomer, ...busy].map(({ closed }) => closed), [true, false, false])
  for (const answer of finish) answer()
})

t.test('a body that is asked about and has no place ends its connection, in HTTP of either version', async (t) => {
  const url = await startIngress(t, { run: async () => DONE })
  for (const version of ['1.1', '1.0']) {
    const answer = await ask(t, url, `POST /2010-04-01/Accounts.json HTTP/${version}\r\nHost: localhost\r\nConnection: keep-alive\r\nExpect: 100-continue\r\nContent-Length: 11\r\n\r\n`)
    t.match(answer, /^HTTP\/1\.1 413 /, version)
    t.match(answer, /^connection: close\r$/im)
  }
})
