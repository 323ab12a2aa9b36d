import t from 'tap'
import { PollDetector, SOON_MS } from '../../../src/policy/counts/poll-detector.ts'

t.test('from the fifth read on, each soon after the last, it is polling', async (t) => {
  const detector = new PollDetector()
  t.same([0, 1, 2, 3, 4, 5].map((i) => detector.isPoll('a', i * SOON_MS)), [false, false, false, false, true, true])
})

t.test('a pause begins it anew, and each resource is counted for itself', async (t) => {
  const detector = new PollDetector()
  for (let i = 0; i < 4; i++) detector.isPoll('a', i)
  t.equal(detector.isPoll('b', 5), false)
  t.equal(detector.isPoll('a', 4 + SOON_MS), false)
  for (let i = 0; i < 3; i++) t.equal(detector.isPoll('a', 5 + SOON_MS + i), false)
  t.equal(detector.isPoll('a', 10 + SOON_MS), true)
})

t.test('however many resources are read, no more than so many are remembered, the latest', async (t) => {
  const detector = new PollDetector(3)
  for (let i = 0; i < 4; i++) detector.isPoll('kept', i)
  for (const name of ['b', 'c']) detector.isPoll(name, 10)
  detector.isPoll('kept', 11)
  for (const name of ['d', 'e']) detector.isPoll(name, 12)
  t.equal(detector.size, 3)
  t.equal(detector.isPoll('kept', 13), true)
})
