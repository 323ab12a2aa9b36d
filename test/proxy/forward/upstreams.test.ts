import { once } from 'node:events'
import type { Socket } from 'node:net'
import t from 'tap'
import { systemClock } from '../../../src/system-clock.ts'
import { Attempt } from '../../../src/proxy/forward/attempt.ts'
import { Upstreams } from '../../../src/proxy/forward/upstreams.ts'
import { startUpstream } from '../../support/app.ts'

t.test('after the process was stopped, new requests go over new connections, and what is in flight ends on the old', async (t) => {
  const sockets: Socket[] = []
  let finish = (): void => {}
  const { origin } = await startUpstream(t, ({ url }, response) => {
    sockets.push(response.socket!)
    if (url === '/slow') finish = () => { response.end('slow') }
    else response.end('quick')
  })
  const upstreams = new Upstreams({
    origin, connectTimeoutMs: 5_000, headersTimeoutMs: 30_000, bodyTimeoutMs: 30_000, keepAliveMs: 4_000, maxConnectionsPerHost: 10, caFile: null
  }, systemClock)
  t.teardown(() => upstreams.close())
  const send = (path: string): Attempt =>
    new Attempt({ dispatcher: upstreams.for('api.twilio.com'), method: 'GET', path, headers: ['Host', 'api.twilio.com'], body: null, unreadMs: 1_000 }, systemClock)
  await send('/').result
  await send('/').result
  const slow = send('/slow')
  while (sockets.length < 3) await new Promise((resolve) => { setImmediate(resolve) })
  upstreams.renew()
  t.match(await send('/').result, { kind: 'response', status: 200 })
  t.notOk(sockets.slice(0, 3).includes(sockets[3]!))
  const closed = once(sockets[2]!, 'close')
  finish()
  t.match(await slow.result, { kind: 'response', body: Buffer.from('slow') })
  await closed
})
