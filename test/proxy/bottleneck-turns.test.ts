import t from 'tap'
import { createBottleneckTurns } from '../../src/proxy/bottleneck-turns.ts'

t.test('turns of a key come one after the other, and keys do not wait for each other', async (t) => {
  const turns = createBottleneckTurns()
  t.teardown(() => turns.close())
  const log: string[] = []
  let release = (): void => {}
  const held = new Promise<void>((resolve) => { release = resolve })
  const other = new Promise<void>((resolve) => {
    turns.take('a', async () => {
      log.push('a1 begins')
      await held
      log.push('a1 ends')
    })
    turns.take('b', async () => {
      log.push('b1')
      resolve()
    })
  })
  await other
  t.same(log, ['a1 begins', 'b1'])
  const last = new Promise<void>((resolve) => {
    turns.take('a', async () => {
      log.push('a2')
      resolve()
    })
  })
  release()
  await last
  t.same(log, ['a1 begins', 'b1', 'a1 ends', 'a2'])
})

t.test('once closed, no turn begins', async (t) => {
  const turns = createBottleneckTurns()
  turns.take('a', async () => { t.fail('a turn began') })
  turns.close()
  const later = createBottleneckTurns()
  await new Promise<void>((resolve) => later.take('a', async () => { resolve() }))
  later.close()
})
