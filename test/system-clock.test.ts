import { createServer, connect, type AddressInfo } from 'node:net'
import { createHook } from 'node:async_hooks'
import { once } from 'node:events'
import t from 'tap'
import { systemClock } from '../src/system-clock.ts'

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

t.test('the clock that measures is not the calendar: that may be set, and says what the system says', async (t) => {
  const now = Date.now
  t.teardown(() => { Date.now = now })
  const beforeMs = systemClock.nowMs()
  Date.now = () => 1_767_225_600_000
  t.equal(systemClock.epochMs(), 1_767_225_600_000)
  Date.now = () => 0
  t.equal(systemClock.epochMs(), 0)
  const passedMs = systemClock.nowMs() - beforeMs
  t.ok(passedMs >= 0 && passedMs < 60_000, 'a calendar that is set back by decades moves nothing')
})

t.test('a timer keeps no process alive, and one that is cleared is let go at once', async (t) => {
  const made = new Set<number>()
  const gone = new Set<number>()
  const hook = createHook({
    init: (id, type) => { if (type === 'Timeout') made.add(id) },
    destroy: (id) => { gone.add(id) }
  }).enable()
  const referenced = (): number => process.getActiveResourcesInfo().filter((type) => type === 'Timeout').length
  const before = referenced()
  const timer = systemClock.setTimer(() => {}, 3_600_000)
  hook.disable()
  t.equal(made.size, 1)
  t.equal(referenced(), before)
  hook.enable()
  systemClock.clearTimer(timer)
  await new Promise<void>((resolve) => { setImmediate(() => { setImmediate(resolve) }) })
  hook.disable()
  t.ok([...made].every((id) => gone.has(id)))
})

t.test('what is done after the input is not done in the same turn', async (t) => {
  const log: string[] = []
  systemClock.afterInput(() => { log.push('after input') })
  await Promise.resolve()
  t.same(log, [])
  await new Promise<void>((resolve) => { setImmediate(resolve) })
  t.same(log, ['after input'])
})

t.test('a timer that is in time does its task at once, not after what else the turn brings', async (t) => {
  t.teardown(() => { Reflect.deleteProperty(performance, 'now') })
  // Time stands still, however long this machine takes.
  performance.now = () => 1_000
  const log: string[] = []
  await new Promise<void>((resolve) => {
    systemClock.setTimer(() => { log.push('task') }, 1)
    setTimeout(() => {
      log.push('next timer')
      resolve()
    }, 1)
  })
  t.same(log, ['task', 'next timer'])
})

t.test('a part of a millisecond is waited for as a whole one', async (t) => {
  const { setTimeout: system } = globalThis
  t.teardown(() => { globalThis.setTimeout = system })
  const delays: unknown[] = []
  globalThis.setTimeout = ((...args: Parameters<typeof system>) => {
    delays.push(args[1])
    return system(...args)
  }) as typeof system
  for (const delayMs of [9.2, 9, 0.1]) systemClock.clearTimer(systemClock.setTimer(() => {}, delayMs))
  t.same(delays, [10, 9, 1])
})
