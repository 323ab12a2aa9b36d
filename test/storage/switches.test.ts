import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { KillSwitch } from '../../src/proxy/guard/kill-switch.ts'
import { openSwitchFile, SwitchFileError, type SwitchFile } from '../../src/storage/switches.ts'
import { killSwitch } from '../telemetry/fakes.ts'

const NOW_MS = Date.UTC(2026, 5, 1)
const clock = { epochMs: () => NOW_MS }

async function open (path: string | null, warnings: string[] = []): Promise<SwitchFile> {
  return openSwitchFile(path, clock, (file, fault) => warnings.push(`${file}: ${fault}`))
}

const fileIn = (t: Test, text?: string): string => {
  const folder = t.testdir(text === undefined ? {} : { 'switches.json': text })
  return join(folder, 'switches.json')
}

t.test('what is kept is there again, for its owner alone', async (t) => {
  const path = fileIn(t)
  const switches = [killSwitch(), killSwitch({ name: 'brief', account: null, caller: 'campaigns*', product: null, reason: null, reads: true, untilMs: NOW_MS + 1 })]
  const { restored, keep } = await open(path)
  t.same(restored, [])
  t.equal(await keep(switches), true)
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.strictSame((await open(path)).restored, switches)
})

t.test('one whose time is up is not there again, and leaves the file', async (t) => {
  const path = fileIn(t)
  await (await open(path)).keep([killSwitch({ untilMs: NOW_MS })])
  t.same((await open(path)).restored, [])
  t.notMatch(readFileSync(path, 'utf8'), /pumping/)
})

t.test('without a file nothing is kept', async (t) => {
  const { restored, keep } = await open(null)
  t.same(restored, [])
  t.equal(await keep([killSwitch()]), false)
})

t.test('a file that cannot be written is told of at the start, and each time', async (t) => {
  const warnings: string[] = []
  const path = join(t.testdir({}), 'nowhere', 'switches.json')
  const { keep } = await open(path, warnings)
  t.same(warnings, [`${path}: cannot be written (ENOENT)`])
  t.equal(await keep([killSwitch()]), false)
  t.equal(warnings.length, 2)
  mkdirSync(join(t.testdirName, 'nowhere'))
  t.equal(await keep([killSwitch()]), true, 'and works again when it can')
})

t.test('the last of several changes is what the file has', async (t) => {
  const path = fileIn(t)
  const { keep } = await open(path)
  await Promise.all(['a', 'b', 'c'].map((name) => keep([killSwitch({ name })])))
  t.same((await open(path)).restored.map(({ name }) => name), ['c'])
})

t.test('a file that cannot be used is refused rather than taken for none: something may be stopped in it', async (t) => {
  const good = { twilioGovernor: 'switches', version: 1 }
  const broken = (over: Partial<Record<keyof KillSwitch, unknown>>): string => JSON.stringify({ ...good, switches: [{ ...killSwitch(), ...over }] })
  const cases: ReadonlyArray<readonly [string, RegExp]> = [
    ['', /is not JSON/], ['{"twilioGovernor":"switches"', /is not JSON/], ['[]', /not a file of kill switches/], ['{"version":1}', /not a file of kill switches/],
    [JSON.stringify({ ...good, version: 2, switches: [] }), /not have version 1/], [JSON.stringify(good), /not a kill switch/], [JSON.stringify({ ...good, switches: [null] }), /not a kill switch/],
    [broken({ name: 1 }), /not a kill switch/], [broken({ account: 1 }), /not a kill switch/], [broken({ product: undefined }), /not a kill switch/], [broken({ reads: 'yes' }), /not a kill switch/],
    [broken({ untilMs: 'now' }), /not a kill switch/], [broken({ thrownAtMs: null }), /not a kill switch/]
  ]
  for (const [text, message] of cases) {
    const path = fileIn(t, text)
    const error = await open(path).catch((error: unknown) => error)
    t.ok(error instanceof SwitchFileError, text)
    t.match(error, { message, faults: [/guard\.switchesFile: .*move it away to start with none/] })
    t.equal(readFileSync(path, 'utf8'), text, 'and left alone')
  }
  const folder = fileIn(t)
  mkdirSync(folder)
  await t.rejects(open(folder), { message: /is not a file/ })
})
