/** A command and the proxy that is started for it, with a few lines of script in the proxy's place. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { runCommand, type RunOptions } from '../../../src/commands/run/run.ts'
import { until } from '../../support/app.ts'

/** It says something else first, then where it listens, and tells of its end in a file. */
const PROXY = `
  const { writeFileSync } = require('node:fs')
  const { GOVERNOR_TEST_FILE: file, ...env } = process.env
  console.log('something for people')
  console.log(JSON.stringify({ msg: 'other', proxy: 'http://127.0.0.1:6' }))
  console.log(JSON.stringify({ msg: 'listening', proxy: 'http://127.0.0.1:7' }))
  process.stdin.resume().on('close', () => process.exit())
  process.on('SIGTERM', () => { writeFileSync(file, JSON.stringify({ pid: process.pid, env })); process.exit() })
`
/** Writes its environment to the file that its argument names. */
const COMMAND = 'require("node:fs").writeFileSync(process.argv[1], JSON.stringify(process.env)); process.exitCode = 7'

function options (t: Test, more: Partial<RunOptions> = {}): RunOptions & { readonly file: string } {
  const folder = t.testdir({ 'ca.pem': 'OURS\n', 'system.pem': 'SYSTEM\n' })
  const authority = {
    certificate: 'OURS\n', key: '', certificateFile: join(folder, 'ca.pem'), expiresAtMs: 0, fingerprint: ''
  }
  const file = join(folder, 'proxy.json')
  const env = { PATH: process.env['PATH'], SSL_CERT_FILE: join(folder, 'system.pem'), GOVERNOR_TEST_FILE: file }
  return {
    command: process.execPath, args: [], authority, folder, proxy: undefined, start: ['-e', PROXY], env, file, ...more
  }
}

const read = (file: string): Record<string, string> => JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>

t.test('the command comes through the proxy, its exit code is the one of all, and the proxy has ended', async (t) => {
  const given = options(t)
  const seen = join(given.folder, 'command.json')
  const said = t.capture(process.stderr, 'write', () => true)
  const code = await runCommand({ ...given, args: ['-e', COMMAND, seen] })
  t.equal(code, 7)
  t.match(read(seen), { HTTPS_PROXY: 'http://127.0.0.1:7', NODE_EXTRA_CA_CERTS: given.authority.certificateFile })
  const { pid, env } = JSON.parse(readFileSync(given.file, 'utf8')) as { pid: number, env: Record<string, string> }
  t.match(env, { GOVERNOR_CA_DIR: given.folder, GOVERNOR_PORT: '0' })
  t.notOk('SSL_CERT_FILE' in env)
  t.throws(() => process.kill(pid, 0), { code: 'ESRCH' })
  const words = said().map(({ args: [text] }) => String(text)).join('')
  t.equal(words, 'something for people\n{"msg":"other","proxy":"http://127.0.0.1:6"}\n', 'what else the proxy says')
})

t.test('a signal goes to the command, and nobody listens for signals afterwards', async (t) => {
  const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGUSR1: 138, SIGUSR2: 140 } as const
  for (const [signal, expected] of Object.entries(codes) as Array<[keyof typeof codes, number]>) {
    const before = process.listenerCount(signal)
    const ended = runCommand(options(t, { command: 'sleep', args: ['60'], proxy: 'http://127.0.0.1:7' }))
    await until(() => process.listenerCount(signal) > before)
    process.emit(signal, signal)
    t.equal(await ended, expected, signal)
    t.equal(process.listenerCount(signal), before, signal)
  }
})

t.test('a command that cannot be started is told of, and the proxy ends all the same', async (t) => {
  const given = options(t, { command: '/no/such/program' })
  const said = t.capture(console, 'error', () => {})
  t.capture(process.stderr, 'write', () => true)
  t.equal(await runCommand(given), 127)
  t.same(said().map(({ args }) => args), [['/no/such/program cannot be started (ENOENT)']])
  t.ok(read(given.file)['pid'])
})

t.test('a proxy that ends before it listens is one sentence, and nothing is started', async (t) => {
  const given = options(t, { start: ['-e', ''] })
  const seen = join(given.folder, 'command.json')
  await t.rejects(runCommand({ ...given, args: ['-e', COMMAND, seen] }), {
    name: 'ProxyEndedError', faults: [/ended before it was listening, so run did not start the command\.$/]
  })
  t.throws(() => read(seen), { code: 'ENOENT' })
})
