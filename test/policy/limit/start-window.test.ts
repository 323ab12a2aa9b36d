import fc from 'fast-check'
import t from 'tap'
import { StartWindow } from '../../../src/policy/limit/start-window.ts'

t.test('so many at once, and the next when the first of them is so long ago', async (t) => {
  const window = new StartWindow(2, 1_000)
  t.equal(window.readyAtMs(50), 50)
  window.start(50)
  t.equal(window.readyAtMs(60), 60)
  window.start(60)
  t.equal(window.readyAtMs(70), 1_050)
  window.start(1_050)
  t.equal(window.readyAtMs(1_050), 1_060)
  t.equal(window.readyAtMs(5_000), 5_000, 'after a pause at once')
})

t.test('whoever waits as long as it says never has more than so many in any span', async () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 50 }), fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 100 }), (starts, spanMs, pauses) => {
    const window = new StartWindow(starts, spanMs)
    const at: number[] = []
    let nowMs = 0
    for (const pause of pauses) {
      nowMs = window.readyAtMs(nowMs + pause)
      window.start(nowMs)
      at.push(nowMs)
    }
    return at.every((first, i) => at.slice(i).filter((other) => other < first + spanMs).length <= starts)
  }))
})

t.test('a start that went out late counts from then on', async (t) => {
  const window = new StartWindow(2, 1_000)
  const first = window.start(0)
  window.start(10)
  window.moved(first, 200)
  t.equal(window.readyAtMs(300), 1_200)
  window.start(1_200)
  window.moved(first, 5_000)
  t.equal(window.readyAtMs(1_200), 1_200, 'the second of the first two is next; the first has long been replaced')
  window.start(1_210)
  t.equal(window.readyAtMs(1_210), 2_200, 'and its place counts from the start that replaced it')
})
