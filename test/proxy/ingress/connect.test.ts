import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { PassThrough } from 'node:stream'
import t from 'tap'
import { connectionOf } from '../../../src/proxy/clients/connections.ts'
import type { GovernorEvent } from '../../../src/proxy/events.ts'
import { openTunnel } from '../../../src/proxy/ingress/connect.ts'
import type { Tunnels } from '../../../src/proxy/ports/tunnels.ts'

const VIA = '1.1 twilio-governor-0123'
const TARGET = 'api.twilio.com:443'

/** One CONNECT on a connection of its own, and what comes of it. */
class Scene {
  readonly socket = new PassThrough()
  readonly events: GovernorEvent[] = []
  readonly opened: unknown[][] = []
  written = ''

  constructor () {
    this.socket.on('data', (data: Buffer) => { this.written += data.toString() })
  }

  async connect (over: Record<string, unknown> = {}, offers = true): Promise<void> {
    const request = {
      httpVersion: '1.1', method: 'CONNECT', url: TARGET, headers: {}, rawHeaders: ['Host', TARGET], ...over
    } as unknown as IncomingMessage
    const tunnels = { open: (...args: unknown[]) => this.opened.push(args) } as unknown as Tunnels
    const head = Buffer.from('first')
    openTunnel(request, this.socket as unknown as Socket, head, {
      tunnels: offers ? tunnels : undefined, via: VIA, callers: undefined, emit: (event) => this.events.push(event)
    })
    await new Promise((resolve) => { setImmediate(resolve) })
  }
}

t.test('a tunnel is opened with the bytes that came with its request', async (t) => {
  const scene = new Scene()
  await scene.connect({ headers: { via: '1.1 another' } })
  t.equal(scene.written, '')
  t.match(scene.opened, [[{ url: TARGET }, scene.socket, Buffer.from('first')]])
  t.same(scene.events, [])
})

t.test('where it is not offered the answer says how to set it up', async (t) => {
  const scene = new Scene()
  await scene.connect({}, false)
  t.match(scene.written, /^HTTP\/1\.1 405 Method Not Allowed\r\n[^]*connection: close\r\n[^]*interception\.caDir/i)
  t.match(scene.events, [{ type: 'refused', status: 405, reason: 'bad_request' }])
  t.doesNotThrow(() => scene.socket.emit('error', new Error('reset')))
})

t.test('one that has come back to us is refused, whatever other proxies it passed', async (t) => {
  for (const via of [VIA, `1.1 first, ${VIA}, 1.1 last`]) {
    const scene = new Scene()
    await scene.connect({ headers: { via } })
    t.match(scene.written, /^HTTP\/1\.1 508 Loop Detected\r\n[^]*leads back to this proxy\. Nothing was forwarded\./)
    t.match(scene.events, [{ type: 'refused', status: 508, reason: 'bad_request' }])
    t.same(scene.opened, [])
    scene.socket.emit('error', new Error('reset'))
    t.ok(scene.socket.destroyed, 'a fault ends the connection, and nothing else')
  }
})

t.test('so is one whose framing is in doubt, in the words of the status', async (t) => {
  const scene = new Scene()
  await scene.connect({ rawHeaders: ['Host', TARGET, 'Content-Length', '1', 'Transfer-Encoding', 'chunked'] })
  t.match(scene.written, /^HTTP\/1\.1 400 Bad Request\r\n[^]*Nothing was forwarded\./)
  t.same(scene.opened, [])
})

t.test('a tunnel that is asked for while answers are due is not opened, and nothing is written over them', async (t) => {
  const scene = new Scene()
  const answer = { on: () => {}, headersSent: true }
  connectionOf(scene.socket as unknown as Socket).accepts({} as never, answer as never)
  await scene.connect()
  t.equal(scene.written, '')
  t.same(scene.opened, [])
  t.match(scene.events, [{ type: 'refused', status: 405, reason: 'bad_request' }])
})
