/** The way to a target that is not looked into, where its name takes its time or has many addresses. */
import dns from 'node:dns'
import { getEventListeners, once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { syncBuiltinESMExports } from 'node:module'
import { connect, Socket, type AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { reach } from '../../src/interception/blind.ts'
import { Leaves } from '../../src/interception/leaves.ts'
import { Interception } from '../../src/interception/tunnels.ts'
import type { GovernorEvent } from '../../src/proxy/events.ts'
import { KNOWN_HOSTS } from '../../src/twilio/hosts.ts'
import { until } from '../support/app.ts'
import { FakeClock, promisesSettle } from '../support/fake-clock.ts'

type Answer = (error: Error | null, addresses: readonly dns.LookupAddress[]) => void

interface Question { readonly host: string, readonly options: object, readonly answer: Answer }

/** Names are asked for here, and answered by the test. */
function resolver (t: Test): readonly Question[] {
  const asked: Question[] = []
  const real = dns.lookup
  Object.assign(dns, {
    lookup: (host: string, options: object, answer: Answer) => { asked.push({ host, options, answer }) }
  })
  syncBuiltinESMExports()
  t.teardown(() => {
    Object.assign(dns, { lookup: real })
    syncBuiltinESMExports()
  })
  return asked
}

const TARGET = { host: 'far.example', port: 25, anywhere: true }
const v4 = (i: number): dns.LookupAddress => ({ address: `10.0.0.${i}`, family: 4 })
const v6 = (i: number): dns.LookupAddress => ({ address: `fd00::${i}`, family: 6 })

t.test('all addresses of a name are tried, the families in turn, and many of them sooner', async (t) => {
  const asked = resolver(t)
  const clock = new FakeClock()
  const signal = new AbortController().signal
  const dialled: string[] = []
  const sockets: Socket[] = []
  const reached = reach(TARGET, clock, signal, ({ address }) => {
    dialled.push(address)
    sockets.push(new Socket())
    return sockets.at(-1)!
  })
  t.strictSame(asked.map(({ host, options }) => [host, options]), [['far.example', { all: true }]])
  // 40 attempts within half of ten seconds: 125 ms from one to the next.
  asked[0]!.answer(null, [v4(1), v4(1), ...Array.from({ length: 37 }, (_, i) => v4(i + 2)), v6(1)])
  await promisesSettle()
  await clock.advance(124)
  t.same(dialled, ['10.0.0.1'])
  await clock.advance(1)
  await clock.advance(125)
  t.same(dialled, ['10.0.0.1', 'fd00::1', '10.0.0.2'])
  sockets[1]!.emit('connect')
  t.equal(await reached, sockets[1])
  t.equal(clock.liveTimers, 0)
  t.equal(getEventListeners(signal, 'abort').length, 0, 'nobody listens for the end of the client')
})

t.test('who leaves while the name is asked for is not connected for any more', async (t) => {
  const asked = resolver(t)
  const leaving = new AbortController()
  const clock = new FakeClock()
  const reached = reach(TARGET, clock, leaving.signal, () => t.fail('dialled') as never)
  leaving.abort(new Error('the client left'))
  asked[0]!.answer(null, [v4(1)])
  await t.rejects(reached, { message: 'the client left' })
  t.equal(clock.liveTimers, 0)
  t.equal(getEventListeners(leaving.signal, 'abort').length, 0)
})

t.test('a name that cannot be resolved is not reached, and its timer is cleared', async (t) => {
  const asked = resolver(t)
  const clock = new FakeClock()
  const reached = reach(TARGET, clock, new AbortController().signal)
  asked[0]!.answer(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), [])
  await t.rejects(reached, { code: 'ENOTFOUND' })
  t.equal(clock.liveTimers, 0)
})

t.test('nothing is told of a tunnel whose client leaves before its target is reached', async (t) => {
  const clock = new FakeClock()
  const events: GovernorEvent[] = []
  const leaves = new Leaves({ certificate: '', key: '', certificateFile: '', expiresAtMs: 0, fingerprint: '' }, clock)
  const tunnels = new Interception(leaves, { tunnels: ['far.example:25'] }, {
    hosts: KNOWN_HOSTS,
    clock,
    accept: () => {},
    draining: () => false,
    blindNeedsCaller: false,
    emit: (event) => { events.push(event) }
  })
  const server = createServer()
  server.on('connect', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    tunnels.open(request, socket, head)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.teardown(() => server.close())
  const say = async (target: string): Promise<Socket> => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    t.teardown(() => socket.destroy())
    await once(socket, 'connect')
    socket.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`)
    return socket
  }
  const answerTo = async (target: string): Promise<string> => {
    let text = ''
    for await (const chunk of await say(target)) text += String(chunk)
    return text
  }
  t.match(await answerTo('newthing.twilio.com:443'), /is not port 443 of a Twilio API host that this version knows\./)
  t.match(await answerTo('newthing.twilio.com:443'), /add newthing to upstream\.hosts\. Nothing was forwarded\./)
  t.match(await answerTo('newthing.twilio.com:80'), /List other targets in interception\.tunnels\. Nothing was/)
  await until(() => tunnels.openConnections === 0)
  events.length = 0

  const asked = resolver(t)
  const leaving = await say('far.example:25')
  await until(() => asked.length === 1)
  leaving.resetAndDestroy()
  await until(() => tunnels.openConnections === 0)
  asked[0]!.answer(null, [v4(1)])
  await promisesSettle()
  t.equal(clock.liveTimers, 0, 'nothing is connected for it')
  t.same(events, [])
})
