import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { simulator } from '../../simulator/support.ts'
import { runGovernor, run } from '../../support/programs.ts'
import { THOROUGH } from '../../support/thorough.ts'
import { SID } from '../../sdk/stage.ts'

const SDK = fileURLToPath(new URL('../../sdk/tunnel-node.mjs', import.meta.url))

t.test('run starts a proxy, and the SDK of the command comes through it with nothing set up before', async (t) => {
  const twilio = await simulator(t)
  const home = t.testdir({})
  const { code, stdout, stderr } = await (await runGovernor(t, ['run', '--', process.execPath, SDK, SID, '2'], {
    env: { GOVERNOR_UPSTREAM: twilio.origin, XDG_DATA_HOME: home }
  })).ended
  t.equal(code, 0, stderr)
  t.match(JSON.parse(stdout), { created: 2, services: 3, removed: true })
  t.match(JSON.parse(stderr), { level: 'warn', msg: 'exposed', setting: 'upstream.origin' }, 'nothing else')
  t.equal(twilio.stats().creates.total, 5)
  t.ok(existsSync(join(home, 'twilio-governor', 'ca-key.pem')))
})

t.test('what the application has in its environment and its folder does not steer the proxy, nor does the proxy\'s key reach it', async (t) => {
  const cwd = t.testdir({ 'config.yaml': 'settings: of the application\n' })
  const env = {
    XDG_DATA_HOME: join(cwd, 'data'), LOG_LEVEL: 'WARNING', PORT: '1', DEBUG: '*', NODE_OPTIONS: '--title=application', NODE_ENV: 'test', NODE_TLS_REJECT_UNAUTHORIZED: '0', GOVERNOR_LIMIT_MODE: 'shadow', GOVERNOR_DEFERRAL_KEY: 'ab'.repeat(32)
  }
  const look = 'node -e \'console.log(JSON.stringify(process.env))\'; cat /proc/$(pgrep -P $PPID -f end-with-stdin | head -1)/environ | tr "\\0" "\\n" >&2'
  const { code, stdout, stderr } = await (await runGovernor(t, ['run', '--', 'sh', '-c', look], { cwd, env })).ended
  t.equal(code, 0, stderr)
  t.match(JSON.parse(stdout), { LOG_LEVEL: 'WARNING', PORT: '1', NODE_OPTIONS: '--title=application', HTTP_PROXY: /^http:\/\/127\.0\.0\.1:\d+$/ })
  t.notMatch(stdout, 'GOVERNOR_DEFERRAL_KEY')
  t.match(stderr, /^GOVERNOR_LIMIT_MODE=shadow$/m)
  t.match(stderr, /^GOVERNOR_DEFERRAL_KEY=/m)
  t.notMatch(stderr, /^(LOG_LEVEL|PORT|DEBUG|NODE_OPTIONS|NODE_ENV|NODE_TLS_REJECT_UNAUTHORIZED)=/m)
})

t.test('a proxy that does not come up: its own words, and one sentence without a stack', async (t) => {
  const { code, stdout, stderr } = await (await runGovernor(t, ['run', '--', 'echo', 'started'], { env: { XDG_DATA_HOME: t.testdir({}), GOVERNOR_LIMIT_MODE: 'sideways' } })).ended
  t.equal(code, 1)
  t.equal(stdout, '')
  t.match(stderr, /GOVERNOR_LIMIT_MODE: must be enforce, shadow or off.*\n.*ended before it was listening, so run did not start the command\.\n$/)
})

t.test('run ends as its command does: with its exit code, by its signal, or when it cannot be started', async (t) => {
  const env = { XDG_DATA_HOME: t.testdir({}) }
  const end = async (...args: string[]): Promise<number | null> => (await (await runGovernor(t, ['run', '--', ...args], { env })).ended).code
  t.equal(await end('sh', '-c', 'exit 7'), 7)
  t.equal(await end('sh', '-c', 'kill -TERM $$'), 143)
  t.equal(await end('/no/such/program'), 127)
})

