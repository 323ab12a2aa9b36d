/** The last value that is believed of a file, and the first that is not. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { decode, encode } from '../../src/storage/format.ts'
import { openStateMemory, type StateMemory } from '../../src/storage/memory.ts'
import { openSwitchFile } from '../../src/storage/switches.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { killSwitch } from '../telemetry/fakes.ts'
import { NOW_MS, stored } from './stored.ts'

const KEY = stored().account
const MAX_AGE_MS = 3_600_000

const memoryOf = async (file: string, clock: FakeClock): Promise<StateMemory> =>
  openStateMemory(
    { file, maxAgeMs: MAX_AGE_MS, writeEveryMs: 1_000 }, { clock, nameOf: (account) => account, warn: () => {} }
  )

const fileIn = (t: Test): string => join(t.testdir({}), 'kept.json')

t.test('a file may be dated a minute ahead, and no millisecond more', async (t) => {
  t.match(decode(encode([stored()], NOW_MS + 60_000), NOW_MS), { limits: [{}] })
  t.match(decode(encode([stored()], NOW_MS + 60_001), NOW_MS), { fault: 'is dated in the future' })
  t.match(decode(encode([stored({ atMs: NOW_MS })], NOW_MS), NOW_MS), { limits: [{}] })
})

t.test('each number is believed up to its bound', async (t) => {
  const isBelieved = (over: Parameters<typeof stored>[0]): boolean => 'limits' in decode(
    encode([stored(over)], NOW_MS), NOW_MS
  )
  const band = (over: object): Parameters<typeof stored>[0] => ({ ceiling: { ...stored().ceiling, ...over } })
  t.same([1, 100_000, 0.5, 100_001].map((slots) => isBelieved({ slots })), [true, true, false, false])
  t.same([1, 200_000, 0.5, 200_001].map((refusedAt) => isBelieved({ refusedAt })), [true, true, false, false])
  t.same([200, 201].map((length) => isBelieved({ account: 'x'.repeat(length) })), [true, false])
  t.same(
    [{ low: 0 }, { low: 60 }, { low: 61 }, { low: -1 }].map((over) => isBelieved(band(over))),
    [true, true, false, false]
  )
  t.same(
    [{ high: 60 }, { high: 59 }, { high: null }, { estimate: null }].map((over) => isBelieved(band(over))),
    [true, false, false, false]
  )
})

t.test('a limit is recalled up to its age, and one of a clock that ran ahead is as young as can be', async (t) => {
  const file = fileIn(t)
  const clock = new FakeClock()
  const startMs = clock.epochMs()
  writeFileSync(file, encode([stored({ atMs: startMs })], startMs))
  const memory = await memoryOf(file, clock)
  await clock.advance(MAX_AGE_MS)
  t.match(memory.recall(KEY), { agoMs: MAX_AGE_MS })
  await clock.advance(1)
  t.equal(memory.recall(KEY), undefined)
  clock.steppedMs = -2 * MAX_AGE_MS
  t.match(memory.recall(KEY), { agoMs: 0 })
})

t.test('after the close nothing is written, whatever is learnt then', async (t) => {
  const file = fileIn(t)
  const clock = new FakeClock()
  const memory = await memoryOf(file, clock)
  const { atMs: _, ...rest } = stored()
  let slots = 5
  memory.follow(() => [{ idleMs: 0, ...rest, slots }])
  await memory.close()
  const text = readFileSync(file, 'utf8')
  slots = 6
  await memory.close()
  await clock.advance(60_000)
  t.equal(readFileSync(file, 'utf8'), text)
  t.equal(clock.liveTimers, 0)
})

t.test('one switch that cannot be read is enough to refuse the file, and each of its fields is', async (t) => {
  const file = fileIn(t)
  const faults = {
    account: 1,
    product: 1,
    caller: 1,
    reason: 1,
    name: null,
    reads: null,
    thrownAtMs: '1',
    untilMs: '1'
  }
  for (const [key, value] of Object.entries(faults)) {
    const switches = [killSwitch(), { ...killSwitch(), [key]: value }]
    writeFileSync(file, JSON.stringify({ twilioGovernor: 'switches', version: 1, switches }))
    await t.rejects(openSwitchFile(file, { epochMs: () => NOW_MS }, () => {}), { message: /not a kill switch/ }, key)
  }
})

t.test('a switch ends at its moment', async (t) => {
  const file = fileIn(t)
  const switches = [-1, 0, 1].map((ms) => killSwitch({ name: `${ms}`, untilMs: NOW_MS + ms }))
  writeFileSync(file, JSON.stringify({ twilioGovernor: 'switches', version: 1, switches }))
  const { restored } = await openSwitchFile(file, { epochMs: () => NOW_MS }, () => {})
  t.same(restored.map(({ name }) => name), ['1'])
})
