/** A proxy that starts again with what an earlier one had learnt: the real program, the real simulator. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { StateView } from '../../src/admin/state-view.ts'
import type { Simulator } from '../../src/simulator/server.ts'
import { AUTHORIZATION, MESSAGES, SID, simulator } from '../simulator/support.ts'
import { createClient } from '../support/app.ts'
import { runGovernor, type Program } from '../support/programs.ts'

const LIMIT = 60
const FORM = {
  method: 'POST',
  headers: { authorization: AUTHORIZATION, 'content-type': 'application/x-www-form-urlencoded' },
  body: 'To=%2B15550001111&From=%2B15550002222&Body=hello'
}

type Seen = StateView['accounts'][number]

interface Run {
  readonly program: Program
  /** So many messages from 200 calls at once; every one is taken in. */
  readonly send: (messages: number) => Promise<void>
  readonly account: () => Promise<Seen | undefined>
}

const account = (t: Test): Promise<Simulator> =>
  simulator(t, { limit: LIMIT, wireDelayMs: 5, latency: { medianMs: 60, p99Ms: 200 }, refusals: { delayMs: 1 } })

async function start (t: Test, twilio: Simulator, file: string, config = ''): Promise<Run> {
  const cwd = t.testdirName
  writeFileSync(join(cwd, 'config.yaml'), `state: { writeEveryMs: 200 }\n${config}`)
  const env = { GOVERNOR_PORT: '0', GOVERNOR_ADMIN_PORT: '0', GOVERNOR_UPSTREAM: twilio.origin, GOVERNOR_STATE_FILE: file, LOG_LEVEL: 'warn' }
  const program = await runGovernor(t, ['start'], { cwd, env })
  const { proxy = '', admin = '' } = await program.listening()
  const client = createClient(t)
  return {
    program,
    send: async (messages) => {
      let left = messages
      const statuses = new Set<number>()
      const call = async (): Promise<void> => {
        while (left-- > 0) statuses.add((await client(proxy + MESSAGES, FORM)).status)
      }
      await Promise.all(Array.from({ length: Math.min(200, messages) }, call))
      t.same([...statuses], [201], 'every message was taken in')
    },
    account: async () => ((await client(`${admin}/state`)).json() as unknown as StateView).accounts[0]
  }
}

async function stop ({ program }: Run): Promise<string> {
  program.kill('SIGTERM')
  const { code, stdout } = await program.ended
  if (code !== 0) throw new Error(`ended with ${code ?? 'a signal'}`)
  return stdout
}

const refusals = (twilio: Simulator): number => twilio.stats().seconds.reduce((sum, { throttled }) => sum + throttled, 0)

t.test('after a restart the limit starts near where it was, and the load that meets it is hardly refused', async (t) => {
  const file = join(t.testdir({}), 'state.json')
  const twilio = await account(t)
  const first = await start(t, twilio, file)
  await first.send(1_500)
  const before = (await first.account())!
  const learning = refusals(twilio)
  t.match(before.ceiling, { basis: 'reported', confidence: 'high' })
  t.ok(before.ceiling.low <= LIMIT && LIMIT <= before.ceiling.high!, JSON.stringify(before.ceiling))
  t.equal(await stop(first).then((stdout) => stdout.split('\n').filter((line) => line !== '' && !line.includes('"setting":"upstream.origin"')).length), 1, 'nothing to warn of but the upstream')
  t.equal(statSync(file).mode & 0o777, 0o600)
  t.equal(existsSync(`${file}.tmp`), false)

  const second = await start(t, twilio, file)
  t.equal(await second.account(), undefined, 'no account before it is used')
  await second.send(1)
  const after = (await second.account())!
  t.ok(after.limit >= 0.85 * before.limit && after.limit <= 0.95 * before.limit, `${before.limit} before, ${after.limit} after`)
  t.match(after.ceiling, { estimate: LIMIT, basis: 'reported', confidence: 'remembered', evidence: [] })
  await second.send(800)
  const again = refusals(twilio) - learning
  t.comment(`refusals: ${learning} in the first life, ${again} in the second; limit ${before.limit}, then ${after.limit}, in the end ${(await second.account())!.limit}`)
  // The third is for machines that are busy with other things, where learning costs hundreds, and a late answer some again.
  t.ok(again < Math.max(5, learning / 3), `${again} refusals`)
})

t.test('without a state file it starts anew', async (t) => {
  t.testdir({})
  const twilio = await account(t)
  const first = await start(t, twilio, '')
  await first.send(400)
  await stop(first)
  const second = await start(t, twilio, '')
  await second.send(1)
  t.equal((await second.account())!.limit, 10)
})

t.test('kill -9 loses no more than what was learnt since the last write', async (t) => {
  const file = join(t.testdir({}), 'state.json')
  const twilio = await account(t)
  const first = await start(t, twilio, file)
  await first.send(1_000)
  const before = (await first.account())!
  await new Promise((resolve) => { setTimeout(resolve, 600) })
  first.program.kill('SIGKILL')
  t.equal((await first.program.ended).signal, 'SIGKILL')
  const second = await start(t, twilio, file)
  await second.send(1)
  const after = (await second.account())!
  t.ok(after.limit >= 0.85 * before.limit, `${before.limit} before, ${after.limit} after`)
})

t.test('a damaged file is ignored with one warning, and replaced; a foreign one is left alone', async (t) => {
  const cwd = t.testdir({ 'state.json': '{"twilio-governor":"limits","version":1,"sha2', 'notes.txt': 'mine' })
  const twilio = await account(t)
  for (const [name, fault] of [['state.json', /is damaged: the proxy ignores it/], ['notes.txt', /is not a state file of twilio-governor: the proxy does not touch it/]] as const) {
    const file = join(cwd, name)
    const run = await start(t, twilio, file)
    await run.send(300)
    const warnings = (await stop(run)).trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, string>).filter(({ level, msg }) => level === 'warn' && msg !== 'exposed')
    t.match(warnings, [{ file, fault, msg: 'state file' }])
    t.equal(warnings.length, 1)
  }
  t.equal(readFileSync(join(cwd, 'notes.txt'), 'utf8'), 'mine')
  t.ok(readFileSync(join(cwd, 'state.json'), 'utf8').includes(SID))
})

t.test('with hashed labels the file has no SID, and the restart finds the account all the same', async (t) => {
  const file = join(t.testdir({}), 'state.json')
  const twilio = await account(t)
  const config = 'accounts: { label: hashed }\n'
  const first = await start(t, twilio, file, config)
  await first.send(500)
  const { account: label, limit } = (await first.account())!
  await stop(first)
  const text = readFileSync(file, 'utf8')
  t.notOk(text.includes(SID))
  t.ok(text.includes(label), 'the name that metrics show')
  const second = await start(t, twilio, file, config)
  await second.send(1)
  t.ok((await second.account())!.limit >= 0.85 * limit)
})

t.test('a folder that cannot be written to costs one warning, and nothing else', async (t) => {
  const file = join(t.testdir({}), 'nowhere', 'state.json')
  const run = await start(t, await account(t), file)
  await run.send(500)
  await new Promise((resolve) => { setTimeout(resolve, 700) })
  const stdout = await stop(run)
  t.equal(stdout.split('"msg":"state file"').length - 1, 1)
  t.match(stdout, /cannot be written \(ENOENT\)/)
})