t.test('signals go to the command, and the proxy ends after it', async (t) => {
  const program = await runGovernor(t, ['run', '--', 'sh', '-c', 'trap "echo got it; exit 3" TERM; echo ready; while :; do sleep 0.05; done'], { env: { XDG_DATA_HOME: t.testdir({}) } })
  while (!program.stdout().includes('ready')) await new Promise((resolve) => { setImmediate(resolve) })
  program.kill('SIGTERM')
  const { code, stdout } = await program.ended
  t.equal(code, 3)
  t.match(stdout, 'got it')
})

t.test('a signal that comes as soon as the command is there reaches it, too', async (t) => {
  const env = { XDG_DATA_HOME: t.testdir({}) }
  // As tight as it gets: the command sends it itself, with the first thing that it does.
  const command = ['sh', '-c', 'trap "exit 3" TERM; kill -TERM $PPID; for i in $(seq 100); do sleep 0.05; done; exit 4']
  for (let round = 0; round < (THOROUGH ? 10 : 2); round++) {
    const { code, signal } = await (await runGovernor(t, ['run', '--', ...command], { env })).ended
    t.same({ code, signal }, { code: 3, signal: null })
  }
})

/** Says where its proxy is, and ends when its parent has. */
const ORPHAN_ENDS = 'const parent = process.ppid; console.log(process.env.HTTP_PROXY); setInterval(() => { if (process.ppid !== parent) process.exit() }, 20)'

t.test('run that is killed outright takes its proxy with it', async (t) => {
  const program = await runGovernor(t, ['run', '--', process.execPath, '-e', ORPHAN_ENDS], { env: { XDG_DATA_HOME: t.testdir({}) } })
  while (!program.stdout().includes('\n')) await new Promise((resolve) => { setImmediate(resolve) })
  const { hostname, port } = new URL(program.stdout().trim())
  const isThere = (): Promise<boolean> => new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => { resolve(true) }).on('error', () => { resolve(false) }).on('connect', () => { socket.destroy() })
  })
  t.ok(await isThere())
  program.kill('SIGKILL')
  while (await isThere());
})

t.test('env prints what a shell can take in', async (t) => {
  const dir = join(t.testdir({}), "it's here")
  t.equal((await (await runGovernor(t, ['ca', 'init', '--dir', dir])).ended).code, 0)
  const { code, stdout, stderr } = await (await runGovernor(t, ['env', '--dir', dir, '--proxy', 'http://127.0.0.1:9999'], { env: { NO_PROXY: 'db.internal' } })).ended
  t.equal(code, 0, stderr)
  const shown = await run(t, '/bin/sh', ['-c', `${stdout}\nenv`]).ended
  const lines = shown.stdout.split('\n')
  for (const line of ['HTTP_PROXY=http://127.0.0.1:9999', 'HTTPS_PROXY=http://127.0.0.1:9999', 'NO_PROXY=db.internal,localhost,127.0.0.1,::1', `NODE_EXTRA_CA_CERTS=${dir}/ca.pem`, `REQUESTS_CA_BUNDLE=${dir}/all.pem`]) t.ok(lines.includes(line), line)
  t.ok(lines.includes(`PHP_INI_SCAN_DIR=:${dir}/php`), 'after the folder that PHP has of its own')
  t.match(readFileSync(join(dir, 'php', 'twilio-governor.ini'), 'utf8'), `curl.cainfo="${dir}/all.pem"\n`)
  const bundle = readFileSync(join(dir, 'all.pem'), 'utf8')
  const again = await (await runGovernor(t, ['env', '--dir', dir], { env: { SSL_CERT_FILE: join(dir, 'all.pem'), PHP_INI_SCAN_DIR: `:${dir}/php` } })).ended
  t.equal(again.code, 0, again.stderr)
  t.match(again.stdout, stdout.split('\n').find((line) => line.includes('PHP_INI_SCAN_DIR'))!)
  t.equal(readFileSync(join(dir, 'all.pem'), 'utf8'), bundle, 'taken in twice it is the same')
  t.ok(bundle.endsWith(readFileSync(join(dir, 'ca.pem'), 'utf8')))
  t.ok(bundle.split('BEGIN CERTIFICATE').length > 50, 'and what the system trusts')
})
