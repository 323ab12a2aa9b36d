import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { LearntAccount } from '../../src/proxy/gate/accounts.ts'
import { decode, encode, type StoredLimit } from '../../src/storage/format.ts'
import { openStateMemory, type StateMemory, type StateOptions } from '../../src/storage/memory.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { NOW_MS, stored } from './stored.ts'

const KEY = stored().account

function learnt (over: Partial<LearntAccount> = {}): LearntAccount {
  const { atMs: _, ...rest } = stored()
  return { idleMs: 0, ...rest, ...over }
}

interface Life { readonly memory: StateMemory, readonly clock: FakeClock, readonly warnings: string[] }

async function live (file: string | null, { clock = new FakeClock(), nameOf = (account: string) => account, ...over }: Partial<StateOptions> & { clock?: FakeClock, nameOf?: (account: string) => string } = {}): Promise<Life> {
  const warnings: string[] = []
  const memory = await openStateMemory({ file, maxAgeMs: 3_600_000, writeEveryMs: 1_000, ...over }, {
    clock, nameOf, warn: (name, fault) => warnings.push(name === file ? fault : `${fault} in ${name}`)
  })
  return { memory, clock, warnings }
}

const path = (t: Test): string => join(t.testdir({}), 'state.json')

function contents (file: string, clock: FakeClock): readonly StoredLimit[] {
  const decoded = decode(readFileSync(file, 'utf8'), clock.epochMs())
  if ('fault' in decoded) throw new Error(decoded.fault)
  return decoded.limits
}

/** Time passes, and what the timer began is on the disk. */
async function tick ({ clock }: Life, ms: number, ready: () => boolean): Promise<void> {
  await clock.advance(ms)
  while (!ready()) await new Promise((resolve) => { setImmediate(resolve) })
}

t.test('without a file nothing is kept, and nothing set in motion', async (t) => {
  const { memory, clock } = await live(null)
  memory.follow(() => [learnt()])
  t.equal(memory.recall(KEY), undefined)
  t.equal(clock.timersSet, 0)
  await memory.close()
})

t.test('what was learnt in one life is recalled in the next, with its age', async (t) => {
  const file = path(t)
  const first = await live(file)
  first.memory.follow(() => [learnt(), learnt({ account: 'AC2', slots: 7, idleMs: 120_000 })])
  await first.memory.close()
  const clock = new FakeClock()
  await clock.advance(600_000)
  const { memory, warnings } = await live(file, { clock })
  const { atMs: _, account: __, ...kept } = stored()
  t.strictSame(memory.recall(KEY), { ...kept, agoMs: 600_000 })
  t.match(memory.recall('AC2'), { slots: 7, agoMs: 720_000 })
  t.equal(memory.recall('AC3'), undefined)
  t.same(warnings, [])
})

t.test('it is written when something has changed, every so often, and not before', async (t) => {
  const file = path(t)
  const life = await live(file)
  let slots = 63
  life.memory.follow(() => [learnt({ slots })])
  await life.clock.advance(999)
  t.equal(existsSync(file), false)
  await tick(life, 1, () => existsSync(file) && life.clock.liveTimers === 1)
  const { ino } = statSync(file)
  await tick(life, 1_000, () => life.clock.liveTimers === 1)
  t.equal(statSync(file).ino, ino, 'nothing has changed')
  slots = 50
  await tick(life, 1_000, () => contents(file, life.clock)[0]?.slots === 50)
  t.not(statSync(file).ino, ino)
  await life.memory.close()
  t.equal(life.clock.liveTimers, 0)
})

t.test('traffic that changes nothing writes the file once a minute, so that its age is right', async (t) => {
  const file = path(t)
  const life = await live(file)
  let writes = 0
  life.memory.follow(() => {
    writes++
    return [learnt()]
  })
  const seen = new Set<number>()
  for (let second = 0; second < 150; second++) {
    await tick(life, 1_000, () => life.clock.liveTimers === 1)
    seen.add(statSync(file).ino)
  }
  t.ok(writes >= 150)
  t.ok(seen.size >= 2 && seen.size <= 4, `${seen.size} versions in 150 s`)
})

t.test('what is older than allowed is forgotten, in the file and out of it', async (t) => {
  const file = path(t)
  writeFileSync(file, encode([stored({ account: 'old', atMs: NOW_MS - 4_000_000 }), stored()], NOW_MS))
  const { memory, clock, warnings } = await live(file)
  t.equal(memory.recall('old'), undefined)
  t.ok(memory.recall(KEY))
  await clock.advance(3_595_000)
  t.equal(memory.recall(KEY), undefined, 'in the same life, too')
  await clock.advance(120_000)
  memory.follow(() => [learnt({ account: 'AC2' })])
  await memory.close()
  t.same(contents(file, clock).map(({ account }) => account), ['AC2'])
  t.same(warnings, [])
})

t.test('an account that is no longer there is kept until it is too old', async (t) => {
  const file = path(t)
  const life = await live(file)
  let accounts = [learnt(), learnt({ account: 'AC2' })]
  life.memory.follow(() => accounts)
  await tick(life, 1_000, () => existsSync(file))
  accounts = [learnt()]
  await life.memory.close()
  t.same(contents(file, life.clock).map(({ account }) => account).sort(), [KEY, 'AC2'].sort())
  t.ok(life.memory.recall('AC2'))
})

