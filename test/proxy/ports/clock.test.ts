import { createServer, connect, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import t from 'tap'
import { systemClock } from '../../../src/proxy/ports/clock.ts'

// Timers of the clock keep no process alive.
const alive = setInterval(() => {}, 1_000)
t.teardown(() => { clearInterval(alive) })

t.test('what arrived while the process was held up is read before a timer\'s task is done', async (t) => {
  const log: string[] = []
  const server = createServer((socket) => { socket.on('data', () => { log.push('read') }) }).listen(0, '127.0.0.1')
  t.teardown(() => { server.close() })
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  t.teardown(() => { client.destroy() })
  client.write('first')
  await new Promise<void>((resolve) => {
    const look = (): void => { if (log.length === 1) resolve(); else setImmediate(look) }
    look()
  })
  const fired = new Promise<void>((resolve) => {
    systemClock.setTimer(() => {
      log.push('timer')
      resolve()
    }, 5)
  })
  client.write('second')
  const untilMs = performance.now() + 300
  while (performance.now() < untilMs);
  await fired
  t.same(log, ['read', 'read', 'timer'])
})

t.test('a timer that is cleared never fires, however late it is', async (t) => {
  const later: string[] = []
  const timers = ['one', 'two'].map((name) => systemClock.setTimer(() => { later.push(name) }, 1))
  // Fires right after both, when they have been put off behind what has arrived.
  setTimeout(() => { systemClock.clearTimer(timers[0]!) }, 1)
  const untilMs = performance.now() + 200
  while (performance.now() < untilMs);
  await new Promise<void>((resolve) => { systemClock.setTimer(resolve, 20) })
  t.same(later, ['two'])
})

t.test('no timer fires before its time by more than the millisecond that the system counts in', async (t) => {
  const sinceMs = performance.now()
  await new Promise<void>((resolve) => { systemClock.setTimer(resolve, 9.5) })
  t.ok(performance.now() - sinceMs >= 8.5)
})
