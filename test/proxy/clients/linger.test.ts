import { PassThrough } from 'node:stream'
import t from 'tap'
import { endSlowly } from '../../../src/proxy/clients/linger.ts'

/** Node's timers as the test lets them run; `unref` is counted. */
function timers (t: { readonly teardown: (task: () => void) => unknown }): { readonly due: Array<{ task: () => void, delayMs: number, unref: boolean }> } {
  const due: Array<{ task: () => void, delayMs: number, unref: boolean }> = []
  const real = globalThis.setTimeout
  t.teardown(() => { globalThis.setTimeout = real })
  globalThis.setTimeout = ((task: () => void, delayMs: number) => {
    const timer = { task, delayMs, unref: false }
    due.push(timer)
    return { unref: () => { timer.unref = true } }
  }) as unknown as typeof setTimeout
  return { due }
}

t.test('a client gets to read its last words, what it still sends is thrown away, and after two seconds it is cut', async (t) => {
  for (const last of [undefined, 'the last']) {
    const { due } = timers(t)
    const socket = new PassThrough()
    let written = ''
    socket.on('data', (data: Buffer) => { written += data.toString() })
    socket.pause()
    endSlowly(socket, last)
    t.ok(socket.writableEnded)
    t.notOk(socket.isPaused(), 'what comes is read')
    await new Promise((resolve) => { setImmediate(resolve) })
    t.equal(written, last ?? '')
    t.match(due, [{ delayMs: 2_000, unref: true }], 'a process that has nothing else to do ends')
    due[0]?.task()
    t.ok(socket.destroyed)
  }
})