t.test('the names in the file are those it was told', async (t) => {
  const file = path(t)
  const nameOf = (account: string): string => `#${account.length}`
  const first = await live(file, { nameOf })
  first.memory.follow(() => [learnt()])
  await first.memory.close()
  t.notOk(readFileSync(file, 'utf8').includes(KEY))
  t.ok((await live(file, { nameOf })).memory.recall(KEY))
})

t.test('no more than ten thousand are kept: the ones used last', async (t) => {
  const file = path(t)
  const { memory, clock } = await live(file)
  memory.follow(() => Array.from({ length: 10_500 }, (_, i) => learnt({ account: `AC${i}` })))
  await memory.close()
  const kept = contents(file, clock)
  t.equal(kept.length, 10_000)
  t.equal(kept.at(-1)?.account, 'AC10499')
  t.ok(statSync(file).size < 8 * 1024 * 1024)
})

t.test('of ten thousand in a file the ones used last are kept, in whatever order it has them', async (t) => {
  const file = path(t)
  const limits = Array.from({ length: 10_001 }, (_, i) => stored({ account: `AC${i}`, atMs: NOW_MS - 1_000 - ((i * 7_919) % 10_001) }))
  const oldest = limits.find(({ atMs }) => atMs === NOW_MS - 11_000)!.account
  const next = limits.find(({ atMs }) => atMs === NOW_MS - 10_999)!.account
  writeFileSync(file, encode(limits, NOW_MS))
  const { memory, clock } = await live(file)
  t.equal(memory.recall(oldest), undefined, 'one too many')
  t.ok(memory.recall(next))
  memory.follow(() => [learnt({ account: 'newcomer' })])
  await memory.close()
  const kept = new Set(contents(file, clock).map(({ account }) => account))
  t.same([kept.size, kept.has(next), kept.has('newcomer')], [10_000, false, true], 'the oldest gives way')
})

t.test('who was used again is no longer the oldest', async (t) => {
  const file = path(t)
  writeFileSync(file, encode(Array.from({ length: 10_000 }, (_, i) => stored({ account: `AC${i}`, atMs: NOW_MS - 20_000 + i })), NOW_MS))
  const { memory, clock } = await live(file)
  memory.follow(() => [learnt({ account: 'AC0' }), learnt({ account: 'newcomer' })])
  await memory.close()
  const kept = new Set(contents(file, clock).map(({ account }) => account))
  t.same([kept.has('AC0'), kept.has('AC1'), kept.has('AC2'), kept.has('newcomer')], [true, false, true, true])
})

t.test('a file that cannot be used costs one warning, and is replaced if it is ours', async (t) => {
  const file = path(t)
  const rows: Array<[string, RegExp]> = [
    [encode([stored()], NOW_MS).slice(0, -9), /^is damaged: the proxy ignores it$/],
    ['', /^is damaged: the proxy ignores it$/],
    [encode([stored()], NOW_MS + 3_600_000), /^is dated in the future: the proxy ignores it$/],
    [encode([stored()], NOW_MS).replace('"version":1', '"version":9'), /^has another version than 1: the proxy ignores it$/]
  ]
  for (const [text, warning] of rows) {
    writeFileSync(file, text)
    const { memory, clock, warnings } = await live(file)
    t.equal(memory.recall(KEY), undefined)
    memory.follow(() => [learnt({ slots: 5 })])
    await memory.close()
    t.match(warnings, [warning])
    t.equal(warnings.length, 1)
    t.equal(contents(file, clock)[0]?.slots, 5)
  }
})

t.test('a file that is not ours is left alone, and told once', async (t) => {
  const file = path(t)
  writeFileSync(file, 'limit: { max: 40 }\n')
  const { memory, clock, warnings } = await live(file)
  memory.follow(() => [learnt()])
  await clock.advance(10_000)
  await memory.close()
  t.same(warnings, ['is not a state file of twilio-governor: the proxy does not touch it, and stores no state'])
  t.equal(readFileSync(file, 'utf8'), 'limit: { max: 40 }\n')
  t.equal(clock.timersSet, 0)
})

t.test('while it cannot be written there is a warning every ten minutes, and once it can it is', async (t) => {
  const folder = join(t.testdir({}), 'later')
  const file = join(folder, 'state.json')
  const life = await live(file)
  let slots = 0
  life.memory.follow(() => [learnt({ slots: ++slots })])
  for (let second = 0; second < 605; second++) await tick(life, 1_000, () => life.clock.liveTimers === 1)
  t.same(life.warnings, ['cannot be written (ENOENT)', 'cannot be written (ENOENT)'])
  t.testdir({ later: {} })
  await tick(life, 1_000, () => existsSync(file))
  await tick(life, 1_000, () => life.clock.liveTimers === 1)
  rmSync(folder, { recursive: true })
  await tick(life, 1_000, () => life.warnings.length === 3)
  await life.memory.close()
})

t.test('a folder without the right to write is told, too', async (t) => {
  const folder = t.testdir({})
  chmodSync(folder, 0o500)
  const { memory, warnings } = await live(join(folder, 'state.json'))
  memory.follow(() => [learnt()])
  await memory.close()
  chmodSync(folder, 0o700)
  t.same(warnings, process.getuid?.() === 0 ? [] : ['cannot be written (EACCES)'], 'root may write everywhere')
})

t.test('a life that never began to follow writes nothing, and closing twice writes once', async (t) => {
  const file = path(t)
  await (await live(file)).memory.close()
  t.equal(existsSync(file), false)
  const { memory } = await live(file)
  memory.follow(() => [learnt()])
  await memory.close()
  const { ino } = statSync(file)
  await memory.close()
  t.equal(statSync(file).ino, ino)
})
