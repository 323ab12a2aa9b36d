import t from 'tap'
import { createScenario, type SettingsPatch } from '../../src/simulator/model/scenario.ts'
import { createTimeline } from '../../src/simulator/settings/timeline.ts'

t.test('changes come in their order, each when it is due, and stop when told to', async (t) => {
  const seen: Array<readonly [limit: number | undefined, atMs: number]> = []
  const start = performance.now()
  await new Promise<void>((resolve) => {
    const scenario = createScenario({}, [{ atMs: 60, set: { limit: 3 } }, { atMs: 0, set: { limit: 1 } }, { atMs: 30, set: { limit: 2 } }, { atMs: 80, set: { limit: 4 } }])
    const timeline = createTimeline(scenario, () => performance.now(), ({ limit }: SettingsPatch) => {
      seen.push([limit, performance.now() - start])
      if (limit !== 3) return
      timeline.stop()
      resolve()
    })
    timeline.start()
  })
  t.same(seen.map(([limit]) => limit), [1, 2, 3])
  t.ok(seen[1]![1] >= 29 && seen[2]![1] >= 59)
})

t.test('a change that stops it is the last, be the next ones due already', async (t) => {
  const seen: Array<number | undefined> = []
  const scenario = createScenario({}, [{ atMs: 0, set: { limit: 1 } }, { atMs: 0, set: { limit: 2 } }])
  const timeline = createTimeline(scenario, () => 0, ({ limit }: SettingsPatch) => {
    seen.push(limit)
    timeline.stop()
  })
  timeline.start()
  t.same(seen, [1])
})
